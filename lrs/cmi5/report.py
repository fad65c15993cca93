"""How a course goes: one row for each learner and AU."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from lrs.cmi5.service import Cmi5
from lrs.xapi import JsonObject

COLUMNS = (
    "registration",
    "homePage",
    "learner",
    "au",
    "title",
    "moveOn",
    "masteryScore",
    "satisfied",
    "completed",
    "passed",
    "failed",
    "waived",
    "attempts",
    "abandoned",
    "score",
    "progress",
    "seconds",
    "lastActivity",
    "courseSatisfied",
)


def rows_of(cmi5: Cmi5, course_id: str) -> list[JsonObject]:
    """Return the rows of a course, learner by learner; seconds are those of Normal mode, scores scaled.

    Raises: NotFound (404).
    """
    cmi5.courses.record(course_id)
    rows = []
    for registration in cmi5.registrations.find(course=course_id):
        status = cmi5.status(registration["id"])
        rows += [_row(status, au) for au in aus_of_tree(status["tree"])]
    return rows


def aus_of_tree(tree: JsonObject) -> Iterator[JsonObject]:
    """Yield the AUs of a status tree."""
    for child in tree["children"]:
        if child["type"] == "au":
            yield child
        else:
            yield from aus_of_tree(child)


def csv_of(rows: Iterable[JsonObject]) -> str:
    """Return the rows as CSV with a header. What a spreadsheet would take for a formula is quoted by an apostrophe."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue()


def _cell(value: object) -> object:
    return (
        f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@")) else value
    )


def _row(status: JsonObject, au: JsonObject) -> JsonObject:
    account = status["actor"]["account"]
    names = set(COLUMNS) & au.keys()
    return {
        **{name: au[name] for name in sorted(names)},
        "registration": status["id"],
        "homePage": account["homePage"],
        "learner": account["name"],
        "au": au["id"],
        "title": next(iter(au["title"].values()), ""),
        "score": (au["score"] or {}).get("scaled"),
        "seconds": au["seconds"].get("Normal"),
        "courseSatisfied": status["satisfied"],
    }
