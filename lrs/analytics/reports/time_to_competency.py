"""From the start in a role to the first course passed or completed."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.reports.completion_time import REPORT as COMPLETION_TIME
from lrs.analytics.sql.fragments import NOT_ANSWERING


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found = []
    # Days from a hire and days from a first statement are not to be compared.
    for start, several in groupby(rows, key=lambda row: row["counted_from"]):
        cohorts = [{**row, "slice": _quarter(row["start_day"]), "first": 1} for row in several]
        found += [
            {**row, "cohort": row["slice"], "counted_from": start}
            for row in COMPLETION_TIME.finish(cohorts, moment)
        ]
    return found


def _quarter(day: int) -> str:
    began = date(1970, 1, 1) + timedelta(days=day)
    return f"{began.year}-Q{(began.month + 2) // 3}"


def _reading(rows: Sequence[Row]) -> str:
    first = rows[0]["counted_from"]
    told = [{**row, "slice": row["cohort"]} for row in rows if row["counted_from"] == first]
    return f"Counted from the {first}: {COMPLETION_TIME.reading(told)}"


_MEASURES = ("days", "score", "number")


REPORT = Report(
    name="time-to-competency",
    title="Time to competency",
    question="How long do people take from their start to the standard of their role?",
    level="diagnostic",
    covers=("B17", "B33", "B34"),
    version=4,
    columns=(
        Column("cohort", "text", "Quarter of the start", attribute=True),
        Column("counted_from", "text", "start date (people file), enrolment, first statement"),
        Column("learners", "people", "Persons"),
        Column("completed", "people", "Those of them who are there"),
        *(column for column in COMPLETION_TIME.columns if column.kind in _MEASURES),
    ),
    sql=f"""WITH hired AS (
    SELECT person_key AS learner, MAX(start_day) AS start_day
    FROM staff WHERE start_day <= :today AND valid_from <= :today GROUP BY person_key
), seen AS (
    SELECT learner, MIN(day) AS first_day,
           MIN(CASE WHEN roles LIKE '% enrol %' OR roles LIKE '% assign %' THEN day END) AS enrolled
    FROM scoped GROUP BY learner
), starts AS (
    SELECT learner, start_day, 1 AS known FROM hired
    UNION ALL
    SELECT s.learner, COALESCE(s.enrolled, s.first_day) AS start_day,
           CASE WHEN s.enrolled IS NULL THEN 3 ELSE 2 END AS known
    FROM seen s LEFT JOIN hired h ON h.learner = s.learner WHERE h.learner IS NULL
), cohorts AS (
    SELECT s.* FROM starts s
    JOIN chosen_days d
      ON s.start_day >= d.first_day AND s.start_day <= d.last_day AND s.start_day >= d.told_since
), reached AS (
    SELECT learner, day FROM scoped
    WHERE (success = 1 AND {NOT_ANSWERING})
       OR (course_done = 1)
    GROUP BY learner, day
), people_seen AS (
    SELECT s.learner, s.known, s.start_day, MIN(r.day) AS done
    FROM cohorts s LEFT JOIN reached r ON r.learner = s.learner AND r.day >= s.start_day
    GROUP BY s.learner, s.known, s.start_day
)
SELECT CASE known WHEN 1 THEN 'start date' WHEN 2 THEN 'enrolment' ELSE 'first statement' END
           AS counted_from,
       known, start_day, COALESCE(done, :today) - start_day AS days,
       CASE WHEN done IS NULL THEN 0 ELSE 1 END AS finished, COUNT(*) AS learners
FROM people_seen WHERE COALESCE(done, :today) >= start_day
GROUP BY known, start_day, COALESCE(done, :today) - start_day,
         CASE WHEN done IS NULL THEN 0 ELSE 1 END
ORDER BY known, start_day, days, finished""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "cohort", "median", series="counted_from"),
    definition=(
        "From start_date of the people file, the newest of somebody; of who has none there, from the first enrolment or"
        " assignment, else the first statement; to the first course completed or assessment passed since. Kaplan-Meier:"
        " who is not there yet is censored today, and so is who has a start date and has done nothing. Who started"
        " before the first statement of all is left out: what they did then is not known. since and until choose by the"
        " start. The filters `course` and `role` narrow it to a standard and to those whom it is for."
    ),
)
