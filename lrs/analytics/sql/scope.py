"""The `scoped` view: the facts that a report may see, with every filter in one place, and people as of the time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lrs.analytics.facts.fact import COLUMNS

Kind = Literal["day", "activity", "text", "whole", "learner"]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a report can be narrowed by. `condition` is fixed text; the value is bound as :name."""

    kind: Kind
    about: str
    condition: str
    needs_people: bool = False


FILTERS: dict[str, Filter] = {
    "since": Filter("day", "First day, where the learner was", "f.day >= :since"),
    "until": Filter("day", "Last day", "f.day <= :until"),
    "course": Filter("activity", "The id of a course", "f.course = :course"),
    "module": Filter("activity", "The id of a module", "f.module = :module"),
    "activity": Filter("activity", "The id of an activity", "f.activity = :activity"),
    "department": Filter(
        "text", "Department, as of the time", "p.department = :department", needs_people=True
    ),
    "role": Filter("text", "Role, as of the time", "p.role = :role", needs_people=True),
    "location": Filter(
        "text", "Location, as of the time", "p.location = :location", needs_people=True
    ),
    "manager": Filter("text", "Manager, as of the time", "p.manager = :manager", needs_people=True),
    "learner": Filter(
        "learner",
        "A person of the people file, an e-mail address, an IFI, or a pseudonym",
        "COALESCE(p.person_key, f.learner) = :learner",
        needs_people=True,
    ),
    "device": Filter("text", "mobile or desktop", "f.device = :device"),
    "source": Filter("text", "cmi5, moodle, open-edx, scorm, video ...", "f.source = :source"),
    "sender": Filter("text", "The API key that sent it", "f.sender = :sender"),
    "revision": Filter("text", "Revision of the content", "f.revision = :revision"),
    "weekday": Filter("whole", "1 (Monday) to 7", "f.weekday = :weekday"),
    "hour": Filter("whole", "Hour of the day, 0 to 23", "f.hour = :hour"),
}

PEOPLE: dict[str, str] = {
    "learner": "long",
    "person": "text",
    "person_key": "long",
    "name": "text",
    "department": "text",
    "manager": "text",
    "role": "text",
    "location": "text",
    "start_day": "int",
    "valid_from": "int",
    "valid_to": "int",
}
"""One row for each identifier of a person and each period; days since 1970, the last one not included.

And one for each visitor who turned out to be somebody whom the people file does not know: with no name of a person.
"""

CHAINS: dict[str, str] = {
    "learner": "long",
    "boss": "long",
    "valid_from": "int",
    "valid_to": "int",
}
"""One row for each identifier of a person, each manager above, however high, and each period in which that was so."""

Own = Literal["everyone", "team", "self"]

_OWN: dict[Own, str] = {
    "team": (
        "EXISTS (SELECT 1 FROM chains t WHERE t.learner = f.learner AND t.boss = :own"
        " AND f.day >= t.valid_from AND f.day < t.valid_to)"
    ),
    "self": "COALESCE(p.person_key, f.learner) = :own",
}
"""What the facts of a team, and of a learner, have in common; as of the time when they took place."""

_OWN_STAFF: dict[Own, str] = {
    "team": (
        "EXISTS (SELECT 1 FROM chains t WHERE t.learner = p.learner AND t.boss = :own"
        " AND t.valid_from <= :today AND t.valid_to > :today)"
    ),
    "self": "p.person_key = :own",
}
"""What those have in common who belong to a team now, whether or not there is a statement of them."""

_OWN_NOW: dict[Own, str] = {
    "team": _OWN_STAFF["team"].replace("p.learner", "f.learner"),
    "self": _OWN["self"],
}
"""What the facts have in common of those who belong to a team now, whenever they took place."""

_TODAY = "{0}.valid_from <= :today AND {0}.valid_to > :today"

_PERIOD = {"since": "-1000000", "until": "1000000"}
"""The filters of days, and a day that is no limit."""

_WORD = re.compile(r"\w+")
_PERSONAL = ("person", "department", "manager", "role", "location")


def obeyed(sql: str) -> tuple[str, ...]:
    """Return the filters that narrow what a report's SQL reads; none narrow what ledgers alone tell.

    The course file beside a ledger only says whose a course is.
    """
    named = set(_WORD.findall(sql))
    if named & {"scoped", "played"}:
        return tuple(FILTERS)
    return tuple(name for name, one in FILTERS.items() if one.needs_people and "staff" in named)


