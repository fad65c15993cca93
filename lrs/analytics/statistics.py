"""Interval estimates and tests, by statsmodels and scipy; loaded at the first report, since they are heavy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Interval = tuple[float, float]


def wilson(parts: Sequence[int], wholes: Sequence[int]) -> list[Interval]:
    """Return the 95 % Wilson interval of each proportion; every whole is above 0."""
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415

    if not parts:
        return []
    low, high = proportion_confint(list(parts), list(wholes), method="wilson")
    return [(max(0.0, float(a)), min(1.0, float(b))) for a, b in zip(low, high, strict=True)]


def difference(
    part: int, whole: int, other_part: int, other_whole: int
) -> tuple[float, float, float, float]:
    """Return (difference of the proportions, its 95 % Newcombe interval, p of a two-sided test).

    The test is Fisher's where any expected count is below 5, else the score test.
    """
    from scipy.stats import fisher_exact  # noqa: PLC0415
    from statsmodels.stats.proportion import (  # noqa: PLC0415
        confint_proportions_2indep,
        test_proportions_2indep,
    )

    low, high = confint_proportions_2indep(
        part, whole, other_part, other_whole, method="newcomb", compare="diff"
    )
    pooled = (part + other_part) / (whole + other_whole)
    smallest = min(whole, other_whole) * min(pooled, 1 - pooled)
    if smallest < 5:  # noqa: PLR2004 the usual rule
        p = fisher_exact([[part, whole - part], [other_part, other_whole - other_part]])[1]
    else:
        p = test_proportions_2indep(
            part, whole, other_part, other_whole, compare="diff", method="score"
        ).pvalue
    return part / whole - other_part / other_whole, float(low), float(high), float(p)


def holm(values: Sequence[float]) -> list[float]:
    """Return p values corrected for being many (Holm)."""
    from statsmodels.stats.multitest import multipletests  # noqa: PLC0415

    return (
        [float(value) for value in multipletests(list(values), method="holm")[1]] if values else []
    )


def kaplan_meier(days: Sequence[float], finished: Sequence[bool]) -> dict[str, Any]:
    """Return how long it takes: "median", "low", "high" (days; None if not reached) and "done" (day -> share).

    Those who have not finished yet are censored, not left out.
    """
    import numpy as np  # noqa: PLC0415
    from statsmodels.duration.survfunc import SurvfuncRight  # noqa: PLC0415

    curve = SurvfuncRight(list(days), [int(one) for one in finished])
    # It takes the logarithm of the whole curve, also where that has come down to nought.
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = curve.quantile_ci(0.5)
    times = [float(one) for one in curve.surv_times]
    left = [float(one) for one in curve.surv_prob]

    def done(day: float) -> float:
        reached = [share for time, share in zip(times, left, strict=True) if time <= day]
        return 1 - reached[-1] if reached else 0.0

    return {
        "median": _finite(curve.quantile(0.5)),
        "low": _finite(low),
        "high": _finite(high),
        "done": {day: done(day) for day in (30, 60, 90)},
    }


def log_rank(days: Sequence[Sequence[float]], finished: Sequence[Sequence[bool]]) -> float:
    """Return the p value of a log-rank test between groups."""
    from statsmodels.duration.survfunc import survdiff  # noqa: PLC0415

    times = [day for group in days for day in group]
    status = [int(one) for group in finished for one in group]
    groups = [number for number, group in enumerate(days) for _ in group]
    return float(survdiff(times, status, groups)[1])


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if number == number and abs(number) != float("inf") else None  # noqa: PLR0124 NaN
