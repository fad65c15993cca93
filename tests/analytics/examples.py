"""Statements of every kind for reports that simulated learners give nothing to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from lrs.analytics.simulator.courses import LEADERSHIP, MODULES, SAFETY, VIDEO
from lrs.analytics.simulator.simulation import Simulation
from lrs.xapi import JsonObject
from tests.analytics.places import COURSE, TODAY, Place, told
from tests.build import activity

_EVENTS = Path(__file__).parents[2] / "statement_examples" / "events"
_CMI5 = "https://w3id.org/xapi/cmi5/context/categories/cmi5"
DONE = {"completion": True}


def examples() -> Iterator[JsonObject]:
    """Yield a statement of each event of the taxonomy, of cmi5, and of who leaves, of 20 days before TODAY."""
    day = (TODAY - timedelta(days=20)).isoformat()
    for path in sorted(_EVENTS.glob("*.json")):
        yield {**json.loads(path.read_text("utf-8"))["statement"], "timestamp": day}
    category = {"contextActivities": {"category": [activity(_CMI5)]}}
    for who, verb in ((1, "launched"), (2, "launched"), (2, "completed")):
        yield told(who, verb, "http://example.org/unit", context=category, days=20)
    yield told("gone", "http://id.tincanapi.com/verb/unregistered", days=20)


def assignment(who: int | str, name: str, days: float) -> dict[str, Any]:
    """Return what somebody hands in."""
    return told(
        who,
        "http://activitystrea.ms/submit",
        f"http://example.org/{name}",
        kind="assessment",
        days=days,
        result=DONE,
    )


def first_weeks() -> Iterator[JsonObject]:
    """Forty begin 90 days ago; 1 is handed in after 5 days, 2 after 12; ten hand in neither, and eight of them go."""
    for who in range(40):
        yield told(who, "launched", days=90)
        if who >= 10:
            yield assignment(who, "one", 85)
        if who >= 15:
            yield assignment(who, "two", 78)
        if who >= 8:
            yield told(who, "completed", days=30, result=DONE)
    # These have missed both as well, and are still at it.
    for who in (50, 51, 52):
        for days in (20, 19, 1):
            yield told(who, "launched", days=days)
    # For these it is not due yet.
    for who in range(60, 65):
        yield told(who, "launched", days=3)


_COURSES = ["course,class,required_of\n", f"{COURSE},mandatory,frontline;manager\n"]
"""A course that simulated roles must hold; see `retested`."""


def retested() -> Iterator[JsonObject]:
    """Yield passes of 60 days before TODAY, and tests two weeks later that half of them pass."""
    for who in range(40):
        for days, right in ((60, True), (44, who % 2 == 0)):
            verb, result = (
                ("passed", "failed")[not right],
                {"success": right, "score": {"scaled": 0.6}},
            )
            yield told(
                who, verb, "http://example.org/exam", kind="assessment", days=days, result=result
            )


def _write_all(place: Place) -> None:
    """Write into every ledger, about what the simulator simulates."""
    middle = (TODAY - timedelta(days=70)).date().isoformat()
    write = place.ledgers.add
    for number, what in enumerate((SAFETY, LEADERSHIP, MODULES[1], VIDEO)):
        metric = ("completion", "pass", "view", "view")[number]
        write("change", {"place": what, "day": middle, "what": "shorter", "metric": metric})
    write("review", {"place": SAFETY})
    write("flag", {"place": MODULES[1], "report": "click-view-drop", "what": "lost", "day": middle})
    write("question", {"wording": "Why?", "report": "items", "team": "safety"})
    mailed = write("subscription", {"report": "completion", "recipient": "ari@example.org"})
    about = {"subscription": mailed, "report": "completion", "recipient": "ari@example.org"}
    write("delivery", {**about, "result": "sent"})
    person = {"learner": "learner-1@example.org", "place": SAFETY, "day": middle}
    write("action", {"action": "reminder", **person})
    write("purpose", {"field": "field score", "purpose": "to see what is learned"})
    write("notice", {"place": SAFETY, "version": "1", "day": "2026-01-01"})
    write("request", {"person": "learner-1@example.org"})


def put_everything(place: Place, simulation: Simulation) -> None:
    """Put all that a report may read: simulated learners, what they give nothing to, files, every ledger."""
    place.put(*simulation.statements(), *examples(), *first_weeks(), *retested())
    simulation.import_files(place.references)
    place.references.import_courses(_COURSES)
    _write_all(place)
