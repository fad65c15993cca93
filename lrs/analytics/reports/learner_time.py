"""How much time each learner spends, and how often."""

from collections.abc import Sequence
from statistics import median

from lrs.analytics.asking import COURSE
from lrs.analytics.report import MAX_ROWS, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import ACTORS, DWELL, DWELL_RULE, TITLES

_MINUTE = 60_000


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["minutes"] = round(row["dwell"] / _MINUTE, 1)
        row["days_a_week"] = round(row["days"] / row["weeks"], 2)
        row["logins_a_week"] = round(row["logins"] / row["weeks"], 2) if row["logins"] else None
    return rows


def _reading(rows: Sequence[Row]) -> str:
    typical = median(row["minutes"] for row in rows)
    return (
        f"A middle learner spends {typical:.0f} minutes in a course: where somebody needs much more,"
        " ask what is in the way."
    )


REPORT = Report(
    name="learner-time",
    title="Time of learners",
    question="How much time does each learner spend in each course, and how often?",
    level="descriptive",
    covers=("B1",),
    personal=True,
    columns=(
        Column("learner", "agent", "Who"),
        COURSE,
        Column("minutes", "number", "Active minutes, of all modules"),
        Column("modules", "count", "Modules in which they were spent"),
        Column("weeks", "count", "Weeks with anything in the course"),
        Column("days", "count", "Days with anything in the course"),
        Column("days_a_week", "number", "Those days for each of those weeks"),
        Column("logins", "count", "Times that the learner signed in, on any day of those weeks"),
        Column("logins_a_week", "number", "The same for each of those weeks; empty: none told"),
    ),
    sql=f"""WITH {TITLES}, {ACTORS}, {DWELL}, spent AS (
    SELECT learner, course, SUM(dwell) AS dwell,
           COUNT(CASE WHEN module <> 0 AND dwell > 0 THEN 1 END) AS modules
    FROM (
        SELECT learner, course, module, SUM(dwell) AS dwell FROM dwelt
        GROUP BY learner, course, module
    ) each GROUP BY learner, course
), active AS (
    SELECT learner, course, week, COUNT(*) AS days FROM (
        SELECT learner, course, week, day
        FROM scoped WHERE course <> 0 AND roles NOT LIKE '% login %'
        GROUP BY learner, course, week, day
    ) each GROUP BY learner, course, week
), signed AS (
    SELECT learner, week, COUNT(*) AS logins
    FROM scoped WHERE roles LIKE '% login %' GROUP BY learner, week
), regular AS (
    SELECT a.learner, a.course,
           COUNT(*) AS weeks, SUM(a.days) AS days, COALESCE(SUM(s.logins), 0) AS logins
    FROM active a LEFT JOIN signed s ON s.learner = a.learner AND s.week = a.week
    GROUP BY a.learner, a.course
)
SELECT a.actor AS learner, k.course_id AS course, t.dwell, t.modules, r.weeks, r.days, r.logins
FROM regular r JOIN spent t ON t.learner = r.learner AND t.course = r.course
JOIN titles k ON k.course = r.course JOIN actors a ON a.learner = r.learner
ORDER BY learner, course LIMIT {MAX_ROWS + 1}""",
    finish=_finish,
    reading=_reading,
    definition=DWELL_RULE + " In the order of learners: this is no league table.",
)
