"""What the calls that are shown tell: statements and events of days before today, as few as will do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lrs.web.sample_files import COURSE, MODULE, moment
from lrs.xapi import JsonObject

_ADL = "http://adlnet.gov/expapi"
_VIDEO = "https://w3id.org/xapi/video"
_TEST = "https://example.org/assessments/1"

Sent = Sequence[JsonObject]
Days = float
"""Days ago."""


def _ago(days: Days) -> str:
    return moment(days).strftime("%Y-%m-%dT%H:%M:%SZ")


def _told(
    verb: str, what: str, days: Days, *, who: str = "anna", kind: str = "module", **more: JsonObject
) -> JsonObject:
    """Return a statement about the course, or about something in it."""
    inside = {"contextActivities": {"grouping": [_defined(COURSE, "course")]}}
    context = {**(inside if what != COURSE else {}), **more.pop("context", {})}
    return {
        "actor": {"mbox": f"mailto:{who}@example.org"},
        "verb": {"id": verb if ":" in verb else f"{_ADL}/verbs/{verb}"},
        "object": _defined(what, "course" if what == COURSE else kind),
        **({"context": context} if context else {}),
        **more,
        "timestamp": _ago(days),
    }


def _defined(name: str, kind: str) -> JsonObject:
    return {"id": name, "definition": {"type": f"{_ADL}/activities/{kind}"}}


def anything() -> Sent:
    """Somebody completes a course."""
    return [_told("completed", COURSE, 20, result={"completion": True})]


def assigned() -> Sent:
    """Ten persons hand in the first assignment of a course, and then the second."""
    return [
        _told("passed", f"{_TEST}/{number}", 40 - number, who=f"person-{who}", kind="assessment")
        for who in range(10)
        for number in (1, 2)
    ]


def gone() -> Sent:
    """Somebody begins a course and leaves it."""
    left = "http://id.tincanapi.com/verb/unregistered"
    return [_told("initialized", COURSE, 20), _told(left, COURSE, 15)]


def modules() -> Sent:
    """Somebody completes one module and begins the next."""
    return [
        _told("initialized", MODULE.format(1), 20),
        _told("completed", MODULE.format(1), 19, result={"completion": True}),
        _told("initialized", MODULE.format(2), 18),
    ]


def attempts() -> Sent:
    """A pass, and another one some weeks later: what is remembered."""
    result = {"success": True, "score": {"scaled": 0.8, "raw": 8, "min": 0, "max": 10}}
    return [
        _told("initialized", MODULE.format(1), 42),
        *(_told("passed", _TEST, days, kind="assessment", result=result) for days in (41, 20)),
    ]


def answers() -> Sent:
    """Two persons answer a question of choices, one of them wrongly."""
    choices = {
        "type": f"{_ADL}/activities/cmi.interaction",
        "interactionType": "choice",
        "correctResponsesPattern": ["a"],
        "choices": [{"id": "a"}, {"id": "b"}],
    }
    sent = []
    for who, response in (("anna", "a"), ("ben", "b")):
        inside = {"contextActivities": {"parent": [_defined(_TEST, "assessment")]}}
        result = {"success": response == "a", "response": response}
        one = _told("answered", f"{_TEST}/1", 20, who=who, context=inside, result=result)
        sent.append({**one, "object": {"id": f"{_TEST}/1", "definition": choices}})
    return sent


def film() -> Sent:
    """Somebody plays the first minutes of a video."""
    film = {
        "id": "https://example.org/videos/1",
        "definition": {"type": f"{_VIDEO}/activity-type/video"},
    }
    inside = {
        "contextActivities": {
            "category": [{"id": _VIDEO}],
            "grouping": [_defined(COURSE, "course")],
        },
        "extensions": {f"{_VIDEO}/extensions/length": 480.0},
    }
    seen = {f"{_VIDEO}/extensions/time": 180.0, f"{_VIDEO}/extensions/played-segments": "0[.]180"}
    begun = {f"{_VIDEO}/extensions/time": 0.0}
    return [
        {
            **_told(f"{_VIDEO}/verbs/{verb}", "", days, result={"extensions": told}),
            "context": inside,
            "object": film,
        }
        for verb, days, told in (("played", 20, begun), ("paused", 19.99, seen))
    ]


def revised() -> Sent:
    """Somebody completes a revision of a module."""
    return [
        _told(
            "completed",
            MODULE.format(1),
            20,
            result={"completion": True},
            context={"revision": "2026-05"},
        )
    ]


def unit() -> Sent:
    """Somebody begins an AU."""
    inside = {
        "contextActivities": {
            "category": [{"id": "https://w3id.org/xapi/cmi5/context/categories/cmi5"}],
            "grouping": [_defined(COURSE, "course")],
        }
    }
    return [_told("initialized", MODULE.format(1), 20, context=inside)]


def passed() -> Sent:
    """Somebody passes a course."""
    return [_told("passed", COURSE, 20, result={"success": True, "completion": True})]


def completions() -> Sent:
    """One has completed a module soon after the start, and the course between the outcomes; one has not."""
    done = {"completion": True}
    return [
        _told("initialized", MODULE.format(1), 120, who="ben"),
        _told("completed", MODULE.format(1), 120, result=done),
        _told("completed", COURSE, 100, result=done),
    ]


def flagged() -> Sent:
    """So many who leave a module at once that a report flags it."""
    sent = [_told("launched", MODULE.format(1), 20, who=f"person-{n}") for n in range(30)]
    return [
        *sent,
        _told("experienced", MODULE.format(1), 19, who="person-0", result={"duration": "PT2M"}),
    ]


def _event(name: str, days: Days, properties: JsonObject) -> JsonObject:
    return {
        "event": name,
        "user_id": "anna",
        "message_id": f"{name}-{days:g}",
        "timestamp": _ago(days),
        "properties": properties,
        "session_id": "ses_1",
    }


def events_of(*events: tuple[str, JsonObject]) -> Callable[[], Sent]:
    """Return a function of events, each an hour after the one before."""
    return lambda: [_event(name, 20 - n / 24, told) for n, (name, told) in enumerate(events)]


_WORK = {"assignment_id": "asg_01"}
HANDED_IN = (
    ("assignment.submitted", {**_WORK, "course_id": "crs_1", "file_count": 1, "word_count": 900}),
    (
        "assignment.graded",
        {**_WORK, "score_pct": 85, "grader_id": "g_1", "feedback_provided": True},
    ),
)
ALIKE = (("plagiarism.detected", {**_WORK, "similarity_score_pct": 31.5, "matched_sources": 3}),)
_CLASS = {"class_id": "class_1"}
LIVE = (
    ("live_class.joined", {**_CLASS, "instructor_id": "i_1", "join_method": "link"}),
    (
        "live_class.left",
        {**_CLASS, "duration_attended_minutes": 48, "total_duration_minutes": 60},
    ),
)
WELCOMED = (
    ("onboarding.started", {"onboarding_version": "1", "device_type": "desktop"}),
    (
        "onboarding.completed",
        {"onboarding_version": "1", "duration_seconds": 420, "steps_completed": 3},
    ),
)
SAT = (
    ("study_session.started", {"session_type": "focus", "planned_duration_minutes": 25}),
    (
        "study_session.ended",
        {"actual_duration_minutes": 23.5, "lessons_completed": 3, "focus_score": 72},
    ),
)
UPDATED = (
    (
        "content.updated",
        {
            "content_id": "content_1",
            "content_type": "lesson",
            "change_type": "text",
            "author_id": "a_1",
        },
    ),
)
BOUGHT = (("course.purchased", {"course_id": "crs_1", "price_cents": 4900, "currency": "NZD"}),)
RATED = (
    ("course.reviewed", {"course_id": "crs_1", "rating": 5, "review_length": 30, "has_text": True}),
)
