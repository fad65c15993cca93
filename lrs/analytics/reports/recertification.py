"""Who is about to miss a deadline, and whether there is time yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrs.analytics.asking import COURSE
from lrs.analytics.frames import rows_of
from lrs.analytics.report import Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.certificates import OBLIGED_RULE, OBLIGED_SQL
from lrs.analytics.statistics.estimates import Share, quantile, share_done
from lrs.analytics.statistics.standing import obligations, safe_start

if TYPE_CHECKING:
    from pandas import DataFrame

LEADS = (7, 14, 30, 60, 90)
_FEWEST, _SLOW, _HOPE = 20, 0.9, 0.05
_ORDER = ("late", "too late to make it", "due today", *(f"{days} days" for days in LEADS), "start")


def _finish(told: DataFrame, moment: Moment) -> list[Row]:
    import pandas  # noqa: PLC0415 see estimates

    today = moment.today
    people = obligations(told, today)
    courses = [
        _alerts(members, moment.parameters["needs"], today)
        for _, members in people.groupby("course")
    ]
    if not courses:
        return []
    found = pandas.concat(courses)
    found["place"] = found.alert.map({alert: place for place, alert in enumerate(_ORDER)})
    urgent = found[found.alert != ""].assign(day=today)
    return rows_of(urgent.sort_values(["place", "days_left", "course", "learner"]))


def _alerts(people: DataFrame, needs: float, today: int) -> DataFrame:
    """Return those of a course for whom there is a day on which it is due, each with its alert, "" if none."""
    timed = people[people.began.notna() & ~(people.done < people.began)]
    spans = timed.done.fillna(today) - timed.began
    finished = timed.done.notna()
    passed = int(finished.sum())
    curve = None
    if passed >= _FEWEST:
        needs = quantile(spans[finished], _SLOW)
        curve = share_done(spans, finished)
    found = people[people.due.notna() & ~people.state.isin(("exempt", "revoked"))]
    found = found.assign(needs=float(needs), peers=passed, safe_start=safe_start(found.due, needs))
    found["p_on_time"] = _chances(found, curve, today)
    found["alert"] = _alert(found, today)
    return found.astype({"needs": object, "p_on_time": object})


def _alert(found: DataFrame, today: int) -> Any:
    """Return the level of each alert, "" for none yet: the nearest lead time, or worse."""
    import numpy as np  # noqa: PLC0415 see estimates

    left = found.days_left
    levels = (
        (left < 0, "late"),
        (found.p_on_time < _HOPE, "too late to make it"),
        (left == 0, "due today"),
        *((left <= lead, f"{lead} days") for lead in LEADS),
        (found.safe_start <= today, "start"),
    )
    return np.select([one for one, _ in levels], [name for _, name in levels], "")


def _chances(found: DataFrame, curve: Share | None, today: int) -> Any:
    """Return with which chance each is done in time: as of peers who had got as far; NaN unless known."""
    import numpy as np  # noqa: PLC0415 see estimates

    if curve is None:
        return np.nan
    # Who must renew begins anew.
    spent = (today - found.began).where(found.done.isna(), -1).fillna(-1)
    left = 1 - curve(spent)
    on_time = curve(spent.clip(lower=0) + found.days_left) - curve(spent)
    known = (left > 0) & (found.days_left >= 0).to_numpy()
    return np.where(known, on_time / np.where(left > 0, left, 1), np.nan)


def _reading(rows: Sequence[Row]) -> str:
    if not rows:
        return "No deadline is near."
    late = sum(row["alert"] == "late" for row in rows)
    lost = sum(row["alert"] == "too late to make it" for row in rows)
    now = sum(row["days_left"] >= 0 and row["safe_start"] <= row["day"] for row in rows)
    return (
        f"{late} are late, {lost} can hardly make it in time any more, and {now} should begin today:"
        " remind them, and tell the manager of those in the first lines."
    )


REPORT = Report(
    name="recertification",
    title="Deadlines of certificates",
    question="Who is about to miss a certificate's deadline, and is there time yet?",
    level="predictive",
    covers=("B20", "B13"),
    obligations=True,
    version=3,
    as_of_now=True,
    personal=True,
    ranked_by=("alert", "days_left", "course"),
    parameters=(
        Parameter("needs", 14, "Days that it takes where fewer than 20 have done it before"),
    ),
    columns=(
        COURSE,
        Column("learner", "agent", "Who"),
        Column("alert", "text", "late, too late to make it, due today, 7 to 90 days, start"),
        Column("due", "day", "To be done by the end of this day"),
        Column("days_left", "days", "Days until then"),
        Column("safe_start", "day", "Latest day to begin on, with a week to spare"),
        Column("p_on_time", "ratio", "Share of those who had got as far that were done in time"),
        Column("needs", "days", "Days within which 9 of 10 who were certified had done it"),
        Column("peers", "count", "Persons certified before, from whom this is known"),
        Column("state", "text", "As in `obligations`"),
        Column("day", "day", "Day of this answer"),
    ),
    sql=OBLIGED_SQL,
    finish_frame=_finish,
    reading=_reading,
    definition=OBLIGED_RULE
    + (
        " Safe start: the due day less the days that 9 of 10 needed, less 7. start: that day has come, though the due"
        " day is more than 90 days away. p_on_time: Kaplan-Meier of the days from the first statement to the first"
        " certificate, given the days spent already; under 5 % it can hardly be made in time."
    ),
)
