"""What comes around an event: who, when, where; in our own spelling and in that of Segment's tracking libraries."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from lrs.clock import to_iso, to_microseconds
from lrs.errors import BadRequest
from lrs.taxonomy.problems import Problem, problem
from lrs.taxonomy.values import MAX_ID, holds_mail, looks_personal, names_person
from lrs.xapi import JsonObject
from lrs.xapi.terms import UUID, is_language_tag, parse_timestamp

_AHEAD = 300_000_000
"""Microseconds by which a clock may be wrong before it matters."""
_EARLIEST = to_microseconds(datetime(1, 1, 1, tzinfo=UTC))
_TEXTS = {
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "message_id": "messageId",
    "session_id": "sessionId",
    "platform": "platform",
    "org": "org",
    "team": "team",
    "source": "source",
}
_PERSONS = ("user_id", "anonymous_id")
_TYPES = ("track", "page", "screen", "identify", "alias", "group")
_TABLET = re.compile(r"iPad|Tablet|Android(?!.*Mobile)")
_MOBILE = re.compile(r"Mobi|iPhone|Android")
_NAME = 200


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message of a tracking library, all that is not understood left out."""

    type: str
    event: str
    properties: JsonObject = field(default_factory=dict)
    user_id: str | None = None
    anonymous_id: str | None = None
    system: bool = False
    message_id: str | None = None
    timestamp: str | None = None
    """As it was sent, or corrected; None if none came."""
    said: str | None = None
    """As it was sent, if it was corrected."""
    session_id: str | None = None
    registration: str | None = None
    platform: str | None = None
    locale: str | None = None
    org: str | None = None
    team: str | None = None
    source: str | None = None
    device: str | None = None
    """desktop, mobile or tablet: all that is kept of a user agent."""
    refused: frozenset[str] = frozenset()
    """The purposes that the person has not agreed to."""
    agreed: frozenset[str] = frozenset()
    """Those that the person has agreed to by name."""
    previous_id: str | None = None
    """The id that an alias message says was the same person's."""

    @property
    def moment(self) -> int | None:
        """The timestamp in microseconds, as it was sent: the same whenever the event is sent again."""
        return moment_of(self.said or self.timestamp)

    def digest(self) -> str:
        """Return a digest of the properties."""
        canonical = orjson.dumps(self.properties, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(canonical).hexdigest()


def read_envelope(
    message: Any, *, now: int, sent_at: int | None = None
) -> tuple[Envelope, list[Problem]]:
    """Return the envelope of a message, and what is wrong with it.

    `sent_at` is what the sender's clock said when the message left it; `now` is what ours says, both in microseconds.
    """
    if not isinstance(message, dict):
        return Envelope("track", ""), [problem("E_MALFORMED", "", allowed="an object")]
    found: list[Problem] = []
    kind = message.get("type", "track")
    if kind not in _TYPES:
        found.append(problem("E_MALFORMED", "/type", allowed=", ".join(_TYPES)))
        kind = "track"
    event = message.get("event")
    properties = message.get("properties") or {}
    if not isinstance(properties, dict):
        found.append(problem("E_TYPE", "/properties", allowed="an object"))
        properties = {}
    if kind in ("page", "screen"):
        event, properties = "page.viewed", _page(message, properties)
    elif kind == "track" and (not isinstance(event, str) or not event):
        found.append(problem("E_MALFORMED", "/event", allowed="the name of an event"))
    given = message.get("context")
    context = given if isinstance(given, dict) else {}
    texts = _texts(message, context, found)
    timestamp, said = _time(message, now, sent_at, found)
    envelope = Envelope(
        type=kind,
        event=event if isinstance(event, str) else "",
        properties=properties,
        system=message.get("system") is True,
        timestamp=timestamp,
        said=said,
        registration=_registration(message, found),
        locale=_locale(message, context),
        device=_device(context),
        refused=_answered(context, False),
        agreed=_answered(context, True),
        previous_id=_id(message.get("previousId")),
        **texts,
    )
    return envelope, found


def _texts(message: JsonObject, context: JsonObject, found: list[Problem]) -> dict[str, str | None]:
    texts: dict[str, str | None] = {}
    for ours, theirs in _TEXTS.items():
        name = ours if message.get(ours) is not None else theirs
        value = message.get(name)
        if value is None and ours == "session_id":
            value = context.get("sessionId")
        if value is None and ours in ("platform", "team", "org"):
            continue
        if value is None or value == "":
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            found.append(problem("E_TYPE", f"/{name}", allowed="a string"))
        elif len(str(value).encode()) > MAX_ID:
            found.append(problem("E_ID", f"/{name}", allowed=f"at most {MAX_ID} bytes"))
        elif (names_person if ours in _PERSONS else holds_mail)(str(value)):
            allowed = "an id that says nothing of the person"
            found.append(problem("E_PII", f"/{name}", allowed=allowed))
        else:
            texts[ours] = str(value)
    return texts


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value.encode()) <= MAX_ID else None


