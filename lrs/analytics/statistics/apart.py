"""Groups held against all others of their family: what differs by more than chance."""

from __future__ import annotations

from collections.abc import Sequence

from lrs.analytics.report import Column, Row
from lrs.analytics.statistics.clusters import Cluster
from lrs.analytics.statistics.estimates import SURE, correct, difference

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
    " Held against all others: Newcombe interval; Fisher's exact test; Holm's correction; of fewer than 30 persons in"
    " the group or outside of it nothing is said."
)
CLUSTER_RULE = (
    " What somebody does in many courses is not as much as what many persons do: intervals and tests count as many as"
    " there would be if all were independent (design effect)."
)

CLUSTERED = """spread AS (
    SELECT slice, learner, COUNT(*) AS n, SUM(done) AS a FROM units GROUP BY slice, learner
), whole AS (
    SELECT learner, SUM(n) AS n, SUM(a) AS a FROM spread GROUP BY learner
), everybody AS (
    SELECT COUNT(*) AS persons, SUM(a * a) AS aa, SUM(a * n) AS an, SUM(n * n) AS nn FROM whole
), clustered AS (
    SELECT s.slice, SUM(s.a * s.a) AS aa, SUM(s.a * s.n) AS an, SUM(s.n * s.n) AS nn,
           MIN(e.persons) - COUNT(CASE WHEN w.n = s.n THEN 1 END) AS rest_persons,
           MIN(e.aa) + SUM(s.a * s.a - 2 * s.a * w.a) AS rest_aa,
           MIN(e.an) + SUM(s.a * s.n - s.a * w.n - w.a * s.n) AS rest_an,
           MIN(e.nn) + SUM(s.n * s.n - 2 * s.n * w.n) AS rest_nn
    FROM spread s JOIN whole w ON w.learner = s.learner CROSS JOIN everybody e
    GROUP BY s.slice
)"""
"""`clustered`: of `units` (slice, learner, done) the persons in each slice and outside of it, and the sums of squares
of what they have done (a), of what they began (n), and of their product: how unlike persons are."""
SQUARES = "c.aa, c.an, c.nn, c.rest_persons, c.rest_aa, c.rest_an, c.rest_nn"
"""The columns of `clustered`, as c, that `set_apart` takes."""


def set_apart(family: Sequence[Row], part: str, whole: str, *, clustered: bool = False) -> None:
    """Put the columns of APART into rows; `part` and `whole` are the columns of their rates.

    `clustered`: the rows have the columns of CLUSTERED, since somebody counts once for each course.
    """
    everybody, those = (sum(row[name] for row in family) for name in (whole, part))
    tested = []
    for row in family:
        rest, others = everybody - row[whole], those - row[part]
        row.update(dict.fromkeys(column.name for column in APART), differs=0)
        if not rest or not row[whole]:
            continue
        inside, outside = (row[part], row[whole]), (others, rest)
        row["fewest"] = min(row[whole], rest)
        if clustered:
            names = ("aa", "an", "nn")
            inside = Cluster(*inside, row["persons"], *(row[name] for name in names)).independent(
                those / everybody
            )
            outside = Cluster(
                *outside, row["rest_persons"], *(row[f"rest_{name}"] for name in names)
            ).independent(those / everybody)
            row["fewest"] = min(row["persons"], row["rest_persons"])
        found = difference(*inside, *outside)
        row["difference"] = row[part] / row[whole] - others / rest
        row["difference_low"], row["difference_high"], row["p"] = found[1:]
        row["ratio_to_rest"] = (row[part] / row[whole]) / (others / rest) if others else None
        tested.append(row)
    correct(tested)
    for row in tested:
        row["differs"] = int(row["p"] < SURE and row["fewest"] >= LEAST)
