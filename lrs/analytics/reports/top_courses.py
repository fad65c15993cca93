"""The courses to begin with."""

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Parameter, Report

REPORT = Report(
    name="top-courses",
    title="Top courses",
    question="Which courses are worth our attention first?",
    level="descriptive",
    covers=("A29",),
    version=2,
    parameters=(Parameter("days", 90, "Days back that count as lately"),),
    columns=(
        COURSE,
        Column("learners", "people", "Persons seen lately"),
        Column("completed", "people", "Those who completed, ever"),
        Column("rate", "ratio", "Completed of learners", part="completed", whole="learners"),
        Column("hours", "number", "Hours that they spent, as senders tell"),
        Column("first_seen", "day", "First statement"),
        Column("last_seen", "day", "Last statement"),
    ),
    sql="""WITH persons AS (
    SELECT learner, course, MIN(course_id) AS course_id, MIN(day) AS first_day, MAX(day) AS last_day,
           MAX(CASE WHEN completion = 1 AND activity = course THEN 1 ELSE 0 END) AS completed,
           MAX(duration) AS spent
    FROM scoped WHERE course <> 0 GROUP BY learner, course
)
SELECT MIN(course_id) AS course,
       COUNT(CASE WHEN last_day > :today - :days THEN 1 END) AS learners,
       SUM(CASE WHEN last_day > :today - :days THEN completed ELSE 0 END) AS completed,
       ROUND(SUM(COALESCE(spent, 0)) / 3600000.0, 1) AS hours,
       MIN(first_day) AS first_seen, MAX(last_day) AS last_seen
FROM persons GROUP BY persons.course
ORDER BY learners DESC, course""",
    reading=lambda rows: (
        "Begin with the first three: " + ", ".join(row["course"] for row in rows[:3]) + "."
    ),
    chart=Chart("bar", "course", "learners"),
)
