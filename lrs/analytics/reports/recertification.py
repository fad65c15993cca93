"""Who is about to miss a deadline, and whether there is time yet."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.certificates import (
    OBLIGED_RULE,
    OBLIGED_SQL,
    by_course,
    obligations,
    safe_start,
)
from lrs.analytics.statistics.estimates import Share, quantile, share_done

LEADS = (7, 14, 30, 60, 90)
_FEWEST, _SLOW, _HOPE = 20, 0.9, 0.05
_ORDER = ("late", "too late to make it", "due today", *(f"{days} days" for days in LEADS), "start")


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found = []
    for _, people in by_course(obligations(rows, moment.today)):
        spans = [_span(row, moment.today) for row in people if _is_timed(row)]
        passed = [days for days, finished in spans if finished]
        known = len(passed) >= _FEWEST
        needs = quantile(passed, _SLOW) if known else moment.parameters["needs"]
        curve = share_done(*zip(*spans, strict=True)) if known else None
        for row in people:
            if row["due"] is None or row["state"] in ("exempt", "revoked"):
                continue
            row |= {"needs": float(needs), "peers": len(passed)}
            row["safe_start"] = safe_start(row["due"], needs)
            row["p_on_time"] = _chance(row, curve, moment.today)
            row["alert"] = alert(row, moment.today)
            found.append(row)
    urgent = [row for row in found if row["alert"]]
    return sorted(
        urgent,
        key=lambda row: (
            _ORDER.index(row["alert"]),
            row["days_left"],
            row["course"],
            row["learner"],
        ),
    )


def alert(row: Row, today: int) -> str:
    """Return the level of the alert, "" for none yet: the nearest lead time, or worse."""
    left = row["days_left"]
    if left < 0:
        return "late"
    if row["p_on_time"] is not None and row["p_on_time"] < _HOPE:
        return "too late to make it"
    if left == 0:
        return "due today"
    for lead in LEADS:
        if left <= lead:
            return f"{lead} days"
    return "start" if today >= row["safe_start"] else ""


def _is_timed(row: Row) -> bool:
    return row["began"] is not None and (row["done"] is None or row["done"] >= row["began"])


def _span(row: Row, today: int) -> tuple[float, bool]:
    return float((row["done"] or today) - row["began"]), row["done"] is not None


def _chance(row: Row, curve: Share | None, today: int) -> float | None:
    """Return with which chance it is done in time: as of peers who had got as far."""
    if curve is None or row["days_left"] < 0:
        return None
    spent = today - row["began"] if row["done"] is None and row["began"] is not None else -1
    left = 1 - curve(spent)
    if left <= 0:
        return None
    # Who must renew begins anew.
    return (curve(max(spent, 0) + row["days_left"]) - curve(spent)) / left


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


def _finished(rows: list[Row], moment: Moment) -> list[Row]:
    return [{**row, "day": moment.today} for row in _finish(rows, moment)]


REPORT = Report(
    name="recertification",
    title="Deadlines of certificates",
    question="Who is about to miss a certificate's deadline, and is there time yet?",
    level="predictive",
    covers=("B20", "B13"),
    version=2,
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
    finish=_finished,
    reading=_reading,
    definition=OBLIGED_RULE
    + (
        " Safe start: the due day less the days that 9 of 10 needed, less 7. start: that day has come, though the due"
        " day is more than 90 days away. p_on_time: Kaplan-Meier of the days from the first statement to the first"
        " certificate, given the days spent already; under 5 % it can hardly be made in time."
    ),
)
