"""Where each learner stands in each course."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import MAX_ROWS, Column, Report, Row
from lrs.analytics.sql.fragments import ACTORS, NOT_ANSWERING, TITLES


def _reading(rows: Sequence[Row]) -> str:
    done = sum(row["completed"] is not None for row in rows)
    return f"{done} of {len(rows)} courses begun are completed; the others wait for a next step."


REPORT = Report(
    name="learner-progress",
    title="Progress of learners",
    question="Where does each learner stand in each course?",
    level="descriptive",
    covers=("B12", "B23"),
    version=2,
    personal=True,
    columns=(
        Column("learner", "agent", "Who"),
        COURSE,
        Column("first_seen", "day", "First statement"),
        Column("last_seen", "day", "Last statement"),
        Column("modules", "count", "Modules begun"),
        Column("finished", "count", "Modules completed"),
        Column("completed", "day", "When the course was completed"),
        Column("best", "score", "Best score of an assessment"),
        Column("passes", "count", "Passed attempts"),
        Column("fails", "count", "Failed attempts"),
    ),
    sql=f"""WITH {TITLES}, {ACTORS}, visits AS (
    SELECT learner, course, module, MIN(day) AS first_seen, MAX(day) AS last_seen,
           MAX(CASE WHEN module <> 0 AND roles NOT LIKE '% enrol %' THEN 1 ELSE 0 END) AS seen,
           MAX(CASE WHEN module <> 0 AND activity = module AND completion = 1 THEN 1 ELSE 0 END)
               AS finished,
           MIN(CASE WHEN course_done = 1 THEN day END) AS completed,
           MAX(CASE WHEN {NOT_ANSWERING} THEN score END) AS best,
           COUNT(CASE WHEN success = 1 AND {NOT_ANSWERING} THEN 1 END) AS passes,
           COUNT(CASE WHEN success = 0 AND {NOT_ANSWERING} THEN 1 END) AS fails
    FROM scoped WHERE course <> 0 GROUP BY learner, course, module
), persons AS (
    SELECT learner, course, MIN(first_seen) AS first_seen, MAX(last_seen) AS last_seen,
           SUM(seen) AS modules, SUM(finished) AS finished, MIN(completed) AS completed,
           MAX(best) AS best, SUM(passes) AS passes, SUM(fails) AS fails
    FROM visits GROUP BY learner, course
)
SELECT a.actor AS learner, t.course_id AS course, p.first_seen, p.last_seen,
       CAST(p.modules AS INT) AS modules, CAST(p.finished AS INT) AS finished, p.completed, p.best,
       CAST(p.passes AS INT) AS passes, CAST(p.fails AS INT) AS fails
FROM persons p JOIN titles t ON t.course = p.course JOIN actors a ON a.learner = p.learner
ORDER BY learner, course LIMIT {MAX_ROWS + 1}""",
    reading=_reading,
    definition="In the order of learners: this is no league table. A course is completed by its own completion.",
)
