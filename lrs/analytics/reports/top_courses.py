"""The courses to begin with."""

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Parameter, Report
from lrs.analytics.sql.fragments import DWELL, DWELL_RULE, LEFT, TITLES

REPORT = Report(
    name="top-courses",
    title="Top courses",
    question="Which courses are worth our attention first?",
    level="descriptive",
    covers=("A29",),
    version=4,
    parameters=(Parameter("days", 90, "Days back that count as lately"),),
    columns=(
        Column("rank", "number", "Place: pinned ones first, then by active learners"),
        COURSE,
        Column("pinned", "flag", "Whether the course file pins it"),
        Column("class", "text", "mandatory, elective, certification, onboarding"),
        Column("active", "people", "Persons seen lately who have not completed or left"),
        Column("learners", "people", "Persons seen lately"),
        Column("completed", "people", "Those who completed, ever"),
        Column("rate", "ratio", "Completed of learners", part="completed", whole="learners"),
        Column("hours", "number", "Active hours of all persons, ever"),
        Column("first_seen", "day", "First statement"),
        Column("last_seen", "day", "Last statement"),
    ),
    sql=f"""WITH {TITLES}, {DWELL}, spent AS (
    SELECT course, SUM(dwell) AS dwell FROM dwelt GROUP BY course
), persons AS (
    SELECT learner, course, MIN(day) AS first_day, MAX(day) AS last_day,
           MAX(CASE WHEN course_done = 1 THEN 1 ELSE 0 END) AS completed,
           {LEFT} AS gone
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), counted AS (
    SELECT course,
           COUNT(CASE WHEN last_day > :today - :days THEN 1 END) AS learners,
           COUNT(CASE WHEN last_day > :today - :days AND completed = 0 AND gone = 0 THEN 1 END)
               AS active,
           SUM(CASE WHEN last_day > :today - :days THEN completed ELSE 0 END) AS completed,
           MIN(first_day) AS first_seen, MAX(last_day) AS last_seen
    FROM persons GROUP BY course
), described AS (
    SELECT n.*, k.course_id, COALESCE(c.pinned, 0) AS pinned, COALESCE(c.class, '') AS class,
           ROUND(CAST(COALESCE(t.dwell, 0) AS DOUBLE) / 3600000, 1) AS hours
    FROM counted n JOIN titles k ON k.course = n.course
    LEFT JOIN planned c ON c.course = n.course
    LEFT JOIN spent t ON t.course = n.course
)
SELECT ROW_NUMBER() OVER (ORDER BY pinned DESC, active DESC, learners DESC, course_id) AS rank,
       course_id AS course, pinned, class, active, learners, completed, hours, first_seen, last_seen
FROM described ORDER BY rank""",
    reading=lambda rows: (
        "Begin with the first three: " + ", ".join(row["course"] for row in rows[:3]) + "."
    ),
    chart=Chart("bar", "course", "active"),
    definition=DWELL_RULE
    + (
        " Lately: in the last `days` days. Pinned and class come from the course file. When a course"
        " should be looked at"
        " again is in `review-calendar`."
    ),
)
