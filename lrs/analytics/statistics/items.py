"""Item statistics from whole-number sums, so that every engine gives the same."""

from __future__ import annotations

from math import sqrt

from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Row


def correlation(row: Row) -> float | None:
    """Return the correlation of x and y from n, sx, sy, sxx, syy and sxy, or None if either does not vary."""
    n = row["n"]
    across = n * row["sxx"] - row["sx"] ** 2
    along = n * row["syy"] - row["sy"] ** 2
    if across <= 0 or along <= 0:
        return None
    return float((n * row["sxy"] - row["sx"] * row["sy"]) / sqrt(across) / sqrt(along))


def variance(n: int, total: int, squares: int) -> float:
    """Return the sample variance of scores from their sums, in full marks squared."""
    return (squares - total**2 / n) / (n - 1) / SCALE**2 if n > 1 else 0.0


def alpha(variances: list[float], whole: float) -> float | None:
    """Return Cronbach's alpha of items with these variances, and that of their sum."""
    k = len(variances)
    return None if k < 2 or whole <= 0 else k / (k - 1) * (1 - sum(variances) / whole)  # noqa: PLR2004
