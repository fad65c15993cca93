"""How far learners are in cmi5 courses."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    stuck = [row for row in rows if row["launched"] > row["satisfied"]]
    if not stuck:
        return "Whoever launched a unit has satisfied it."
    worst = max(stuck, key=lambda row: row["launched"] - row["satisfied"])
    return (
        f"{len(stuck)} of {len(rows)} units are not satisfied by all who launched them; begin with"
        f" {worst['unit']}, where {worst['launched'] - worst['satisfied']} persons are left."
    )


REPORT = Report(
    name="cmi5-progress",
    title="cmi5 progress",
    question="How far are learners in each cmi5 course and its units?",
    level="descriptive",
    covers=("B28",),
    columns=(
        COURSE,
        Column("unit", "activity", "Assignable unit, block or course"),
        Column("launched", "people", "Persons who launched it"),
        Column("initialized", "people", "Persons in whom it began"),
        Column("completed", "people", "Persons who completed it"),
        Column("passed", "people", "Persons who passed it"),
        Column("failed", "people", "Persons who failed it and have not passed since"),
        Column("waived", "people", "Persons for whom it was waived"),
        Column("satisfied", "people", "Persons who satisfied it"),
        Column("abandoned", "count", "Sessions abandoned"),
        Column("sessions", "count", "Sessions"),
        Column(
            "satisfied_rate", "ratio", "Satisfied of launched", part="satisfied", whole="launched"
        ),
    ),
    sql="""WITH persons AS (
    SELECT course, activity, learner, registration,
           MIN(course_id) AS course_id, MIN(activity_id) AS activity_id,
           MAX(CASE WHEN verb LIKE '%/launched' THEN 1 ELSE 0 END) AS launched,
           MAX(CASE WHEN verb LIKE '%/initialized' THEN 1 ELSE 0 END) AS initialized,
           MAX(CASE WHEN verb LIKE '%/completed' THEN 1 ELSE 0 END) AS completed,
           MAX(CASE WHEN verb LIKE '%/passed' THEN 1 ELSE 0 END) AS passed,
           MAX(CASE WHEN verb LIKE '%/failed' THEN 1 ELSE 0 END) AS failed,
           MAX(CASE WHEN verb LIKE '%/waived' THEN 1 ELSE 0 END) AS waived,
           MAX(CASE WHEN verb LIKE '%/satisfied' THEN 1 ELSE 0 END) AS satisfied,
           COUNT(CASE WHEN verb LIKE '%/abandoned' THEN 1 END) AS abandoned,
           COUNT(DISTINCT CASE WHEN session <> 0 THEN session END) AS sessions
    FROM scoped WHERE source = 'cmi5' AND activity <> 0
    GROUP BY course, activity, learner, registration
)
SELECT MIN(course_id) AS course, MIN(activity_id) AS unit,
       COUNT(DISTINCT CASE WHEN launched + initialized + satisfied + waived > 0 THEN learner END)
           AS launched,
       COUNT(DISTINCT CASE WHEN initialized = 1 THEN learner END) AS initialized,
       COUNT(DISTINCT CASE WHEN completed = 1 THEN learner END) AS completed,
       COUNT(DISTINCT CASE WHEN passed = 1 THEN learner END) AS passed,
       COUNT(DISTINCT CASE WHEN failed = 1 AND passed = 0 THEN learner END) AS failed,
       COUNT(DISTINCT CASE WHEN waived = 1 THEN learner END) AS waived,
       COUNT(DISTINCT CASE WHEN satisfied = 1 THEN learner END) AS satisfied,
       SUM(abandoned) AS abandoned, SUM(sessions) AS sessions
FROM persons GROUP BY persons.course, persons.activity
ORDER BY course, unit""",
    reading=_reading,
    chart=Chart("bar", "unit", "satisfied_rate"),
    definition="Launched: told to be launched, or begun, satisfied or waived without it.",
)
