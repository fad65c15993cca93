"""Whether trying again helps."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MARK
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import NOT_ANSWERING, PASSED
from lrs.analytics.statistics.estimates import mean_interval

_FEWEST = 10


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["gain"] = row["gained"] / row["n"] / SCALE
        interval = mean_interval(row["n"], row["gained"], row["gained_squares"], fewest=_FEWEST)
        low, high = interval if interval is not None else (None, None)
        row["gain_low"] = None if low is None else low / SCALE
        row["gain_high"] = None if high is None else high / SCALE
    return rows


def _reading(rows: Sequence[Row]) -> str:
    idle = [row for row in rows if row["gain_low"] is not None and row["gain_low"] <= 0]
    if not idle:
        return (
            "Wherever enough have tried again, they do better than before: leave it open to them."
        )
    first = max(idle, key=lambda row: row["n"])
    return (
        f"From attempt {first['attempt'] - 1} to {first['attempt']} of {first['assessment']} it is not sure that"
        " learners gain anything: give them something to learn in between."
    )


REPORT = Report(
    name="retries",
    title="Trying again",
    question="Does it help to try again?",
    level="diagnostic",
    covers=("C10",),
    parameters=(MARK,),
    columns=(
        COURSE,
        Column("assessment", "activity", "Assessment"),
        Column("attempt", "number", "Which attempt: 2 is the first one again"),
        Column("n", "people", "Persons whose score of this and of the attempt before is known"),
        Column("before", "score", "Their mean score of the attempt before"),
        Column("score", "score", "Their mean score of this one"),
        Column("gain", "number", "Mean points gained, -1..1"),
        Column("gain_low", "number", "Lower end of its 95 % interval, from 10 persons on"),
        Column("gain_high", "number", "Upper end"),
        Column("passed", "people", "Those who passed with this attempt"),
        Column("pass_rate", "ratio", "Passed of n", part="passed", whole="n"),
    ),
    sql=f"""WITH tries AS (
    SELECT learner, activity, course_id, activity_id, score, {PASSED} AS passed,
           ROW_NUMBER() OVER again AS attempt, LAG(score) OVER again AS before
    FROM scoped
    WHERE activity <> 0 AND score IS NOT NULL AND {NOT_ANSWERING}
    WINDOW again AS (
        PARTITION BY learner, activity ORDER BY COALESCE(attempt, 0), moment, tie
    )
)
SELECT MIN(course_id) AS course, MIN(activity_id) AS assessment, attempt, COUNT(*) AS n,
       CAST(ROUND(AVG(CAST(before AS DOUBLE))) AS BIGINT) AS before,
       CAST(ROUND(AVG(CAST(score AS DOUBLE))) AS BIGINT) AS score,
       SUM(CAST(score - before AS BIGINT)) AS gained,
       SUM(CAST(score - before AS BIGINT) * (score - before)) AS gained_squares,
       SUM(passed) AS passed
FROM tries WHERE attempt BETWEEN 2 AND 10
GROUP BY activity, attempt
ORDER BY course, assessment, attempt""",
    finish=_finish,
    reading=_reading,
    chart=Chart("line", "attempt", "gain", series="assessment"),
    definition=(
        "Each learner's scored attempts in the order of attempt number, else of time. Who does badly once tends to do"
        " better by chance alone, and who tries again is not everybody. Interval by Student's t."
    ),
)
