"""Courses by how they are liked and by what stays of them."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MARK
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.retested import AFTER, BEFORE, RETESTED, RETESTED_RULE

_FEWEST, _RATERS = 10, 5
_QUADRANTS = {
    (True, True): "keep",
    (False, True): "dull, but it stays: keep",
    (True, False): "liked, and forgotten",
    (False, False): "neither: redo",
}


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    engaged, retained = (moment.parameters[name] for name in ("engaged", "retained_mark"))
    for row in rows:
        rated = row["raters"] >= _RATERS
        seen = round(row["viewers"] * SCALE / row["learners"])
        row["engagement"] = row["rating"] if rated else seen
        row["by"] = "ratings" if rated else "views"
        row["quadrant"] = "too few"
        if row["tested"] >= _FEWEST:
            stays = row["retained"] * SCALE >= retained * row["tested"]
            row["quadrant"] = _QUADRANTS[row["engagement"] >= engaged, stays]
    return rows


def _reading(rows: Sequence[Row]) -> str:
    dull = sum(row["quadrant"].startswith("dull") for row in rows)
    lost = sum(row["quadrant"].startswith("liked") for row in rows)
    return (
        f"{dull} courses are dull and yet stay: leave them alone; {lost} are liked and forgotten:"
        " add exercises and a test some weeks later."
    )


REPORT = Report(
    name="engagement-quadrant",
    title="Liked, and remembered",
    question="Which courses are dull and yet work, and which are liked and forgotten?",
    level="diagnostic",
    covers=("B16", "B9"),
    version=2,
    parameters=(
        Parameter("engaged", 6000, "Engagement from which on it is high, in ten-thousandths"),
        Parameter("retained_mark", 6000, "Retention from which on it is high, in ten-thousandths"),
        AFTER,
        BEFORE,
        MARK,
    ),
    columns=(
        COURSE,
        Column("quadrant", "text", "keep; dull, but it stays: keep; liked, and forgotten; neither"),
        Column("engagement", "score", "Mean rating of 5 raters or more, else share who viewed"),
        Column("by", "text", "ratings or views"),
        Column("learners", "people", "Persons who began"),
        Column("viewers", "people", "Those with a view"),
        Column("raters", "people", "Persons who rated"),
        Column("tested", "people", "Persons tested again weeks after they passed"),
        Column("retained", "people", "Those who passed again"),
        Column("retention", "ratio", "Retained of tested", part="retained", whole="tested"),
    ),
    sql=f"""WITH {RETESTED}, persons AS (
    SELECT learner, course, MIN(course_id) AS course_id,
           MAX(CASE WHEN stage = 'view' OR stage = 'completion' THEN 1 ELSE 0 END) AS viewed,
           CAST(ROUND(AVG(CASE WHEN rated = 0 THEN CAST(rating AS DOUBLE) END)) AS BIGINT) AS rating
    FROM scoped WHERE course <> 0 AND roles NOT LIKE '% enrol %' GROUP BY learner, course
)
SELECT MIN(p.course_id) AS course, COUNT(*) AS learners, SUM(p.viewed) AS viewers,
       COUNT(p.rating) AS raters,
       CAST(FLOOR(AVG(CAST(p.rating AS DOUBLE))) AS BIGINT) AS rating,
       COUNT(r.learner) AS tested, COALESCE(SUM(r.passed), 0) AS retained
FROM persons p LEFT JOIN retested r ON r.learner = p.learner AND r.course = p.course
GROUP BY p.course
ORDER BY course""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "engagement", "retention", series="course"),
    definition=RETESTED_RULE + " Fewer than 10 tested again say nothing.",
)
