"""Who passes assessments, group by group."""

from collections.abc import Sequence
from dataclasses import replace

from lrs.analytics.asking import MARK, SEGMENT, SLICED
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.fragments import NOT_ANSWERING, PASSED
from lrs.analytics.statistics.apart import (
    APART,
    APART_RULE,
    CLUSTER_RULE,
    CLUSTERED,
    SQUARES,
    set_apart,
)
from lrs.analytics.statistics.clusters import spread

_FIRSTS = spread("firsts", "units", by="slice", whole="COUNT(*)", parts={"first": "SUM(passed)"})


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    set_apart(rows, "passed", "graded", clustered=True)
    return rows


def _reading(rows: Sequence[Row]) -> str:
    low = [row for row in rows if row["differs"] and row["difference"] < 0]
    if not low:
        return "No group passes less often than the others by more than chance."
    names = ", ".join(row["slice"] or "unknown" for row in low)
    return (
        f"Less often than the others passes: {names}."
        " See which questions they miss, and what they were shown before."
    )


REPORT = Report(
    name="pass-rates",
    title="Who passes",
    question="Which roles, departments or shifts pass less often?",
    level="diagnostic",
    covers=("B25",),
    version=3,
    parameters=(
        replace(SEGMENT, default="role"),
        Parameter(
            "class", "any", "Class of the courses, as the course file says",
            ("any", "mandatory", "elective", "certification", "onboarding"),
        ),
        MARK,
    ),
    columns=(
        Column("slice", "text", "The group"),
        Column("persons", "people", "Persons with a graded attempt"),
        Column("persons_first_passed", "people", "Those of them who passed any at first"),
        Column("persons_passed", "people", "Those of them who passed any in the end"),
        Column("graded", "count", "Persons and assessments with a graded attempt", by="persons"),
        Column(
            "first_passed", "count", "Those passed at the first attempt", by="persons_first_passed"
        ),
        Column(
            "first_rate", "ratio", "Of graded", part="first_passed", whole="graded",
            spread=("persons", "aa_first", "an_first", "nn"),
        ),
        Column("passed", "count", "Those passed in the end", by="persons_passed"),
        Column(
            "pass_rate", "ratio", "Of graded", part="passed", whole="graded",
            spread=("persons", "aa", "an", "nn"),
        ),
        *APART,
    ),
    sql=f"""WITH tries AS (
    SELECT learner, activity, moment, tie, COALESCE(attempt, 0) AS number, {SLICED} AS slice,
           {PASSED} AS passed
    FROM scoped s
    WHERE activity <> 0 AND (success IS NOT NULL OR score IS NOT NULL)
      AND {NOT_ANSWERING}
      AND (:class = 'any' OR EXISTS (
          SELECT 1 FROM planned c WHERE c.course = s.course AND c.class = :class
      ))
), ordered AS (
    SELECT learner, slice, passed,
           MAX(passed) OVER (PARTITION BY learner, activity) AS ever,
           ROW_NUMBER() OVER (PARTITION BY learner, activity ORDER BY number, moment, tie) AS place
    FROM tries
), units AS (
    SELECT slice, learner, passed, ever AS done FROM ordered WHERE place = 1
), {CLUSTERED}, {_FIRSTS}
SELECT u.slice, COUNT(DISTINCT u.learner) AS persons,
       COUNT(DISTINCT CASE WHEN u.passed = 1 THEN u.learner END) AS persons_first_passed,
       COUNT(DISTINCT CASE WHEN u.done = 1 THEN u.learner END) AS persons_passed,
       COUNT(*) AS graded, SUM(u.passed) AS first_passed, SUM(u.done) AS passed,
       {SQUARES},
       MIN(f.aa_first) AS aa_first, MIN(f.an_first) AS an_first
FROM units u JOIN clustered c ON c.slice = u.slice JOIN firsts f ON f.slice = u.slice
GROUP BY u.slice, {SQUARES}
ORDER BY slice""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "slice", "pass_rate"),
    definition=(
        "A learner and assessment belong to the group of their first graded attempt, as of its day. The rate held"
        " against the others is that of passing in the end. Narrow it with the filters `course` and `activity`."
    )
    + APART_RULE
    + CLUSTER_RULE,
)  # fmt: skip
