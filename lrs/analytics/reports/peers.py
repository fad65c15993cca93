"""Each course among courses of its kind."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MATURE
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.reports.completion import REPORT as COMPLETION
from lrs.analytics.statistics.estimates import quantile

_HOUR, _LONG = 60, 480


def _kind(row: Row) -> str:
    minutes = row["minutes"]
    length = (
        ""
        if minutes is None
        else "short"
        if minutes < _HOUR
        else "long"
        if minutes >= _LONG
        else "middle"
    )
    return f"{row['class']} {length}".strip()


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    kinds: dict[str, list[float]] = {}
    for row in rows:
        row["kind"] = _kind(row)
        row["own"] = row["completed"] / row["starters"]
        kinds.setdefault(row["kind"], []).append(row["own"])
    for row in rows:
        rates = kinds[row["kind"]]
        row["peers"] = len(rates) - 1
        row["median"] = round(quantile(rates, 0.5) * SCALE)
        row["low_quarter"] = round(quantile(rates, 0.25) * SCALE)
        row["high_quarter"] = round(quantile(rates, 0.75) * SCALE)
    return rows


def _reading(rows: Sequence[Row]) -> str:
    low = [row for row in rows if row["peers"] and row["rate"] < row["low_quarter"]]
    if not low:
        return (
            "No course is in the lowest quarter of its kind, or there are no others of that kind."
        )
    return (
        f"{len(low)} of {len(rows)} courses complete less than three quarters of their kind:"
        " look at what the others do differently."
    )


REPORT = Report(
    name="peers",
    title="Among similar courses",
    question="Does a course complete better or worse than similar ones?",
    level="diagnostic",
    covers=("A37",),
    version=2,
    parameters=(MATURE,),
    columns=(
        COURSE,
        Column("kind", "text", "Class and length"),
        Column("starters", "people", "Persons who began"),
        Column("completed", "people", "Persons who completed"),
        Column("rate", "ratio", "Completed of starters", part="completed", whole="starters"),
        Column("peers", "number", "Other courses of this kind"),
        Column("low_quarter", "score", "A quarter of this kind is below"),
        Column("median", "score", "Half of this kind is below"),
        Column("high_quarter", "score", "Three quarters of this kind are below"),
    ),
    sql=COMPLETION.sql,
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "course", "rate", series="kind"),
    definition="Kind: class, and planned length (short: under 1 h, long: 8 h or more), by the course file."
    " Quarters and the middle are rates of courses that there are.",
)
