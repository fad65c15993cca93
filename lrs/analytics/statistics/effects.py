"""What goes together with what, and how surely: by scipy and statsmodels. Nothing here shows a cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import exp
from typing import Any, NamedTuple

from lrs.analytics.statistics.estimates import SURE, holm

MANY = 20
"""More tests than these are corrected by Benjamini and Hochberg, not by Holm."""
_RARE = 5
_SMALL = 2000
_DRAWS, _SEED = 400, 8


class Estimate(NamedTuple):
    """A number with its 95 % interval and the p of there being none of it."""

    value: float
    low: float
    high: float
    p: float


def rank_correlation(x: Sequence[float], y: Sequence[float]) -> Estimate | None:
    """Return Spearman's rho with its bootstrap interval; None if one of them is all alike."""
    import numpy as np  # noqa: PLC0415 see statistics
    from scipy.stats import bootstrap, rankdata, spearmanr  # noqa: PLC0415

    if len(set(x)) == 1 or len(set(y)) == 1:
        return None
    ranks = rankdata(x), rankdata(y)

    def pearson(a: Any, b: Any, axis: int = -1) -> Any:
        a, b = (one - one.mean(axis=axis, keepdims=True) for one in (a, b))
        spread = np.sqrt((a**2).sum(axis=axis) * (b**2).sum(axis=axis))
        return (a * b).sum(axis=axis) / np.where(spread > 0, spread, 1)

    rho, p = spearmanr(x, y)
    interval = bootstrap(
        ranks, pearson, paired=True, vectorized=True, n_resamples=_DRAWS, batch=50,
        method="percentile", rng=np.random.default_rng(_SEED),
    ).confidence_interval  # fmt: skip
    return Estimate(float(rho), float(interval.low), float(interval.high), float(p))


def adjusted(
    y: Sequence[float],
    x: Sequence[float],
    categories: Sequence[Sequence[Any]] = (),
    numbers: Sequence[Sequence[float | None]] = (),
) -> Estimate | None:
    """Return by how much y is higher where x is 1 higher, among units alike in the rest: least squares.

    Errors are robust: HC3, and HC1, which is then the same, where HC3 would need a matrix of units by units.
    Numbers that are not known get the mean, and a mark. None if it cannot be told.
    """
    import numpy as np  # noqa: PLC0415 see statistics
    from statsmodels.api import OLS  # noqa: PLC0415

    columns = [np.ones(len(y)), np.asarray(x, dtype=float)]
    for values in categories:
        columns += _indicators(values)
    for told in numbers:
        columns += _filled(told)
    design = np.column_stack(columns)
    target = np.asarray(y, dtype=float)
    whole = np.linalg.matrix_rank(design)
    if whole == np.linalg.matrix_rank(np.delete(design, 1, axis=1)) or len(y) <= whole + 1:
        return None
    robust = "HC3" if len(y) <= _SMALL else "HC1"
    fit = OLS(target, design).fit(cov_type=robust, use_t=True)
    low, high = fit.conf_int()[1]
    found = Estimate(*(float(one) for one in (fit.params[1], low, high, fit.pvalues[1])))
    return found if np.isfinite(found).all() else None


def rate_ratio(
    events: Sequence[float], exposure: Sequence[float], after: Sequence[int], units: Sequence[int]
) -> Estimate | None:
    """Return the rate where `after` is 1 as a multiple of that where it is 0; lines of one unit hang together.

    Poisson regression with errors clustered by unit, so that some units' having many events does no harm.
    """
    import numpy as np  # noqa: PLC0415 see statistics
    from statsmodels.api import GLM, families  # noqa: PLC0415

    sums = [sum(e for e, one in zip(events, after, strict=True) if one == side) for side in (0, 1)]
    if not all(sums):
        return None
    design = np.column_stack([np.ones(len(events)), np.asarray(after, dtype=float)])
    fit = GLM(
        np.asarray(events, dtype=float), design, families.Poisson(), exposure=np.asarray(exposure)
    ).fit(cov_type="cluster", cov_kwds={"groups": np.asarray(units)})
    low, high = fit.conf_int()[1]
    return _ratio(fit.params[1], low, high, fit.pvalues[1])


