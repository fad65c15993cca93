"""The log of a session: what its AU did beside sending statements, and each refusal with its reason."""

from __future__ import annotations

import secrets

from lrs.clock import Clock, to_iso
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_KIND = "cmi5-log"
MAX_FIRST, MAX_LAST = 250, 250
"""How many of a session are kept: the first refusal is what an author looks for, and what has come of it since."""


class SessionLog:
    """Keeps and lists what happened in sessions. No learner's data but what the refusals say."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def note(self, session_id: str, event: str, **details: object) -> None:
        """Add an entry; one that says where a request was refused carries requirement, message and status."""
        now = self._clock()
        name = f"{session_id}/{now:016d}-{secrets.token_hex(3)}"
        self._records.put(_KIND, name, {"when": to_iso(now), "event": event, **details})
        names = self._records.names(_KIND, prefix=f"{session_id}/")
        for old in names[MAX_FIRST:-MAX_LAST]:
            self._records.delete(_KIND, old)

    def forget(self, session_id: str) -> None:
        """Remove the log of a session."""
        for name in self._records.names(_KIND, prefix=f"{session_id}/"):
            self._records.delete(_KIND, name)

    def entries(self, session_id: str) -> list[JsonObject]:
        """Return the entries of a session, the oldest first."""
        return list(self._records.all(_KIND, prefix=f"{session_id}/").values())
