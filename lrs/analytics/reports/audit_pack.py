"""What an auditor asks for: what was failed, what was done about it, when it was passed, and the certificate."""

from collections.abc import Sequence
from itertools import groupby

from lrs.analytics.asking import COURSE, MARK
from lrs.analytics.report import Column, Moment, Report, Row
from lrs.analytics.sql.certificates import OBLIGED, OBLIGED_RULE, obligations
from lrs.analytics.sql.fragments import NOT_ANSWERING, PASSED

_SHOWN = ("objective", "attempts", "first_score", "best_score", "failed", "failed_id", "remedies",
          "passed", "passed_id")  # fmt: skip


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found = []
    for _, several in groupby(rows, key=lambda row: (row["course"], row["learner"])):
        told = list(several)
        grants = list({row["id"]: row for row in told}.values())
        for person in obligations(grants, moment.today):
            for gap in {row["objective"]: row for row in told}.values():
                found.append(
                    {
                        "course": person["course"],
                        "learner": person["learner"],
                        "state": person["state"],
                        "cert_from": person["granted"],
                        "cert_to": person["expires"],
                        "certificates": person["statements"],
                        **{name: gap[name] for name in _SHOWN},
                        "gap": _gap(gap),
                    }
                )
    return found


def _gap(row: Row) -> str:
    if row["attempts"] is None:
        return "no test"
    if row["failed"] is None:
        return "none"
    return "open" if row["passed"] is None else "remediated"


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
    version=3,
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
    sql=f"""WITH {OBLIGED}, tests AS (
    SELECT learner, course, objective, activity, activity_id, moment, tie, id, score,
           {PASSED} AS passed
    FROM scoped
    WHERE course <> 0 AND activity <> 0 AND (success IS NOT NULL OR score IS NOT NULL)
      AND {NOT_ANSWERING}
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
SELECT w.course, w.learner, w.enrolled, w.required, w.began, w.waived, w.revoked, w.withdrawn,
       w.granted, w.valid_until, w.id, w.valid_months, w.due_days, w.grace_days, w.renewal_days,
       COALESCE(n.name, g.tested, '') AS objective, g.attempts, g.first_score, g.best_score,
       g.failed, g.failed_id, COALESCE(r.remedies, 0) AS remedies, g.passed, c.passed_id
FROM owed w
LEFT JOIN gaps g ON g.learner = w.learner_key AND g.course = w.course_key
LEFT JOIN closed c ON c.learner = g.learner AND c.course = g.course AND c.objective = g.objective
LEFT JOIN remedied r
  ON r.learner = g.learner AND r.course = g.course AND r.objective = g.objective
LEFT JOIN names n ON n.objective = g.objective
ORDER BY course, learner, objective, granted, id""",
    finish=_finish,
    reading=_reading,
    definition=OBLIGED_RULE
    + (
        " A gap: a failed attempt at an objective (the course, where a test tells none); remediated:"
        " passed after the last of them."
        " Statement ids lead to the evidence itself."
    ),
)
