"""Before against after: the difference of two rates, and what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from lrs.analytics.statistics.estimates import SURE, difference, holm

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
    """Persons on each side that would show the expected difference in four of five cases; None: nobody expects any."""
    smaller: int
    """Persons on the smaller side."""
    verdict: str = ""
    """better, worse, no clear change, or too few; by `judged`."""


VERDICT_RULE = (
    " Newcombe interval of the one comparison. The verdict goes by p: Fisher's exact test, Holm's correction. Better or"
    " worse: p under 5 %, 5 points, and 30 persons on each side."
)


def compare(
    before: int,
    before_whole: int,
    after: int,
    after_whole: int,
    *,
    expected: float | None = None,
) -> Comparison:
    """Compare two rates; `expected` is the difference that was hoped for. See `judged` for what may be said of it."""
    smaller = min(before_whole, after_whole)
    if not smaller:
        return Comparison(None, None, None, None, None, 0)
    change, low, high, p = difference(after, after_whole, before, before_whole)
    needed = None if expected is None else persons_needed(before / before_whole, expected)
    return Comparison(change, low, high, p, needed, smaller)


def judged(family: Sequence[Comparison]) -> list[Comparison]:
    """Return comparisons that are looked at together with their p corrected for being many, and their verdicts.

    The one rule for every report: VERDICT_RULE. "No clear change" is only said where the expected difference would have
    been seen, or, where none was expected, from 30 persons on each side on.
    """
    corrected = iter(holm([one.p for one in family if one.p is not None]))
    return [_judged(one, None if one.p is None else next(corrected)) for one in family]


def _judged(found: Comparison, p: float | None) -> Comparison:
    if p is None or found.change is None:
        return replace(found, verdict="too few")
    if found.smaller >= FEWEST and p < SURE and abs(found.change) >= CLEAR:
        verdict = "better" if found.change > 0 else "worse"
    else:
        enough = FEWEST if found.needed is None else found.needed
        verdict = "no clear change" if found.smaller >= enough else "too few"
    return replace(found, p=p, verdict=verdict)


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
