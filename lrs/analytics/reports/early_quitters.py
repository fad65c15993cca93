"""Who leaves after the first video."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, VIDEO
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row

_HALF, _ENOUGH = 0.5, 20


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["flag"] = int(row["viewers"] >= _ENOUGH and row["quit"] >= _HALF * row["viewers"])
    return rows


def _reading(rows: Sequence[Row]) -> str:
    flagged = [row for row in rows if row["flag"]]
    if not flagged:
        return "After the first video of no course do half of its viewers leave."
    return (
        f"After the first video of {len(flagged)} courses at least half leave: watch it as a newcomer would,"
        " and see `video-exits` for the second."
    )


REPORT = Report(
    name="early-quitters",
    title="After the first video",
    question="Do learners leave after the first video?",
    level="diagnostic",
    covers=("A36",),
    parameters=(
        Parameter("quiet_days", 14, "Days since the first video; who saw it later is not counted"),
    ),
    columns=(
        COURSE,
        Column("video", "activity", VIDEO.about + " that most of them saw first"),
        Column("viewers", "people", "Persons who saw a first video"),
        Column("quit", "people", "Those who have done nothing else in the course since"),
        Column("quit_rate", "ratio", "Quit of viewers", part="quit", whole="viewers"),
        Column("flag", "flag", "Half or more of at least 20 quit"),
    ),
    sql="""WITH films AS (
    SELECT learner, course, course_id, activity, activity_id, moment,
           ROW_NUMBER() OVER (PARTITION BY learner, course ORDER BY moment, tie) AS place
    FROM scoped
    WHERE course <> 0 AND (activity_type LIKE '%/video' OR roles LIKE '% play %')
), firsts AS (
    SELECT learner, course, course_id, activity, activity_id, moment FROM films
    WHERE place = 1 AND moment <= :now - :quiet_days * 86400000
), later AS (
    SELECT DISTINCT f.learner, f.course
    FROM firsts f JOIN scoped s ON s.learner = f.learner AND s.course = f.course
    WHERE s.moment > f.moment AND s.activity <> f.activity AND s.stage <> 'withdraw'
), longer AS (
    SELECT course FROM scoped WHERE course <> 0 AND activity <> course
    GROUP BY course HAVING COUNT(DISTINCT activity) > 1
), counted AS (
    SELECT f.course, f.activity, MIN(f.course_id) AS course_id, MIN(f.activity_id) AS activity_id,
           COUNT(*) AS viewers, COUNT(CASE WHEN l.learner IS NULL THEN 1 END) AS quitters
    FROM firsts f JOIN longer g ON g.course = f.course
    LEFT JOIN later l ON l.learner = f.learner AND l.course = f.course
    GROUP BY f.course, f.activity
), ranked AS (
    SELECT c.*, ROW_NUMBER() OVER (PARTITION BY course ORDER BY viewers DESC, activity_id) AS place
    FROM counted c
)
SELECT MIN(course_id) AS course, MIN(CASE WHEN place = 1 THEN activity_id END) AS video,
       SUM(viewers) AS viewers, SUM(quitters) AS quit
FROM ranked GROUP BY ranked.course ORDER BY course""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "course", "quit_rate"),
    definition=(
        "The first video is the first one that a learner met in the course; to quit is to do nothing in another part of"
        " the course since, but to leave it. Courses of one video are left out."
    ),
)
