"""What the LMS knows of a learner, found and forgotten; their statements are not its business here."""

from __future__ import annotations

from collections.abc import Container, Sequence

from lrs.cmi5.ledger import REGISTRATION
from lrs.cmi5.log import SessionLog
from lrs.cmi5.player import Player
from lrs.cmi5.registrations import strike_names
from lrs.cmi5.sessions import ACTIVE, SESSION
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject
from lrs.xapi.agent import ifi_of


class Forgetting:
    """Finds registrations, deleted ones included, and removes them with their sessions."""

    def __init__(self, records: RecordStore, log: SessionLog, player: Player) -> None:
        self._records = records
        self._log = log
        self._player = player

    def of(self, identities: Container[str]) -> Sequence[JsonObject]:
        """Return the registrations of the learner with these IFIs."""
        return [
            registration
            for registration in self._records.all(REGISTRATION).values()
            if ifi_of(registration["actor"]) in identities
        ]

    def forget(self, registration: JsonObject) -> None:
        """Remove a registration, its sessions and their logs: nothing more is said or taken in for it.

        The registration goes last, so that a process that dies in between is followed by one that finds it.
        """
        for session in registration["sessions"]:
            self._records.delete(ACTIVE, session)
            self._records.delete(SESSION, session)
            self._log.forget(session)
            self._player.forget("session", session)
        strike_names(self._records, registration)
        self._player.forget("registration", registration["id"])
        self._records.delete(REGISTRATION, registration["id"])
