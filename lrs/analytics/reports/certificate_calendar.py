"""What expires and falls due, month by month."""

from collections import Counter
from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.certificates import (
    OBLIGED_RULE,
    OBLIGED_SQL,
    by_course,
    month_of,
    obligations,
)


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    through = moment.today + moment.parameters["ahead"]
    found = []
    for course, people in by_course(obligations(rows, moment.today)):
        current = [row for row in people if row["state"] not in ("exempt", "revoked")]
        tally = {
            "expiring": _months(row["expires"] for row in current),
            "due": _months(row["due"] for row in current if row["done"] is None),
            "earned": _months(row["granted"] for row in current),
        }
        months = sorted(set().union(*tally.values()))
        found += [
            {
                "course": course,
                "month": month,
                "past": int(month < month_of(moment.today)),
                **{name: counts[month] for name, counts in tally.items()},
            }
            for month in months
            if month <= month_of(through)
        ]
    return found


def _months(days: object) -> Counter[str]:
    return Counter(month_of(day) for day in days if day is not None)  # type: ignore[attr-defined]


def _reading(rows: Sequence[Row]) -> str:
    coming = [row for row in rows if not row["past"]]
    if not coming:
        return "Nothing expires or falls due in the time ahead."
    most = max(coming, key=lambda row: row["expiring"] + row["due"])
    return (
        f"{sum(row['expiring'] for row in coming)} certificates expire in the time ahead; the fullest month is"
        f" {most['month']}: plan its sessions now."
    )


REPORT = Report(
    name="certificate-calendar",
    title="Certificates month by month",
    question="How many certificates expire or fall due in which month?",
    level="predictive",
    covers=("B13", "B20"),
    version=2,
    as_of_now=True,
    parameters=(Parameter("ahead", 366, "Days ahead"),),
    columns=(
        COURSE,
        Column("month", "text", "Month"),
        Column("expiring", "people", "Persons whose newest certificate expires in it"),
        Column("due", "people", "Persons whose first certificate is due in it"),
        Column("earned", "people", "Persons whose newest certificate is of this month"),
        Column("past", "flag", "The month is over"),
    ),
    sql=OBLIGED_SQL,
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "month", "expiring", series="course"),
    definition=OBLIGED_RULE
    + " Who is exempt, or whose certificate was taken back, does not count.",
)
