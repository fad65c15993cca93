"""Where each learner stands in each course."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import MAX_ROWS, Column, Report, Row
from lrs.analytics.sql.fragments import NOT_ANSWERING


def _reading(rows: Sequence[Row]) -> str:
    done = sum(row["completed"] is not None for row in rows)
    return f"{done} of {len(rows)} courses begun are completed; the others wait for a next step."


REPORT = Report(
    name="learner-progress",
    title="Progress of learners",
    question="Where does each learner stand in each course?",
    level="descriptive",
    covers=("B12", "B23"),
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
    sql=f"""WITH persons AS (
    SELECT learner, course, MIN(course_id) AS course_id, MIN(actor) AS actor,
           MIN(day) AS first_seen, MAX(day) AS last_seen,
           COUNT(DISTINCT CASE WHEN module <> 0 AND roles NOT LIKE '% enrol %' THEN module END)
               AS modules,
           COUNT(DISTINCT CASE WHEN module <> 0 AND activity = module AND completion = 1
                               THEN module END) AS finished,
           MIN(CASE WHEN completion = 1 AND activity = course THEN day END) AS completed,
           MAX(CASE WHEN {NOT_ANSWERING} THEN score END) AS best,
           COUNT(CASE WHEN success = 1 AND {NOT_ANSWERING} THEN 1 END) AS passes,
           COUNT(CASE WHEN success = 0 AND {NOT_ANSWERING} THEN 1 END) AS fails
    FROM scoped WHERE course <> 0 GROUP BY learner, course
)
SELECT actor AS learner, course_id AS course, first_seen, last_seen, modules, finished, completed,
       best, passes, fails
FROM persons ORDER BY learner, course LIMIT {MAX_ROWS + 1}""",
    reading=_reading,
    definition="In the order of learners: this is no league table. A course is completed by its own completion.",
)
