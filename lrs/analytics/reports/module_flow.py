"""From which module to which learners go."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    first = max(rows, key=lambda row: row["learners"])
    return (
        f"Most learners go from {first['module']} to {first['next']}:"
        " where they go another way than planned, see whether the order is right."
    )


REPORT = Report(
    name="module-flow",
    title="Flow between modules",
    question="In which order do learners go through a course?",
    level="descriptive",
    covers=("A4",),
    columns=(
        COURSE,
        Column("module", "activity", "From"),
        Column("next", "activity", "To"),
        Column("learners", "people", "Persons who went that way"),
        Column("times", "count", "Times"),
    ),
    sql="""WITH steps AS (
    SELECT learner, course, module,
           LEAD(module) OVER (PARTITION BY learner, course ORDER BY moment, tie) AS next
    FROM scoped WHERE course <> 0 AND module <> 0
), walked AS (
    SELECT course, module, next, COUNT(DISTINCT learner) AS learners, COUNT(*) AS times
    FROM steps WHERE next IS NOT NULL AND next <> module
    GROUP BY course, module, next
), named AS (
    SELECT course, module, MIN(course_id) AS course_id, MIN(module_id) AS module_id
    FROM scoped WHERE course <> 0 AND module <> 0 GROUP BY course, module
)
SELECT a.course_id AS course, a.module_id AS module, b.module_id AS next, w.learners, w.times
FROM walked w
JOIN named a ON a.course = w.course AND a.module = w.module
JOIN named b ON b.course = w.course AND b.module = w.next
ORDER BY course, times DESC, module, next""",
    reading=_reading,
    chart=Chart("heat", "module", "next", series="learners"),
    definition="A step: two statements of a learner in a row, in two modules of one course.",
)
