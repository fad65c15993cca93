"""The inbox of rejected requests: what was refused, why, from whom; kept within bounds, to be sent in again."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import orjson

from lrs.clock import Clock, to_iso
from lrs.config import MEGABYTE
from lrs.errors import LrsError
from lrs.stores.protocol import RecordStore
from lrs.stores.tombstones import ERASED
from lrs.xapi import JsonObject

_KIND = "rejected"
_BODIES = "rejected-body"
"""Apart from the rest, so that listing and counting do not walk over them."""
MAX_REJECTS = 1_000
MAX_BYTES = 256 * MEGABYTE
"""Of all bodies together, as they are kept. Beyond a bound the oldest of whoever takes up most makes room."""
MAX_BODY = 8 * MEGABYTE
"""Bytes of a request's body that are kept; of a longer one only the refusal is."""
UNKNOWN = "There is no such rejected request; see `lrs rejects list`."
_MAX_TEXT = 500
"""Signs of a part of a refusal: it may name a property, which may be as long as the body."""


@dataclass(frozen=True, slots=True)
class RejectedRequest:
    """A request to store statements, as it came; parts that it did not have are None."""

    credential: str
    method: str
    query: str
    version: str | None
    content_type: str | None
    alternate: str | None
    """The media type of the form, if it came in the alternate syntax."""
    body: bytes | None
    """None if it could not be read as a whole."""
    length: int | None
    """Of the body in bytes, as far as it is known."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What keeping within bounds must know of a reject; all of it stands in its name, so that names alone are read."""

    when: int
    sender: str
    id: str
    size: int

    @property
    def name(self) -> str:
        return f"{self.when:016d}-{self.sender}-{self.id}-{self.size}"

    @classmethod
    def of(cls, name: str) -> Self:
        when, sender, id, size = name.split("-")
        return cls(int(when), sender, id, int(size))


class Rejects:
    """Keeps, lists and removes rejected requests. A request that comes again is counted, not kept again."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def keep(self, request: RejectedRequest, refusal: LrsError) -> None:
        """Keep a rejected request and its refusal."""
        if refusal.code == ERASED:
            # It would bring back what was erased.
            request = replace(request, body=None)
        now = self._clock()
        id = _id_of(request)
        held = self._places()
        same = next((place for place in held if place.id == id), None)
        known = None if same is None else self._records.get(_KIND, same.name)
        if same is not None and known is not None:
            again = {"count": known["count"] + 1, "last": to_iso(now)}
            self._put(same, {**known, **again}, refusal.as_json())
            return
        packed = _packed(request.body)
        place = _Place(now, _digest(request.credential.encode()), id, len(packed or ""))
        if packed is not None:
            self._records.put(_BODIES, id, {"zlib": packed})
        times = {"when": to_iso(now), "last": to_iso(now), "count": 1}
        kept = {**times, **_said(request), "bodyKept": packed is not None}
        self._put(place, kept, refusal.as_json())
        self._trim([*held, place])

    def all(self) -> Mapping[str, JsonObject]:
        """Return id -> record without its body, in the order in which they came first."""
        records = self._records.all(_KIND)
        return {_Place.of(name).id: record for name, record in records.items()}

    def get(self, id: str) -> JsonObject | None:
        """Return a record without its body."""
        place = self._place(id)
        return None if place is None else self._records.get(_KIND, place.name)

    def body(self, id: str) -> bytes | None:
        """Return the body of a record, or None if it was too long to be kept, or did not come whole."""
        kept = self._records.get(_BODIES, id)
        return None if kept is None else zlib.decompress(base64.b64decode(kept["zlib"]))

    def remove(self, id: str) -> bool:
        """Forget a record; returns whether there was one."""
        place = self._place(id)
        return place is not None and self._drop(place)

    def clear(self) -> None:
        """Forget all, and what a broken-off write may have left of others."""
        for kind in (_KIND, _BODIES):
            for name in self._records.names(kind):
                self._records.delete(kind, name)

    def refuse_again(self, id: str, refusal: JsonObject) -> None:
        """Note why a record was refused when it was sent in again; the first refusal stays."""
        place = self._place(id)
        record = None if place is None else self._records.get(_KIND, place.name)
        if place is not None and record is not None:
            self._put(place, record, refusal)

    def _put(self, place: _Place, record: JsonObject, refusal: JsonObject) -> None:
        short = {
            name: part[:_MAX_TEXT] if isinstance(part, str) else part
            for name, part in refusal.items()
        }
        refusals = {"refusal": record.get("refusal", short), "lastRefusal": short}
        self._records.put(_KIND, place.name, {**record, **refusals})

    def _places(self) -> list[_Place]:
        return [_Place.of(name) for name in self._records.names(_KIND)]

    def _place(self, id: str) -> _Place | None:
        return next((place for place in self._places() if place.id == id), None)

    def _drop(self, place: _Place) -> bool:
        """Forget a record: the body last, so that what is listed is there."""
        dropped = self._records.delete(_KIND, place.name)
        self._records.delete(_BODIES, place.id)
        return dropped

    def _trim(self, held: list[_Place]) -> None:
        """Keep the bounds so that no sender, however much it gets wrong, drives out what others sent."""
        while len(held) > MAX_REJECTS or sum(place.size for place in held) > MAX_BYTES:
            taken: Counter[str] = Counter()
            for place in held:
                taken[place.sender] += 1 if len(held) > MAX_REJECTS else place.size
            ((most, _),) = taken.most_common(1)
            oldest = next(place for place in held if place.sender == most)
            held.remove(oldest)
            self._drop(oldest)


def _id_of(request: RejectedRequest) -> str:
    """Return what all requests that are the same have in common."""
    return _digest(orjson.dumps(_said(request)) + (request.body or b""))


def _said(request: RejectedRequest) -> JsonObject:
    """Return all of a request but its body."""
    return {
        "credential": request.credential,
        "method": request.method,
        "query": request.query,
        "version": request.version,
        "contentType": request.content_type,
        "alternate": request.alternate,
        "length": request.length,
    }


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=6).hexdigest()


def _packed(body: bytes | None) -> str | None:
    if body is None or len(body) > MAX_BODY:
        return None
    return base64.b64encode(zlib.compress(body, 1)).decode()
