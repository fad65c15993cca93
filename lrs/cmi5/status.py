"""Where a learner stands: the tree of blocks and AUs, with what each statement has added. Reads, decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lrs.clock import to_iso
from lrs.cmi5 import terms
from lrs.cmi5.defined import is_defined
from lrs.cmi5.messages import language_map
from lrs.cmi5.progress import Course
from lrs.cmi5.structure import aus_of
from lrs.xapi import JsonObject

_DURATION = re.compile(
    r"P(?:(?P<Y>[\d.]+)Y)?(?:(?P<O>[\d.]+)M)?(?:(?P<W>[\d.]+)W)?(?:(?P<D>[\d.]+)D)?"
    r"(?:T(?:(?P<H>[\d.]+)H)?(?:(?P<M>[\d.]+)M)?(?:(?P<S>[\d.]+)S)?)?"
)
_DAY = 86_400
MAX_SECONDS = 100 * 365 * _DAY
"""The longest that a session counts for."""
_UNITS = {"Y": 365 * _DAY, "O": 30 * _DAY, "W": 7 * _DAY, "D": _DAY, "H": 3_600, "M": 60, "S": 1}


def status_of(
    registration: JsonObject, course: Course, statements: Iterable[JsonObject]
) -> JsonObject:
    """Return the registration with its tree.

    `statements` are those of the registration, the newest first. Seconds per launch mode come from the durations of
    terminated and abandoned statements; score (ratio, raw ...) and progress (percent) from the newest that has one.
    """
    said = _said(registration, statements)
    indexes = {au["id"]: index for index, au in enumerate(aus_of(course.structure))}

    def node(item: JsonObject) -> JsonObject:
        if item.get("type") == "au":
            return _au(item, indexes[item["id"]], registration, course, said.get(item["id"], {}))
        held = registration["groups"].get(item["id"], {})
        return {
            "type": item.get("type", "course"),
            "id": item["id"],
            "activityId": course.id_of(item.get("type", "course"), item["id"]),
            "title": language_map(item["title"]),
            "satisfied": bool(held),
            "satisfiedBy": held.get("statement"),
            "satisfiedAt": _moment(held),
            "children": [node(child) for child in item["children"]],
        }

    tree = node(course.structure)
    return {
        "id": registration["id"],
        "course": registration["course"],
        "actor": registration["actor"],
        "created": registration["created"],
        "satisfied": tree["satisfied"],
        "tree": tree,
        "sessions": [
            summary_of(session, registration["id"]) for session in registration["sessions"].values()
        ],
    }


def summary_of(session: JsonObject, registration_id: str) -> JsonObject:
    """Return what may be shown of a session: none of its secrets."""
    ended = session["ended"]
    state = "launched" if terms.INITIALIZED not in session["verbs"] else "initialized"
    return {
        "id": session["id"],
        "registration": registration_id,
        "au": session["au"],
        "activityId": session["activityId"],
        "launchMode": session["launchMode"],
        "moveOn": session["moveOn"],
        "masteryScore": session.get("masteryScore"),
        "launched": session["launched"],
        "seen": to_iso(session["seen"]),
        "fetched": session["token"] is not None,
        "state": state if ended is None else ended["how"],
        "ended": None if ended is None else to_iso(ended["at"]),
        "endedBy": None if ended is None else ended["by"],
        "verbs": [terms.verb_name(verb) for verb in session["verbs"]],
    }


def is_satisfied(registration: JsonObject, course: Course) -> bool:
    """Whether the whole course is satisfied."""
    return course.structure["id"] in registration["groups"]


def _au(
    au: JsonObject, index: int, registration: JsonObject, course: Course, said: JsonObject
) -> JsonObject:
    state = registration["aus"].get(au["id"], {})
    sessions = [one for one in registration["sessions"].values() if one["au"] == au["id"]]
    waived = state.get("waived", {})
    by = {
        name: state[name]["statement"]
        for name in ("completed", "passed", "waived")
        if name in state
    }
    return {
        "type": "au",
        "id": au["id"],
        "index": index,
        "activityId": course.id_of("au", au["id"]),
        "title": language_map(au["title"]),
        "moveOn": state.get("moveOn") or course.move_on(au),
        "masteryScore": course.setting(au, "masteryScore"),
        "launchMethod": au["launchMethod"],
        "satisfied": "satisfied" in state,
        "satisfiedBy": by,
        "satisfiedAt": _moment(state.get("satisfied", {})),
        "completed": state.get("completed", {}).get("stored", False),
        "passed": state.get("passed", {}).get("stored", False),
        "waived": waived.get("reason"),
        "attempts": len(sessions),
        "abandoned": sum(1 for one in sessions if (one["ended"] or {}).get("how") == "abandoned"),
        "failed": said.get("failed", 0),
        "score": said.get("score"),
        "progress": 100 if "completed" in state else said.get("progress"),
        "seconds": said.get("seconds", {}),
        "lastActivity": said.get("last"),
    }


def _said(registration: JsonObject, statements: Iterable[JsonObject]) -> dict[str, dict[str, Any]]:
    """Return AU id -> what the statements of its sessions say."""
    found: dict[str, dict[str, Any]] = {}
    for statement in statements:
        extensions = statement.get("context", {}).get("extensions", {})
        session = registration["sessions"].get(extensions.get(terms.SESSION_ID))
        if session is None or statement["verb"]["id"] == terms.SATISFIED:
            continue
        _add(found.setdefault(session["au"], {"seconds": {}}), session, statement)
    return found


def _add(said: dict[str, Any], session: JsonObject, statement: JsonObject) -> None:
    result, verb = statement.get("result", {}), statement["verb"]["id"]
    said.setdefault("last", statement["stored"])
    if terms.PROGRESS in result.get("extensions", {}):
        said.setdefault("progress", result["extensions"][terms.PROGRESS])
    if not is_defined(statement):
        return
    if "score" in result:
        said.setdefault("score", result["score"])
    if verb == terms.FAILED:
        said["failed"] = said.get("failed", 0) + 1
    if verb in (terms.TERMINATED, terms.ABANDONED) and "duration" in result:
        mode = session["launchMode"]
        seconds = _seconds(result["duration"])
        said["seconds"][mode] = round(said["seconds"].get(mode, 0) + seconds, 2)


def _moment(held: JsonObject) -> str | None:
    return to_iso(held["at"]) if "at" in held else None


def _seconds(duration: str) -> float:
    """Return a valid ISO 8601 duration in seconds, at most MAX_SECONDS, a year taken as 365 days, a month as 30."""
    match = _DURATION.fullmatch(duration.replace(",", "."))
    parts = {} if match is None else match.groupdict(default="0")
    seconds = sum(float(value) * _UNITS[unit] for unit, value in parts.items())
    # Some AU says that it took longer than the universe; float() makes infinity of that, which no JSON has.
    return min(seconds, MAX_SECONDS)
