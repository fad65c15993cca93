"""What the simulator plants, and how its statements are spelled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import exp
from typing import Any

from lrs.xapi import JsonObject

BASE = "https://simulated.example.org"
_ADL = "http://adlnet.gov/expapi"
_VIDEO = "https://w3id.org/xapi/video"


@dataclass(frozen=True, slots=True)
class Planted:
    """The truth that reports should find; shares 0..1."""

    never_came: float = 0.1
    returns: tuple[float, float, float, float] = (1.0, 0.95, 0.9, 0.3)
    """Of those who were in the module before, who comes to each."""
    views: tuple[float, float, float, float] = (0.9, 0.4, 0.85, 0.9)
    """Of those who click each module, who stays."""
    finishes: float = 0.9
    leaves_at_3: float = 0.7
    muted: float = 0.4
    miskeyed: int = 7
    mark: int = 6
    retried: float = 0.6
    gain: float = 0.7
    tested_later: float = 0.6
    forgotten: float = 0.8
    night_share: float = 0.4
    mobile_share: float = 0.5
    manager_share: float = 0.3
    by_day: float = 0.5
    at_night: tuple[float, float] = (0.7, 0.35)
    """On mobile, and on desktop."""
    days: int = 14
    manager_days: int = 3
    leadership: tuple[float, float] = (0.38, 0.71)
    """Completion of the first and of the second revision: the new one helped."""
    policy: tuple[float, float] = (0.5, 0.5)
    """Here it did nothing."""
    changed: int = 90
    """Days before the last one on which two modules of the onboarding were changed."""
    story: tuple[float, float] = (0.38, 0.71)
    """Completion of the first before and after: the change helped."""
    colours: tuple[float, float] = (0.5, 0.5)
    """Of the second: it did nothing."""

    def knows(self, ability: float, item: int) -> float:
        """Return with which chance an item is known; later items are harder."""
        return 1 / (1 + exp(-1.5 * (ability - (item - 5.5) * 0.3)))

    def completes(self, *, night: bool, mobile: bool) -> float:
        """Return with which chance the course is completed."""
        if night:
            return self.at_night[0] if mobile else self.at_night[1]
        return self.by_day


def activity(iri: str, kind: str, name: str) -> JsonObject:
    """Return an activity of a type of ADL's vocabulary."""
    definition: JsonObject = {"type": f"{_ADL}/activities/{kind}", "name": {"en": name}}
    if kind == "cmi.interaction":
        definition |= {
            "interactionType": "choice",
            "choices": [{"id": "a"}, {"id": "b"}, {"id": "c"}],
            "correctResponsesPattern": ["a"],
        }
    return {"objectType": "Activity", "id": iri, "definition": definition}


def statement_of(  # noqa: PLR0913 each a part of the statement
    statement_id: str,
    email: str,
    verb: str,
    place: JsonObject,
    moment: datetime,
    *,
    device: str,
    course: str,
    duration: str,
    revision: str,
) -> JsonObject:
    """Return a statement."""
    context: JsonObject = {"platform": device}
    if course:
        around = {"id": course, "definition": {"type": f"{_ADL}/activities/course"}}
        context["contextActivities"] = {"grouping": [around]}
    if revision:
        context["revision"] = revision
    told: JsonObject = {
        "id": statement_id,
        "actor": {"objectType": "Agent", "mbox": f"mailto:{email}"},
        "verb": {"id": f"{_ADL}/verbs/{verb}"},
        "object": place,
        "context": context,
        "timestamp": moment.isoformat(timespec="milliseconds"),
    }
    return {**told, "result": {"duration": duration}} if duration else told


def completed(statement: JsonObject) -> JsonObject:
    """Return the statement with its completion told."""
    return {**statement, "result": {**statement.get("result", {}), "completion": True}}


def answered(statement: JsonObject, quiz: str, item: int, right: bool) -> JsonObject:
    """Return the answer to an item of a quiz: "a" is the key."""
    context = statement["context"]
    around = {
        **context["contextActivities"],
        "parent": [{"id": quiz, "definition": {"type": f"{_ADL}/activities/assessment"}}],
    }
    response = "a" if right else "bc"[item % 2]
    score = {"scaled": 1 if right else 0, "raw": int(right), "min": 0, "max": 1}
    return {
        **statement,
        "context": {**context, "contextActivities": around},
        "result": {"response": response, "success": right, "score": score},
    }


def graded(statement: JsonObject, right: int, items: int, attempt: int) -> JsonObject:
    """Return the result of an attempt at the quiz."""
    context = {
        **statement["context"],
        "extensions": {"http://id.tincanapi.com/extension/attempt-id": attempt},
    }
    score = {"raw": right, "min": 0, "max": items, "scaled": right / items}
    success = statement["verb"]["id"].endswith("passed")
    return {**statement, "context": context, "result": {"score": score, "success": success}}


def video_statement(
    verb: str,
    session: str,
    video: str,
    length: float,
    *,
    at: float | None = None,
    segments: str = "",
    muted: bool = False,
) -> JsonObject:
    """Return verb, object, context and, if `at` is told, result of the video profile; `length` and `at` in seconds."""
    own = verb in ("played", "paused", "seeked")
    extensions: dict[str, Any] = {
        f"{_VIDEO}/extensions/session-id": session,
        f"{_VIDEO}/extensions/length": length,
    }
    if muted:
        extensions[f"{_VIDEO}/extensions/volume"] = 0
    told: JsonObject = {
        "verb": {"id": f"{_VIDEO if own else _ADL}/verbs/{verb}"},
        "object": {
            "objectType": "Activity",
            "id": video,
            "definition": {"type": f"{_VIDEO}/activity-type/video", "name": {"en": "The film"}},
        },
        "context": {
            "contextActivities": {
                "category": [{"id": _VIDEO}],
                "grouping": [
                    {
                        "id": f"{BASE}/course/safety",
                        "definition": {"type": f"{_ADL}/activities/course"},
                    }
                ],
            },
            "extensions": extensions,
        },
    }
    if at is None:
        return told
    return {**told, "result": _watched(verb, at, length, segments)}


def _watched(verb: str, at: float, length: float, segments: str) -> JsonObject:
    extensions: dict[str, Any] = {f"{_VIDEO}/extensions/time": at}
    if segments:
        extensions[f"{_VIDEO}/extensions/played-segments"] = segments
        extensions[f"{_VIDEO}/extensions/progress"] = round(at / length, 3)
    completion = {"completion": True} if verb == "completed" else {}
    return {"extensions": extensions, **completion}
