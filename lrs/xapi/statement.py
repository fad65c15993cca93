"""Statements: what the LRS adds to one, when two are the same, and which one voids which."""

from __future__ import annotations

from typing import Any

import orjson

from lrs.clock import to_iso
from lrs.xapi import JsonObject
from lrs.xapi.terms import comparable_duration, normalise_mbox, parse_timestamp

VOIDED = "http://adlnet.gov/expapi/verbs/voided"

_SET_BY_LRS = ("id", "authority", "stored", "timestamp", "version")


def complete(statement: JsonObject, *, id: str, authority: JsonObject, stamp: str) -> JsonObject:
    """Return the statement as it is kept, but for the times that only the store knows.

    Adds `id` and `version` where missing, overwrites `authority`, drops a `stored` that came along, and turns single
    contextActivities into arrays. Everything else stays as it came.
    Spec: Data 2.4.1, 2.4.6.2, 2.4.8, 2.4.9, 2.4.10 (1.0.3).
    """
    kept = {"id": id, **statement, "authority": authority}
    kept.setdefault("version", stamp)
    kept.pop("stored", None)
    return _with_activity_arrays(kept)


def with_times(text: bytes, stored: int, *, timestamp_too: bool) -> bytes:
    """Return the JSON text of a completed statement with `stored`, and `timestamp` if it had none, put in.

    Spec: Data 2.4.7, 2.4.8 (1.0.3).
    """
    moment = to_iso(stored).encode()
    timestamp = b',"timestamp":"' + moment + b'"' if timestamp_too else b""
    return text[:-1] + timestamp + b',"stored":"' + moment + b'"}'


def target_of(statement: JsonObject) -> str | None:
    """Return the id of the statement that this one's object refers to, or None.

    A StatementRef in `context.statement` does not count (Communication 2.1.3).
    """
    target = statement["object"]
    return target["id"].lower() if target.get("objectType") == "StatementRef" else None


def is_voiding(statement: JsonObject) -> bool:
    """Whether the statement voids its target. Spec: Data 2.3.2 (1.0.3)."""
    return bool(statement["verb"]["id"] == VOIDED)


def equivalent(kept: JsonObject, sent: JsonObject) -> bool:
    """Whether `sent` says what the `kept` statement, or one on its way with a timestamp, of the same id says.

    What may differ: id, authority, stored, version, verb display, activity definitions, the order of a group's
    members, the case of an e-mail domain, a UUID and a digest, the spelling of a time and of a number, parts of a
    duration below 0.01 s, and a timestamp that the LRS itself has set. Numbers are compared as 64-bit floats.
    Spec: Data 2.3.1 (statement comparison requirements); 4.2.7 (2.0) for durations.
    """
    if comparable(kept) != comparable(sent):
        return False
    if "timestamp" not in sent or kept["timestamp"] == kept.get("stored"):
        return True
    return parse_timestamp(kept["timestamp"]) == parse_timestamp(sent["timestamp"])


def _with_activity_arrays(statement: JsonObject) -> JsonObject:
    groups = statement.get("context", {}).get("contextActivities", {})
    if any(isinstance(activities, dict) for activities in groups.values()):
        arrays = {kind: [held] if isinstance(held, dict) else held for kind, held in groups.items()}
        statement = {**statement, "context": {**statement["context"], "contextActivities": arrays}}
    inner = statement["object"]
    if inner.get("objectType") == "SubStatement":
        wrapped = _with_activity_arrays(inner)
        if wrapped is not inner:
            statement = {**statement, "object": wrapped}
    return statement


def comparable(statement: JsonObject) -> bytes:
    """Return a text that two statements share if they are equivalent, but for their timestamps."""
    arrays = _with_activity_arrays(statement)
    bare = {name: part for name, part in arrays.items() if name not in _SET_BY_LRS}
    return _text(_plain(_without_exceptions(bare)))


def _without_exceptions(statement: JsonObject) -> JsonObject:
    same = dict(statement)
    same["verb"] = {"id": statement["verb"]["id"]}
    same["actor"] = _agent(statement["actor"])
    same["object"] = _object(statement["object"])
    if "result" in statement and "duration" in statement["result"]:
        same["result"] = {
            **statement["result"],
            "duration": comparable_duration(statement["result"]["duration"]),
        }
    if "context" in statement:
        same["context"] = _context(statement["context"])
    if "attachments" in statement:
        same["attachments"] = [
            {**attachment, "sha2": attachment["sha2"].lower()}
            for attachment in statement["attachments"]
        ]
    return same


def _object(target: JsonObject) -> JsonObject:
    match target.get("objectType", "Activity"):
        case "Activity":
            return {"objectType": "Activity", "id": target["id"]}
        case "SubStatement":
            inner = _without_exceptions(target)
            if "timestamp" in target:
                inner["timestamp"] = parse_timestamp(target["timestamp"])
            return inner
        case "StatementRef":
            return {**target, "id": target["id"].lower()}
        case _:
            return _agent(target)


def _context(context: JsonObject) -> JsonObject:
    same = dict(context)
    for role in ("instructor", "team"):
        if role in context:
            same[role] = _agent(context[role])
    for role, who in (("contextAgents", "agent"), ("contextGroups", "group")):
        if role in context:
            same[role] = [{**entry, who: _agent(entry[who])} for entry in context[role]]
    if "statement" in context:
        same["statement"] = _object(context["statement"])
    if "registration" in context:
        same["registration"] = context["registration"].lower()
    if "contextActivities" in context:
        same["contextActivities"] = {
            kind: [activity["id"] for activity in activities]
            for kind, activities in context["contextActivities"].items()
        }
    return same


def _agent(agent: JsonObject) -> JsonObject:
    same = {**agent, "objectType": agent.get("objectType", "Agent")}
    if "mbox" in agent:
        same["mbox"] = normalise_mbox(agent["mbox"])
    if "mbox_sha1sum" in agent:
        same["mbox_sha1sum"] = agent["mbox_sha1sum"].lower()
    if "member" in agent:
        members = [_agent(member) for member in agent["member"]]
        same["member"] = sorted(members, key=_text)
    return same


def _text(value: JsonObject) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _plain(value: Any) -> Any:
    """Return the value with whole floats as integers, since 1 and 1.0 are one number in JSON.

    Integers beyond 64 bits become floats: one reader of JSON gives the one, another the other.
    """
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    if isinstance(value, int) and abs(value) >= 2**63:
        return float(value)
    return value
