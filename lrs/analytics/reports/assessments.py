"""Passes, scores and attempts of each assessment."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MARK
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import NOT_ANSWERING, PASSED

_FAILS, _ENOUGH = 0.4, 20


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        graded = row["graded"]
        row["flag"] = int(graded >= _ENOUGH and row["first_failed"] / graded >= _FAILS)
    return rows


def _reading(rows: Sequence[Row]) -> str:
    flagged = [row for row in rows if row["flag"]]
    if not flagged:
        return "No assessment with enough learners fails 40 % at the first attempt."
    return (
        f"{len(flagged)} assessments fail at least 40 % at the first attempt:"
        " see their items, to tell bad questions from content that does not teach."
    )


REPORT = Report(
    name="assessments",
    title="Assessments",
    question="Which assessments do learners pass, and how many fail the first time?",
    level="diagnostic",
    covers=("B5", "B6", "B22", "B29", "B30"),
    parameters=(MARK,),
    columns=(
        COURSE,
        Column("assessment", "activity", "Assessment"),
        Column("learners", "people", "Persons with any attempt"),
        Column("graded", "people", "Those whose first attempt was graded"),
        Column("first_failed", "people", "Those who failed it"),
        Column(
            "first_fail_rate", "ratio", "First attempts failed", part="first_failed", whole="graded"
        ),
        Column("first_passed", "people", "Those who passed it"),
        Column(
            "first_pass_rate", "ratio", "First attempts passed", part="first_passed", whole="graded"
        ),
        Column("passed", "people", "Those who passed in the end"),
        Column("pass_rate", "ratio", "Passed in the end", part="passed", whole="graded"),
        Column("mean_first", "score", "Mean score of first attempts"),
        Column("mean_best", "score", "Mean best score"),
        Column("attempts", "count", "Attempts"),
        Column("attempts_mean", "number", "Attempts of a learner, mean"),
        Column("attempts_p90", "number", "9 of 10 learners need no more attempts"),
        Column("by_mark", "people", "Judged by the pass mark alone"),
        Column("gain", "number", "Mean points gained from an attempt to the next, -1..1"),
        Column("flag", "flag", "40 % or more of at least 20 fail the first attempt"),
    ),
    sql=f"""WITH tries AS (
    SELECT learner, course, activity, registration, course_id, activity_id, moment, tie, attempt, score,
           {PASSED} AS passed,
           CASE WHEN success IS NULL AND score IS NOT NULL THEN 1 ELSE 0 END AS by_mark
    FROM scoped
    WHERE activity <> 0 AND (success IS NOT NULL OR score IS NOT NULL)
      AND {NOT_ANSWERING}
), ordered AS (
    SELECT t.*,
           ROW_NUMBER() OVER (
               PARTITION BY learner, activity ORDER BY COALESCE(attempt, 0), moment, tie
           ) AS place,
           LAG(score) OVER (
               PARTITION BY learner, activity ORDER BY COALESCE(attempt, 0), moment, tie
           ) AS before
    FROM tries t WHERE passed IS NOT NULL
), persons AS (
    SELECT learner, activity, MIN(course_id) AS course_id, MIN(activity_id) AS activity_id,
           MAX(CASE WHEN place = 1 THEN passed END) AS first_passed,
           MAX(CASE WHEN place = 1 THEN score END) AS first_score,
           MAX(CASE WHEN place = 1 THEN by_mark END) AS by_mark,
           MAX(passed) AS passed, MAX(score) AS best, COUNT(*) AS attempts,
           SUM(score - before) AS gained, COUNT(score - before) AS again
    FROM ordered GROUP BY learner, activity
), ranked AS (
    SELECT p.*, COUNT(*) OVER (PARTITION BY activity) AS n,
           ROW_NUMBER() OVER (PARTITION BY activity ORDER BY attempts, learner) AS rank
    FROM persons p
)
SELECT MIN(course_id) AS course, MIN(activity_id) AS assessment, COUNT(*) AS learners,
       COUNT(first_passed) AS graded,
       COUNT(CASE WHEN first_passed = 0 THEN 1 END) AS first_failed,
       SUM(first_passed) AS first_passed, SUM(passed) AS passed,
       CAST(ROUND(AVG(CAST(first_score AS DOUBLE))) AS BIGINT) AS mean_first,
       CAST(ROUND(AVG(CAST(best AS DOUBLE))) AS BIGINT) AS mean_best,
       SUM(attempts) AS attempts,
       ROUND(CAST(SUM(attempts) AS DOUBLE) / COUNT(*), 2) AS attempts_mean,
       MIN(CASE WHEN 10 * rank >= 9 * n THEN attempts END) AS attempts_p90,
       SUM(by_mark) AS by_mark,
       CASE WHEN SUM(again) > 0
            THEN ROUND(CAST(SUM(gained) AS DOUBLE) / (SUM(again) * 10000), 4) END AS gain
FROM ranked GROUP BY activity
ORDER BY graded DESC, assessment""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "assessment", "first_fail_rate"),
    definition=(
        "An attempt is a statement with success or score, in the order of attempt number, else of time. Failed: as the"
        " sender says, else below the mark. Ungraded is not failed. Answers to single questions are in `items`."
    ),
)
