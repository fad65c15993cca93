"""Small groups: numbers about so few persons that they tell on them are hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from lrs.analytics.report import Column, Row, Table

_TOO_SMALL = "These groups are too small for numbers: they would tell on single persons."

Guard = Callable[[Table], Table]
"""Hides from an answered report what the one who asks may not see."""


def small_groups(least: int) -> Guard:
    """Return a guard that hides what is said of fewer than `least` persons, but for nobody at all.

    Rates of which all but a few, or only a few, are meant are hidden too: they tell on those few. Where one row alone
    of a total is hidden the next smallest is as well, or the total less the others would tell it.
    """

    def guarded(table: Table) -> Table:
        columns = table.columns
        hidden = [_hidden(columns, row, least) for row in table.rows]
        totals = _totals(columns, table.rows)
        # What is hidden for one total may stand alone in another.
        while any(_complement(columns, table.rows, places, hidden) for places in totals):
            pass
        if not any(hidden):
            return table
        kept = tuple(
            {name: None if name in gone else value for name, value in row.items()}
            for row, gone in zip(table.rows, hidden, strict=True)
        )
        # The sentence must not tell what the cells hide.
        told = [row for row, gone in zip(table.rows, hidden, strict=True) if not gone]
        reading = table.report.reading(told) if told else _TOO_SMALL
        return replace(table, rows=kept, hidden=sum(map(len, hidden)), reading=reading)

    return guarded


def _hidden(columns: Sequence[Column], row: Row, least: int) -> set[str]:
    """Return the names of the cells to hide, the row looked at alone."""
    people = [place for place, column in enumerate(columns) if column.kind == "people"]
    largest = max((row[columns[place].name] or 0 for place in people), default=0)
    if 0 < largest < least:
        # Counts of other things, and verdicts in words, tell on a small group as its numbers do.
        return {column.name for column in columns[people[0] :]}
    return _with_dependents(columns, row, _small(columns, row, least))


def _small(columns: Sequence[Column], row: Row, least: int) -> set[str]:
    return {
        column.name
        for column in columns
        if column.kind == "people" and row[column.name] is not None and 0 < row[column.name] < least
    } | {
        column.part
        for column in columns
        if column.part
        and row[column.whole]
        and (0 < row[column.whole] - row[column.part] < least or 0 < row[column.part] < least)
    }


def _with_dependents(columns: Sequence[Column], row: Row, small: set[str]) -> set[str]:
    """Return the names of the cells to hide, with those that the hidden ones could be computed from."""
    gone = set(small)
    for column in columns:
        if column.part and row[column.whole] and {column.part, column.whole} & gone:
            gone |= {column.part, column.name, f"{column.name}_low", f"{column.name}_high"}
    if any(column.kind == "people" and column.name in gone for column in columns):
        gone |= {
            column.name
            for column in columns
            if column.kind in ("score", "seconds", "days", "number")
        }
    return gone


def _totals(columns: Sequence[Column], rows: Sequence[Row]) -> list[list[int]]:
    """Return the places of the rows that add up: those of each course, if the first column tells it, and all."""
    groups: dict[Any, list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(row[columns[0].name], []).append(place)
    return [*groups.values(), list(range(len(rows)))]


def _complement(
    columns: Sequence[Column], rows: Sequence[Row], places: list[int], hidden: list[set[str]]
) -> bool:
    """Hide the next smallest cell of each column of which one alone is hidden in these rows; whether there was any."""
    found = False
    for column in columns:
        if column.kind != "people":
            continue
        told = [place for place in places if rows[place][column.name]]
        gone = [place for place in told if column.name in hidden[place]]
        others = [place for place in told if column.name not in hidden[place]]
        if len(gone) == 1 and others:
            next_one = min(others, key=lambda place: (rows[place][column.name], place))
            hidden[next_one] = _with_dependents(
                columns, rows[next_one], hidden[next_one] | {column.name}
            )
            found = True
    return found
