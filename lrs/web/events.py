"""Events in: POST /events, and the paths and shapes of Segment's tracking libraries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request

from lrs.auth.principal import Principal
from lrs.auth.public_keys import PublicKey
from lrs.errors import BadRequest, Forbidden, LrsError, TooLarge, Unauthorized
from lrs.services.statements import Sender
from lrs.taxonomy.envelope import moment_of
from lrs.taxonomy.intake import JsonRefused, Tracker, Verdict
from lrs.taxonomy.problems import Problem
from lrs.web import context
from lrs.web.body import read_body
from lrs.web.statements import sender_of
from lrs.xapi.text import read_json, write_json

resource = Blueprint("events", __name__)

_MAX_MESSAGES = 2_000
_MAX_PUBLIC_BODY = 512_000
_LINES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/jsonlines",
)
_PAIRS = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""Escapes in JSON; the group is half of a surrogate pair without the other."""
_SHORT = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
_TYPES = ("track", "identify", "page", "screen", "group", "alias")


@resource.post("/events")
def take() -> Response:
    """Take one event, an array, {"batch": [...]} or lines of NDJSON."""
    return _take(None)


@resource.post("/v1/<kind>")
def take_like_segment(kind: str) -> Response:
    """Take what Segment's libraries send to their paths: /v1/batch, /v1/track, /v1/t and so on."""
    kind = _SHORT.get(kind, kind)
    if kind in ("batch", "b", "import"):
        return _take(None)
    if kind in _TYPES:
        return _take(kind)
    if kind == "m":
        # Figures of the library about itself: nobody here wants them, and refusing would have them sent again.
        read_body()
        return Response(b'{"success":true}', content_type="application/json")
    return _take_nothing()


@resource.get("/v1/projects/<key>/settings")
def settings(key: str) -> Response:
    """Tell Segment's browser library, which asks before it sends, that this LRS is all there is to send to."""
    host = f"{context.services().config.public_url}/v1".partition("://")
    destination = {"apiKey": key, "apiHost": host[2], "protocol": host[0]}
    body = {"integrations": {"Segment.io": destination}, "plan": {"track": {}}, "edgeFunction": {}}
    return Response(write_json(body), content_type="application/json")


def _take_nothing() -> Response:
    raise BadRequest(
        "There is no such kind of message.",
        code="message-kind",
        allowed=", ".join(("batch", *_TYPES)),
    )


def _take(kind: str | None) -> Response:
    principal = _credential()
    if principal is not None:
        _demand_own_request()
    body = read_body()
    if principal is None and len(body) > _MAX_PUBLIC_BODY:
        raise TooLarge("The body is too large for a publishable key.", allowed="at most 500 KB")
    messages, envelope = _messages(body)
    if len(messages) > _MAX_MESSAGES:
        raise TooLarge("There are too many events in the body.", allowed=f"at most {_MAX_MESSAGES}")
    tracker = _tracker(principal, envelope)
    if kind is not None:
        messages = [{**one, "type": kind} if isinstance(one, dict) else one for one in messages]
    verdicts, new = context.services().intake.take(
        messages, tracker=tracker, sent_at=moment_of(envelope.get("sentAt"))
    )
    return _answer(verdicts, new)


def _answer(verdicts: Sequence[Verdict], new: int) -> Response:
    refused = sum(verdict.status == "refused" for verdict in verdicts)
    body = {
        "success": refused == 0,
        "new": new,
        "refused": refused,
        "verdicts": [verdict.as_json() for verdict in verdicts],
    }
    # Only where nothing at all was taken is the request as such refused.
    status = 400 if verdicts and refused == len(verdicts) else 200
    return Response(write_json(body), status=status, content_type="application/json")


