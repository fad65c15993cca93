"""What learners think of courses."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.statistics.ratings import RATERS, add_interval

_MIDDLE = 0.5


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        add_interval(row)
    return rows


def _reading(rows: Sequence[Row]) -> str:
    low = [row for row in rows if row["rating_high"] is not None and row["rating_high"] < _MIDDLE]
    if not low:
        return "No course is surely rated below the middle; see in `engagement-quadrant` whether what is liked stays."
    return f"{len(low)} courses are surely rated below the middle: ask those who rated them what is wrong."


REPORT = Report(
    name="reviews",
    title="Ratings",
    question="Do learners like it, and do they finish it?",
    level="descriptive",
    covers=("B16", "C15"),
    version=3,
    columns=(
        COURSE,
        *RATERS,
        Column("learners", "people", "Persons seen"),
        Column("completed", "people", "Persons who completed"),
        Column("rate", "ratio", "Completed of learners", part="completed", whole="learners"),
    ),
    sql="""WITH persons AS (
    SELECT learner, course, MIN(course_id) AS course_id,
           CAST(ROUND(AVG(CASE WHEN rated = 0 THEN CAST(rating AS DOUBLE) END)) AS BIGINT) AS rating,
           MAX(CASE WHEN course_done = 1 THEN 1 ELSE 0 END) AS completed
    FROM scoped WHERE course <> 0 GROUP BY learner, course
)
SELECT MIN(course_id) AS course, COUNT(rating) AS raters,
       CAST(FLOOR(SUM(rating) / CAST(COUNT(rating) AS DOUBLE)) AS BIGINT) AS rating,
       SUM(CAST(rating AS BIGINT) * rating) AS squares, SUM(CAST(rating AS BIGINT)) AS ratings,
       COUNT(*) AS learners, SUM(completed) AS completed
FROM persons GROUP BY persons.course HAVING COUNT(rating) > 0
ORDER BY course""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "rating", "rate", series="course"),
    definition=(
        "Ratings of anything in the course, from 0 (the least) to 1; of each person the mean. Interval by Student's t."
        " What stays of a course that is liked is in `engagement-quadrant`, what was learnt, and who is liked, in"
        " `liked-learned`: ratings of persons do not count here."
    ),
)
