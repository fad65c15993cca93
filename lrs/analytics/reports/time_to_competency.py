"""From the start in a role to the first course passed or completed."""

from datetime import date, timedelta

from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.reports.completion_time import REPORT as COMPLETION_TIME


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    cohorts = [{**row, "slice": _quarter(row["start_day"])} for row in rows]
    found = COMPLETION_TIME.finish(cohorts, moment)
    return [{**row, "cohort": row["slice"]} for row in found]


def _quarter(day: int) -> str:
    began = date(1970, 1, 1) + timedelta(days=day)
    return f"{began.year}-Q{(began.month + 2) // 3}"


REPORT = Report(
    name="time-to-competency",
    title="Time to competency",
    question="How long do people take from their start to the standard of their role?",
    level="diagnostic",
    covers=("B17", "B33", "B34"),
    columns=(
        Column("cohort", "text", "Quarter of the start in the role"),
        *(column for column in COMPLETION_TIME.columns if column.name != "slice"),
    ),
    sql="""WITH people_seen AS (
    SELECT learner, MAX(start_day) AS start_day,
           MIN(CASE WHEN success = 1 OR (completion = 1 AND activity = course) THEN day END) AS done
    FROM scoped WHERE start_day IS NOT NULL AND day >= start_day GROUP BY learner
)
SELECT start_day, COALESCE(done, :today) - start_day AS days,
       CASE WHEN done IS NULL THEN 0 ELSE 1 END AS finished, COUNT(*) AS learners
FROM people_seen WHERE COALESCE(done, :today) >= start_day
GROUP BY start_day, COALESCE(done, :today) - start_day, CASE WHEN done IS NULL THEN 0 ELSE 1 END
ORDER BY start_day, days, finished""",
    finish=_finish,
    reading=lambda rows: COMPLETION_TIME.reading([{**row, "slice": row["cohort"]} for row in rows]),
    chart=Chart("bar", "cohort", "median"),
    definition=(
        "From start_date of the people file to the first course completed or passed; Kaplan-Meier, who is not there yet"
        " is censored today. The filter `course` narrows it to the course of the standard."
    ),
)
