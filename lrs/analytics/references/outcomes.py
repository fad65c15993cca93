"""Outcomes: what came of it at work, from files (close rates, tickets, scores, violations), kept as records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lrs.analytics.facts.days import day_of
from lrs.analytics.facts.digests import digest
from lrs.analytics.references.lines import day_text, decimal, wrong
from lrs.xapi import JsonObject

OUTCOMES: dict[str, str] = {
    "unit": "long",  # the key of the person, as in `scoped`, or of the group
    "kind": "text",  # person or group
    "subject": "text",  # as the file names it
    "measure": "text",
    "day": "int",
    "value": "long",  # in ten-thousandths
    "exposure": "long",  # in ten-thousandths of what the file counts by, such as days at work; None: not told
}
"""A row for each subject, measure and day."""

Values = dict[str, dict[str, list[int | None]]]
"""Measure -> day -> [value, exposure]."""


def outcome_of(row: Mapping[str, str], line: int) -> tuple[str, str, str, list[int | None]]:
    """Return (subject with its kind, measure, day, [value, exposure]) of a line of the file.

    Raises: BadRequest, naming the line.
    """
    person, group = row.get("person", ""), row.get("group", "")
    if bool(person) == bool(group):
        raise wrong(line, "person", "either a person or a group")
    exposure = decimal(row, "exposure", line)
    if exposure is not None and exposure <= 0:
        raise wrong(line, "exposure", "a number above 0")
    subject = f"person|{person}" if person else f"group|{group}"
    return subject, row["measure"], day_text(row, "date", line), [
        decimal(row, "value", line), exposure
    ]  # fmt: skip


def outcome_rows(
    subject: str, record: JsonObject, keys: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    """Yield the rows of OUTCOMES; `keys` are those of persons by name and by identifier."""
    kind, _, name = subject.partition("|")
    for measure, days in record["values"].items():
        for day, (value, exposure) in days.items():
            yield {
                "unit": keys[name] if kind == "person" else digest("group", name),
                "kind": kind,
                "subject": name,
                "measure": measure,
                "day": day_of(day),
                "value": value,
                "exposure": exposure,
            }
