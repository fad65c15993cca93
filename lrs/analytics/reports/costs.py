"""What courses cost, for each who completes and for each who can do it afterwards."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MATURE
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import DWELL, DWELL_RULE, NOT_ANSWERING, TITLES

_HOUR = 3_600_000


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        hours, wasted = row["active"] / _HOUR, row["active_unfinished"] / _HOUR
        row["hours"], row["wasted_hours"] = round(hours, 4), round(wasted, 4)
        known = row["cost"] is not None or row["cost_per_hour"] is not None
        hourly = (row["cost_per_hour"] or 0) / SCALE
        row["spent"] = (row["cost"] or 0) / SCALE + hourly * hours if known else None
        row["wasted"] = hourly * wasted if row["cost_per_hour"] is not None else None
        row["per_completion"] = _each(row["spent"], row["completed"])
        row["per_competent"] = _each(row["spent"], row["competent"])
        row["exposed"] = row["unfinished"] if row["class"] in ("mandatory", "certification") else 0
    return sorted(rows, key=lambda row: (-(row["spent"] or 0), row["course"]))


def _each(amount: float | None, persons: int) -> float | None:
    return amount / persons if amount is not None and persons else None


def _reading(rows: Sequence[Row]) -> str:
    # What is hidden, since few people are meant, is passed over.
    hours = sum(row["wasted_hours"] or 0 for row in rows)
    exposed = sum(row["exposed"] or 0 for row in rows)
    dear = [row for row in rows if row["per_competent"]]
    end = f"What is unfinished took {hours:,.0f} hours; in {exposed} cases it is mandatory."
    if not dear:
        return f"No costs are known: tell them by `lrs courses import`. {end}"
    most = max(dear, key=lambda row: row["per_competent"])
    return (
        f"A competent person costs up to {most['per_competent']:,.0f}, in the dearest course. {end}"
    )


REPORT = Report(
    name="costs",
    title="Costs",
    question="What does each completion cost, and each person who can do it afterwards?",
    level="descriptive",
    covers=("B57", "A40"),
    version=2,
    parameters=(MATURE,),
    columns=(
        COURSE,
        Column("learners", "people", "Persons who began"),
        Column("completed", "people", "Persons who completed, or earned its certificate"),
        Column("competent", "people", "Persons who passed a test of it, or earned its certificate"),
        Column("hours", "number", "Active hours of all of them"),
        Column("spent", "number", "Cost of the course, and of these hours"),
        Column("per_completion", "number", "Spent for each who completed"),
        Column("per_competent", "number", "Spent for each competent person"),
        Column("unfinished", "people", "Persons who have not completed, after the days asked"),
        Column("wasted_hours", "number", "Their active hours"),
        Column("wasted", "number", "Cost of these hours"),
        Column("exposed", "people", "Those unfinished where the course is mandatory or certifies"),
    ),
    sql=f"""WITH {TITLES}, {DWELL}, spent AS (
    SELECT learner, course, SUM(dwell) AS active FROM dwelt GROUP BY learner, course
), persons AS (
    SELECT learner, course,
           MIN(CASE WHEN roles NOT LIKE '% enrol %' THEN moment END) AS began,
           MAX(CASE WHEN roles LIKE '% earn %' OR course_done = 1 THEN 1
                    ELSE 0 END) AS completed,
           MAX(CASE WHEN roles LIKE '% earn %' THEN 1
                    WHEN success = 1 AND {NOT_ANSWERING} THEN 1 ELSE 0 END) AS competent
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), judged AS (
    SELECT p.learner, p.course, p.completed, p.competent,
           COALESCE(s.active, 0) AS active,
           CASE WHEN p.completed = 0 AND p.began <= :now - :mature * 86400000 THEN 1 ELSE 0 END
               AS unfinished
    FROM persons p LEFT JOIN spent s ON s.learner = p.learner AND s.course = p.course
    WHERE p.began IS NOT NULL
)
SELECT MIN(t.course_id) AS course, COALESCE(MIN(c.class), '') AS class, MIN(c.cost) AS cost,
       MIN(c.cost_per_hour) AS cost_per_hour, COUNT(*) AS learners,
       SUM(j.completed) AS completed, SUM(j.competent) AS competent,
       SUM(j.unfinished) AS unfinished, CAST(FLOOR(SUM(j.active)) AS BIGINT) AS active,
       CAST(FLOOR(SUM(CASE WHEN j.unfinished = 1 THEN j.active ELSE 0 END)) AS BIGINT)
           AS active_unfinished
FROM judged j JOIN titles t ON t.course = j.course
LEFT JOIN planned c ON c.course = j.course
GROUP BY j.course
ORDER BY course""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "course", "per_competent"),
    definition=DWELL_RULE
    + " Costs come from the course file: cost of the course as a whole, cost_per_hour of a learner's time.",
)
