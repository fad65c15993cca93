"""The form of filters that reports, courses, learners and the overview have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from lrs.analytics.audience import Audience
from lrs.analytics.catalog import report_named
from lrs.analytics.narrowing import filters_of, is_guarded
from lrs.analytics.report import Report, Table
from lrs.analytics.runs import Pending
from lrs.analytics.sql.scope import FILTERS, obeyed
from lrs.errors import LrsError
from lrs.web import context
from lrs.web.asking import COMMON, PERIOD, PERIODS

_MOST = 300
"""Courses that a form offers."""
_PATIENCE = 0.1
_AGE = 600
"""Seconds in which a form may not yet offer a new course."""


@dataclass(frozen=True, slots=True)
class Form:
    """What the form shows; value -> label for each choice."""

    action: str
    asked: Mapping[str, str]
    """The filters of the address, as they were typed."""
    own: Mapping[str, str]
    """The report's own parameters."""
    kept: Mapping[str, str]
    """Filters that have no field; they stay."""
    period: str
    courses: Mapping[str, str]
    departments: Mapping[str, str]
    managers: Mapping[str, str]
    periods: Mapping[str, str]
    bare: str
    """The page without filters."""
    query: str
    """The filters as the query of another address."""
    obeyed: tuple[str, ...] = tuple(FILTERS)
    """The filters that narrow what the page shows: no others have a field."""

    def query_to(self, report: str) -> str:
        """Return those filters as the query of a report that narrow it."""
        narrowing = {*obeyed(report_named(report).sql)}
        if "since" in narrowing:
            narrowing.add(PERIOD)
        chosen = {
            name: text
            for name, text in {**self.kept, **self.asked}.items()
            if name in narrowing and text
        }
        return f"?{urlencode(chosen)}" if chosen else ""

    def query_for(self, view: str) -> str:
        """Return the filters as the query of the overview from a point of view."""
        chosen = {**self.asked, **({"for": view} if view else {})}
        return f"?{urlencode(chosen)}" if chosen else ""


def form_for(
    audience: Audience,
    *,
    keeps: tuple[str, ...] = (),
    path: str = "",
    report: Report | None = None,
    lists_persons: bool = False,
) -> Form:
    """Return the form for a page, that which was asked for if no `path` is given.

    `keeps` are filters that make the page what it is; a page of one `report` offers what narrows that. Where a page
    lists persons, those without names are not to be told apart by department.
    """
    path = path or request.path
    typed = {name: text.strip() for name, text in request.args.items() if text.strip()}
    filters = {name: text for name, text in typed.items() if name in FILTERS or name == PERIOD}
    always = {name: text for name, text in typed.items() if name in keeps}
    departments, managers = context.services().people.groups(
        audience.key if audience.own == "team" else None
    )
    alone = audience.own == "self" or (lists_persons and is_guarded(audience))
    return Form(
        action=path,
        asked={name: text for name, text in filters.items() if name not in keeps},
        own={name: text for name, text in typed.items() if name not in filters},
        kept={
            **always,
            **{name: text for name, text in filters.items() if name not in (*COMMON, PERIOD)},
        },
        period=typed.get(PERIOD, ""),
        courses={} if "course" in keeps else known_courses(audience),
        departments={} if alone else {one: one for one in departments},
        managers=managers if audience.names and not alone else {},
        periods=PERIODS,
        bare=path + (f"?{urlencode(always)}" if always else ""),
        query=f"?{urlencode(filters)}" if filters else "",
        obeyed=filters_of(report, audience),
    )


def known_courses(audience: Audience) -> dict[str, str]:
    """Return course -> title: those of the course file, and those that most learners are in."""
    services = context.services()
    titles = {
        str(row["course_id"]): str(row["title"] or row["course_id"])
        for row in services.references.rows("courses")
    }
    try:
        seen = services.runs.ask("top-courses", {}, audience, patience=_PATIENCE, age=_AGE)
    except LrsError:
        return titles
    if isinstance(seen, Pending):
        return titles
    return {**dict(_named(seen)), **titles}


def _named(table: Table) -> list[tuple[str, str]]:
    return [
        (str(row["course"]), table.names.get(row["course"], str(row["course"])))
        for row in table.rows[:_MOST]
    ]
