"""What learners think of courses."""

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Report

REPORT = Report(
    name="reviews",
    title="Ratings",
    question="Do learners like it, and do they finish it?",
    level="descriptive",
    covers=("B16", "C15"),
    columns=(
        COURSE,
        Column("raters", "people", "Persons who rated"),
        Column("rating", "score", "Mean rating"),
        Column("learners", "people", "Persons seen"),
        Column("completed", "people", "Persons who completed"),
        Column("rate", "ratio", "Completed of learners", part="completed", whole="learners"),
    ),
    sql="""WITH persons AS (
    SELECT learner, course, MIN(course_id) AS course_id,
           CAST(ROUND(AVG(CAST(rating AS DOUBLE))) AS BIGINT) AS rating,
           MAX(CASE WHEN completion = 1 AND activity = course THEN 1 ELSE 0 END) AS completed
    FROM scoped WHERE course <> 0 GROUP BY learner, course
)
SELECT MIN(course_id) AS course, COUNT(rating) AS raters,
       CAST(FLOOR(SUM(rating) / CAST(COUNT(rating) AS DOUBLE)) AS BIGINT) AS rating,
       COUNT(*) AS learners, SUM(completed) AS completed
FROM persons GROUP BY persons.course HAVING COUNT(rating) > 0
ORDER BY course""",
    chart=Chart("point", "rating", "rate", series="course"),
)
