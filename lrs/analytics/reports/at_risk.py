"""Who may be leaving, by rules that anybody can check."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Column, Moment, Parameter, Report, Row

_WEIGHTS = {"never came": 40, "gone quiet": 30, "failed twice": 30, "stopped early": 20}


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        rules = []
        if not row["activities"]:
            rules.append("never came")
        elif row["quiet"] > max(moment.parameters["quiet_days"], 3 * row["usual_gap"]):
            rules.append("gone quiet")
        if row["fails"] > 1 and not row["passes"]:
            rules.append("failed twice")
        if row["activities"] == 1 and row["quiet"] > moment.parameters["quiet_days"]:
            rules.append("stopped early")
        row["rules"] = ", ".join(rules)
        row["score"] = min(100, sum(_WEIGHTS[rule] for rule in rules))
    found = [row for row in rows if row["rules"]]
    return sorted(found, key=lambda row: (-row["score"], row["course"], row["learner"]))


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
    personal=True,
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
        Column("rules", "text", "never came, gone quiet, failed twice, stopped early"),
        Column("quiet", "days", "Days since the last statement"),
        Column("usual_gap", "days", "Usual days between two days of activity"),
        Column("activities", "count", "Activities begun"),
        Column("fails", "count", "Failed attempts"),
        Column("passes", "count", "Passed attempts"),
    ),
    sql="""WITH persons AS (
    SELECT learner, course, MIN(course_id) AS course_id, MIN(actor) AS actor,
           MIN(day) AS first_day, MAX(day) AS last_day, COUNT(DISTINCT day) AS days,
           COUNT(DISTINCT CASE WHEN roles NOT LIKE '% enrol %' AND stage <> 'withdraw'
                               THEN activity END) AS activities,
           COUNT(CASE WHEN success = 0 THEN 1 END) AS fails,
           COUNT(CASE WHEN success = 1 THEN 1 END) AS passes,
           MAX(CASE WHEN completion = 1 AND activity = course THEN 1 ELSE 0 END) AS completed,
           MAX(CASE WHEN verb LIKE '%/waived' OR verb LIKE '%/satisfied' THEN 1 ELSE 0 END) AS exempt,
           MAX(CASE WHEN stage = 'withdraw' THEN moment ELSE 0 END) AS withdrawn,
           MAX(CASE WHEN roles LIKE '% enrol %' THEN moment ELSE 0 END) AS enrolled
    FROM scoped WHERE course <> 0 GROUP BY learner, course
)
SELECT course_id AS course, actor AS learner, :today - last_day AS quiet, activities, fails, passes,
       CAST(FLOOR((last_day - first_day) / CAST(GREATEST(days - 1, 1) AS DOUBLE)) AS INT) AS usual_gap
FROM persons
WHERE completed = 0 AND exempt = 0 AND withdrawn <= enrolled AND :today - last_day <= :within
  AND (:today - last_day > :quiet_days OR fails > 1)
ORDER BY course, learner""",
    finish=_finish,
    reading=_reading,
    definition=(
        "never came: enrolled longer ago than quiet_days, nothing since (40). gone quiet: nothing for quiet_days and"
        " three times the usual gap (30). failed twice: and not passed (30). stopped early: one activity only (20)."
        " Who completed, withdrew, or was let off is not asked; ungraded is not failed."
    ),
)
