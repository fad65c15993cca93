"""Whether a certificate goes together with anything that counts at work, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import EARNED, TITLES
from lrs.analytics.statistics.comparing import (
    EFFECT,
    EFFECT_RULE,
    MARGIN,
    comparing,
    last_before,
    settled,
)
from lrs.analytics.statistics.effects import Numbers, equivalence

if TYPE_CHECKING:
    from pandas import DataFrame

_UNIT, _CERTIFIED, _EARLIER, _PERIOD = 0, 1, 2, 3
"""What a row of the SQL is: somebody's measure, certificate, an earlier value, or a period in a role."""


def _finish(told: DataFrame, moment: Moment) -> list[Row]:
    found: list[Row] = []
    for measure, several in told.groupby("measure"):
        of = {part: several[several.done == part] for part in (_UNIT, _EARLIER, _PERIOD)}
        certified = several[several.done == _CERTIFIED]
        family = []
        for course, granted in certified.groupby("course"):
            units = _before(of[_UNIT], of[_EARLIER], of[_PERIOD], granted)
            did = units.unit.isin(granted.unit).to_numpy(dtype=float)
            row = {"measure": measure, "course": course}
            row |= comparing(units, moment.parameters["margin"] / 100)(did)
            row["p_equal"] = _p_equal(units.value.to_numpy(), did, row["margin"])
            cost = granted.cost.astype(float).iloc[0] / SCALE
            known = cost == cost  # noqa: PLR0124 NaN
            row["cost"] = cost if known else None
            row["per_person"] = cost / len(granted) if known else None
            family.append(row)
        found += settled(family)
    return found


def _before(
    units: DataFrame, values: DataFrame, periods: DataFrame, granted: DataFrame
) -> DataFrame:
    """Return the units as they were before the certificate; who has none, before the middle day of the others'.

    A value, a role or a department of after it may be what came of the certificate.
    """
    unit, middle = units.unit, granted.granted.quantile(0.5, interpolation="lower")
    # What was told on the day itself may be of after it.
    eve = unit.map(granted.set_index("unit").granted).fillna(middle).astype("int64") - 1
    before = last_before(unit.to_numpy(), eve.to_numpy(), values[["unit", "day", "value"]])
    was = last_before(
        unit.to_numpy(),
        eve.to_numpy(),
        periods[["unit", "day", "granted", "role", "department", "start_day"]],
    )
    there = was.day < was.granted
    return units[["unit", "kind"]].assign(
        value=units.value / SCALE,
        prior=before.value.to_numpy() / SCALE,
        role=was.role.where(there, "").to_numpy(),
        department=was.department.where(there, "").to_numpy(),
        tenure=(was.day + 1 - was.start_day.astype(float)).where(there).to_numpy(),
    )


def _p_equal(values: Numbers, did: Numbers, margin: float | None) -> float | None:
    return equivalence(values[did == 1], values[did == 0], margin) if margin else None


def _reading(rows: Sequence[Row]) -> str:
    verdicts: dict[str, set[str]] = {}
    for row in rows:
        verdicts.setdefault(row["course"], set()).add(row["verdict"])
    # One measure without effect says nothing of the others that are not known.
    idle = sum(told == {"no measurable effect"} for told in verdicts.values())
    useful = sum(bool(told & {"more", "less"}) for told in verdicts.values())
    if idle:
        return (
            f"{idle} certificates go together with nothing that is measured: ask what they are for"
            " before they are paid for again."
        )
    if not useful:
        return "Of no certificate can it be said yet whether anything goes with it: measure more people."
    return (
        f"{useful} certificates go together with more or less of a measure:"
        " see in its rows whether that is what they are for."
    )


REPORT = Report(
    name="certificate-value",
    title="What certificates go together with",
    question="Does anything that counts at work go together with holding a certificate?",
    level="diagnostic",
    covers=("B18", "B57"),
    version=4,
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
    sql=f"""WITH {TITLES}, done AS (
    SELECT learner, course,
           MIN(CASE WHEN {EARNED} THEN day END) AS earned,
           MIN(CASE WHEN course_done = 1 THEN day END) AS completed
    FROM scoped
    WHERE course <> 0 AND ({EARNED} OR completion = 1)
    GROUP BY learner, course
), granted AS (
    SELECT d.learner, t.course_id, c.cost,
           CASE WHEN d.earned IS NOT NULL THEN d.earned
                WHEN c.class = 'certification' THEN d.completed END AS granted
    FROM done d JOIN titles t ON t.course = d.course LEFT JOIN planned c ON c.course = d.course
), learners AS (
    SELECT learner FROM scoped GROUP BY learner
), latest AS (
    SELECT unit, measure, day, value FROM (
        SELECT unit, measure, day, value,
               ROW_NUMBER() OVER (PARTITION BY unit, measure ORDER BY day DESC, subject) AS place
        FROM outcomes WHERE value IS NOT NULL AND kind = 'person'
    ) ordered WHERE place = 1
)
SELECT o.measure, 'person' AS kind, '' AS course, 0 AS done, o.unit, o.day, o.value,
       CAST(NULL AS INT) AS granted, '' AS role, '' AS department, CAST(NULL AS INT) AS start_day,
       CAST(NULL AS BIGINT) AS cost
FROM latest o JOIN learners l ON l.learner = o.unit
UNION ALL
SELECT o.measure, 'person' AS kind, '' AS course, 3 AS done, o.unit, p.valid_from AS day,
       CAST(NULL AS BIGINT) AS value, p.valid_to AS granted, p.role, p.department,
       MAX(p.start_day) AS start_day, CAST(NULL AS BIGINT) AS cost
FROM latest o JOIN learners l ON l.learner = o.unit
JOIN staff p ON p.person_key = o.unit
GROUP BY o.measure, o.unit, p.valid_from, p.valid_to, p.role, p.department
UNION ALL
SELECT o.measure, 'person' AS kind, g.course_id AS course, 1 AS done, o.unit, o.day, o.value,
       g.granted, '' AS role, '' AS department, CAST(NULL AS INT) AS start_day, g.cost
FROM latest o JOIN granted g ON g.learner = o.unit AND g.granted < o.day
UNION ALL
SELECT e.measure, 'person' AS kind, '' AS course, 2 AS done, e.unit, e.day, e.value,
       CAST(NULL AS INT) AS granted, '' AS role, '' AS department, CAST(NULL AS INT) AS start_day,
       CAST(NULL AS BIGINT) AS cost
FROM outcomes e JOIN latest o ON o.unit = e.unit AND o.measure = e.measure AND e.day < o.day
JOIN learners l ON l.learner = e.unit
WHERE e.value IS NOT NULL AND e.kind = 'person'
ORDER BY measure, done, day, value, course, unit""",
    finish_frame=_finish,
    reading=_reading,
    chart=Chart("point", "course", "effect", series="measure"),
    definition=(
        "The measure is the last one of each person; certified: before that day (earned or achieved; without such"
        " statements the completion of a course of the class certification). The value before is the last one from"
        " before the certificate, and of who has none from before the middle day on which it was granted; so"
        " are role, department and tenure."
    )
    + EFFECT_RULE,
)
