"""The first page, by role: how things stand, what needs attention, and where to go on."""

from __future__ import annotations

from flask import Blueprint, Response, request

from lrs.analytics.audience import Audience
from lrs.auth.principal import Principal
from lrs.auth.roles import ROLES, Reach
from lrs.auth.scopes import ADMINISTER, READ, REPORTS
from lrs.clock import to_iso
from lrs.errors import BadRequest, LrsError
from lrs.web import asking, attention, context
from lrs.web.answers import Answer, answers, problem_of
from lrs.web.audiences import audience
from lrs.web.cards import shown
from lrs.web.forms import form_for
from lrs.web.pages import page, refused, signed_in
from lrs.web.samples import sample_for
from lrs.web.stories import story_of_learner
from lrs.web.views import VIEWS, View

resource = Blueprint("overview", __name__)
resource.register_error_handler(LrsError, refused)

_PATIENCE = 0.1
"""Seconds that the page waits for its parts; those that take longer come by themselves."""
_AGE = 60
"""Seconds that its numbers may be old, as it says itself: else each new statement has all of them counted anew."""
_COURSES = 5
_TOP = "top-courses"
_VIEW = "for"
"""The parameter that chooses the point of view."""


@resource.get("/")
@signed_in
def overview() -> Response:
    """How things stand for the one who looks."""
    visitor = context.principal()
    if not visitor.may(REPORTS) or not visitor.role:
        return _plain(visitor)
    if visitor.reach is not Reach.EVERYONE and visitor.agent is None:
        return _plain(visitor)
    who = audience()
    if who.own == "self":
        return story_of_learner(who)
    return _everything(visitor, who)


def _everything(visitor: Principal, who: Audience) -> Response:
    view, unknown = _view(who)
    cards = [one for one in view.cards if one.name != "data" or visitor.may(ADMINISTER)]
    wanted = dict.fromkeys(
        [*(name for card in cards for name in card.reports), *view.looks]
        + ([] if who.obligations else [_TOP])
    )
    asked, wrong = asking.filters_or_problem((_VIEW,))
    wrong = unknown or wrong
    found = answers(dict.fromkeys(wanted, asked), who, patience=_PATIENCE, age=_AGE)
    problem = wrong or problem_of(found)
    looked = [found[name] for name in view.looks]
    services = context.services()
    count = services.store.statements.count()
    return page(
        "overview.html",
        status=200 if problem is None else problem.status,
        problem=problem,
        form=form_for(who, keeps=(_VIEW,)),
        views=VIEWS.values() if who.own == "everyone" and not who.obligations else (),
        view=view,
        cards=[shown(card, found) for card in cards] if problem is None else [],
        concerns=attention.concerns({name: found[name] for name in view.looks}),
        looking=any(one.pending for one in looked),
        pending=any(one.pending for one in found.values()),
        top=found.get(_TOP),
        waits=looked[0],
        most=_COURSES,
        through=_through(found),
        role=ROLES.get(visitor.role),
        endpoint=services.config.public_url,
        bare=not count,
        sample=sample_for(_TOP),
        count=count if visitor.may(ADMINISTER) else None,
    )


def _view(who: Audience) -> tuple[View, BadRequest | None]:
    """Return the point of view that the address chooses; the first, and why, if there is none of that name."""
    if who.obligations:
        return VIEWS["compliance"], None
    name = request.args.get(_VIEW, "") if who.own == "everyone" else ""
    if name in VIEWS:
        return VIEWS[name], None
    problem = BadRequest(
        "There is no such point of view.",
        code="parameter-value",
        allowed=", ".join(one for one in VIEWS if one),
    )
    return VIEWS[""], problem


def _plain(visitor: Principal) -> Response:
    """The page of who sees no report: what there is else."""
    services = context.services()
    return page(
        "start.html",
        endpoint=f"{services.config.public_url}/xapi/",
        count=services.store.statements.count() if visitor.may(READ) else None,
        role=ROLES.get(visitor.role),
        nobody=visitor.reach is not Reach.EVERYONE and visitor.agent is None,
    )


def _through(found: dict[str, Answer]) -> str:
    times = [one.table.through for one in found.values() if one.table is not None]
    return to_iso(min(times))[:19].replace("T", " ") if times else ""
