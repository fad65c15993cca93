"""How long things take, when not all of them are done yet; by statsmodels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Share = Callable[[float], float]


def share_done(days: Sequence[float], finished: Sequence[bool]) -> Share:
    """Return the function day -> share done by then (Kaplan-Meier): who has not finished is censored, not left out."""
    import numpy as np  # noqa: PLC0415 see statistics
    from statsmodels.duration.survfunc import SurvfuncRight  # noqa: PLC0415

    curve = SurvfuncRight(list(days), [int(one) for one in finished])
    times, left = np.asarray(curve.surv_times), np.asarray(curve.surv_prob)

    def share(day: float) -> float:
        place = int(np.searchsorted(times, day, side="right"))
        return 1 - float(left[place - 1]) if place else 0.0

    return share


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies: one of them."""
    import numpy as np  # noqa: PLC0415 see statistics

    return float(np.quantile(np.asarray(values, dtype=float), share, method="inverted_cdf"))
