"""Sessions: /cmi5/v1/sessions."""

from __future__ import annotations

from flask import Blueprint, Response, request

from lrs.cmi5.status import summary_of
from lrs.errors import Conflict
from lrs.web import context
from lrs.web.cmi5.bodies import SweepBody, answer, managed, read_object

resource = Blueprint("cmi5-sessions", __name__)


@resource.get("/sessions")
@managed
def active() -> Response:
    """The sessions that go on; with `idle_for`, those that were silent for so many seconds."""
    cmi5 = context.services().cmi5
    idle = request.args.get("idle_for", type=int)
    found = [
        summary_of(session, registration["id"])
        for registration, session in cmi5.sessions.active()
        if idle is None or cmi5.sessions.silent_seconds(session) >= idle
    ]
    return answer({"sessions": found})


@resource.get("/sessions/<session>")
@managed
def get(session: str) -> Response:
    """A session."""
    registration, found = context.services().cmi5.sessions.get(session)
    return answer(summary_of(found, registration["id"]))


@resource.get("/sessions/<session>/log")
@managed
def log(session: str) -> Response:
    """What happened in a session, in the order of time: statements, and each refused request with its reason."""
    return answer({"log": context.services().cmi5.log_of(session)})


@resource.post("/sessions/<session>/abandon")
@managed
def abandon(session: str) -> Response:
    """End a session by an abandoned statement."""
    if not context.services().cmi5.sessions.abandon(session, by="api"):
        raise Conflict("The session has ended before.", code="cmi5-session-ended")
    return get(session)


@resource.post("/sessions:sweep")
@managed
def sweep() -> Response:
    """Abandon the sessions that were silent for too long."""
    values = read_object(SweepBody)
    done = context.services().cmi5.sessions.sweep(idle_seconds=values["idle_for"])
    return answer({"abandoned": done})
