"""Cmi5: all of the LMS put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lrs.clock import Clock
from lrs.cmi5.access import Access
from lrs.cmi5.courses import Courses
from lrs.cmi5.door import Door
from lrs.cmi5.launching import Launching
from lrs.cmi5.ledger import Ledger
from lrs.cmi5.log import SessionLog
from lrs.cmi5.player import Player
from lrs.cmi5.registrations import Registrations
from lrs.cmi5.sessions import Sessions
from lrs.cmi5.status import status_of
from lrs.cmi5.terms import SESSION_ID, verb_name
from lrs.services.documents import Documents
from lrs.services.statements import Statements
from lrs.stores.protocol import Store
from lrs.xapi import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Addresses without a closing slash; times in seconds."""

    base: str
    content_base: str
    wait_seconds: int
    idle_seconds: int


@dataclass(frozen=True, slots=True)
class Cmi5:
    """What the web and the commands use."""

    courses: Courses
    registrations: Registrations
    launching: Launching
    sessions: Sessions
    access: Access
    log: SessionLog
    player: Player

    def status(self, registration_id: str) -> JsonObject:
        """Return where the learner of a registration stands, see status.

        Raises: NotFound (404).
        """
        registration = self.registrations.get(registration_id)
        course = self.courses.course(registration["course"])
        return status_of(registration, course, self.sessions.statements_of(registration_id))

    def log_of(self, session_id: str) -> list[JsonObject]:
        """Return what happened in a session, in the order of time: its statements among the entries of its log.

        Raises: NotFound (404).
        """
        registration, _ = self.sessions.get(session_id)
        said = [
            {
                "when": statement["stored"],
                "event": "statement",
                "verb": verb_name(statement["verb"]["id"]),
                "statement": statement["id"],
            }
            for statement in self.sessions.statements_of(registration["id"])
            if statement.get("context", {}).get("extensions", {}).get(SESSION_ID) == session_id
        ]
        return sorted([*said, *self.log.entries(session_id)], key=lambda one: str(one["when"]))


def build_cmi5(
    store: Store,
    statements: Statements,
    documents: Documents,
    clock: Clock,
    new_id: Callable[[], str],
    settings: Settings,
) -> Cmi5:
    """Return the LMS over a store, having put it at the one door for statements."""
    courses = Courses(store, clock, new_id, settings.base)
    ledger = Ledger(store.records, statements, settings.base)
    log = SessionLog(store.records, clock)
    sessions = Sessions(
        store,
        ledger,
        courses,
        log,
        clock,
        new_id,
        wait_seconds=settings.wait_seconds,
        idle_seconds=settings.idle_seconds,
    )
    launching = Launching(
        ledger,
        courses,
        sessions,
        documents,
        clock,
        new_id,
        base=settings.base,
        content_base=settings.content_base,
    )
    door = Door(ledger, sessions, clock)
    statements.watch(guard=door.guard, listener=door.listen)
    return Cmi5(
        courses=courses,
        registrations=Registrations(store.records, ledger, courses, sessions, clock, new_id),
        launching=launching,
        sessions=sessions,
        access=Access(ledger, sessions, log, clock, launching.publish),
        log=log,
        player=Player(store.records, clock),
    )
