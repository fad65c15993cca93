"""The columns of an answer: rates with their intervals, scores from 0 to 1, times in seconds."""

from __future__ import annotations

from collections.abc import Sequence

from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Column, Row
from lrs.analytics.statistics.clusters import Cluster
from lrs.analytics.statistics.estimates import wilson


def rated(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[tuple[Column, ...], list[Row]]:
    """Return columns and rows with each quotient computed, its interval in two columns after it."""
    whole: list[Column] = []
    shown = [dict(row) for row in rows]
    for column in columns:
        whole.append(column)
        if not column.part:
            continue
        if column.counted:
            for row in shown:
                there = row[column.whole]
                row[column.name] = row[column.part] / there if there else None
            continue
        low, high = f"{column.name}_low", f"{column.name}_high"
        whole.append(Column(low, "ratio", f"Lower end of the 95 % interval of {column.name}"))
        whole.append(Column(high, "ratio", f"Upper end of the 95 % interval of {column.name}"))
        possible = [row for row in shown if row[column.whole]]
        units = [_units(column, row) for row in possible]
        intervals = wilson([part for part, _ in units], [count for _, count in units])
        for row in shown:
            row[column.name] = row[low] = row[high] = None
        for row, interval in zip(possible, intervals, strict=True):
            row[column.name] = row[column.part] / row[column.whole]
            row[low], row[high] = interval
    for row in shown:
        for column in columns:
            if column.kind == "score" and row[column.name] is not None:
                row[column.name] = row[column.name] / SCALE
            elif column.kind == "seconds" and row[column.name] is not None:
                row[column.name] = row[column.name] / 1000
    names = [column.name for column in whole]
    return tuple(whole), [{name: row[name] for name in names} for row in shown]


def _units(column: Column, row: Row) -> tuple[float, float]:
    """Return (part, whole) of the independent units by which the interval of a quotient is as wide as it should be."""
    part, whole = row[column.part], row[column.whole]
    if column.spread is None:
        return part, whole
    persons, aa, an, nn = (int(row[name]) for name in column.spread)
    return Cluster(part, whole, persons, aa, an, nn).effective()
