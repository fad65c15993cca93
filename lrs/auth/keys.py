"""Keys that senders use, whatever they open: kept as records of one kind, and revoked."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TypeVar

from lrs.clock import Clock, to_iso
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_Value = TypeVar("_Value")

_FRESH_MICROSECONDS = 1_000_000
_CACHED = 1_000


class Keys:
    """The records of a kind by their key; each has `label`, `authority`, `created` and `revoked` beside its own parts.

    A change made in another process is seen within one second.
    """

    def __init__(self, records: RecordStore, clock: Clock, *, kind: str) -> None:
        self._records = records
        self._clock = clock
        self._kind = kind
        self._loaded: OrderedDict[str, tuple[int, JsonObject | None]] = OrderedDict()

    def add(self, key: str, *, home_page: str, label: str, **parts: object) -> None:
        """Keep a new key, in place of an older record of it; its authority is an account at `home_page`."""
        authority = {
            "objectType": "Agent",
            "name": label or key,
            "account": {"homePage": home_page, "name": key},
        }
        times = {"created": to_iso(self._clock()), "revoked": None}
        self._put(key, {"label": label, "authority": authority, **parts, **times})

    def change(self, key: str, **parts: object) -> None:
        """Change parts of a key's record, if there is one, revoked or not."""
        record = self.get(key)
        if record is not None:
            self._put(key, {**record, **parts})

    def revoke(self, key: str) -> bool:
        """Revoke a key; returns whether there was one in force."""
        there = self.in_force(key) is not None
        if there:
            self.change(key, revoked=to_iso(self._clock()))
        return there

    def all(self) -> Mapping[str, JsonObject]:
        """Return key -> record, revoked ones included."""
        return self._records.all(self._kind)

    def get(self, key: str) -> JsonObject | None:
        """Return the record of a key, revoked or not."""
        return self._records.get(self._kind, key)

    def in_force(self, key: str) -> JsonObject | None:
        """Return the record of a key that is not revoked."""
        record = self.get(key)
        return None if record is None or record["revoked"] is not None else record

    def recent(self, key: str) -> JsonObject | None:
        """Return the record of a key, revoked or not, as it was at most a second ago."""
        now = self._clock()
        loaded = self._loaded.get(key)
        if loaded is not None and 0 <= now - loaded[0] < _FRESH_MICROSECONDS:
            return loaded[1]
        record = self.get(key)
        remember(self._loaded, key, (now, record))
        return record

    def _put(self, key: str, record: JsonObject) -> None:
        self._records.put(self._kind, key, record)
        self._loaded.pop(key, None)


def remember(cache: OrderedDict[str, _Value], key: str, value: _Value) -> None:
    """Put a value into a cache, from which the oldest goes when it is full."""
    cache[key] = value
    while len(cache) > _CACHED:
        cache.popitem(last=False)
