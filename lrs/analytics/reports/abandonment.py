"""In which module courses are given up."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MODULE
from lrs.analytics.report import Chart, Column, Parameter, Report, Row
from lrs.analytics.sql.fragments import LEFT


def _reading(rows: Sequence[Row]) -> str:
    worst = max(rows, key=lambda row: row["abandoned"])
    if not worst["abandoned"]:
        return "Nobody has given up a course: those who have not finished are still at it."
    return (
        f"Most learners give up in {worst['module'] or worst['course']}: {worst['abandoned']} of"
        f" {worst['unfinished']} who have not finished; see what comes last there."
    )


REPORT = Report(
    name="abandonment",
    title="Where courses are given up",
    question="In which module do learners give up?",
    level="diagnostic",
    covers=("B3", "B5", "A40"),
    version=2,
    parameters=(
        Parameter("quiet_days", 14, "Days without a statement after which a course is given up"),
    ),
    columns=(
        COURSE,
        MODULE,
        Column("unfinished", "people", "Persons who have not completed the course"),
        Column("abandoned", "people", "Those last seen in this module, and quiet since"),
        Column(
            "share", "ratio", "Abandoned here of unfinished", part="abandoned", whole="unfinished"
        ),
        Column("first_only", "people", "Those of them who did nothing but this module"),
        Column("still_running", "people", "Those last seen here who are not quiet yet"),
    ),
    sql=f"""WITH visits AS (
    SELECT learner, course, module, MAX(moment) AS moment
    FROM scoped WHERE course <> 0 AND module <> 0 GROUP BY learner, course, module
), lives AS (
    SELECT learner, course, MAX(day) AS day,
           MAX(CASE WHEN course_done = 1 THEN 1 ELSE 0 END) AS finished,
           {LEFT} AS withdrew
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), steps AS (
    SELECT v.course, v.module, l.day,
           ROW_NUMBER() OVER (
               PARTITION BY v.learner, v.course ORDER BY v.moment DESC, v.module DESC
           ) AS place,
           COUNT(*) OVER (PARTITION BY v.learner, v.course) AS modules
    FROM visits v JOIN lives l ON l.learner = v.learner AND l.course = v.course
    WHERE l.finished = 0 AND l.withdrew = 0
), ends AS (
    SELECT course, module, SUM(COUNT(*)) OVER (PARTITION BY course) AS unfinished,
           COUNT(CASE WHEN day < :today - :quiet_days THEN 1 END) AS abandoned,
           COUNT(CASE WHEN day < :today - :quiet_days AND modules = 1 THEN 1 END) AS first_only,
           COUNT(CASE WHEN day >= :today - :quiet_days THEN 1 END) AS still_running
    FROM steps WHERE place = 1
    GROUP BY course, module
), named AS (
    SELECT course, module, MIN(course_id) AS course_id, MIN(module_id) AS module_id
    FROM scoped WHERE course <> 0 GROUP BY course, module
)
SELECT n.course_id AS course, n.module_id AS module, e.unfinished, e.abandoned, e.first_only,
       e.still_running
FROM ends e JOIN named n ON n.course = e.course AND n.module = e.module
ORDER BY course, abandoned DESC, module""",
    reading=_reading,
    chart=Chart("bar", "module", "share", series="course"),
    definition=(
        "Given up: not completed or withdrawn, and no statement anywhere in the course for the days asked; the module"
        " is the last one. Who came back, after however long a gap, or was enrolled again after having withdrawn,"
        " has not given up until that is as long ago."
    ),
)
