"""Before against after: the difference of two rates, and what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from lrs.analytics.statistics import difference

CLEAR = 0.05
"""A difference below this is not called better or worse, however sure it is."""
FEWEST = 30
"""Persons on either side below which nothing is said."""
_POWER, _ALPHA = 0.8, 0.05
_LEAST, _MOST = 0.01, 0.99
_RESAMPLES = 2_000


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


@dataclass(frozen=True, slots=True)
class Speeds:
    """Mean days until it is done, each person counted for `horizon` days at most, and their difference."""

    before: float
    after: float
    faster: float
    """Days by which it is done sooner after than before, and the ends of the 95 % interval."""
    low: float
    high: float


def compare_speeds(
    before: Mapping[tuple[int, bool], int], after: Mapping[tuple[int, bool], int], *, horizon: int
) -> Speeds:
    """Compare restricted mean times; each side is (days, whether done or only seen so long) -> persons.

    The interval is that of 2,000 resamples, always the same ones.
    """
    import numpy as np  # noqa: PLC0415 heavy

    chance = np.random.default_rng(1)
    found, drawn = [], []
    for side in (before, after):
        cells, persons = list(side), np.array(list(side.values()))
        days = np.array([day for day, _ in cells])
        done = np.array([done for _, done in cells])
        resampled = chance.multinomial(persons.sum(), persons / persons.sum(), size=_RESAMPLES)
        found.append(float(_restricted(persons[None, :], days, done, horizon)[0]))
        drawn.append(_restricted(resampled, days, done, horizon))
    low, high = np.percentile(drawn[0] - drawn[1], (2.5, 97.5))
    return Speeds(found[0], found[1], found[0] - found[1], float(low), float(high))


def _restricted(persons: Any, days: Any, done: Any, horizon: int) -> Any:
    """Return for each row of persons (in cells of days and done) the area under its Kaplan-Meier curve."""
    import numpy as np  # noqa: PLC0415 heavy

    left = np.ones(len(persons))
    area = np.zeros(len(persons))
    for day in range(horizon):
        # Whom nobody can have seen longer leaves on that day, after those who are done.
        still = persons[:, days >= day].sum(axis=1)
        finished = persons[:, (days == day) & done].sum(axis=1)
        left = left * (1 - finished / np.maximum(still, 1))
        area += left
    return area
