"""Sessions: found, settled after a crash, abandoned, swept. Spec: cmi5 9.3.6, 9.3.8."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence, Set

from lrs.clock import Clock
from lrs.cmi5 import terms
from lrs.cmi5.courses import Courses
from lrs.cmi5.ledger import Ledger
from lrs.cmi5.log import SessionLog
from lrs.cmi5.progress import (
    abandoned_statement,
    confirm,
    drop_claims,
    end_abandoned,
    evaluate,
    is_ending,
    lay_claim,
    pending_of,
)
from lrs.cmi5.rules import ClaimKey, key_of, key_of_statement
from lrs.errors import BadRequest, Conflict, NotFound
from lrs.stores.protocol import Store
from lrs.xapi import JsonObject
from lrs.xapi.keys import authority_key
from lrs.xapi.query import StatementQuery, filter_keys
from lrs.xapi.terms import parse_timestamp

_log = logging.getLogger("lrs")

SESSION = "cmi5-session"
ACTIVE = "cmi5-active"
_SETTLED_AFTER = 60_000_000
"""Microseconds after which a claim whose statement is not in the store was laid in vain."""
_SECOND = 1_000_000
_LMS_VERBS = (terms.LAUNCHED, terms.SATISFIED, terms.WAIVED, terms.ABANDONED)


class Sessions:
    """What becomes of sessions."""

    def __init__(
        self,
        store: Store,
        ledger: Ledger,
        courses: Courses,
        log: SessionLog,
        clock: Clock,
        new_id: Callable[[], str],
        *,
        wait_seconds: int,
        idle_seconds: int,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._courses = courses
        self._log = log
        self._clock = clock
        self._new_id = new_id
        self._wait = wait_seconds * _SECOND
        self._idle = idle_seconds * _SECOND

    def is_idle(self, session: JsonObject, now: int) -> bool:
        """Whether the AU was not heard of for so long that the session is to be abandoned."""
        return now - int(session["seen"]) > self._idle

    def silent_seconds(self, session: JsonObject) -> float:
        """Return how long ago the AU was last heard of, to within a minute."""
        return (self._clock() - int(session["seen"])) / _SECOND

    def get(self, session_id: str) -> tuple[JsonObject, JsonObject]:
        """Return (registration, session).

        Raises: NotFound (404).
        """
        index = self._store.records.get(SESSION, session_id)
        if index is not None:
            registration = self._ledger.get(index["registration"])
            if session_id in registration["sessions"]:
                return registration, registration["sessions"][session_id]
        raise NotFound("There is no such session.", code="cmi5-session-not-found")

    def settle(self, registration_id: str) -> JsonObject:
        """Return the registration after putting right what a process that died has left undone."""
        registration = self._ledger.say_due(self._ledger.get(registration_id))
        course = self._courses.course(registration["course"])
        if registration.get("revision", 0) != course.revision:
            # The course was replaced, or an AU's moveOn set: someone may be satisfied by what was done before.
            registration = self.take_in(registration_id, frozenset(), self._new_id())
        pending = pending_of(registration)
        if not pending:
            return registration
        stored = {key for key in pending if self._is_stored(registration, key)}
        if stored:
            # In the name of the session whose statement was the last.
            last = [session for key, session in pending.items() if key in stored][-1]
            registration = self.take_in(registration_id, stored, last)
        vain, now = pending.keys() - stored, self._clock()
        if not vain:
            return registration
        return self.drop(
            registration_id,
            lambda claim: key_of(claim) in vain and now - claim["at"] > _SETTLED_AFTER,
        )

    def _is_stored(self, registration: JsonObject, key: ClaimKey) -> bool:
        """Whether the statement of a claim is in the store: not just one of its id."""
        entry = self._store.statements.get(key[0])
        if entry is None:
            return False
        statement = entry.statement
        own = authority_key(self._ledger.authority(registration))
        return (
            authority_key(statement["authority"]) == own
            and "timestamp" in statement
            and key_of_statement(statement) == key
        )

    def drop(self, registration_id: str, is_vain: Callable[[JsonObject], bool]) -> JsonObject:
        """Return the registration without vain claims; what did not end, and was to be abandoned, is abandoned."""

        def drop(current: JsonObject) -> bool:
            dropped = drop_claims(current, is_vain)
            for session in list(current["sessions"].values()) if dropped else ():
                if "replaced" in session and session["ended"] is None and not is_ending(session):
                    self.abandoning(current, session, by=session["replaced"])(current)
            return dropped

        return self._ledger.say_due(self._ledger.change(registration_id, drop))

    def abandon(self, session_id: str, *, by: str) -> bool:
        """End a session by an abandoned statement; returns whether it had not ended before. Spec: cmi5 9.3.6."""
        registration = self.settle(self.get(session_id)[0]["id"])
        done = self.abandoning(registration, registration["sessions"][session_id], by=by)
        ended = False

        def end(current: JsonObject) -> bool:
            nonlocal ended
            changed = done(current)
            ended = changed and current["sessions"][session_id]["ended"] is not None
            return changed

        registration = self._ledger.say_due(self._ledger.change(registration["id"], end))
        if registration["sessions"][session_id]["ended"] is not None:
            self.forget_active(session_id)
        if ended:
            self._log.note(session_id, "abandoned", by=by)
        return ended

    def abandoning(
        self, registration: JsonObject, session: JsonObject, *, by: str
    ) -> Callable[[JsonObject], bool]:
        """Return the change that abandons a session, if it has not ended when the change is made.

        One whose terminated statement is on its way is abandoned only if that does not arrive (9.3.6, 9.3.8).
        """
        now = self._clock()
        last = self._last_heard(registration["id"], session["id"])
        seconds = 0.0 if last is None else (last - session["at"]) / _SECOND
        statement = abandoned_statement(
            registration, session, seconds=seconds, when=now, id=self._new_id()
        )

        def end(current: JsonObject) -> bool:
            one = current["sessions"][session["id"]]
            if one["ended"] is not None:
                return False
            if is_ending(one):
                news = "replaced" not in one
                one["replaced"] = by
                return news
            end_abandoned(current, one, statement, by=by, now=now)
            return True

        return end

    def active(self) -> Iterator[tuple[JsonObject, JsonObject]]:
        """Yield (registration, session) of each session that has not ended."""
        for session_id in self._store.records.names(ACTIVE):
            try:
                registration, session = self.get(session_id)
            except NotFound:
                self.forget_active(session_id)
                continue
            if session["ended"] is None:
                yield registration, session
            else:
                self.forget_active(session_id)

    def sweep(self, *, idle_seconds: int | None = None) -> list[str]:
        """Abandon the sessions that were not heard of for so long; returns their ids."""
        limit = self._idle if idle_seconds is None else idle_seconds * _SECOND
        found = []
        for registration, session in self.active():
            try:
                self.settle(registration["id"])
                is_idle = self._clock() - session["seen"] > limit
                if is_idle and self.abandon(session["id"], by="idle"):
                    found.append(session["id"])
            except (BadRequest, Conflict, NotFound) as refusal:
                # One that cannot go on must not keep the others waiting.
                _log.error("cmi5 session %s cannot be abandoned: %s", session["id"], refusal.code)
        return found

    def keep_active(self, session_id: str, registration_id: str) -> None:
        """Make a session that is about to begin findable."""
        self._store.records.put(SESSION, session_id, {"registration": registration_id})
        self._store.records.put(ACTIVE, session_id, {})

    def forget_active(self, session_id: str) -> None:
        """Strike a session off the list of those that go on."""
        self._store.records.delete(ACTIVE, session_id)

    def statements_of(self, registration_id: str) -> Iterator[JsonObject]:
        """Yield every statement that the LMS and the AUs of a registration have stored, the newest first.

        What others say of the registration counts for nothing.
        """
        # Statements stay when a registration is deleted.
        registration = self._ledger.find(registration_id)
        if registration is None:
            return
        own = authority_key(self._ledger.authority(registration))
        keys = filter_keys(registration=registration_id, authority=own)
        after: int | None = None
        while True:
            page = self._store.statements.find(StatementQuery(keys=keys, after=after))
            yield from (entry.statement for entry in page.entries)
            if not page.more:
                return
            after = page.entries[-1].sequence

    def take_in(
        self,
        registration_id: str,
        stored: Set[ClaimKey],
        session_id: str,
        said: Sequence[JsonObject] = (),
    ) -> JsonObject:
        """Return the registration once what follows from newly stored statements is said, in the session's name.

        `said` are those of them that the session has stored just now.
        """
        course = self._courses.course(self._ledger.get(registration_id)["course"])
        now = self._clock()

        def advance(current: JsonObject) -> bool:
            for statement in said:
                # If storing has taken so long that the claim was dropped.
                lay_claim(current, current["sessions"][session_id], statement, now)
            confirmed = confirm(current, stored, now)
            met = evaluate(current, course, session=session_id, now=now, new_id=self._new_id)
            return confirmed or met

        registration = self._ledger.say_due(self._ledger.change(registration_id, advance))
        session = registration["sessions"].get(session_id)
        if session is not None and session["ended"] is not None:
            self.forget_active(session_id)
        return registration

    def _last_heard(self, registration_id: str, session_id: str) -> int | None:
        for statement in self.statements_of(registration_id):
            extensions = statement.get("context", {}).get("extensions", {})
            is_own = extensions.get(terms.SESSION_ID) == session_id
            if is_own and statement["verb"]["id"] not in _LMS_VERBS:
                return parse_timestamp(statement["stored"])
        return None

    def waits(self, session: JsonObject, now: int) -> bool:
        """Whether late statements are still taken after a terminated one. Spec: cmi5 9.3.8."""
        ended = session["ended"]
        return bool(ended["how"] == "terminated" and now - ended["at"] < self._wait)

    def alter(
        self, registration_id: str, session_id: str, alter: Callable[[JsonObject], bool]
    ) -> None:
        """Change a session by a function that alters it in place and returns whether it did."""
        self._ledger.change(registration_id, lambda current: alter(current["sessions"][session_id]))
