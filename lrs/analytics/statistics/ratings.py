"""Mean ratings with their intervals, which several reports show."""

from __future__ import annotations

from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Column, Row
from lrs.analytics.statistics.estimates import mean_interval

FEWEST = 10
"""A mean of fewer has no interval."""

RATERS = (
    Column("raters", "people", "Persons who rated"),
    Column("rating", "score", "Mean rating", by="raters"),
    Column("rating_low", "score", "Lower end of its 95 % interval, from 10 raters on", by="raters"),
    Column("rating_high", "score", "Upper end", by="raters"),
)


def add_interval(row: Row) -> None:
    """Add rating_low and rating_high to a row with raters, the sum of their ratings, and that of the squares."""
    interval = mean_interval(row["raters"], row["ratings"], row["squares"], fewest=FEWEST)
    low, high = interval if interval is not None else (None, None)
    row["rating_low"] = None if low is None else max(0, round(low))
    row["rating_high"] = None if high is None else min(SCALE, round(high))
