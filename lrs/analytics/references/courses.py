"""What courses are meant to be, and what their parts are made of: from files, kept as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lrs.analytics.facts.digests import digest
from lrs.analytics.references.lines import decimal, whole, wrong
from lrs.xapi import JsonObject

CLASSES = ("mandatory", "elective", "certification", "onboarding", "")
_WHOLE = {
    "valid_months": "months",
    "due_days": "days",
    "grace_days": "days",
    "renewal_days": "days",
}
_MONEY = ("cost", "cost_per_hour")

COURSES: dict[str, str] = {
    "course": "long",
    "course_id": "text",
    "title": "text",
    "minutes": "int",
    "class": "text",
    "target": "int",
    "owner": "text",
    "valid_months": "int",  # of its certificate, where no statement says until when
    "due_days": "int",  # from the assignment on
    "grace_days": "int",  # after the expiry, before it counts as lapsed
    "renewal_days": "int",  # before the expiry: who renews within them keeps the anniversary
    "required_of": "text",  # roles, each between semicolons: ";nurse;cook;"
    "cost": "long",  # of the course as a whole, in ten-thousandths
    "pinned": "int",  # 1: its owner wants it looked at first
    "cost_per_hour": "long",  # of an hour of a learner, in ten-thousandths
}
"""`class` is mandatory, elective, certification, onboarding or ""; `target` a completion rate in ten-thousandths."""

MODULES: dict[str, str] = {"course": "long", "module": "long", "module_id": "text", "rank": "int"}
"""The order of the modules of a course, from 1."""

CONTENT: dict[str, str] = {
    "activity": "long",
    "activity_id": "text",
    "video_seconds": "int",
    "chapters": "int",
    "words": "int",
    "reading_grade": "int",
    "examples": "int",
}
"""What activities are made of: None where it is not known. `reading_grade`: years of school that the text asks for."""

_CONTENT = {name: name.replace("_", " ") for name in list(CONTENT)[2:]}


def course_record(row: Mapping[str, str], line: int) -> JsonObject:
    """Return the record of a line of the course file. Raises: BadRequest, naming the line."""
    target = whole(row, "target", line, "per cent")
    if target is not None and target > 100:  # noqa: PLR2004 per cent
        raise wrong(line, "target", "a whole number of per cent")
    if row.get("class", "") not in CLASSES:
        raise wrong(line, "class", ", ".join(CLASSES[:-1]))
    required = [one.strip() for one in row.get("required_of", "").split(";") if one.strip()]
    if row.get("pinned", "").lower() not in ("yes", "no", ""):
        raise wrong(line, "pinned", "yes or no")
    money = {name: decimal(row, name, line) for name in _MONEY}
    if any(amount is not None and amount < 0 for amount in money.values()):
        raise wrong(line, "cost", "a number from 0 on")
    return {
        "title": row.get("title", ""),
        "minutes": whole(row, "minutes", line, "minutes"),
        "class": row.get("class", ""),
        "target": None if target is None else target * 100,
        "owner": row.get("owner", ""),
        "modules": row.get("modules", "").replace(";", " ").split(),
        **{name: whole(row, name, line, of) for name, of in _WHOLE.items()},
        "pinned": int(row.get("pinned", "").lower() == "yes"),
        "required_of": f";{';'.join(required)};" if required else "",
        **money,
    }


def course_row(course: str, record: JsonObject) -> dict[str, Any]:
    """Return the row of COURSES."""
    told = {name: record.get(name) for name in COURSES}
    told["required_of"] = told["required_of"] or ""
    return {**told, "course": digest("activity", course), "course_id": course}


def module_rows(course: str, record: JsonObject) -> Iterator[dict[str, Any]]:
    """Yield the rows of MODULES."""
    for rank, module in enumerate(record["modules"], start=1):
        yield {
            "course": digest("activity", course),
            "module": digest("activity", module),
            "module_id": module,
            "rank": rank,
        }


def content_record(row: Mapping[str, str], line: int) -> JsonObject:
    """Return the record of a line of the content file. Raises: BadRequest, naming the line."""
    return {name: whole(row, name, line, of) for name, of in _CONTENT.items()}


def content_row(activity: str, record: JsonObject) -> dict[str, Any]:
    """Return the row of CONTENT."""
    return {"activity": digest("activity", activity), "activity_id": activity, **record}
