"""Whether the base is sound enough to build on."""

from collections.abc import Sequence

from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Column, Moment, Report, Row
from lrs.analytics.sql.fragments import NOT_ANSWERING

_CHECKS = (
    ("completions are told", "completed", "learners", 1, True,
     "diagnostic, predictive", "send completions: see what each source tells in `data-quality`"),
    ("learners click before they view", "unclicked", "viewed", 1000, False,
     "diagnostic", "send clicks too, or read funnels as imputed"),
    ("scores can be used", "unusable", "scores", 500, False,
     "diagnostic", "send raw, min and max of scores"),
    ("times are not of the future", "future", "statements", 10, False,
     "diagnostic, predictive", "set the clocks of the senders"),
    ("statements come within a day", "late", "recent", 500, False,
     "predictive", "send them sooner: risks are judged by who is quiet"),
    ("passes take some time", "too_fast", "timed", 500, False,
     "diagnostic, predictive", "see who passes in seconds in `data-quality`"),
    ("learners are in the people file", "matched", "learners", 9000, True,
     "diagnostic", "add those whom `people-match` lists"),
    ("courses are in the course file", "planned_courses", "courses", 9000, True,
     "diagnostic", "add the courses: `lrs courses import`"),
    ("there is a year of statements", "days", "year", 10_000, True,
     "predictive", "wait: rules may be used, models may not"),
)  # fmt: skip
"""What is checked, its count, what it is a part of, the limit in ten-thousandths, whether at least or at most, what
should wait, and what to do."""


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    told = rows[0] if rows else None
    if told is None or not told["statements"]:
        return []
    found = []
    for check, part, whole, limit, least, blocks, mend in _CHECKS:
        value = round(told[part] * SCALE / told[whole]) if told[whole] else None
        holds = value is not None and (value >= limit if least else value <= limit)
        # Where nothing of the kind was told, nothing is wrong with it: only what must be there fails.
        passes = holds or (value is None and not least)
        found.append(
            {
                "check": check,
                "value": value,
                "at_least": limit if least else None,
                "at_most": None if least else limit,
                "pass": int(passes),
                "blocks": "" if passes else blocks,
                "mend": "" if passes else mend,
            }
        )
    return sorted(found, key=lambda row: row["pass"])


def _reading(rows: Sequence[Row]) -> str:
    failed = [row for row in rows if not row["pass"]]
    if not failed:
        return "The base is sound: build on it."
    levels = sorted({level for row in failed for level in row["blocks"].split(", ")})
    return (
        f"{len(failed)} of {len(rows)} checks fail: do not rely on {' and '.join(levels)} reports yet;"
        f" first {failed[0]['mend']}."
    )


REPORT = Report(
    name="baseline",
    title="Baseline",
    question="Are the data sound enough for why, what next and what to do?",
    level="descriptive",
    covers=("B38",),
    columns=(
        Column("check", "text", "What should hold"),
        Column("pass", "flag", "Whether it does"),
        Column("value", "score", "Share found; empty: nothing of the kind was told"),
        Column("at_least", "score", "Share that it has to be at least"),
        Column("at_most", "score", "Share that it may be at most"),
        Column("blocks", "text", "Levels of reports that should wait for it"),
        Column("mend", "text", "What to do"),
    ),
    sql=f"""WITH told AS (
    SELECT COUNT(*) AS statements, COUNT(DISTINCT learner) AS learners,
           COUNT(DISTINCT CASE WHEN completion = 1 THEN learner END) AS completed,
           COUNT(CASE WHEN score_basis <> '' THEN 1 END) AS scores,
           COUNT(CASE WHEN score_basis = 'unusable' THEN 1 END) AS unusable,
           COUNT(CASE WHEN lag < -300000 THEN 1 END) AS future,
           COUNT(CASE WHEN day > :today - 28 THEN 1 END) AS recent,
           COUNT(CASE WHEN day > :today - 28 AND lag > 86400000 THEN 1 END) AS late,
           COUNT(CASE WHEN duration IS NOT NULL AND success = 1 AND {NOT_ANSWERING} THEN 1 END) AS timed,
           COUNT(CASE WHEN duration < 20000 AND success = 1 AND {NOT_ANSWERING} THEN 1 END) AS too_fast,
           COUNT(DISTINCT CASE WHEN person <> '' THEN learner END) AS matched,
           COUNT(DISTINCT CASE WHEN course <> 0 THEN course END) AS courses,
           COALESCE(:today - MIN(day), 0) AS days
    FROM scoped
), places AS (
    SELECT MAX(CASE WHEN stage = 'click' THEN 1 ELSE 0 END) AS clicked,
           MAX(CASE WHEN stage IN ('view', 'completion') THEN 1 ELSE 0 END) AS viewed
    FROM scoped WHERE course <> 0 AND module <> 0 GROUP BY learner, course, module
), funnels AS (
    SELECT COALESCE(SUM(viewed), 0) AS viewed,
           COUNT(CASE WHEN viewed = 1 AND clicked = 0 THEN 1 END) AS unclicked
    FROM places
), known AS (
    SELECT COUNT(DISTINCT s.course) AS planned_courses
    FROM scoped s JOIN planned c ON c.course = s.course
)
SELECT t.*, f.viewed, f.unclicked, k.planned_courses, 365 AS year
FROM told t CROSS JOIN funnels f CROSS JOIN known k""",
    finish=_finish,
    reading=_reading,
    definition=(
        "Limits: 10 % of views without a click, 5 % of scores unusable, 0.1 % of statements from the future (by over 5"
        " minutes), 5 % of those of 28 days over a day late, 5 % of timed passes (not of single"
        " questions) under 20 s; 90 % of learners and"
        " courses in the files, 365 days. Imports of old statements are late by nature."
    ),
)
