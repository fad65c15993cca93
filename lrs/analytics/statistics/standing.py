"""Where people stand with certificates: the calendar that SQL has not got. For many persons at once, in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import ndarray
    from pandas import DataFrame

    Numbers = ndarray[Any, Any]

CRITICAL, SOON = 7, 30
"""Days before a date from which on it is critical, or due soon."""
_ANCIENT = -700_000
"""Before this day stands what has been for ever."""

HELD = ("valid", "due soon", "critical", "grace")
"""The states in which a certificate is held."""
OWED = (*HELD, "lapsed", "revoked", "overdue", "assigned")
"""The states of those who must hold it."""


def obligations(told: DataFrame, today: int) -> DataFrame:
    """Return a row for each person and course of what is told: columns of STANDING, by person in order of the grants.

    Columns: course, learner_key (and learner), assigned, due, done (first), granted (last), expires, state, days_left,
    began; days since 1970, NaN where there is none.
    """
    import numpy as np  # noqa: PLC0415 see estimates

    starts = _starts(told)
    ends = np.append(starts[1:], True) if len(starts) else starts
    first = told[starts]
    granted = _numbers(told, "granted")[ends]
    assigned = np.fmin(*(_recent(_numbers(first, name)) for name in ("enrolled", "required")))
    expires = expiries(told, starts)[ends]
    has_none = np.isnan(granted)
    due = np.where(has_none, assigned + _numbers(first, "due_days"), expires)
    kept = ["course", "learner_key", *(["learner"] if "learner" in told else [])]
    found = first[kept].assign(
        assigned=assigned,
        due=due,
        done=_numbers(first, "granted"),
        granted=granted,
        expires=expires,
        state=_states(first, granted, due - today),
        days_left=due - today,
        began=_numbers(first, "began"),
    )
    withdrawn = (_numbers(first, "withdrawn") == 1) & np.isnan(_numbers(first, "required"))
    return found[~(withdrawn & has_none)]


def expiries(told: DataFrame, starts: Numbers) -> Numbers:
    """Return for each row the last day on which it is valid; NaN: for ever. `starts`: the first rows of persons.

    A renewal within renewal_days of the end counts from that end on.
    """
    import numpy as np  # noqa: PLC0415 see estimates

    granted, until = _numbers(told, "granted"), _numbers(told, "valid_until")
    months, window = _numbers(told, "valid_months"), _numbers(told, "renewal_days")
    last = np.where(np.isnan(until), months_after(granted, months), until)
    if starts.all():
        return last
    place = np.arange(len(told)) - np.flatnonzero(starts)[np.cumsum(starts) - 1]
    for number in range(1, place.max() + 1):
        rows = np.flatnonzero(place == number)
        early = last[rows - 1] - granted[rows]
        renewed = rows[(early >= 0) & (early <= window[rows]) & np.isnan(until[rows])]
        last[renewed] = months_after(last[renewed - 1], months[renewed])
    return last


def months_after(days: Numbers, months: Numbers) -> Numbers:
    """Return the same days so many months later, or the last ones of those months; since 1970, NaN unless known."""
    import numpy as np  # noqa: PLC0415 see estimates

    known = ~(np.isnan(days) | np.isnan(months))
    start = np.where(known, days, 0).astype("int64").astype("M8[D]")
    month = start.astype("M8[M]")
    then = month + np.where(known, months, 0).astype("int64").astype("m8[M]")
    longest = (then + 1).astype("M8[D]") - 1
    end = np.minimum(then.astype("M8[D]") + (start - month.astype("M8[D]")), longest)
    return np.where(known, end.astype("int64"), np.nan)


def months_of(days: Numbers) -> Numbers:
    """Return "2026-01" of each of the days since 1970."""
    import numpy as np  # noqa: PLC0415 see estimates

    return np.datetime_as_string(days.astype("int64").astype("M8[D]"), unit="M")


def safe_start(due: Any, longest: float) -> Any:
    """Return the latest day to begin on, with a week to spare, if it takes so many days."""
    return due - int(-(-longest // 1)) - CRITICAL


def _starts(told: DataFrame) -> Numbers:
    """Return which rows are the first ones of a person and course."""
    same = (told.course == told.course.shift()) & (told.learner_key == told.learner_key.shift())
    starts: Numbers = ~same.to_numpy()
    return starts


def _numbers(told: DataFrame, name: str) -> Numbers:
    found: Numbers = told[name].to_numpy(dtype=float, na_value=float("nan"))
    return found


def _recent(days: Numbers) -> Numbers:
    import numpy as np  # noqa: PLC0415 see estimates

    found: Numbers = np.where(days > _ANCIENT, days, np.nan)
    return found


def _states(first: DataFrame, granted: Numbers, left: Numbers) -> Numbers:
    """Return how it stands with each; `left`: days until it is due, NaN if it never is."""
    import numpy as np  # noqa: PLC0415 see estimates

    waived, revoked = _numbers(first, "waived"), _numbers(first, "revoked")
    grace = np.nan_to_num(_numbers(first, "grace_days"))
    has_none = np.isnan(granted)
    # What is not known is neither more nor less than anything.
    states = (
        (~np.isnan(waived) & ~(waived < granted), "exempt"),
        (revoked > granted, "revoked"),
        (has_none & (left < 0), "overdue"),
        (has_none, "assigned"),
        (~(left <= SOON), "valid"),
        (left > CRITICAL, "due soon"),
        (left >= 0, "critical"),
        (-left <= grace, "grace"),
    )
    found: Numbers = np.select([one for one, _ in states], [name for _, name in states], "lapsed")
    return found