def hazard_ratio(
    days: Sequence[float], finished: Sequence[bool], x: Sequence[int], strata: Sequence[Any]
) -> Estimate | None:
    """Return how much sooner those with x = 1 finish, as a ratio of hazards (Cox), within strata."""
    import numpy as np  # noqa: PLC0415 see statistics
    from statsmodels.duration.hazard_regression import PHReg  # noqa: PLC0415

    ends = [
        sum(one for one, mark in zip(finished, x, strict=True) if mark == side) for side in (0, 1)
    ]
    if not all(ends):
        return None
    names = {name: number for number, name in enumerate(sorted(set(map(str, strata))))}
    fit = PHReg(
        np.asarray(days, dtype=float),
        np.asarray(x, dtype=float)[:, None],
        status=np.asarray(finished, dtype=float),
        strata=np.asarray([names[str(one)] for one in strata]),
        ties="efron",
    ).fit()
    low, high = fit.conf_int()[0]
    return _ratio(fit.params[0], low, high, fit.pvalues[0])


def equivalence(one: Sequence[float], other: Sequence[float], margin: float) -> float:
    """Return the p of the means being further apart than the margin (two one-sided tests, Welch)."""
    from statsmodels.stats.weightstats import ttost_ind  # noqa: PLC0415

    return float(ttost_ind(list(one), list(other), -margin, margin, usevar="unequal")[0])


def spread(values: Sequence[float]) -> float:
    """Return the standard deviation."""
    import numpy as np  # noqa: PLC0415 see statistics

    return float(np.std(np.asarray(values, dtype=float)))


def corrected(values: Sequence[float]) -> list[float]:
    """Return p values corrected for being many: by Holm, or by Benjamini and Hochberg beyond MANY."""
    from scipy.stats import false_discovery_control  # noqa: PLC0415 see statistics

    if len(values) < 2:  # noqa: PLR2004 one test needs no correction
        return list(values)
    if len(values) <= MANY:
        return holm(values)
    return [float(one) for one in false_discovery_control(list(values), method="bh")]


def verdict(found: Estimate | None, p: float | None, margin: float) -> str:
    """Return "more", "less", "no measurable effect" or "unknown"; `p` is corrected, the margin one of the estimate.

    "No measurable effect" needs an interval that lies within the margin: not to have found anything is not enough.
    """
    if found is None or p is None:
        return "unknown"
    if p < SURE:
        return "more" if found.value > 0 else "less"
    return "no measurable effect" if -margin < found.low and found.high < margin else "unknown"


def _ratio(value: float, low: float, high: float, p: float) -> Estimate:
    return Estimate(exp(value), exp(low), exp(high), float(p))


def _indicators(values: Sequence[Any]) -> list[Any]:
    import numpy as np  # noqa: PLC0415 see statistics

    counts = Counter(values)
    common = sorted(str(one) for one, count in counts.items() if count >= _RARE)
    whole = sum(counts[one] for one in counts if str(one) in common) == len(values)
    texts = np.asarray([str(one) for one in values])
    return [(texts == one).astype(float) for one in (common[1:] if whole else common)]


def _filled(told: Sequence[float | None]) -> list[Any]:
    import numpy as np  # noqa: PLC0415 see statistics

    known = [one for one in told if one is not None]
    if len(set(known)) < 2:  # noqa: PLR2004 nothing to tell units apart by
        return []
    middle = sum(known) / len(known)
    filled = np.asarray([middle if one is None else one for one in told], dtype=float)
    if len(known) == len(told):
        return [filled]
    return [filled, np.asarray([float(one is None) for one in told])]
