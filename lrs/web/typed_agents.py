"""Agents as people type them into a field, and as they are shown."""

from __future__ import annotations

import re

from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.text import read_json, write_json
from lrs.xapi.validation import validate_agent

_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_ACCOUNT = re.compile(r"(https?://\S+)\s+(.+)")
WAYS = "an e-mail address, an account as `https://home.page name`, an OpenID, or an Agent as JSON"


def agent_of(text: str) -> JsonObject | None:
    """Return the agent that somebody has typed, or None for nothing.

    Raises: BadRequest if it is none.
    """
    text = text.strip()
    if not text:
        return None
    try:
        return validate_agent(read_json(json_of(text).encode()).value, group_allowed=True)
    except BadRequest as refusal:
        raise BadRequest(
            f"The agent is refused. {refusal.message}", code=refusal.code, allowed=WAYS
        ) from None


def json_of(text: str) -> str:
    """Return the JSON of the agent that somebody means; what is not understood comes back as it is."""
    account = _ACCOUNT.fullmatch(text)
    agent: JsonObject
    if text.startswith("{"):
        return text
    if account is not None:
        agent = {"account": {"homePage": account[1], "name": account[2]}}
    elif _SHA1.fullmatch(text):
        agent = {"mbox_sha1sum": text}
    elif text.startswith(("http://", "https://")):
        agent = {"openid": text}
    elif "@" in text:
        agent = {"mbox": f"mailto:{text.removeprefix('mailto:')}"}
    else:
        return text
    return write_json(agent).decode()


def text_of(agent: JsonObject) -> str:
    """Return what identifies an agent, as somebody would type it."""
    account = agent.get("account")
    if account is not None:
        return f"{account['homePage']} {account['name']}"
    for name in ("mbox", "mbox_sha1sum", "openid"):
        if name in agent:
            return str(agent[name]).removeprefix("mailto:")
    return "nobody in particular"
