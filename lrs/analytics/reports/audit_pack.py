"""What an auditor asks for: what was failed, what was done about it, when it was passed, and the certificate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrs.analytics.asking import COURSE, MARK
from lrs.analytics.frames import rows_of
from lrs.analytics.report import MAX_ROWS, Column, Moment, Report, Row
from lrs.analytics.sql.certificates import OBLIGED, OBLIGED_RULE, STANDING
from lrs.analytics.sql.fragments import ACTORS, EARNED, NOT_ANSWERING, PASSED
from lrs.analytics.statistics.standing import obligations

if TYPE_CHECKING:
    from pandas import DataFrame

_WHOSE = ["course", "learner_key"]
_TOLD = ["objective", "attempts", "first_score", "best_score", "failed", "failed_id", "remedies",
         "passed", "passed_id"]  # fmt: skip


def _finish(told: DataFrame, moment: Moment) -> list[Row]:
    import numpy as np  # noqa: PLC0415 see estimates

    grants = told.drop_duplicates([*_WHOSE, "granted"])
    people = obligations(grants, moment.today)
    gaps = told.drop_duplicates([*_WHOSE, "objective"])[[*_WHOSE, *_TOLD]]
    found = people.merge(gaps, on=_WHOSE).iloc[: MAX_ROWS + 1]
    found["certificates"] = _evidence(grants, found[_WHOSE])
    found["gap"] = np.select(
        [found.attempts.isna(), found.failed.isna(), found.passed.isna()],
        ["no test", "none", "open"],
        "remediated",
    )
    return rows_of(found.rename(columns={"granted": "cert_from", "expires": "cert_to"}))


def _evidence(grants: DataFrame, whose: DataFrame) -> list[str]:
    """Return the statements of the grants of each of the persons and courses."""
    ids: dict[tuple[str, int], list[str]] = {}
    told = grants.dropna(subset="id").merge(whose.drop_duplicates(), on=_WHOSE)
    for course, learner, one in zip(told.course, told.learner_key, told.id, strict=True):
        ids.setdefault((course, learner), []).append(one)
    return [" ".join(ids.get(one, ())) for one in zip(whose.course, whose.learner_key, strict=True)]


def _reading(rows: Sequence[Row]) -> str:
    open_, closed = (sum(row["gap"] == gap for row in rows) for gap in ("open", "remediated"))
    return (
        f"{closed} gaps were found and closed, {open_} are open: close these first;"
        " `lrs audit pack` writes a signed copy for the auditor."
    )


REPORT = Report(
    name="audit-pack",
    title="Auditor's pack",
    question="What did each person fail, what was done about it, and what certifies them now?",
    level="descriptive",
    covers=("B19", "B13"),
    obligations=True,
    version=4,
    as_of_now=True,
    organisational=True,
    personal=True,
    ranked_by=("course",),
    parameters=(MARK,),
    columns=(
        COURSE,
        Column("learner", "agent", "Who"),
        Column("objective", "activity", "What was tested: an objective, or the course"),
        Column("attempts", "count", "Attempts"),
        Column("first_score", "score", "Score of the first attempt"),
        Column("best_score", "score", "Best score"),
        Column("gap", "text", "none, open (not passed since the last fail), remediated, no test"),
        Column("failed", "hour", "First fail"),
        Column("failed_id", "text", "Its statement"),
        Column("remedies", "count", "Statements of the course between that fail and the pass"),
        Column("passed", "hour", "First pass; with a gap, the first one after the last fail"),
        Column("passed_id", "text", "Its statement"),
        Column("state", "text", "Of the certificate, as in `obligations`"),
        Column("cert_from", "day", "Newest certificate"),
        Column("cert_to", "day", "Valid through this day"),
        Column("certificates", "text", "Statements of all certificates"),
    ),
    sql=f"""WITH {OBLIGED}, {ACTORS}, noted AS (
    SELECT learner, course, objective, activity, activity_id, moment, tie, day, id, score, success,
           CASE WHEN {EARNED} THEN 1 ELSE 0 END AS earned,
           CASE WHEN activity = course AND (completion = 1 OR success = 1) THEN 1 ELSE 0 END AS done,
           CASE WHEN (success IS NOT NULL OR score IS NOT NULL) AND {NOT_ANSWERING}
                THEN 1 ELSE 0 END AS tested
    FROM scoped
    WHERE course <> 0 AND activity <> 0
      AND (completion = 1 OR success IS NOT NULL OR score IS NOT NULL
           OR {EARNED})
), evidence AS (
    SELECT learner, course, day, MIN(CASE WHEN earned = 1 THEN id END) AS earned,
           MIN(CASE WHEN done = 1 THEN id END) AS done
    FROM noted WHERE earned = 1 OR done = 1 GROUP BY learner, course, day
), tests AS (
    SELECT learner, course, objective, activity, activity_id, moment, tie, id, score,
           {PASSED} AS passed
    FROM noted WHERE tested = 1
), ordered AS (
    SELECT t.*, ROW_NUMBER() OVER (
               PARTITION BY learner, course, objective ORDER BY moment, tie
           ) AS place,
           MIN(CASE WHEN passed = 0 THEN moment END) OVER (
               PARTITION BY learner, course, objective
           ) AS failed,
           MAX(CASE WHEN passed = 0 THEN moment END) OVER (
               PARTITION BY learner, course, objective
           ) AS failed_last
    FROM tests t
), gaps AS (
    SELECT learner, course, objective, MIN(activity_id) AS tested, COUNT(*) AS attempts,
           MAX(CASE WHEN place = 1 THEN score END) AS first_score, MAX(score) AS best_score,
           MIN(failed) AS failed,
           MIN(CASE WHEN passed = 0 AND moment = failed THEN id END) AS failed_id,
           MIN(CASE WHEN passed = 1 AND (failed IS NULL OR moment > failed_last) THEN moment END)
               AS passed
    FROM ordered GROUP BY learner, course, objective
), closed AS (
    SELECT g.learner, g.course, g.objective, MIN(o.id) AS passed_id
    FROM gaps g JOIN ordered o ON o.learner = g.learner AND o.course = g.course
         AND o.objective = g.objective AND o.moment = g.passed AND o.passed = 1
    GROUP BY g.learner, g.course, g.objective
), remedied AS (
    SELECT g.learner, g.course, g.objective, COUNT(*) AS remedies
    FROM gaps g JOIN scoped s ON s.learner = g.learner AND s.course = g.course
    WHERE s.moment > g.failed AND s.moment < g.passed
      AND s.success IS NULL AND s.score IS NULL
    GROUP BY g.learner, g.course, g.objective
), names AS (
    SELECT objective, MIN(CASE WHEN objective = course THEN course_id
                               WHEN objective = activity THEN activity_id END) AS name
    FROM scoped WHERE objective <> 0 GROUP BY objective
)
SELECT {STANDING}, COALESCE(a.actor, w.person) AS learner, COALESCE(v.earned, v.done) AS id,
       COALESCE(n.name, g.tested, '') AS objective, g.attempts, g.first_score, g.best_score,
       g.failed, g.failed_id, COALESCE(r.remedies, 0) AS remedies, g.passed, c.passed_id
FROM owed w
LEFT JOIN actors a ON a.learner = w.learner_key
LEFT JOIN evidence v
  ON v.learner = w.learner_key AND v.course = w.course_key AND v.day = w.granted
LEFT JOIN gaps g ON g.learner = w.learner_key AND g.course = w.course_key
LEFT JOIN closed c ON c.learner = g.learner AND c.course = g.course AND c.objective = g.objective
LEFT JOIN remedied r
  ON r.learner = g.learner AND r.course = g.course AND r.objective = g.objective
LEFT JOIN names n ON n.objective = g.objective
ORDER BY course, learner, learner_key, objective, granted""",
    finish_frame=_finish,
    reading=_reading,
    definition=OBLIGED_RULE
    + (
        " A gap: a failed attempt at an objective (the course, where a test tells none); remediated:"
        " passed after the last of them."
        " Statement ids lead to the evidence itself."
    ),
)
