"""How far filters may narrow what is told to somebody who may not see names: never down to few persons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lrs.analytics.audience import Audience
from lrs.analytics.facts.days import date_of
from lrs.analytics.report import Report
from lrs.analytics.sql.scope import FILTERS, obeyed
from lrs.errors import Forbidden

_WORD = re.compile(r"\w+")
_LEARNER = "learner"
_STAFF = "staff"
_VIEWS = {"scoped": "learner", "played": "learner", _STAFF: "person_key AS learner"}
"""View that a report may read -> whom it is about."""
ATTRIBUTES = tuple(name for name, one in FILTERS.items() if one.needs_people and name != _LEARNER)
"""The filters that say of a person what others know as well."""

_OF_OBLIGATIONS = (
    "since",
    "until",
    "course",
    "department",
    "role",
    "location",
    "manager",
    "learner",
)
"""The filters that say whose obligations, and of when; by others it would be found out who did what at which hour."""


def filters_of(report: Report | None, audience: Audience) -> tuple[str, ...]:
    """Return the filters that somebody may narrow a report by, or any page if there is none."""
    narrowing = tuple(FILTERS) if report is None else obeyed(report.sql)
    return tuple(one for one in narrowing if not audience.obligations or one in _OF_OBLIGATIONS)


def check_attributes(
    report: Report,
    filters: Mapping[str, Any],
    parameters: Mapping[str, Any],
    audience: Audience,
) -> None:
    """Raises: Forbidden (403) if pseudonyms would be told apart by what the people file says of each.

    The list of a department and that of a role have few in common, though both are long: no single list can be safe.
    Nor can days: what a department did by one day less what it did by the day before is what few of it did.
    """
    told = [name for name in ATTRIBUTES if name in filters]
    told += _sliced_by(report, parameters)
    if not is_guarded(audience) or not told:
        return
    what = " and ".join(dict.fromkeys(told))
    if _LEARNER in filters or lists_persons(report):
        raise Forbidden(
            f"Learners without names are not told apart by {what}.",
            code="narrow",
            allowed=f"this report without {'learner' if _LEARNER in filters else what},"
            " or a report about groups",
        )
    if not _is_of_months(filters):
        raise Forbidden(
            f"By {what}, numbers about learners without names are of whole months.",
            code="narrow",
            allowed="no period, or one from the first day of a month to the last day of one",
        )


def _sliced_by(report: Report, parameters: Mapping[str, Any]) -> list[str]:
    """Return what of the people file a report is asked to tell its rows apart by, and what it always does."""
    asked = [parameters[one.name] for one in report.parameters if one.choices]
    found = [name for name in asked if name in ATTRIBUTES]
    return found + [column.name for column in report.columns if column.attribute]


def _is_of_months(filters: Mapping[str, Any]) -> bool:
    """Whether a period, if there is one, begins and ends with months."""
    starts = [
        filters[name] + more for name, more in (("since", 0), ("until", 1)) if name in filters
    ]
    return all(date_of(day).day == 1 for day in starts)


def lists_persons(report: Report) -> bool:
    """Whether rows of a report are about single persons."""
    return any(column.kind == "agent" for column in report.columns)


def is_guarded(audience: Audience) -> bool:
    """Whether nothing may be told to somebody about few persons, however they are chosen."""
    return not audience.names and audience.own == "everyone" and audience.least > 1


def asked_of_all(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters by which persons are counted: a pseudonym chooses one, and tells nothing of who that is."""
    return {name: value for name, value in filters.items() if name != _LEARNER}


def persons_sql(report: Report) -> str:
    """Return the SQL that counts those whom a report would be about as `persons`; "" if it is about nobody."""
    named = set(_WORD.findall(report.sql))
    views = [view for view in _VIEWS if view in named]
    # What narrows statements does not narrow the people file: together they would always be many.
    views = [view for view in views if view != _STAFF] or views
    parts = [f"SELECT {_VIEWS[view]} FROM {view}" for view in views]
    if not parts:
        return ""
    return (
        f"WITH counted AS ({' UNION '.join(parts)})"
        " SELECT COUNT(DISTINCT learner) AS persons FROM counted"
    )


def check_number(persons: int, filters: Mapping[str, Any], audience: Audience) -> None:
    """Raises: Forbidden (403) if filters leave too few persons; that there is nobody at all may be told without any."""
    if persons >= audience.least or (persons == 0 and not filters):
        return
    fit = "fit these filters" if filters else "are known here"
    raise Forbidden(
        f"Fewer than {audience.least} persons {fit}, so nothing is told about them.",
        code="small-group",
        allowed="fewer filters, or a longer period" if filters else "waiting for more learners",
    )
