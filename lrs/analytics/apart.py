"""Groups held against all others of their family: what differs by more than chance."""

from __future__ import annotations

from collections.abc import Sequence

from lrs.analytics.report import Column, Row
from lrs.analytics.statistics import SURE, difference, holm

LEAST = 30
"""Persons in a group, and outside of it, below which it is not said to differ."""

APART = (
    Column("difference", "number", "Rate less that of all others, -1..1"),
    Column("difference_low", "number", "Lower end of its 95 % interval"),
    Column("difference_high", "number", "Upper end"),
    Column("ratio_to_rest", "number", "Rate as a multiple of that of all others"),
    Column("p", "number", "p of the difference, corrected for the number of groups (Holm)"),
    Column("differs", "flag", "Whether p is below 5 %, with 30 persons in the group and outside"),
)
APART_RULE = (
    " Held against all others: Newcombe interval; Fisher's exact test; Holm's correction; of fewer than 30 in the group"
    " or outside of it nothing is said."
)


def set_apart(family: Sequence[Row], part: str, whole: str) -> None:
    """Put the columns of APART into rows; `part` and `whole` are the columns of their rates."""
    everybody, those = (sum(row[name] for row in family) for name in (whole, part))
    tested = []
    for row in family:
        rest, others = everybody - row[whole], those - row[part]
        row.update(dict.fromkeys(column.name for column in APART), differs=0)
        if not rest or not row[whole]:
            continue
        found = difference(row[part], row[whole], others, rest)
        row["difference"], row["difference_low"], row["difference_high"], row["p"] = found
        row["ratio_to_rest"] = (row[part] / row[whole]) / (others / rest) if others else None
        tested.append(row)
    for row, p in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row["p"] = p
        row["differs"] = int(p < SURE and min(row[whole], everybody - row[whole]) >= LEAST)