def _messages(body: bytes) -> tuple[list[Any], dict[str, Any]]:
    """Return the messages of a body, and the object around them, if there is one."""
    body = _without_halves(body)
    if request.mimetype in _LINES:
        return [_line(one) for one in body.split(b"\n") if one.strip()], {}
    value = read_json(body).value
    if isinstance(value, list):
        return value, {}
    if isinstance(value, dict):
        batch = value.get("batch")
        if isinstance(batch, list):
            return batch, value
        return [value], value
    raise BadRequest(
        "The body holds no event.",
        code="event-expected",
        pointer="",
        allowed='an event, an array of events, {"batch": [...]}, or NDJSON with its content type',
    )


def _without_halves(body: bytes) -> bytes:
    """Return the JSON with U+FFFD for each half of a surrogate pair.

    A browser writes one where a text was cut within an emoji; it must not cost the other events of the batch.
    """
    if b"\\ud" not in body and b"\\uD" not in body:
        return body
    return _PAIRS.sub(lambda found: b"\\ufffd" if found[1] else found[0], body)


def _line(text: bytes) -> Any:
    try:
        return read_json(text).value
    except LrsError as refusal:
        told = Problem("E_MALFORMED", refusal.pointer or "", refusal.message, refusal.allowed)
        return JsonRefused(told)


def _credential() -> Principal | None:
    """Return who sends the request, or None if it names no credential but may name a publishable key.

    Raises: Unauthorized (401) if the credential is not known.
    """
    sent = request.authorization
    if sent is None or sent.type != "basic" or not sent.username:
        return None
    secret = sent.password or ""
    if not secret:
        return None
    verify = context.services().credentials.verify
    # Segment's libraries take one text as the write key and put a colon after it: ours is then KEY:SECRET.
    principal = verify(sent.username, secret)
    if principal is None and secret.endswith(":"):
        principal = verify(sent.username, secret[:-1])
    if principal is None:
        raise _unknown()
    return principal


def _demand_own_request() -> None:
    """Refuse what a page of others may have made a browser send along with the sign-in that it keeps.

    A form or a plain fetch needs no leave for text/plain; a fetch of JSON needs it, which LRS_ORIGINS gives to all
    unless it lists some. Browsers say where a request comes from; servers say nothing.
    """
    if request.mimetype not in (*_LINES, "application/json"):
        raise BadRequest(
            "The content type is not that of events.",
            code="content-type",
            allowed=", ".join(("application/json", *_LINES)),
        )
    listed = {one.strip() for one in context.services().config.origins.split(",")} - {"*"}
    is_foreign = request.headers.get("Sec-Fetch-Site", "none") in ("cross-site", "same-site")
    if is_foreign and request.headers.get("Origin") not in listed:
        raise Forbidden(
            "A page of another origin may not send events with a secret key.",
            code="origin",
            allowed="an origin that LRS_ORIGINS lists by name, or a publishable key",
        )


def _tracker(principal: Principal | None, envelope: dict[str, Any]) -> Tracker:
    if principal is not None:
        context.set_principal(principal)
        sender = sender_of(principal)
        return Tracker(principal.name, Sender(sender.authority, may_void=False))
    sent = request.authorization
    # A beacon that a page sends as it is left cannot carry headers.
    named = sent.username if sent is not None and sent.username else envelope.get("writeKey")
    public = context.services().public_keys.find(named) if isinstance(named, str) else None
    if public is None:
        raise _unknown()
    _demand_origin(public)
    events = public.events
    if events is None:
        catalog = context.services().mapper.catalog.events
        events = frozenset(name for name, event in catalog.items() if event.table.get("browser"))
    return Tracker(public.key, Sender(public.authority, may_void=False), events)


def _demand_origin(public: PublicKey) -> None:
    if public.origins and request.headers.get("Origin") not in public.origins:
        raise Forbidden(
            "This publishable key may not be used from here.",
            code="origin",
            allowed="the origins that the key was made for",
        )


def _unknown() -> Unauthorized:
    return Unauthorized(
        "The request carries no key that is known here.",
        allowed="HTTP Basic with an API key and its secret, or with a publishable key and no password",
    )
