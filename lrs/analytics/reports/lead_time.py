"""How early learners were asked before they dropped out."""

from collections.abc import Sequence
from statistics import median

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Column, Moment, Parameter, Report, Row


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["course"], []).append(row)
    return [{"course": course, **_summary(found)} for course, found in groups.items()]


def _summary(rows: list[Row]) -> Row:
    leads = sorted(row["dropped"] - row["asked"] for row in rows if row["asked"] is not None)
    early = [lead for lead in leads if lead > 0]
    return {
        "dropped": len(rows),
        "asked": len(leads),
        "in_time": len(early),
        "lead_days_p50": median(leads) if leads else None,
        "lead_days_least": leads[0] if leads else None,
    }


def _reading(rows: Sequence[Row]) -> str:
    dropped, early = (sum(row[name] or 0 for row in rows) for name in ("dropped", "in_time"))
    return f"{early} of {dropped} learners who dropped out had been asked before."


REPORT = Report(
    name="lead-time",
    title="Lead time of actions",
    question="Do we ask learners early enough, before they drop out?",
    level="predictive",
    covers=("B42",),
    parameters=(
        Parameter("quiet_days", 14, "Days without a statement after which a learner is gone"),
        Parameter("before", 60, "Days before that in which an action counts"),
    ),
    columns=(
        COURSE,
        Column("dropped", "people", "Persons who dropped out"),
        Column("asked", "people", "Those for whom something was done, as `lrs act` logs it"),
        Column("in_time", "people", "Those of them before they were gone"),
        Column("coverage", "ratio", "In time of dropped", part="in_time", whole="dropped"),
        Column("lead_days_p50", "days", "Median days from the first action to being gone"),
        Column("lead_days_least", "days", "The fewest; below 0: too late"),
    ),
    sql="""WITH persons AS (
    SELECT learner, course, MIN(course_id) AS course_id, MAX(day) AS last_day,
           MAX(CASE WHEN completion = 1 AND activity = course THEN 1
                    WHEN verb LIKE '%/waived' OR verb LIKE '%/satisfied' THEN 1 ELSE 0 END)
               AS finished,
           MAX(CASE WHEN stage = 'withdraw' THEN 1 ELSE 0 END) AS withdrawn
    FROM scoped WHERE course <> 0 AND roles NOT LIKE '% operate %' GROUP BY learner, course
), gone AS (
    SELECT learner, course, course_id,
           CASE WHEN withdrawn = 1 THEN last_day ELSE last_day + :quiet_days END AS dropped
    FROM persons
    WHERE finished = 0 AND (withdrawn = 1 OR last_day + :quiet_days < :today)
), helped AS (
    SELECT DISTINCT s.learner, a.place, a.day
    FROM actions a JOIN (SELECT DISTINCT learner, actor FROM scoped) s ON s.actor = a.learner_id
)
SELECT g.course_id AS course, g.learner, g.dropped, MIN(h.day) AS asked
FROM gone g
LEFT JOIN helped h
  ON h.learner = g.learner AND h.place = g.course AND h.day >= g.dropped - :before
GROUP BY g.course_id, g.learner, g.dropped
ORDER BY course, dropped, g.learner""",
    finish=_finish,
    reading=_reading,
    definition=(
        "Gone: nothing for quiet_days and not completed, the day on which that is so; or withdrawn. Lead: days from the"
        " first action of the days before to that day."
    ),
)