def _time(
    message: JsonObject, now: int, sent_at: int | None, found: list[Problem]
) -> tuple[str | None, str | None]:
    """Return the timestamp, corrected if need be, and then as it was sent as well."""
    text: Any = next(
        (message[name] for name in ("timestamp", "originalTimestamp") if message.get(name)), None
    )
    if text is None:
        return None, None
    allowed = "an ISO 8601 timestamp that is not in the future"
    try:
        moment = parse_timestamp(text) if isinstance(text, str) else None
    except BadRequest:
        moment = None
    own = moment_of(message.get("sentAt"))
    sent_at = own if own is not None else sent_at
    if message.get("receivedAt") is not None:
        # It comes from an archive: its time was put right when it came there, and it was sent long ago.
        sent_at = None
    is_corrected = moment is not None and sent_at is not None and abs(sent_at - now) > _AHEAD
    if moment is not None and sent_at is not None and is_corrected:
        moment += now - sent_at
        found.append(problem("W_CLOCK", "/timestamp"))
    if moment is None or not _EARLIEST <= moment <= now + _AHEAD:
        found.append(problem("E_TIME", "/timestamp", allowed=allowed))
        return None, None
    return (to_iso(moment), text) if is_corrected else (text, None)


def moment_of(text: Any) -> int | None:
    """Return the moment that a text names, in microseconds, or None if it names none."""
    try:
        return parse_timestamp(text) if isinstance(text, str) else None
    except BadRequest:
        return None


def _registration(message: JsonObject, found: list[Problem]) -> str | None:
    value = message.get("registration")
    if value is None:
        return None
    if not isinstance(value, str) or UUID.fullmatch(value) is None:
        found.append(problem("E_ID", "/registration", allowed="a UUID"))
        return None
    return value


def _locale(message: JsonObject, context: JsonObject) -> str | None:
    value = message.get("locale") or context.get("locale")
    if not isinstance(value, str):
        return None
    tag = value.replace("_", "-")
    return tag if is_language_tag(tag) else None


def _device(context: JsonObject) -> str | None:
    device = context.get("device")
    kind = device.get("type") if isinstance(device, dict) else None
    agent: Any
    if isinstance(kind, str) and kind:
        agent = {"ios": "Mobi", "android": "Mobi"}.get(kind.lower(), kind)
    else:
        agent = context.get("userAgent")
    if not isinstance(agent, str) or not agent:
        return None
    if _TABLET.search(agent) is not None:
        return "tablet"
    return "mobile" if _MOBILE.search(agent.title() if agent.islower() else agent) else "desktop"


def _answered(context: JsonObject, answer: bool) -> frozenset[str]:
    """Return the purposes for which the consent that the message carries gives this answer."""
    consent = context.get("consent")
    answers: Any = consent.get("categoryPreferences") if isinstance(consent, dict) else None
    if not isinstance(answers, Mapping):
        return frozenset()
    return frozenset(
        name.lower() for name, given in answers.items() if given is answer and isinstance(name, str)
    )


def _page(message: JsonObject, properties: JsonObject) -> JsonObject:
    """Return what is kept of a page or screen: where it was, without the query, and its title."""
    place = properties.get("path") or properties.get("url") or message.get("name")
    found: JsonObject = {"path": _path(place) if isinstance(place, str) else "/"}
    title: Any = properties.get("title") or message.get("name")
    if isinstance(title, str) and title and not looks_personal(title):
        found["title"] = title[:_NAME]
    return found


def _path(address: str) -> str:
    try:
        return urlsplit(address).path[:_NAME].strip() or "/"
    except ValueError:
        return "/"
