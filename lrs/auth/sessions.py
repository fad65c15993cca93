"""Sessions: who has signed in, kept in the store so that every process and a restart know it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from lrs.clock import Clock
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_KIND = "session"
_SECOND = 1_000_000
_LONGEST = 7 * 86_400 * _SECOND
"""Microseconds after which one must sign in again, however busy the session was."""
_NOTED_EVERY = 60 * _SECOND
"""A session's last use is not written more often than this, in microseconds."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session in force."""

    account: str
    generation: str
    """That of the account's password when the session began."""


class Sessions:
    """Begins, finds and ends sessions. Of a token only a hash is kept."""

    def __init__(self, records: RecordStore, clock: Clock, idle: int) -> None:
        """`idle` is the seconds without a request after which a session is over."""
        self._records = records
        self._clock = clock
        self._idle = idle * _SECOND

    def begin(self, session: Session) -> str:
        """Keep a new session and return its token; sessions that are over are swept out."""
        for name, record in self._records.all(_KIND).items():
            if self._is_over(record):
                self._records.delete(_KIND, name)
        token = secrets.token_urlsafe(32)
        now = self._clock()
        record = {
            "account": session.account,
            "generation": session.generation,
            "begun": now,
            "seen": now,
        }
        self._records.put(_KIND, _name(token), record)
        return token

    def find(self, token: str) -> Session | None:
        """Return the session of a token, unless it is over."""
        record = self._records.get(_KIND, _name(token))
        if record is None or self._is_over(record):
            return None
        if self._clock() - record["seen"] > min(_NOTED_EVERY, self._idle // 2):
            self._records.put(_KIND, _name(token), {**record, "seen": self._clock()})
        return Session(record["account"], record["generation"])

    def end(self, token: str) -> None:
        """Forget a session."""
        self._records.delete(_KIND, _name(token))

    def end_all(self, account: str) -> None:
        """Forget the sessions of an account."""
        for name, record in self._records.all(_KIND).items():
            if record["account"] == account:
                self._records.delete(_KIND, name)

    def _is_over(self, record: JsonObject) -> bool:
        now = self._clock()
        return bool(now - record["seen"] > self._idle or now - record["begun"] > _LONGEST)


def _name(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
