"""Tolerances for what real senders get wrong: each has a name, is off unless a credential has it, and is counted.

They hold for 1.0.x alone. A repaired statement is stored as it should have been sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from lrs.xapi import JsonObject
from lrs.xapi.agent import IFI_NAMES
from lrs.xapi.text import number_of

QUIRKS = {
    "array-valued-agent": "agents whose name or identifier is an array of one, as in 0.9 launch links (Storyline)",
    "bare-uuid-activity": "an activity id that is a bare UUID: urn:uuid: is put before it, in filters too (Open edX)",
    "group-activity": "the objectType GroupActivity: read as Activity (Open edX)",
    "empty-score-range": "a score whose min equals its max: both are left out (Open edX)",
    "null-properties": "properties that are null, outside extensions: left out (H5P)",
    "text-plain-alternate": "alternate requests sent as text/plain instead of a form (Storyline)",
    "non-json-document": "PUT of documents that call themselves JSON and are not: kept as they are (Rise, Captivate)",
    "put-without-id": "PUT of a statement without statementId: the statement's own id, or a new one (Lectora)",
    "unguarded-profile": "PUT of a new profile without If-Match or If-None-Match (tincan for Python)",
}
"""Name -> what it lets through, and who sends it."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_AGENTS = ("actor", "authority", "instructor", "team")
_ACCOUNT = {"accountServiceHomePage": "homePage", "accountName": "name"}


def repaired(statement: Any, allowed: Iterable[str]) -> tuple[Any, frozenset[str]]:
    """Return the statement with the allowed repairs made, and the names of those that changed something.

    The statement may hold its numbers as Parsed.literal does. Whatever it is, nothing is refused here: what is still
    wrong is for validation to say.
    """
    used = set()
    wanted = set(allowed)
    for name, repair in _REPAIRS.items():
        if name in wanted and isinstance(statement, dict):
            mended = repair(statement)
            if mended != statement:
                used.add(name)
                statement = mended
    return statement, frozenset(used)


def plain_agent(agent: Any) -> Any:
    """Return an agent whose array-valued parts, as 0.9 launch links have them, are single ones."""
    if not isinstance(agent, dict):
        return agent
    plain = {
        name: _single(part) if name in ("name", *IFI_NAMES) else part
        for name, part in agent.items()
    }
    if isinstance(plain.get("account"), dict):
        plain["account"] = _plain_account(plain["account"])
    return plain


def plain_activity_id(text: str) -> str:
    """Return the id of an activity, as an IRI if it is a bare UUID."""
    return f"urn:uuid:{text.lower()}" if _UUID.fullmatch(text) else text


def _plain_account(account: JsonObject) -> JsonObject:
    return {
        name if _ACCOUNT.get(name) in account else _ACCOUNT.get(name, name): part
        for name, part in account.items()
    }


def _single(part: Any) -> Any:
    return part[0] if isinstance(part, list) and len(part) == 1 else part


def _each_object(statement: JsonObject, change: Callable[[JsonObject], JsonObject]) -> JsonObject:
    """Return the statement with `change` made to each object in it from the inside out; extensions are left alone."""

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(part) for part in value]
        if not isinstance(value, dict):
            return value
        return change(
            {name: part if name == "extensions" else walk(part) for name, part in value.items()}
        )

    walked: JsonObject = walk(statement)
    return walked


def _plain_agents(statement: JsonObject) -> JsonObject:
    def change(value: JsonObject) -> JsonObject:
        changed = {
            name: plain_agent(part) if name in _AGENTS else part for name, part in value.items()
        }
        target = changed.get("object")
        if isinstance(target, dict) and target.get("objectType") in ("Agent", "Group"):
            changed["object"] = plain_agent(target)
        if isinstance(changed.get("member"), list):
            changed["member"] = [plain_agent(member) for member in changed["member"]]
        return changed

    return _each_object(statement, change)


def _urn_activities(statement: JsonObject) -> JsonObject:
    def change(value: JsonObject) -> JsonObject:
        if "contextActivities" in value:
            groups = value["contextActivities"]
            value = {**value, "contextActivities": _mapped(groups, _urn)}
        target = value.get("object")
        if isinstance(target, dict) and target.get("objectType", "Activity") == "Activity":
            value = {**value, "object": _urn(target)}
        return value

    return _each_object(statement, change)


def _mapped(groups: Any, change: Callable[[Any], Any]) -> Any:
    if not isinstance(groups, dict):
        return groups
    return {
        kind: [change(one) for one in held] if isinstance(held, list) else change(held)
        for kind, held in groups.items()
    }


def _urn(activity: Any) -> Any:
    if not isinstance(activity, dict) or not isinstance(activity.get("id"), str):
        return activity
    return {**activity, "id": plain_activity_id(activity["id"])}


def _activities_for_groups(statement: JsonObject) -> JsonObject:
    def change(value: JsonObject) -> JsonObject:
        if value.get("objectType") == "GroupActivity":
            return {**value, "objectType": "Activity"}
        return value

    return _each_object(statement, change)


def _scores_with_a_range(statement: JsonObject) -> JsonObject:
    def change(value: JsonObject) -> JsonObject:
        score = value.get("score")
        if isinstance(score, dict) and "min" in score and _same(score["min"], score.get("max")):
            kept = {name: part for name, part in score.items() if name not in ("min", "max")}
            return {**value, "score": kept}
        return value

    return _each_object(statement, change)


def _same(left: Any, right: Any) -> bool:
    return bool(number_of(left) == number_of(right))


def _without_nulls(statement: JsonObject) -> JsonObject:
    def change(value: JsonObject) -> JsonObject:
        return {name: part for name, part in value.items() if part is not None}

    return _each_object(statement, change)


# In this order: what an Activity is, and what is there at all, decides whether the others find something to repair.
_REPAIRS: dict[str, Callable[[JsonObject], JsonObject]] = {
    "group-activity": _activities_for_groups,
    "null-properties": _without_nulls,
    "array-valued-agent": _plain_agents,
    "bare-uuid-activity": _urn_activities,
    "empty-score-range": _scores_with_a_range,
}
