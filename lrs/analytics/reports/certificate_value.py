"""Whether a certificate goes together with anything that counts at work, and what it costs."""

from collections.abc import Sequence
from itertools import groupby

from lrs.analytics.comparing import EFFECT, EFFECT_RULE, MARGIN, SCALE, compared, settled
from lrs.analytics.effects import equivalence
from lrs.analytics.report import Chart, Column, Moment, Report, Row


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found: list[Row] = []
    for measure, several in groupby(rows, key=lambda row: str(row["measure"])):
        told = list(several)
        units = [row for row in told if not row["done"]]
        family = []
        for course, certified in groupby(
            (row for row in told if row["done"]), key=lambda row: str(row["course"])
        ):
            several_done = list(certified)
            done = {row["unit"] for row in several_done}
            pairs = [(row, float(row["unit"] in done)) for row in units]
            row: Row = {"measure": measure, "course": course}
            row |= compared(pairs, moment.parameters["margin"] / 100)
            row["p_equal"] = _p_equal(pairs, row["margin"])
            cost = several_done[0]["cost"]
            row["cost"] = None if cost is None else cost / SCALE
            row["per_person"] = None if cost is None else cost / SCALE / len(done)
            family.append(row)
        found += settled(family)
    return found


def _p_equal(pairs: Sequence[tuple[Row, float]], margin: float | None) -> float | None:
    if not margin:
        return None
    sides = [[row["value"] / SCALE for row, did in pairs if did == side] for side in (0, 1)]
    return equivalence(sides[1], sides[0], margin)


def _reading(rows: Sequence[Row]) -> str:
    idle = {row["course"] for row in rows if row["verdict"] == "no measurable effect"}
    useful = {row["course"] for row in rows if row["verdict"] in ("more", "less")}
    lost = idle - useful
    if lost:
        return (
            f"{len(lost)} certificates go together with nothing that is measured: ask what they are for"
            " before they are paid for again."
        )
    if not useful:
        return "Of no certificate can it be said yet whether anything goes with it: measure more people."
    return f"{len(useful)} certificates go together with something that counts at work."


REPORT = Report(
    name="certificate-value",
    title="What certificates go together with",
    question="Does anything that counts at work go together with holding a certificate?",
    level="diagnostic",
    covers=("B18", "B57"),
    parameters=(MARGIN,),
    columns=(
        Column("measure", "text", "Measure"),
        Column("course", "activity", "Course of the certificate"),
        Column("n", "people", "Learners who have the measure"),
        Column("completed", "people", "Those certified before it"),
        *EFFECT,
        Column("p_equal", "number", "p of the means being further apart than the margin (TOST)"),
        Column("cost", "number", "Cost of the course"),
        Column("per_person", "number", "Cost for each certified person who has the measure"),
    ),
    sql="""WITH granted AS (
    SELECT s.learner, s.course, MIN(s.course_id) AS course_id, MIN(c.cost) AS cost,
           COALESCE(MIN(CASE WHEN s.roles LIKE '% earn %' OR s.roles LIKE '% achieve %'
                             THEN s.day END),
                    MIN(CASE WHEN c.class = 'certification' AND s.activity = s.course
                                  AND s.completion = 1 THEN s.day END)) AS granted
    FROM scoped s LEFT JOIN planned c ON c.course = s.course
    WHERE s.course <> 0 GROUP BY s.learner, s.course
), learners AS (
    SELECT learner, MAX(department) AS department, MAX(role) AS role, MAX(start_day) AS start_day
    FROM scoped GROUP BY learner
), latest AS (
    SELECT unit, measure, day, value FROM (
        SELECT unit, measure, day, value,
               ROW_NUMBER() OVER (PARTITION BY unit, measure ORDER BY day DESC, subject) AS place
        FROM outcomes WHERE value IS NOT NULL AND kind = 'person'
    ) ordered WHERE place = 1
)
SELECT o.measure, 'person' AS kind, '' AS course, 0 AS done, o.unit, o.day, o.value,
       CAST(NULL AS BIGINT) AS prior, l.role, l.department, l.start_day,
       CAST(NULL AS BIGINT) AS cost
FROM latest o JOIN learners l ON l.learner = o.unit
UNION ALL
SELECT o.measure, 'person' AS kind, g.course_id AS course, 1 AS done, o.unit, o.day, o.value,
       CAST(NULL AS BIGINT) AS prior, '' AS role, '' AS department, CAST(NULL AS INT) AS start_day,
       g.cost
FROM latest o JOIN granted g ON g.learner = o.unit AND g.granted < o.day
ORDER BY measure, done, course, unit""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "course", "effect", series="measure"),
    definition=(
        "The measure is the last one of each person; certified: before that day (earned or achieved; without such"
        " statements the completion of a course of the class certification)."
    )
    + EFFECT_RULE,
)
