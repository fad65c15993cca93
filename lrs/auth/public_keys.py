"""Publishable keys: they stand in pages that everybody can read, so they open nothing but the sending of events.

Such a key has no secret and is kept apart from credentials: no other resource knows of it. It can be held to some
origins and some events; what it stores carries its own authority, so that reports can leave it out.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lrs.auth.keys import Keys
from lrs.clock import Clock
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject


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
        self._keys = Keys(records, clock, kind="public-key")

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
        self._keys.add(
            key,
            home_page=home_page,
            label=label,
            origins=[one.rstrip("/") for one in origins],
            events=None if events is None else list(events),
        )
        return key

    def all(self) -> Mapping[str, JsonObject]:
        """Return key -> record (label, origins, events, created, revoked), revoked ones included."""
        return self._keys.all()

    def revoke(self, key: str) -> bool:
        """Revoke a key; returns whether there was one in force."""
        return self._keys.revoke(key)

    def find(self, key: str) -> PublicKey | None:
        """Return a key in force."""
        record = self._keys.recent(key) if key.startswith("pk_") else None
        if record is None or record["revoked"] is not None:
            return None
        events = record["events"]
        return PublicKey(
            key,
            record["authority"],
            frozenset(record["origins"]),
            None if events is None else frozenset(events),
        )