def with_scope(
    sql: str,
    filters: Mapping[str, Any],
    *,
    people: bool,
    own: Own = "everyone",
    names: bool = True,
    now: bool = False,
) -> str:
    """Return a report's SQL with the views that it names in front: those through which the filters are obeyed.

    `scoped`: statements; `played`: segments of videos; `staff`: the people file; `planned`: the course file;
    `chosen_days`: one row, first_day and last_day of the filters `since` and `until`, told_since the day of the first
    statement of all. A report that names it chooses by these days when somebody began: its statements are not cut
    there, or who had begun or completed outside of them would look like a beginner, or like one who never completes.
    Whoever may not see somebody's statements may not see them in `staff` either.
    `sql` starts with WITH. `people`: whether any are known; then learners are persons, whatever they log in with.
    `own`: whether only the team of a manager, or only one learner, is seen, who is bound as :own. Without `names` teams
    are not told apart: a manager is named by the people file. With `now` people are who they are today, under today's
    manager, in all of their history.
    """
    named = set(_WORD.findall(sql))
    cut = [name for name in filters if name not in _PERIOD or "chosen_days" not in named]
    conditions = [FILTERS[name].condition for name in cut]
    joined = people or own == "self" or any(FILTERS[name].needs_people for name in filters)
    if own != "everyone":
        conditions.append((_OWN_NOW if now else _OWN)[own])
    views = {
        view: _select(part, conditions, named, joined=joined, names=names, now=now)
        for view, part in (("scoped", "s"), ("played", "p"))
        if view in named
    }
    if "staff" in named:
        views["staff"] = _staff(filters, own, names=names, now=now)
    if "chosen_days" in named:
        views["chosen_days"] = _chosen_days(filters)
    if "planned" in named:
        views["planned"] = _planned(filters)
    texts = ", ".join(f"{view} AS ({text})" for view, text in views.items())
    return f"WITH {texts}, {sql.removeprefix('WITH ')}" if texts else sql


def _chosen_days(filters: Mapping[str, Any]) -> str:
    days = {name: f":{name}" if name in filters else ever for name, ever in _PERIOD.items()}
    return (
        f"SELECT CAST({days['since']} AS INT) AS first_day, CAST({days['until']} AS INT) AS last_day,"
        " (SELECT MIN(f.day) FROM facts f WHERE f.part = 's') AS told_since"
    )


def _planned(filters: Mapping[str, Any]) -> str:
    chosen = [FILTERS[name].condition for name in filters if name == "course"]
    return f"SELECT * FROM courses f{_where(chosen)}"


def _staff(filters: Mapping[str, Any], own: Own, *, names: bool, now: bool) -> str:
    # Visitors are in the table, but not in the people file.
    conditions = ["p.person <> ''"]
    conditions += [FILTERS[name].condition for name in filters if FILTERS[name].needs_people]
    # There is no statement here, and so no learner but the one of the people file.
    conditions = [
        one.replace("COALESCE(p.person_key, f.learner)", "p.person_key") for one in conditions
    ]
    source = "people p"
    if now and conditions:
        source += f" JOIN people n ON n.learner = p.learner AND {_TODAY.format('n')}"
        conditions = [one.replace("p.", "n.", 1) for one in conditions]
    if own != "everyone":
        conditions.append(_OWN_STAFF[own])
    columns = [f"p.{name}" if names or name != "manager" else "'' AS manager" for name in PEOPLE]
    return f"SELECT {', '.join(columns)} FROM {source}{_where(conditions)}"


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _select(
    part: str, conditions: list[str], named: set[str], *, joined: bool, names: bool, now: bool
) -> str:
    """Return the view with those columns that the report names: engines keep a view that is read twice, whole."""
    columns = [_column(name, joined=joined) for name in COLUMNS if name in named]
    columns += [
        f"COALESCE(p.{name}, '') AS {name}"
        if joined and (names or name != "manager")
        else f"'' AS {name}"
        for name in _PERSONAL
        if name in named
    ]
    if "start_day" in named:
        columns.append(f"{'p.start_day' if joined else 'CAST(NULL AS INT)'} AS start_day")
    source = "facts f"
    if joined:
        when = _TODAY if now else "f.day >= {0}.valid_from AND f.day < {0}.valid_to"
        source += f" LEFT JOIN people p ON p.learner = f.learner AND {when.format('p')}"
    where = " AND ".join((f"f.part = '{part}'", *conditions))
    return f"SELECT {', '.join(columns)} FROM {source} WHERE {where}"


def _column(name: str, *, joined: bool) -> str:
    if name == "learner" and joined:
        return "COALESCE(p.person_key, f.learner) AS learner"
    return f"f.{name}"
