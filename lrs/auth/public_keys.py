"""Publishable keys: they stand in pages that everybody can read, so they open nothing but the sending of events.

Such a key has no secret and is kept apart from credentials: no other resource knows of it. It can be held to some
origins and some events; what it stores carries its own authority, so that reports can leave it out.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrs.clock import Clock, to_iso
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_KIND = "public-key"
_FRESH_MICROSECONDS = 1_000_000
_CACHED = 1_000


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A publishable key in force."""

    key: str
    authority: JsonObject
    origins: frozenset[str]
    """The origins whose pages may use it; none: any."""
    events: frozenset[str] | None
    """The events that it may send; None: those that a learner's browser may say of itself."""


class PublicKeys:
    """Adds, lists, revokes and finds publishable keys. A revocation takes effect in every process within one second."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._loaded: OrderedDict[str, tuple[int, PublicKey | None]] = OrderedDict()

    def add(
        self,
        *,
        home_page: str,
        label: str = "",
        origins: Sequence[str] = (),
        events: Sequence[str] | None = None,
    ) -> str:
        """Keep a new key and return it."""
        key = f"pk_{secrets.token_hex(16)}"
        authority = {
            "objectType": "Agent",
            "name": label or key,
            "account": {"homePage": home_page, "name": key},
        }
        record = {
            "label": label,
            "authority": authority,
            "origins": [one.rstrip("/") for one in origins],
            "events": None if events is None else list(events),
            "created": to_iso(self._clock()),
            "revoked": None,
        }
        self._records.put(_KIND, key, record)
        return key

    def all(self) -> Mapping[str, JsonObject]:
        """Return key -> record (label, origins, events, created, revoked), revoked ones included."""
        return self._records.all(_KIND)

    def revoke(self, key: str) -> bool:
        """Revoke a key; returns whether there was one in force."""
        record = self._records.get(_KIND, key)
        if record is None or record["revoked"] is not None:
            return False
        self._records.put(_KIND, key, {**record, "revoked": to_iso(self._clock())})
        self._loaded.pop(key, None)
        return True

    def find(self, key: str) -> PublicKey | None:
        """Return a key in force."""
        now = self._clock()
        loaded = self._loaded.get(key)
        if loaded is not None and 0 <= now - loaded[0] < _FRESH_MICROSECONDS:
            return loaded[1]
        record = self._records.get(_KIND, key) if key.startswith("pk_") else None
        found = None
        if record is not None and record["revoked"] is None:
            events = record["events"]
            found = PublicKey(
                key,
                record["authority"],
                frozenset(record["origins"]),
                None if events is None else frozenset(events),
            )
        self._loaded[key] = (now, found)
        while len(self._loaded) > _CACHED:
            self._loaded.popitem(last=False)
        return found
