"""Completion by department, device, hour and so on, each held against all others."""

from collections.abc import Sequence

from lrs.analytics.asking import SEGMENT, SLICED
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.statistics.apart import (
    APART,
    APART_RULE,
    CLUSTER_RULE,
    CLUSTERED,
    SQUARES,
    set_apart,
)


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    set_apart(rows, "completed", "learners", clustered=True)
    return rows


def _reading(rows: Sequence[Row]) -> str:
    apart = sorted((row for row in rows if row["differs"]), key=lambda row: row["difference"])
    if not apart:
        return "No slice differs from the others by more than chance."
    words = ("less", "more")
    told = "; ".join(
        f"{row['slice'] or 'unknown'} completes {words[row['difference'] > 0]} than the others"
        for row in apart
    )
    return f"By more than chance: {told}."


REPORT = Report(
    name="slices",
    title="Slices",
    question="Who completes more, and on what, than the others?",
    level="diagnostic",
    covers=("A22", "A23"),
    version=4,
    parameters=(SEGMENT,),
    columns=(
        Column("slice", "text", "The slice"),
        Column("persons", "people", "Persons who began courses in it"),
        Column("persons_completed", "people", "Those of them who completed any"),
        Column("learners", "count", "Persons and courses that they began in it", by="persons"),
        Column("completed", "count", "Those completed", by="persons_completed"),
        Column(
            "rate",
            "ratio",
            "Completed of learners",
            part="completed",
            whole="learners",
            spread=("persons", "aa", "an", "nn"),
        ),
        *APART,
    ),
    sql=f"""WITH sliced AS (
    SELECT learner, course, moment, course_done, {SLICED} AS slice
    FROM scoped WHERE course <> 0
), begun AS (
    SELECT learner, course, slice, MIN(moment) AS moment,
           MAX(CASE WHEN course_done = 1 THEN 1 ELSE 0 END) AS completed
    FROM sliced GROUP BY learner, course, slice
), firsts AS (
    SELECT learner, slice,
           ROW_NUMBER() OVER (PARTITION BY learner, course ORDER BY moment, slice) AS place,
           MAX(completed) OVER (PARTITION BY learner, course) AS done
    FROM begun
), units AS (
    SELECT slice, learner, done FROM firsts WHERE place = 1
), {CLUSTERED}
SELECT u.slice, COUNT(DISTINCT u.learner) AS persons,
       COUNT(DISTINCT CASE WHEN u.done = 1 THEN u.learner END) AS persons_completed,
       COUNT(*) AS learners, SUM(u.done) AS completed,
       {SQUARES}
FROM units u JOIN clustered c ON c.slice = u.slice
GROUP BY u.slice, {SQUARES}
ORDER BY slice""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "slice", "rate"),
    definition=(
        "A learner and course belong to the slice of their first statement. Night: 22:00 to 6:00 where the learner was."
    )
    + APART_RULE
    + CLUSTER_RULE,
)
