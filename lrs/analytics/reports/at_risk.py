"""Who may be leaving, by rules that anybody can check."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import MAX_ROWS, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.assignments import MISSED
from lrs.analytics.sql.fragments import ACTORS, ENROLLED, NOT_ANSWERING, TITLES, WAIVED, WITHDREW

_RULES = {
    "missed_both": "missed the first two assignments",
    "never_came": "never came",
    "gone_quiet": "gone quiet",
    "failed_twice": "failed twice",
    "stopped_early": "stopped early",
}


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["rules"] = ", ".join(words for name, words in _RULES.items() if row[name])
    return rows


def _reading(rows: Sequence[Row]) -> str:
    return (
        f"{len(rows)} learners may be leaving: ask them what is in the way, before it is too late."
    )


REPORT = Report(
    name="at-risk",
    title="At risk",
    question="Which learners may be leaving, and why do we think so?",
    level="predictive",
    covers=("B41", "B42", "C3"),
    version=4,
    as_of_now=True,
    personal=True,
    ranked_by=("score", "course"),
    parameters=(
        Parameter("quiet_days", 7, "Days without a statement from which on a learner is quiet"),
        Parameter(
            "within", 180, "Days since the last statement after which nobody is asked any more"
        ),
    ),
    columns=(
        COURSE,
        Column("learner", "agent", "Who"),
        Column("score", "number", "Sum of the weights of the rules, at most 100"),
        Column(
            "rules",
            "text",
            "missed the first two assignments, never came, gone quiet, failed twice, stopped early",
        ),
        Column("quiet", "days", "Days since the last statement"),
        Column("usual_gap", "days", "Usual days between two days of activity"),
        Column("activities", "count", "Activities begun"),
        Column("fails", "count", "Failed attempts"),
        Column("passes", "count", "Passed attempts"),
    ),
    sql=f"""WITH {TITLES}, {ACTORS}, {MISSED}, daily AS (
    SELECT learner, course, day,
           COUNT(CASE WHEN success = 0 AND {NOT_ANSWERING} THEN 1 END) AS fails,
           COUNT(CASE WHEN success = 1 AND {NOT_ANSWERING} THEN 1 END) AS passes,
           MAX(CASE WHEN course_done = 1 THEN 1 ELSE 0 END) AS completed,
           MAX(CASE WHEN {WAIVED} THEN 1 ELSE 0 END) AS exempt,
           {WITHDREW} AS withdrawn, {ENROLLED} AS enrolled
    FROM scoped WHERE course <> 0 GROUP BY learner, course, day
), watched AS (
    SELECT d.*, m.missed
    FROM daily d LEFT JOIN missing m ON m.learner = d.learner AND m.course = d.course
), persons AS (
    SELECT learner, course,
           :today - MAX(day) AS quiet,
           CAST(FLOOR((MAX(day) - MIN(day)) / CAST(GREATEST(COUNT(*) - 1, 1) AS DOUBLE)) AS INT)
               AS usual_gap,
           SUM(fails) AS fails, SUM(passes) AS passes,
           CASE WHEN MAX(missed) = 2 THEN 1 ELSE 0 END AS missed_both
    FROM watched GROUP BY learner, course
    HAVING MAX(completed) = 0 AND MAX(exempt) = 0 AND MAX(withdrawn) <= MAX(enrolled)
       AND :today - MAX(day) <= :within
       AND (:today - MAX(day) > :quiet_days OR SUM(fails) > 1 OR MAX(missed) = 2)
), begun AS (
    SELECT learner, course, COUNT(*) AS activities FROM (
        SELECT learner, course, activity FROM scoped
        WHERE course <> 0 AND roles NOT LIKE '% enrol %' AND stage <> 'withdraw'
        GROUP BY learner, course, activity
    ) each GROUP BY learner, course
), judged AS (
    SELECT t.course_id AS course, a.actor AS learner, p.quiet, p.usual_gap, p.fails, p.passes,
           p.missed_both,
           COALESCE(b.activities, 0) AS activities,
           CASE WHEN b.activities IS NULL THEN 1 ELSE 0 END AS never_came,
           CASE WHEN b.activities IS NOT NULL
                 AND p.quiet > GREATEST(:quiet_days, 3 * p.usual_gap) THEN 1 ELSE 0 END
               AS gone_quiet,
           CASE WHEN p.fails > 1 AND p.passes = 0 THEN 1 ELSE 0 END AS failed_twice,
           CASE WHEN b.activities = 1 AND p.quiet > :quiet_days THEN 1 ELSE 0 END AS stopped_early
    FROM persons p JOIN titles t ON t.course = p.course JOIN actors a ON a.learner = p.learner
    LEFT JOIN begun b ON b.learner = p.learner AND b.course = p.course
)
SELECT course, learner, quiet, usual_gap, fails, passes, activities, missed_both, never_came,
       gone_quiet, failed_twice, stopped_early,
       LEAST(100, 50 * missed_both + 40 * never_came + 30 * gone_quiet + 30 * failed_twice + 20 * stopped_early)
           AS score
FROM judged
WHERE missed_both + never_came + gone_quiet + failed_twice + stopped_early > 0
ORDER BY score DESC, course, learner
LIMIT {MAX_ROWS + 1}""",
    finish=_finish,
    reading=_reading,
    definition=(
        "missed the first two assignments: as in `first-assignments`, where it is held against what came of it (50)."
        " never came: enrolled longer ago than quiet_days, nothing since (40). gone quiet: nothing for quiet_days and"
        " three times the usual gap (30). failed twice: and not passed (30). stopped early: one activity only (20)."
        " Who completed, withdrew, or was let off is not asked; ungraded is not failed. Departments, roles and teams"
        " are those of today."
    ),
)
