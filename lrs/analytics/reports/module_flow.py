"""From which module to which learners go."""

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Report

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
    SELECT learner, course, course_id, module, module_id,
           LEAD(module) OVER walk AS next, LEAD(module_id) OVER walk AS next_id
    FROM scoped WHERE course <> 0 AND module <> 0
    WINDOW walk AS (PARTITION BY learner, course ORDER BY moment, tie)
)
SELECT MIN(course_id) AS course, MIN(module_id) AS module, MIN(next_id) AS next,
       COUNT(DISTINCT learner) AS learners, COUNT(*) AS times
FROM steps WHERE next IS NOT NULL AND next <> steps.module
GROUP BY steps.course, steps.module, steps.next
ORDER BY course, times DESC, module, next""",
    chart=Chart("heat", "module", "next", series="learners"),
    definition="A step: two statements of a learner in a row, in two modules of one course.",
)
