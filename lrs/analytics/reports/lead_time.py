"""How early learners were asked before they dropped out."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Column, Parameter, Report, Row
from lrs.analytics.sql.fragments import LEFT, WAIVED


def _reading(rows: Sequence[Row]) -> str:
    dropped, early = (sum(row[name] or 0 for row in rows) for name in ("dropped", "in_time"))
    return f"{early} of {dropped} learners who dropped out had been asked before."


REPORT = Report(
    name="lead-time",
    title="Lead time of actions",
    question="Do we ask learners early enough, before they drop out?",
    level="predictive",
    covers=("B42",),
    obligations=True,
    version=3,
    parameters=(
        Parameter("quiet_days", 14, "Days without a statement after which a learner is gone"),
        Parameter("before", 60, "Days before that in which an action counts"),
    ),
    organisational=True,
    columns=(
        COURSE,
        Column("dropped", "people", "Persons who dropped out"),
        Column("asked", "people", "Those for whom something was done, as `lrs act` logs it"),
        Column("in_time", "people", "Those of them before they were gone"),
        Column("coverage", "ratio", "In time of dropped", part="in_time", whole="dropped"),
        Column("lead_days_p50", "days", "Median days from the first action to being gone"),
        Column("lead_days_least", "days", "The fewest; below 0: too late"),
    ),
    sql=f"""WITH persons AS (
    SELECT learner, course, MIN(course_id) AS course_id, MAX(day) AS last_day,
           MAX(CASE WHEN course_done = 1 OR {WAIVED} THEN 1 ELSE 0 END) AS finished,
           {LEFT} AS withdrawn
    FROM scoped WHERE course <> 0 AND roles NOT LIKE '% operate %' GROUP BY learner, course
), gone AS (
    SELECT learner, course, course_id,
           CASE WHEN withdrawn = 1 THEN last_day ELSE last_day + :quiet_days END AS dropped
    FROM persons
    WHERE finished = 0 AND (withdrawn = 1 OR last_day + :quiet_days < :today)
), helped AS (
    SELECT DISTINCT s.learner, a.place, a.day
    FROM actions a JOIN (SELECT DISTINCT learner, actor FROM scoped) s ON s.actor = a.learner_id
), firsts AS (
    SELECT g.learner, g.course, g.dropped - MIN(h.day) AS lead
    FROM gone g JOIN helped h ON h.learner = g.learner AND h.place = g.course
    WHERE h.day >= g.dropped - :before
    GROUP BY g.learner, g.course, g.dropped
), ranked AS (
    SELECT firsts.*, ROW_NUMBER() OVER (PARTITION BY course ORDER BY lead) AS place,
           COUNT(*) OVER (PARTITION BY course) AS asked
    FROM firsts
), leads AS (
    SELECT course, COUNT(*) AS asked, COUNT(CASE WHEN lead > 0 THEN 1 END) AS in_time,
           MIN(CASE WHEN place * 2 >= asked THEN lead END) AS lead_days_p50,
           MIN(lead) AS lead_days_least
    FROM ranked GROUP BY course
)
SELECT MIN(g.course_id) AS course, COUNT(*) AS dropped, COALESCE(MAX(l.asked), 0) AS asked,
       COALESCE(MAX(l.in_time), 0) AS in_time, MAX(l.lead_days_p50) AS lead_days_p50,
       MAX(l.lead_days_least) AS lead_days_least
FROM gone g LEFT JOIN leads l ON l.course = g.course
GROUP BY g.course
ORDER BY course""",
    reading=_reading,
    definition=(
        "Gone: nothing for quiet_days and not completed, the day on which that is so; or withdrawn, and not"
        " enrolled again. Lead: days from the"
        " first action of the days before to that day."
    ),
)
