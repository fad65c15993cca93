"""Small groups: numbers about so few persons that they tell on them are hidden."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from lrs.analytics.report import Column, Row, Table

_SOME_HIDDEN = "Some numbers of each group are hidden, since they would tell on single persons."
_TOO_SMALL = "These groups are too small for numbers: they would tell on single persons."
_NONE_LARGE = "No group is large enough to be shown."
_MEASURES = ("score", "seconds", "days", "number")
_KEYS = ("number", "seconds")
"""Kinds that say what a row is about if they stand before its persons."""

Guard = Callable[[Table], Table]
"""Hides from an answered report what the one who asks may not see."""


def small_groups(least: int, *, differences: bool = False, whole_rows: bool = False) -> Guard:
    """Return a guard that hides what is said of fewer than `least` persons, but for nobody at all.

    Rates of which all but a few, or only a few, are meant are hidden too: they tell on those few. Where one row alone
    of a total is hidden the next smallest is as well, or the total less the others would tell it; so it is while those
    that are hidden are fewer than `least` together. With `differences`, for those who may not see names, no two counts
    of persons in a row differ by a few either: the later column goes. With `whole_rows` a row of which anything is
    hidden goes.
    """

    def guarded(table: Table) -> Table:
        if least <= 1 and not differences:
            return table
        columns = table.columns
        hidden = [_hidden(columns, row, least, differences=differences) for row in table.rows]
        if differences and table.report.overlapping:
            _hide_near_first(columns, table.rows, least, hidden)
        totals = [] if table.report.overlapping else _totals(columns, table.rows)
        # What is hidden for one total may stand alone in another.
        while any(_complement(columns, table.rows, places, hidden, least) for places in totals):
            pass
        if not any(hidden):
            return table
        kept = tuple(
            {name: None if name in gone else value for name, value in row.items()}
            for row, gone in zip(table.rows, hidden, strict=True)
        )
        # The sentence must not tell what the cells hide.
        told = [row for row, gone in zip(table.rows, hidden, strict=True) if not gone]
        people = [column.name for column in columns if column.kind == "people"]
        some = any(row[name] for row in kept for name in people)
        none = _NONE_LARGE if whole_rows else _SOME_HIDDEN if some else _TOO_SMALL
        reading = table.report.reading(told) if told else none
        if told and len(told) < len(table.rows):
            reading = f"Of the {len(told)} rows that can be shown whole: {reading}"
        shown = tuple(told) if whole_rows else kept
        return replace(table, rows=shown, hidden=sum(map(len, hidden)), reading=reading)

    return guarded


def _hidden(columns: Sequence[Column], row: Row, least: int, *, differences: bool) -> set[str]:
    """Return the names of the cells to hide, the row looked at alone."""
    people = [place for place, column in enumerate(columns) if column.kind == "people"]
    largest = max((row[columns[place].name] or 0 for place in people), default=0)
    if 0 < largest < least:
        # Counts of other things, and verdicts in words, tell on a small group as its numbers do.
        counts = {column.name for column in columns if column.kind == "count" or column.by}
        return counts | {column.name for column in columns[people[0] :]}
    small = _small(columns, row, least)
    if differences:
        small |= _near(columns, row, least, small)
        small |= _alone(columns, row, small)
    return _with_dependents(columns, row, small)


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


def _near(columns: Sequence[Column], row: Row, least: int, small: set[str]) -> set[str]:
    """Return the counts of persons that differ by a few from one before them, which is told."""
    told: list[Column] = []
    near = set()
    for column in columns:
        if column.kind != "people" or column.name in small or row[column.name] is None:
            continue
        if any(
            0 < abs(row[one.name] - row[column.name]) < least
            for one in told
            if _comparable(one, column)
        ):
            near.add(column.name)
        else:
            told.append(column)
    return near


def _hide_near_first(
    columns: Sequence[Column], rows: Sequence[Row], least: int, hidden: list[set[str]]
) -> None:
    """Hide counts that differ by a few from that of the first row, in which all the persons of the others are."""
    for place, row in enumerate(rows[1:], 1):
        near = {
            column.name
            for column in columns
            if column.kind == "people"
            and None not in (row[column.name], rows[0][column.name])
            and 0 < abs(rows[0][column.name] - row[column.name]) < least
        }
        if near:
            hidden[place] = _with_dependents(columns, row, hidden[place] | near)


def _comparable(one: Column, other: Column) -> bool:
    """Whether the difference of two counts is one of persons."""
    return not one.among or not other.among or one.among == other.among


def _alone(columns: Sequence[Column], row: Row, small: set[str]) -> set[str]:
    """Return the next smallest of the counts that add up to another, where one alone of them is hidden."""
    found = set()
    for whole in {column.adds_to for column in columns if column.adds_to}:
        parts = [column.name for column in columns if column.adds_to == whole and row[column.name]]
        others = [name for name in parts if name not in small]
        if len(parts) - len(others) == 1 and others and whole not in small:
            found.add(min(others, key=lambda name: (row[name], name)))
    return found


def _with_dependents(columns: Sequence[Column], row: Row, small: set[str]) -> set[str]:
    """Return the names of the cells to hide, with those that the hidden ones could be computed from."""
    gone = set(small)
    if any(column.kind == "people" and column.name in gone for column in columns):
        # A count that does not say whose it is may be of those who are hidden.
        gone |= _measures(columns) | {
            column.name
            for column in columns
            if column.by in gone or (column.kind == "count" and not column.by)
        }
    for column in columns:
        if column.part and row[column.whole] and {column.part, column.whole} & gone:
            gone |= {column.part, column.name, f"{column.name}_low", f"{column.name}_high"}
    return gone


def _measures(columns: Sequence[Column]) -> set[str]:
    """Return what is measured of the persons of a row: not what it is about, such as a second of a video.

    Nor what says of whom it is: that goes with those alone.
    """
    first = next(place for place, column in enumerate(columns) if column.kind == "people")
    quotients = {
        name
        for one in columns
        if one.part
        for name in (one.name, f"{one.name}_low", f"{one.name}_high")
    }
    return {
        column.name
        for place, column in enumerate(columns)
        if not column.by
        and (
            (column.kind in _MEASURES and (place > first or column.kind not in _KEYS))
            or (column.kind == "ratio" and column.name not in quotients)
        )
    }


def _totals(columns: Sequence[Column], rows: Sequence[Row]) -> list[list[int]]:
    """Return the places of the rows that add up: those of each course, if the first column tells it, and all."""
    groups: dict[Any, list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(row[columns[0].name], []).append(place)
    return [*groups.values(), list(range(len(rows)))]


def _complement(
    columns: Sequence[Column],
    rows: Sequence[Row],
    places: list[int],
    hidden: list[set[str]],
    least: int,
) -> bool:
    """Hide the next smallest cell of each column of which the total less the told ones would tell on a few persons.

    That is so if one alone is hidden in these rows, or if those that are add up to less than `least`. Returns whether
    there was any.
    """
    found = False
    for column in columns:
        if column.kind != "people":
            continue
        told = [place for place in places if rows[place][column.name]]
        gone = [place for place in told if column.name in hidden[place]]
        others = [place for place in told if column.name not in hidden[place]]
        few = 0 < sum(rows[place][column.name] for place in gone) < least
        if others and (len(gone) == 1 or few):
            next_one = min(others, key=lambda place: (rows[place][column.name], place))
            hidden[next_one] = _with_dependents(
                columns, rows[next_one], hidden[next_one] | {column.name}
            )
            found = True
    return found
