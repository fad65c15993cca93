"""Courses and instructors, by how they are liked and by what is learnt there."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MARK
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.retested import AFTER, BEFORE, RETESTED, RETESTED_RULE
from lrs.analytics.statistics.ratings import FEWEST, RATERS, add_interval

_LEAST = 5
"""Of fewer raters nothing is said of a person, whoever asks."""
_QUADRANTS = {
    (True, True): "liked, learnt",
    (False, True): "disliked, learnt",
    (True, False): "liked, not learnt",
    (False, False): "disliked, not learnt",
}


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    liked, learnt = (moment.parameters[name] for name in ("liked", "learnt"))
    for row in rows:
        add_interval(row)
        row["by"], row["learned"] = _learned(row)
        row["quadrant"] = "too few"
        if row["raters"] >= FEWEST and row["learned"] is not None:
            row["quadrant"] = _QUADRANTS[row["rating"] >= liked, row["learned"] >= learnt]
    return rows


def _learned(row: Row) -> tuple[str, int | None]:
    """Return by what it is judged, and how much it is: what stays, else the scores, of enough persons."""
    if row["tested"] >= FEWEST:
        return "retention", round(row["retained"] * SCALE / row["tested"])
    if row["scored"] >= FEWEST:
        return "score", row["score"]
    return "", None


def _reading(rows: Sequence[Row]) -> str:
    def of(quadrant: str, *, persons: bool) -> int:
        return sum(
            row["quadrant"] == quadrant and bool(row["instructor"]) == persons for row in rows
        )

    return (
        f"{of('liked, not learnt', persons=False)} courses and {of('liked, not learnt', persons=True)} instructors are"
        f" liked, and little is learnt; {of('disliked, learnt', persons=False)} courses and"
        f" {of('disliked, learnt', persons=True)} instructors are not, and work: ask before anything is changed there."
    )


REPORT = Report(
    name="liked-learned",
    title="Liked, and learnt",
    question="Is more learnt where learners like the course, and the instructor?",
    level="diagnostic",
    covers=("C15",),
    ranked_by=("course",),
    organisational=True,
    parameters=(
        Parameter("liked", 6000, "Mean rating from which on it is liked, in ten-thousandths"),
        Parameter("learnt", 6000, "Retention or score from which on it is learnt, likewise"),
        AFTER,
        BEFORE,
        MARK,
    ),
    columns=(
        COURSE,
        Column("instructor", "agent", "Who was rated; empty: the course itself"),
        Column("quadrant", "text", "liked or disliked, learnt or not learnt; too few"),
        *RATERS,
        Column("learned", "score", "What was learnt: retention, or else the mean score"),
        Column("by", "text", "retention or score; empty: of too few either is known"),
        Column("scored", "people", "Persons with a score: of an instructor, of the raters"),
        Column("score", "score", "Mean of their best scores", by="scored"),
        Column("tested", "people", "Those tested again weeks after they passed"),
        Column("retained", "people", "Those who passed again"),
        Column("retention", "ratio", "Retained of tested", part="retained", whole="tested"),
    ),
    sql=f"""WITH {RETESTED}, keys AS (
    SELECT learner AS identity, MIN(person_key) AS person FROM staff GROUP BY learner
), ratings AS (
    SELECT s.learner, s.course, s.course_id, COALESCE(k.person, s.rated) AS rated, s.rated_id,
           CAST(s.rating AS DOUBLE) AS rating
    FROM scoped s LEFT JOIN keys k ON k.identity = s.rated
    WHERE s.rating IS NOT NULL AND (s.course <> 0 OR s.rated <> 0)
), bests AS (
    SELECT learner, course, MIN(course_id) AS course_id, MAX(score) AS score
    FROM tests GROUP BY learner, course, activity
), scores AS (
    SELECT learner, course, MIN(course_id) AS course_id,
           CAST(ROUND(AVG(CAST(score AS DOUBLE))) AS BIGINT) AS score
    FROM bests GROUP BY learner, course
), units AS (
    SELECT learner, course, rated, MIN(course_id) AS course_id, MIN(rated_id) AS rated_id,
           CAST(ROUND(AVG(rating)) AS BIGINT) AS rating
    FROM (
        SELECT learner, course, rated, course_id, rated_id, rating FROM ratings
        UNION ALL
        SELECT learner, course, 0 AS rated, course_id, '' AS rated_id,
               CAST(NULL AS DOUBLE) AS rating
        FROM scores
    ) told
    GROUP BY learner, course, rated
)
SELECT MIN(u.course_id) AS course, MIN(u.rated_id) AS instructor, COUNT(u.rating) AS raters,
       CAST(FLOOR(SUM(u.rating) / CAST(COUNT(u.rating) AS DOUBLE)) AS BIGINT) AS rating,
       SUM(u.rating) AS ratings, SUM(u.rating * u.rating) AS squares, COUNT(s.score) AS scored,
       CAST(FLOOR(SUM(s.score) / CAST(COUNT(s.score) AS DOUBLE)) AS BIGINT) AS score,
       COUNT(r.learner) AS tested, COALESCE(SUM(r.passed), 0) AS retained
FROM units u
LEFT JOIN scores s ON s.learner = u.learner AND s.course = u.course
LEFT JOIN retested r ON r.learner = u.learner AND r.course = u.course
GROUP BY u.course, u.rated
HAVING COUNT(u.rating) >= CASE WHEN u.rated = 0 THEN 1 ELSE {_LEAST} END
ORDER BY course, instructor, raters""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "rating", "learned", series="quadrant"),
    definition=(
        "Ratings from 0 (the least) to 1, of each person the mean; interval by Student's t. Of a course: ratings of"
        " anything in it but persons, and what all of its learners have learnt. Of an instructor, who is the object of"
        " a rating: what those who rated have learnt in that course; of fewer than 5 raters nothing is shown. Learnt:"
        " what stays, if 10 were tested again, else the best score at each test, of 10 at least. Fewer than 10 raters"
        " are too few for a verdict. "
    )
    + RETESTED_RULE,
)
