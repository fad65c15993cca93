"""Statements as people read them: a sentence, and JSON in lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrs.web.typed_agents import text_of
from lrs.xapi import JsonObject
from lrs.xapi.entry import Entry
from lrs.xapi.formats import LanguageChoice

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^{}\[\],:"\s]+')
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_LONGEST = 300
"""Signs of a text that a list shows."""
_LONGEST_JSON = 2_000_000
"""Signs of JSON in lines, about."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a statement names: its text, and the filter that finds what else is said of it."""

    text: str
    id: str
    filter: str
    """A parameter of GET statements that takes the id, "statement" for a page of its own, or "" for none."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A statement in words."""

    id: str
    stored: str
    timestamp: str
    actor: Thing
    verb: Thing
    object: Thing
    results: tuple[str, ...]
    voided: bool


def readable(
    entry: Entry, definitions: Mapping[str, JsonObject], choose: LanguageChoice
) -> Readable:
    """Return a statement in words; `definitions` is what is known of its activities."""
    statement = entry.statement
    return Readable(
        id=entry.id,
        stored=entry.stored[:19],
        timestamp=statement.get("timestamp", entry.stored),
        actor=thing(statement["actor"], definitions, choose),
        verb=_verb(statement["verb"], choose),
        object=thing(statement["object"], definitions, choose),
        results=results_of(statement.get("result", {})),
        voided=entry.voided,
    )


def thing(one: JsonObject, definitions: Mapping[str, JsonObject], choose: LanguageChoice) -> Thing:
    """Return an actor or object in words."""
    match one.get("objectType", "Activity" if "id" in one else "Agent"):
        case "Agent" | "Group":
            return _agent(one)
        case "StatementRef":
            return Thing(f"the statement {one['id']}", one["id"].lower(), "statement")
        case "SubStatement":
            parts = (
                thing(one["actor"], definitions, choose),
                _verb(one["verb"], choose),
                thing(one["object"], definitions, choose),
            )
            return Thing("that " + " ".join(part.text for part in parts), "", "")
    known = one.get("definition", {}).get("name") or definitions.get(one["id"], {}).get("name", {})
    return Thing(_said(known, choose) or seen(one["id"]), one["id"], "activity")


def results_of(result: JsonObject) -> tuple[str, ...]:
    """Return the parts of a result in words."""
    shown = []
    if "completion" in result:
        shown.append("complete" if result["completion"] else "not complete")
    if "success" in result:
        shown.append("success" if result["success"] else "no success")
    score = result.get("score", {})
    if "scaled" in score:
        shown.append(f"{score['scaled'] * 100:.4g} %")
    if "raw" in score:
        bound = f" of {score['max']:g}" if "max" in score else ""
        shown.append(f"{score['raw']:g}{bound} points")
    if "duration" in result:
        shown.append(seen(result["duration"]))
    if "response" in result:
        shown.append(f"“{seen(result['response'])}”")
    return tuple(shown)


def in_lines(text: str) -> str:
    """Return JSON with a line for each value, every number and string spelled as it was.

    Signs that cannot be seen, or would turn the direction of writing, are shown by their number. What is longer than
    a person reads is cut off: indented, a long list deep inside others would take gigabytes.
    """
    parts: list[str] = []
    depth = size = 0
    for match in _TOKEN.finditer(text):
        sign = match.group()
        size += len(sign) + 2 * depth
        if size > _LONGEST_JSON:
            parts.append("\n… (it goes on)")
            break
        if sign in "}]":
            depth -= 1
            parts.append(sign if parts[-1] in "{[" else "\n" + "  " * depth + sign)
            continue
        if parts and parts[-1] in "{[,":
            parts.append("\n" + "  " * depth)
        parts.append(sign)
        if sign in "{[":
            depth += 1
        elif sign == ":":
            parts.append(" ")
    return _UNSEEN.sub(_numbered, "".join(parts))


def seen(text: str) -> str:
    """Return a text that is short enough for a list, and of which all can be seen."""
    short = text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
    return _UNSEEN.sub(_numbered, short)


def _numbered(sign: re.Match[str]) -> str:
    return f"\\u{ord(sign.group()):04x}"


def _agent(agent: JsonObject) -> Thing:
    members: Sequence[Any] = agent.get("member", ())
    identified = any(name in agent for name in ("mbox", "mbox_sha1sum", "openid", "account"))
    text = agent.get("name") or (text_of(agent) if identified else f"a group of {len(members)}")
    return Thing(seen(text), text_of(agent), "agent" if identified else "")


def _verb(verb: JsonObject, choose: LanguageChoice) -> Thing:
    last = re.split(r"[/#]", verb["id"].rstrip("/#"))[-1]
    return Thing(_said(verb.get("display", {}), choose) or seen(last), verb["id"], "verb")


def _said(languages: JsonObject, choose: LanguageChoice) -> str:
    tag = choose(tuple(languages)) if languages else None
    return "" if tag is None else seen(str(languages[tag]))
