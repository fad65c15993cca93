"""When learners learn."""

from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Report, Row

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _reading(rows: Sequence[Row]) -> str:
    busiest = max(rows, key=lambda row: row["learners"])
    return (
        f"Most learners are there on {_DAYS[busiest['weekday'] - 1]} from {busiest['clock']}:00 on:"
        " send reminders an hour before."
    )


REPORT = Report(
    name="hours",
    title="Hours and weekdays",
    question="When do learners learn, and on what?",
    level="descriptive",
    covers=("A22",),
    columns=(
        Column("weekday", "number", "1 = Monday"),
        Column("clock", "number", "Hour of the day, where the learner was"),
        Column("learners", "people", "Persons"),
        Column("statements", "count", "Statements"),
        Column("mobile", "count", "Those from mobile devices"),
        Column("completions", "count", "Completions"),
    ),
    sql="""WITH told AS (SELECT weekday, hour, learner, device, completion FROM scoped)
SELECT weekday, hour AS clock, COUNT(DISTINCT learner) AS learners, COUNT(*) AS statements,
       COUNT(CASE WHEN device = 'mobile' THEN 1 END) AS mobile,
       COUNT(CASE WHEN completion = 1 THEN 1 END) AS completions
FROM told GROUP BY weekday, hour
ORDER BY weekday, clock""",
    reading=_reading,
    chart=Chart("heat", "clock", "weekday", series="statements"),
)
