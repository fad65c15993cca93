"""Interval estimates and tests, by statsmodels and scipy; loaded at the first report, since they are heavy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

Interval = tuple[float, float]
Share = Callable[[Any], Any]
"""Of a day, or of each of an array of days."""


def wilson(parts: Sequence[float], wholes: Sequence[float]) -> list[Interval]:
    """Return the 95 % Wilson interval of each proportion; every whole is above 0."""
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415

    if not parts:
        return []
    low, high = proportion_confint(list(parts), list(wholes), method="wilson")
    return [(max(0.0, float(a)), min(1.0, float(b))) for a, b in zip(low, high, strict=True)]


def difference(
    part: int, whole: int, other_part: int, other_whole: int
) -> tuple[float, float, float, float]:
    """Return (difference of the proportions, its 95 % Newcombe interval, p of Fisher's exact test, two-sided).

    The score test raises up to 5.5 % false alarms at 5 %; an exact one never more than 5 %, whatever the numbers.
    """
    from scipy.stats import fisher_exact  # noqa: PLC0415
    from statsmodels.stats.proportion import confint_proportions_2indep  # noqa: PLC0415

    low, high = confint_proportions_2indep(
        part, whole, other_part, other_whole, method="newcomb", compare="diff"
    )
    p = fisher_exact([[part, whole - part], [other_part, other_whole - other_part]])[1]
    return part / whole - other_part / other_whole, float(low), float(high), float(p)


@dataclass(frozen=True, slots=True)
class Break:
    """Where a series of rates changes most, and by how much."""

    place: int
    """The first member after it."""
    change: float
    p: float
    """Two-sided, corrected for the number of places there might have been (Bonferroni)."""


def break_in(parts: Sequence[int], wholes: Sequence[int], *, fewest: int) -> Break | None:
    """Return where the proportion before and after differ most; None if no place has `fewest` on either side."""
    import numpy as np  # noqa: PLC0415

    done, seen = np.cumsum(parts), np.cumsum(wholes)
    places = [
        place
        for place in range(1, len(seen))
        if min(seen[place - 1], seen[-1] - seen[place - 1]) >= fewest
    ]
    if not places:
        return None
    before = np.array(places) - 1
    share = done[-1] / seen[-1]
    n, rest = seen[before], seen[-1] - seen[before]
    apart = np.abs(done[before] / n - (done[-1] - done[before]) / rest)
    # Which place it is, by the score; whether it is any, by the exact test.
    best = int(np.argmax(apart / np.sqrt(max(share * (1 - share), 1e-12) * (1 / n + 1 / rest))))
    left = places[best] - 1
    part, whole = int(done[left]), int(seen[left])
    found = difference(int(done[-1]) - part, int(seen[-1]) - whole, part, whole)
    return Break(places[best], found[0], min(1.0, found[3] * len(places)))


SURE = 0.05
"""The p below which something is said to differ: at most that share of alarms is false."""


def mean_interval(n: int, total: int, squares: int, *, fewest: int) -> Interval | None:
    """Return the 95 % interval (Student's t) of a mean of n whole numbers, of their sum and that of their squares.

    None of fewer than `fewest` of them.
    """
    from scipy.stats import t  # noqa: PLC0415

    if n < max(2, fewest):
        return None
    mean = total / n
    wide = float(t.ppf(0.975, n - 1)) * sqrt(max(squares - n * mean * mean, 0) / (n - 1) / n)
    return mean - wide, mean + wide


def holm(values: Sequence[float]) -> list[float]:
    """Return p values corrected for being many (Holm)."""
    import numpy  # noqa: PLC0415

    # As the multipletests of statsmodels; that collects garbage first, which takes 100 ms in a large process.
    order = numpy.argsort(values, kind="stable")
    raised = numpy.asarray(values, dtype=float)[order] * numpy.arange(len(values), 0, -1)
    corrected = numpy.empty(len(values))
    corrected[order] = numpy.minimum(numpy.maximum.accumulate(raised), 1)
    return [float(value) for value in corrected]


def correct(family: Sequence[dict[str, Any]], name: str = "p") -> None:
    """Correct the p values of rows that are looked at together (Holm); rows whose p is None were not tested."""
    tested = [row for row in family if row[name] is not None]
    for row, p in zip(tested, holm([row[name] for row in tested]), strict=True):
        row[name] = p


def at_most(part: int, whole: int, share: float) -> float:
    """Return the p of so few parts where at least that share was to be expected (exact, one-sided)."""
    from scipy.stats import binom  # noqa: PLC0415

    return float(binom.cdf(part, whole, share))


def kaplan_meier(
    days: Sequence[float], finished: Sequence[bool], *, effect: float = 1
) -> dict[str, Any]:
    """Return how long it takes: "median", "low", "high" (days; None if not reached) and "done" (day -> share).

    Those who have not finished yet are censored, not left out. `effect`: by how much less the spans tell, since some
    are of one person, than as many that are independent (design effect); the interval is the wider.
    """
    import numpy  # noqa: PLC0415

    curve = _curve(days, finished)
    curve.surv_prob_se = curve.surv_prob_se * sqrt(effect)
    done = _share_of(curve)
    # Where nobody is left the interval has no end; numpy need not warn of it.
    with numpy.errstate(divide="ignore", invalid="ignore"):
        low, high = curve.quantile_ci(0.5)
    return {
        "median": _finite(curve.quantile(0.5)),
        "low": _finite(low),
        "high": _finite(high),
        "done": {day: float(done(day)) for day in (30, 60, 90)},
    }


def share_done(days: Sequence[float], finished: Sequence[bool]) -> Share:
    """Return the function day -> share done by then (Kaplan-Meier): who has not finished is censored, not left out."""
    return _share_of(_curve(days, finished))


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies: one of them."""
    import numpy  # noqa: PLC0415

    return float(numpy.quantile(numpy.asarray(values, dtype=float), share, method="inverted_cdf"))


def log_rank(days: Sequence[Sequence[float]], finished: Sequence[Sequence[bool]]) -> float | None:
    """Return the p value of a log-rank test between groups; None where it cannot tell, as before anyone is done."""
    import numpy  # noqa: PLC0415
    from statsmodels.duration.survfunc import survdiff  # noqa: PLC0415

    ended = [
        day
        for several, marks in zip(days, finished, strict=True)
        for day, one in zip(several, marks, strict=True)
        if one
    ]
    # A group whose members were all seen for less time than anyone took says nothing, and makes all of it singular.
    seen = [
        place
        for place, several in enumerate(days)
        if several and ended and max(several) >= min(ended)
    ]
    if len(seen) < 2:  # noqa: PLR2004 two to compare
        return None
    times = [day for place in seen for day in days[place]]
    status = [int(one) for place in seen for one in finished[place]]
    groups = [place for place in seen for _ in days[place]]
    try:
        # Where nobody, or all in one group, are at risk when anyone is done, nothing varies.
        with numpy.errstate(divide="ignore", invalid="ignore"):
            return _finite(survdiff(times, status, groups)[1])
    except numpy.linalg.LinAlgError:
        return None


def _curve(days: Sequence[float], finished: Sequence[bool]) -> Any:
    import numpy  # noqa: PLC0415
    from statsmodels.duration.survfunc import SurvfuncRight  # noqa: PLC0415

    return SurvfuncRight(numpy.asarray(days, dtype=float), numpy.asarray(finished, dtype=int))


def _share_of(curve: Any) -> Share:
    import numpy  # noqa: PLC0415

    done = numpy.append(0.0, 1 - numpy.asarray(curve.surv_prob))

    def share(day: Any) -> Any:
        return done[numpy.searchsorted(curve.surv_times, day, side="right")]

    return share


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if number == number and abs(number) != float("inf") else None  # noqa: PLR0124 NaN
