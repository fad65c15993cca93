"""Lines of CSV files: what is in them, and where they are wrong."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from lrs.analytics.facts.details import SCALE
from lrs.errors import BadRequest

_DECIMAL = re.compile(r"-?\d{1,11}(?:\.\d{1,10})?")


def csv_lines(
    lines: Iterable[str], required: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, column -> text without spaces around it).

    Raises: BadRequest if a required column is not there, or has no value in a line, or if it is no CSV.
    """
    reader = csv.DictReader(lines)
    try:
        yield from _valued(reader, required)
    except csv.Error as fault:
        raise BadRequest(
            f"After line {reader.line_num}: {fault}.", code="csv-value", allowed="CSV in UTF-8"
        ) from None


def _valued(
    reader: csv.DictReader[str], required: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    missing = [name for name in required if name not in (reader.fieldnames or ())]
    if missing:
        raise BadRequest(
            f"The file has no column {missing[0]}.",
            code="csv-column",
            allowed="a first line with the names of the columns",
        )
    for row in reader:
        values = {name: (text or "").strip() for name, text in row.items() if isinstance(name, str)}
        empty = [name for name in required if not values[name]]
        if empty:
            raise wrong(reader.line_num, empty[0], "a value")
        yield reader.line_num, values


def wrong(line: int, column: str, allowed: str) -> BadRequest:
    """Return the refusal of a value."""
    return BadRequest(
        f"Line {line}: {column} cannot be used.", code="csv-value", pointer=None, allowed=allowed
    )


def day_text(row: Mapping[str, str], column: str, line: int) -> str:
    """Return a day as text, "" if there is none. Raises: BadRequest."""
    text = row.get(column, "")
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise wrong(line, column, "a day such as 2026-01-31") from None


def whole(row: Mapping[str, str], column: str, line: int, of: str) -> int | None:
    """Return a whole number from 0 on, None if there is none. Raises: BadRequest."""
    text = row.get(column, "")
    if text and not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004 32 bits
        raise wrong(line, column, f"a whole number of {of}")
    return int(text) if text else None


def decimal(row: Mapping[str, str], column: str, line: int) -> int | None:
    """Return a number in ten-thousandths, None if there is none. Raises: BadRequest."""
    text = row.get(column, "")
    if not text:
        return None
    if _DECIMAL.fullmatch(text) is None:
        raise wrong(line, column, "a number such as 12.5")
    return round(float(text) * SCALE)
