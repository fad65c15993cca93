"""What an AU has access to: a token, as long as its session; its own documents. Spec: cmi5 8.2, 10.0, 11.0."""

from __future__ import annotations

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

from lrs.auth.principal import Principal
from lrs.auth.scopes import PROFILE_READ, PROFILE_WRITE, READ_MINE, STATE_READ, STATE_WRITE, WRITE
from lrs.clock import Clock
from lrs.cmi5 import terms
from lrs.cmi5.launchdata import check_preferences
from lrs.cmi5.ledger import Ledger
from lrs.cmi5.log import SessionLog
from lrs.cmi5.sessions import Sessions
from lrs.cmi5.violations import Violation
from lrs.errors import BadRequest, NotFound
from lrs.xapi import JsonObject
from lrs.xapi.document import JSON
from lrs.xapi.text import read_json

_RIGHTS = frozenset({WRITE, READ_MINE, STATE_READ, STATE_WRITE, PROFILE_READ, PROFILE_WRITE})
_SEEN_EVERY = 60_000_000
"""Microseconds between two notes of when an AU was heard of."""
USED, INSECURE, FAILED = "1", "2", "3"
"""The error codes of the fetch URL. Spec: cmi5 8.2.3.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRequest:
    """A request of an AU that is about documents, an agent or an activity; "" and None for what it does not name."""

    resource: str
    """The path below the endpoint, such as "activities/state"."""
    method: str
    activity: str
    agent: JsonObject | None
    registration: str
    document_id: str
    content_type: str
    body: bytes


class Access:
    """Gives out tokens, knows who uses them, and keeps AUs to what is theirs."""

    def __init__(
        self,
        ledger: Ledger,
        sessions: Sessions,
        log: SessionLog,
        clock: Clock,
        publish: Callable[[JsonObject, JsonObject], None],
    ) -> None:
        self._ledger = ledger
        self._sessions = sessions
        self._log = log
        self._clock = clock
        self._publish = publish

    def fetch(self, key: str) -> JsonObject:
        """Return the answer of the fetch URL: {"auth-token"} the first time, else {"error-code", "error-text"}.

        Spec: cmi5 8.2.
        """
        session_id, _, secret = key.partition(".")
        try:
            registration, session = self._sessions.get(session_id)
        except NotFound:
            return _fetch_error(INSECURE, "This fetch URL is not known here.")
        if not compare_digest(session["fetch"], digest(secret)):
            return _fetch_error(INSECURE, "This fetch URL is not known here.")
        token = secrets.token_urlsafe(32)

        def take(current: JsonObject) -> bool:
            one = current["sessions"][session_id]
            if one["token"] is not None or one["ended"] is not None:
                return False
            one["token"] = digest(token)
            one["seen"] = self._clock()
            return True

        registration = self._ledger.change(registration["id"], take)
        session = registration["sessions"][session_id]
        if session["token"] != digest(token):
            self._log.note(session_id, "fetch refused")
            text = (
                "The session has ended." if session["ended"] else "The token was returned before."
            )
            return _fetch_error(USED, text)
        # Of two launches at a time, the later one may have written its LMS.LaunchData first.
        self._publish(registration, session)
        self._log.note(session_id, "token fetched")
        return {"auth-token": b64encode(f"{session_id}:{token}".encode()).decode()}

    def principal(self, session_id: str, token: str) -> Principal | None:
        """Return the AU that a token stands for, or None unless its session goes on. Spec: cmi5 8.2.1."""
        try:
            registration, session = self._sessions.get(session_id)
        except NotFound:
            return None
        if session["token"] is None or not compare_digest(session["token"], digest(token)):
            return None
        now = self._clock()
        if session["ended"] is not None and not self._sessions.waits(session, now):
            return None
        if self._sessions.is_idle(session, now):
            self._sessions.abandon(session_id, by="idle")
            return None
        if now - session["seen"] > _SEEN_EVERY:
            self._sessions.alter(
                registration["id"], session_id, lambda one: one.update(seen=now) is None
            )
        authority = self._ledger.authority(registration)
        return Principal(f"cmi5 session {session_id}", authority, _RIGHTS, session=session_id)

    def knows(self, session_id: str, token: str) -> bool:
        """Whether a token is, or was, that of a session."""
        try:
            held = self._sessions.get(session_id)[1]["token"]
        except NotFound:
            return False
        return held is not None and compare_digest(held, digest(token))

    def admit(self, session_id: str, request: DocumentRequest) -> None:
        """Return if an AU may send the request; note what it has read.

        Raises: Violation (403).
        """
        registration, session = self._sessions.get(session_id)
        is_profile = request.resource == "agents/profile"
        if (
            request.agent is not None
            and request.agent.get("account") != registration["actor"]["account"]
        ):
            raise Violation(
                "11.0.0.0-1" if is_profile else "8.1.3.0-3",
                "The agent is not the actor of the launch.",
            )
        if request.registration not in ("", registration["id"]):
            raise Violation("8.1.4.0-3", "The registration is not the one of the launch.")
        is_read = request.method in ("GET", "HEAD")
        is_own = request.activity == session["activityId"]
        if request.resource == "activities/profile" and not is_read and not is_own:
            raise Violation("8.1.5.0-6", "An AU may change the profile of no activity but its own.")
        if request.resource == "activities/state":
            if not is_read and request.document_id in ("", terms.LAUNCH_DATA):
                raise Violation("10.2.1.0-5", f"An AU may not change {terms.LAUNCH_DATA}.")
            if is_read and request.document_id == terms.LAUNCH_DATA:
                self._note_read(session_id, request.document_id)
        elif is_profile and request.document_id == terms.PREFERENCES:
            if is_read:
                self._note_read(session_id, request.document_id)
            elif request.method != "DELETE":
                check_preferences(_json_of(request))

    def _note_read(self, session_id: str, document_id: str) -> None:
        """Note that the AU has asked for LMS.LaunchData or the learner preferences. Spec: cmi5 11.0."""
        name = {terms.LAUNCH_DATA: "launchData", terms.PREFERENCES: "preferences"}[document_id]
        registration, session = self._sessions.get(session_id)
        if session[name]:
            return

        def note(one: JsonObject) -> bool:
            news = not one[name]
            one[name] = True
            return news

        self._sessions.alter(registration["id"], session_id, note)
        self._log.note(session_id, f"{document_id} read")


def digest(secret: str) -> str:
    """Return what is kept of a random secret; nobody can guess 32 random bytes, so a fast hash will do."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _json_of(request: DocumentRequest) -> object:
    if request.content_type.partition(";")[0].strip().lower() == JSON:
        try:
            return read_json(request.body).value
        except BadRequest:
            pass
    raise Violation("11.0.0.0-5", "The learner preferences are not JSON.", allowed=JSON)


def _fetch_error(code: str, text: str) -> JsonObject:
    return {"error-code": code, "error-text": text}
