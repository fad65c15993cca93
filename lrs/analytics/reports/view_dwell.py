"""How long learners stay."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MODULE
from lrs.analytics.report import Chart, Column, Report, Row
from lrs.analytics.sql.fragments import DWELL, DWELL_RULE


def _reading(rows: Sequence[Row]) -> str:
    rated = [row for row in rows if row["view_rate"] is not None]
    if not rated:
        return "Nobody was seen in any module yet."
    worst = min(rated, key=lambda row: row["view_rate"])
    return (
        f"{worst['module'] or worst['course']} is only opened most often: {worst['viewers']} of"
        f" {worst['learners']} stayed; look at its first screen."
    )


REPORT = Report(
    name="view-dwell",
    title="Time in each module",
    question="Do learners stay, or only open it?",
    level="descriptive",
    covers=("A8", "B1", "B5", "B21"),
    columns=(
        COURSE,
        MODULE,
        Column("learners", "people", "Persons seen there"),
        Column("viewers", "people", "Persons who viewed"),
        Column("view_rate", "ratio", "Viewers of learners", part="viewers", whole="learners"),
        Column("median", "seconds", "Median active time"),
        Column("shortest", "seconds", "Lower quartile"),
        Column("longest", "seconds", "Upper quartile"),
        Column("over_5", "people", "Persons with at least 5 s"),
        Column("over_20", "people", "Persons with at least 20 s"),
        Column("total", "seconds", "Active time of all together"),
    ),
    sql=f"""WITH {DWELL}, persons AS (
    SELECT learner, course, module, SUM(dwell) AS dwell, MAX(viewed) AS viewed
    FROM dwelt GROUP BY learner, course, module
), placed AS (
    SELECT course, module, dwell, viewed,
           ROW_NUMBER() OVER (PARTITION BY course, module ORDER BY dwell, learner) AS place,
           COUNT(*) OVER (PARTITION BY course, module) AS n
    FROM persons
), named AS (
    SELECT course, module, MIN(course_id) AS course_id, MIN(module_id) AS module_id
    FROM scoped WHERE course <> 0 GROUP BY course, module
)
SELECT MIN(n.course_id) AS course, MIN(n.module_id) AS module, COUNT(*) AS learners,
       SUM(p.viewed) AS viewers,
       MIN(CASE WHEN 2 * p.place >= p.n THEN p.dwell END) AS median,
       MIN(CASE WHEN 4 * p.place >= p.n THEN p.dwell END) AS shortest,
       MIN(CASE WHEN 4 * p.place >= 3 * p.n THEN p.dwell END) AS longest,
       COUNT(CASE WHEN p.dwell >= 5000 THEN 1 END) AS over_5,
       COUNT(CASE WHEN p.dwell >= 20000 THEN 1 END) AS over_20,
       SUM(p.dwell) AS total
FROM placed p JOIN named n ON n.course = p.course AND n.module = p.module
GROUP BY p.course, p.module
ORDER BY course, module""",
    reading=_reading,
    chart=Chart("bar", "module", "median", series="course"),
    definition=DWELL_RULE + " 5 s and 20 s show how much hangs on the threshold.",
)
