"""What expires and falls due, month by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrs.analytics.asking import COURSE
from lrs.analytics.facts.days import month_of
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.certificates import OBLIGED_RULE, STANDING_SQL
from lrs.analytics.statistics.standing import months_of, obligations

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def _finish(told: DataFrame, moment: Moment) -> list[Row]:
    through = moment.today + moment.parameters["ahead"]
    people = obligations(told, moment.today)
    current = people[~people.state.isin(("exempt", "revoked"))]
    found = []
    for course, members in current.groupby("course"):
        tally = {
            "expiring": _months(members.expires),
            "due": _months(members.due[members.done.isna()]),
            "earned": _months(members.granted),
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


def _months(days: Series[float]) -> Counter[str]:
    return Counter(months_of(days.dropna().to_numpy()).tolist())


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
    obligations=True,
    version=3,
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
    sql=STANDING_SQL,
    finish_frame=_finish,
    reading=_reading,
    chart=Chart("bar", "month", "expiring", series="course"),
    definition=OBLIGED_RULE
    + " Who is exempt, or whose certificate was taken back, does not count.",
)
