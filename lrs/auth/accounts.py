"""Accounts: people who sign in to see pages, with a password and a role."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Mapping
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from lrs.auth.principal import Principal
from lrs.auth.roles import role_named
from lrs.auth.sessions import Session, Sessions
from lrs.clock import Clock, to_iso
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_KIND = "account"
_FAILED = "failed-sign-in"
_REST = "resting-account"
_NAME = re.compile(r"[^\s:/\\]{1,100}")
_SHORTEST, _LONGEST = 12, 200
"""Signs of a password."""
MOST_FAILURES = 5
REST_SECONDS = 900
_SECOND = 1_000_000


class Accounts:
    """Adds, lists, changes and removes accounts, and signs people in.

    After MOST_FAILURES wrong passwords in a row an account rests for REST_SECONDS: not even the right one is taken. Who
    signs in is not told whether name or password was wrong, or whether the account rests, and each takes the same time.
    """

    def __init__(
        self, records: RecordStore, clock: Clock, sessions: Sessions, home_page: str
    ) -> None:
        """`home_page` is that of the accounts' agents."""
        self._records = records
        self._clock = clock
        self._sessions = sessions
        self._home_page = home_page
        # As OWASP advises: 19 MiB and some 20 ms; no more than two at a time, or sign-ins would fill the memory.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._hashing = threading.BoundedSemaphore(2)

    def add(
        self,
        name: str,
        *,
        role: str,
        password: str | None = None,
        agent: JsonObject | None = None,
    ) -> str:
        """Keep a new account and return its password, which is made up if none is given.

        `agent` is who the person is in statements: what a learner may see is about that agent.
        Raises: ValueError if the name is taken or cannot be one, the role is unknown, or the password too short.
        """
        role_named(role)
        if _NAME.fullmatch(name) is None:
            raise ValueError(
                "The name of an account has 1 to 100 signs, without spaces, colons and slashes."
            )
        if self._records.get(_KIND, name) is not None:
            raise ValueError(f"There is an account {name} already.")
        record = {"role": role, "agent": agent, "created": to_iso(self._clock())}
        password = self._put_password(name, record, password)
        self._forgive(name)
        return password

    def all(self) -> Mapping[str, JsonObject]:
        """Return name -> record (role, agent, created ...)."""
        return self._records.all(_KIND)

    def set_password(self, name: str, password: str | None = None) -> str:
        """Give an account another password (one that is made up if none is given) and return it.

        Its sessions end, and if it rests, it does so no longer.
        Raises: ValueError if there is no such account, or the password is too short.
        """
        password = self._put_password(name, self._known(name), password)
        self._forgive(name)
        return password

    def set_role(self, name: str, role: str) -> None:
        """Give an account another role, at once also in its sessions.

        Raises: ValueError if there is no such account or role, or nobody would be administrator any more.
        """
        role_named(role)
        record = self._known(name)
        if role != record["role"]:
            self._demand_other_administrator(name)
        self._records.put(_KIND, name, {**record, "role": role})

    def set_agent(self, name: str, agent: JsonObject | None) -> None:
        """Say who an account's person is in statements.

        Raises: ValueError if there is no such account.
        """
        self._records.put(_KIND, name, {**self._known(name), "agent": agent})

    def remove(self, name: str) -> None:
        """Remove an account, with its sessions and what was counted of its sign-ins.

        Raises: ValueError if there is no such account, or nobody would be administrator any more.
        """
        self._known(name)
        self._demand_other_administrator(name)
        self._sessions.end_all(name)
        self._records.delete(_REST, name)
        self._records.forget_tally(_FAILED, name)
        # Last, so that a process that dies in between is followed by one that finds it.
        self._records.delete(_KIND, name)

    def verify(self, name: str, password: str) -> bool:
        """Whether it is the account's password; counts towards its rest."""
        record = self._records.get(_KIND, name)
        may_try = record is not None and self._may_try(name)
        matches = self._matches(
            self._nobody if record is None else record["passwordHash"], password
        )
        if not (may_try and matches):
            return False
        self._forgive(name)
        return True

    def sign_in(self, name: str, password: str) -> str | None:
        """Return the token of a new session, or None if name and password do not go together."""
        if not self.verify(name, password):
            return None
        return self._sessions.begin(Session(name, self._known(name)["generation"]))

    def sign_out(self, token: str) -> None:
        """End a session."""
        self._sessions.end(token)

    def of_session(self, token: str) -> Principal | None:
        """Return who a session's person is, or None if the session is over."""
        session = self._sessions.find(token)
        record = None if session is None else self._records.get(_KIND, session.account)
        if session is None or record is None or record["generation"] != session.generation:
            return None
        role = role_named(record["role"])
        authority = {
            "objectType": "Agent",
            "name": session.account,
            "account": {"homePage": self._home_page, "name": session.account},
        }
        return Principal(
            session.account,
            authority,
            role.rights,
            role=record["role"],
            reach=role.reach,
            agent=record["agent"],
        )

    def _put_password(self, name: str, record: JsonObject, password: str | None) -> str:
        password = secrets.token_urlsafe(15) if password is None else password
        if not _SHORTEST <= len(password) <= _LONGEST:
            raise ValueError(f"A password has {_SHORTEST} to {_LONGEST} signs.")
        changed = {
            **record,
            "passwordHash": self._hash(password),
            "generation": secrets.token_hex(8),
        }
        self._records.put(_KIND, name, changed)
        return password

    def _known(self, name: str) -> JsonObject:
        record = self._records.get(_KIND, name)
        if record is None:
            raise ValueError(f"There is no account {name}.")
        return record

    def _demand_other_administrator(self, name: str) -> None:
        roles = {other: record["role"] for other, record in self.all().items()}
        if [other for other, role in roles.items() if role == "administrator"] == [name]:
            raise ValueError(f"{name} is the last administrator; make another one first.")

    def _hash(self, password: str) -> str:
        with self._hashing:
            return self._hasher.hash(password)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            with self._hashing:
                self._hasher.verify(stored, password[: _LONGEST + 1])
        except VerificationError:
            return False
        return True

    def _may_try(self, name: str) -> bool:
        """Count a try and say whether it may be made.

        It counts as failed until it has succeeded, and the store does the adding: of guesses that come at the same time
        none is overlooked.
        """
        rest = self._records.get(_REST, name) or {"forgiven": 0, "until": 0}
        if self._clock() < rest["until"]:
            return False
        self._records.tally(_FAILED, name)
        tries = self._failures(name) - rest["forgiven"]
        if tries >= MOST_FAILURES:
            self._forgive(name, until=self._clock() + REST_SECONDS * _SECOND)
        return bool(tries <= MOST_FAILURES)

    def _forgive(self, name: str, *, until: int = 0) -> None:
        self._records.put(_REST, name, {"forgiven": self._failures(name), "until": until})

    def _failures(self, name: str) -> int:
        return self._records.tallies(_FAILED).get(name, 0)

    @cached_property
    def _nobody(self) -> str:
        """A hash that no password has."""
        return self._hash(secrets.token_hex(16))
