"""What to send first: the statement that a report without data waits for."""

from __future__ import annotations

import json
from dataclasses import dataclass

from lrs.xapi import JsonObject

_ADL = "http://adlnet.gov/expapi"
_VIDEO = "https://w3id.org/xapi/video"
_COURSE = {
    "id": "https://example.org/courses/1",
    "definition": {"type": f"{_ADL}/activities/course"},
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A statement to begin with, and in words what it says; or, without a statement, a command."""

    about: str
    statement: JsonObject | None
    command: str = ""

    def call(self, endpoint: str) -> str:
        """Return the call to copy and paste."""
        if self.statement is None:
            return self.command
        body = json.dumps(self.statement, indent=1)
        return (
            "curl -u KEY:SECRET -H 'X-Experience-API-Version: 1.0.3' -H 'Content-Type: application/json' \\\n"
            f" {endpoint}/xapi/statements -d '{body}'"
        )


def _told(verb: str, kind: str, name: str, **more: JsonObject) -> JsonObject:
    place = {
        "id": f"https://example.org/{kind}s/{name}",
        "definition": {"type": f"{_ADL}/activities/{kind}"},
    }
    context = {"contextActivities": {"grouping": [_COURSE]}}
    return {
        "actor": {"mbox": "mailto:anna@example.org"},
        "verb": {"id": f"{_ADL}/verbs/{verb}"},
        "object": place if kind != "course" else _COURSE,
        **({} if kind == "course" else {"context": context}),
        **more,
    }


_ANY = Sample(
    "any statement about a course", _told("completed", "course", "1", result={"completion": True})
)
_MODULE = Sample(
    "that learners begin and complete modules of a course", _told("initialized", "module", "1")
)
_ATTEMPT = Sample(
    "the result of an assessment",
    _told(
        "passed",
        "assessment",
        "1",
        result={"success": True, "score": {"raw": 8, "min": 0, "max": 10}},
    ),
)
_ANSWER = Sample(
    "the answers to single questions",
    _told("answered", "cmi.interaction", "1", result={"success": True, "response": "a"}),
)
_FILM = Sample(
    "what was played of a video, as the xAPI Video Profile says it",
    {
        "actor": {"mbox": "mailto:anna@example.org"},
        "verb": {"id": f"{_VIDEO}/verbs/paused"},
        "object": {
            "id": "https://example.org/videos/1",
            "definition": {"type": f"{_VIDEO}/activity-type/video"},
        },
        "context": {
            "contextActivities": {"category": [{"id": _VIDEO}], "grouping": [_COURSE]},
            "extensions": {f"{_VIDEO}/extensions/length": 480.0},
        },
        "result": {
            "extensions": {
                f"{_VIDEO}/extensions/time": 180.0,
                f"{_VIDEO}/extensions/played-segments": "0[.]180",
            }
        },
    },
)
_PEOPLE = Sample(
    "a people file: who belongs to which department, and when that began",
    None,
    "lrs people import people.csv\n"
    "# person,identifiers,name,department,manager,role,location,start_date,valid_from\n"
    "# P1,anna@example.org,Anna Berg,nursing,P7,nurse,Wellington,2026-01-05,",
)
_SAMPLES = {
    **dict.fromkeys(("video-exits", "video-muted", "video-retention", "video-summary"), _FILM),
    **dict.fromkeys(("assessments", "retention", "learner-progress"), _ATTEMPT),
    **dict.fromkeys(("items", "distractors"), _ANSWER),
    **dict.fromkeys(("people-match", "time-to-competency"), _PEOPLE),
    **dict.fromkeys(
        ("engagement-funnel", "click-view-drop", "module-flow", "module-return", "view-dwell"),
        _MODULE,
    ),
}


def sample_for(report: str) -> Sample:
    """Return what to send first for a report."""
    return _SAMPLES.get(report, _ANY)
