"""What goes together with what, and how surely: by scipy and statsmodels. Nothing here shows a cause."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp
from typing import Any, NamedTuple

from lrs.analytics.statistics.estimates import SURE, holm

Numbers = Any
"""Numbers in a list, an array or a column; NaN or None: not known."""
MANY = 20
"""More tests than these are corrected by Benjamini and Hochberg, not by Holm."""
_RARE = 5
_SMALL = 1000
_SAME = 1e-8


class Estimate(NamedTuple):
    """A number with its 95 % interval and the p of there being none of it."""

    value: float
    low: float
    high: float
    p: float


def rank_correlation(x: Numbers, y: Numbers) -> Estimate | None:
    """Return Spearman's rho with Fisher's interval of the ranks' correlation; None if one of them is all alike."""
    import numpy as np  # noqa: PLC0415 see estimates
    from scipy.stats import pearsonr, rankdata  # noqa: PLC0415

    ranks = rankdata(x), rankdata(y)
    if min(np.ptp(one) for one in ranks) == 0:
        return None
    found = pearsonr(*ranks)
    low, high = found.confidence_interval(0.95)
    return Estimate(*(float(one) for one in (found.statistic, low, high, found.pvalue)))


def adjusted(
    y: Numbers,
    x: Numbers,
    categories: Sequence[Sequence[Any]] = (),
    numbers: Sequence[Numbers] = (),
) -> Estimate | None:
    """Return by how much y is higher where x is 1 higher, among units alike in the rest: see `among_alike`."""
    return among_alike(y, categories, numbers)(x)


def among_alike(
    y: Numbers,
    categories: Sequence[Sequence[Any]] = (),
    numbers: Sequence[Numbers] = (),
) -> Callable[[Numbers], Estimate | None]:
    """Return what says of an x by how much y is higher where it is 1 higher, among units alike in the rest.

    Least squares. Errors are robust: HC3, and HC1, which is then the same, where HC3 would need a matrix of units by
    units. Numbers that are not known get the mean, and a mark. None if it cannot be told.
    """
    import numpy as np  # noqa: PLC0415 see estimates
    from statsmodels.api import OLS  # noqa: PLC0415

    columns = [np.ones(len(y))]
    for values in categories:
        columns += _indicators(values)
    for told in numbers:
        columns += _filled(told)
    rest = np.column_stack(columns)
    basis = _basis(rest)
    target = np.asarray(y, dtype=float)
    free = len(target) - basis.shape[1] - 1

    def alone(values: Numbers) -> Numbers:
        return values - basis @ (basis.T @ values)

    left = alone(target)

    def effect(x: Numbers) -> Estimate | None:
        told = np.asarray(x, dtype=float)
        unlike = alone(told)
        if free <= 0 or np.linalg.norm(unlike) <= _SAME * np.linalg.norm(told):
            return None
        if len(target) > _SMALL:
            # The same estimate, without solving for the rest once more (Frisch, Waugh and Lovell).
            model = OLS(left, unlike)
            model.df_resid = free
            fit = model.fit(cov_type="HC1", use_t=True)
        else:
            fit = OLS(target, np.column_stack([told, basis])).fit(cov_type="HC3", use_t=True)
        low, high = fit.conf_int()[0]
        found = Estimate(*(float(one) for one in (fit.params[0], low, high, fit.pvalues[0])))
        return found if np.isfinite(found).all() else None

    return effect


def rate_ratio(
    events: Numbers, exposure: Numbers, after: Numbers, units: Numbers
) -> Estimate | None:
    """Return the rate where `after` is 1 as a multiple of that where it is 0; lines of one unit hang together.

    Poisson regression with errors clustered by unit, so that some units' having many events does no harm.
    """
    import numpy as np  # noqa: PLC0415 see estimates
    from statsmodels.api import GLM, families  # noqa: PLC0415

    events, after = np.asarray(events, dtype=float), np.asarray(after)
    if not all(events[after == side].sum() for side in (0, 1)):
        return None
    design = np.column_stack([np.ones(len(events)), np.asarray(after, dtype=float)])
    fit = GLM(events, design, families.Poisson(), exposure=np.asarray(exposure)).fit(
        cov_type="cluster", cov_kwds={"groups": np.asarray(units)}
    )
    low, high = fit.conf_int()[1]
    return _ratio(fit.params[1], low, high, fit.pvalues[1])


def hazard_ratio(
    days: Sequence[float], finished: Sequence[bool], x: Sequence[int], strata: Sequence[Any]
) -> Estimate | None:
    """Return how much sooner those with x = 1 finish, as a ratio of hazards (Cox), within strata."""
    import numpy as np  # noqa: PLC0415 see estimates
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


def spread(values: Numbers) -> float:
    """Return the standard deviation."""
    import numpy as np  # noqa: PLC0415 see estimates

    return float(np.std(np.asarray(values, dtype=float)))


def corrected(values: Sequence[float]) -> list[float]:
    """Return p values corrected for being many: by Holm, or by Benjamini and Hochberg beyond MANY."""
    from scipy.stats import false_discovery_control  # noqa: PLC0415 see estimates

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


def _basis(columns: Numbers) -> Numbers:
    """Return columns at right angles that say what these say; what others before it say already, adds none."""
    import numpy as np  # noqa: PLC0415 see estimates

    wide = np.abs(columns).max(axis=0)
    scaled = columns / np.where(wide > 0, wide, 1)
    basis, parts = np.linalg.qr(scaled)
    own = np.abs(np.diagonal(parts)) > _SAME * np.sqrt(len(columns))
    return basis if own.all() else np.linalg.qr(scaled[:, : len(own)][:, own])[0]


def _indicators(values: Sequence[Any]) -> list[Any]:
    import numpy as np  # noqa: PLC0415 see estimates

    texts = np.asarray(list(values)).astype(str)
    names, counts = np.unique(texts, return_counts=True)
    common = names[counts >= _RARE]
    whole = len(common) == len(names)
    return [(texts == one).astype(float) for one in (common[1:] if whole else common)]


def _filled(told: Numbers) -> list[Any]:
    import numpy as np  # noqa: PLC0415 see estimates

    values = np.asarray(told, dtype=float)
    gaps = np.isnan(values)
    if gaps.all() or np.ptp(values[~gaps]) == 0:
        # Nothing to tell units apart by.
        return []
    filled = np.where(gaps, values[~gaps].mean(), values)
    return [filled, gaps.astype(float)] if gaps.any() else [filled]
