"""What statements and activities are named by: the same event has the same id, whoever computes it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lrs.taxonomy.envelope import Envelope
from lrs.taxonomy.events import Event
from lrs.xapi import JsonObject


def slots_of(
    properties: Mapping[str, Any], envelope: Envelope, statement_id: str
) -> dict[str, str]:
    """Return what ids can hold, each made fit for a path."""
    slots = {
        # A whole number may come as 5.0; it names the same as 5.
        name: _segment(int(value) if isinstance(value, float) and value.is_integer() else value)
        for name, value in properties.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    slots["*key"] = statement_id
    slots["*session"] = _segment(envelope.session_id or _day(envelope))
    return slots


def _segment(value: str | float) -> str:
    text = value if isinstance(value, str) else str(value)
    if text.isascii() and text.isidentifier():
        return text
    return quote(unicodedata.normalize("NFC", text.strip()), safe="")


def _day(envelope: Envelope) -> str:
    """Return a name for the session of a sender that tells none: that of the person on this day."""
    who = hashlib.sha256((envelope.user_id or envelope.anonymous_id or "").encode())
    return f"{(envelope.timestamp or 'now')[:10]}-{who.hexdigest()[:12]}"


def canon(event: Event, envelope: Envelope, actor: JsonObject, source: str) -> str:
    """Return what the id of a statement is made from: the message id, or else all that was said."""
    if envelope.message_id is not None:
        return f"v1|{source}|{envelope.message_id}"
    account = actor["account"]
    who = f"{account['homePage']}|{account['name']}"
    about = envelope.user_id if event.about_user is not None else None
    more = {"about": about, "session": envelope.session_id, "reg": envelope.registration}
    told = "".join(f"|{name}={value}" for name, value in more.items() if value is not None)
    return f"v1|{event.name}|{who}|{envelope.moment}|{envelope.digest()}{told}"
