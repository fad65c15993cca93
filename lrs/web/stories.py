"""The story of a course, and that of a learner: several reports about one thing, in the order in which one asks."""

from __future__ import annotations

from flask import Blueprint, Response, request

from lrs.analytics.audience import Audience
from lrs.errors import BadRequest, LrsError
from lrs.web import asking, attention, context
from lrs.web.answers import Answer, answer, answers, problem_of
from lrs.web.audiences import audience, own_audience
from lrs.web.forms import form_for, known_courses
from lrs.web.pages import page, refused, signed_in, signed_in_as_anybody

resource = Blueprint("stories", __name__)
resource.register_error_handler(LrsError, refused)

_PATIENCE = 0.3
"""Seconds that a page waits for its parts; those that take longer come by themselves."""
_COURSE = {
    "engagement-funnel": "Where learners are lost",
    "module-return": "Who comes back for the next module",
    "video-retention": "What is seen of the videos",
    "video-exits": "Where viewers leave",
    "assessments": "Do they pass?",
    "items": "Which questions are wrong",
    "trend": "Better or worse, by week",
    "at-risk": "Who may be leaving",
}
"""Report -> the question of its section."""
_LEARNER = ("learner-progress", "at-risk", "certifications", "timeline")


@resource.get("/courses")
@signed_in
def courses() -> Response:
    """The courses there are; with the filter `course`, the story of one."""
    who = audience()
    asked, problem = asking.filters_or_problem()
    if request.args.get("course", "").strip():
        return _course(who, asked, problem)
    found = answers({"top-courses": asked, "completion": asked}, who, patience=_PATIENCE)
    wrong = problem or problem_of(found)
    return page(
        "courses.html",
        status=200 if wrong is None else wrong.status,
        problem=wrong,
        form=form_for(who),
        found=found,
        pending=any(one.pending for one in found.values()),
        endpoint=context.services().config.public_url,
    )


@resource.get("/learners")
@signed_in
def learners() -> Response:
    """Where learners stand; with the filter `learner`, the story of one."""
    who = audience()
    asked, problem = asking.filters_or_problem()
    if who.own != "self" and not request.args.get("learner", "").strip():
        progress = answer("learner-progress", asked, who, patience=_PATIENCE)
        wrong = problem or progress.problem
        return page(
            "learners.html",
            status=200 if wrong is None else wrong.status,
            problem=wrong,
            form=form_for(who, lists_persons=True),
            progress=progress,
            pending=progress.pending,
            endpoint=context.services().config.public_url,
        )
    return story_of_learner(who)


@resource.get("/me")
@signed_in_as_anybody
def oneself() -> Response:
    """What is kept about oneself, whatever one's role."""
    return story_of_learner(own_audience(context.principal().known_agent()))


def _course(who: Audience, asked: dict[str, str], problem: BadRequest | None) -> Response:
    course = asked.get("course", "")
    wanted = dict.fromkeys(("completion", *_COURSE), asked)
    # A course's peers are other courses.
    wanted["peers"] = {name: text for name, text in asked.items() if name != "course"}
    found = answers(wanted, who, patience=_PATIENCE)
    wrong = problem or problem_of(found)
    title = known_courses(who).get(course, course)
    return page(
        "course.html",
        status=200 if wrong is None else wrong.status,
        problem=wrong,
        title=_name(found["completion"], course) or title,
        course=course,
        form=form_for(who, keeps=("course",)),
        completion=found["completion"],
        row=next(iter(found["completion"].rows), None),
        peer=next((one for one in found["peers"].rows if one["course"] == course), None),
        peers=found["peers"],
        sections=[(found[name], title) for name, title in _COURSE.items()],
        concerns=attention.concerns(found, most=3),
        pending=any(one.pending for one in found.values()),
        endpoint=context.services().config.public_url,
    )


def story_of_learner(who: Audience) -> Response:
    """Return the page of one learner: oneself, or the one whom the filter names."""
    asked, problem = asking.filters_or_problem()
    found = answers(dict.fromkeys(_LEARNER, asked), who, patience=_PATIENCE)
    wrong = problem or problem_of(found)
    return page(
        "learner.html",
        status=200 if wrong is None else wrong.status,
        problem=wrong,
        title=_learner_name(found, who, asked),
        form=form_for(who, keeps=("learner",), lists_persons=True),
        found=found,
        own=who.own == "self",
        pending=any(one.pending for one in found.values()),
        endpoint=context.services().config.public_url,
    )


def _name(found: Answer, iri: str) -> str:
    return "" if found.table is None else found.table.names.get(iri, "")


def _learner_name(found: dict[str, Answer], who: Audience, asked: dict[str, str]) -> str:
    if who.own == "self":
        return "What is kept about you"
    for one in found.values():
        if one.table is not None and one.rows and "learner" in one.rows[0]:
            told = str(one.rows[0]["learner"])
            return one.table.names.get(told, told)
    return asked.get("learner", "Learner")
