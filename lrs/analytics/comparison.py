"""Before against after: the difference of two rates, and what may be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from lrs.analytics.statistics import difference

CLEAR = 0.05
"""A difference below this is not called better or worse, however sure it is."""
FEWEST = 30
"""Persons on either side below which nothing is said."""
_POWER, _ALPHA = 0.8, 0.05
_LEAST, _MOST = 0.01, 0.99


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rate after less the rate before, its 95 % interval and p, and a verdict."""

    change: float | None
    low: float | None
    high: float | None
    p: float | None
    needed: int | None
    """Persons on each side that would show the expected difference in four of five cases."""
    verdict: str
    """better, worse, no clear change, or too few."""


def compare(
    before: int, before_whole: int, after: int, after_whole: int, *, expected: float
) -> Comparison:
    """Compare two rates; `expected` is the difference that was hoped for.

    A difference that is sure counts from 30 persons on; "no clear change" is only said where the expected one would
    have been seen.
    """
    if not before_whole or not after_whole:
        return Comparison(None, None, None, None, None, "too few")
    change, low, high, p = difference(after, after_whole, before, before_whole)
    needed = persons_needed(before / before_whole, expected)
    smaller = min(before_whole, after_whole)
    sure = (low > 0 or high < 0) and abs(change) >= CLEAR
    if smaller >= FEWEST and sure:
        verdict = "better" if change > 0 else "worse"
    else:
        verdict = "no clear change" if smaller >= needed else "too few"
    return Comparison(change, low, high, p, needed, verdict)


def persons_needed(rate: float, expected: float) -> int:
    """Return how many persons on each side show a difference from `rate` in 80 % of cases, at 5 % false alarms."""
    from statsmodels.stats.power import NormalIndPower  # noqa: PLC0415 heavy
    from statsmodels.stats.proportion import proportion_effectsize  # noqa: PLC0415

    start = min(max(rate, _LEAST), _MOST)
    end = min(start + expected, _MOST) if start + expected <= 1 else max(start - expected, _LEAST)
    size = abs(float(proportion_effectsize(end, start)))
    return max(FEWEST, ceil(float(NormalIndPower().solve_power(size, alpha=_ALPHA, power=_POWER))))
