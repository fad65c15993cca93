"""Whether a certificate goes together with anything that counts at work, and what it costs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from statistics import median_low
from typing import Any

from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.statistics.comparing import EFFECT, EFFECT_RULE, MARGIN, SCALE, compared, settled
from lrs.analytics.statistics.effects import equivalence

_UNIT, _CERTIFIED, _EARLIER, _PERIOD = 0, 1, 2, 3
"""What a row of the SQL is: somebody's measure, certificate, an earlier value, or a period in a role."""


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found: list[Row] = []
    for measure, several in groupby(rows, key=lambda row: str(row["measure"])):
        of: dict[int, list[Row]] = {_UNIT: [], _CERTIFIED: [], _EARLIER: [], _PERIOD: []}
        for row in several:
            of[row["done"]].append(row)
        values: dict[Any, list[Row]] = {}
        for row in of[_EARLIER]:
            values.setdefault(row["unit"], []).append(row)
        periods: dict[Any, list[Row]] = {}
        for row in of[_PERIOD]:
            periods.setdefault(row["unit"], []).append(row)
        family = []
        for course, certified in groupby(of[_CERTIFIED], key=lambda row: str(row["course"])):
            granted = {row["unit"]: row for row in certified}
            pairs = [
                (row, float(row["unit"] in granted))
                for row in _before(of[_UNIT], values, periods, granted)
            ]
            row = {"measure": measure, "course": course}
            row |= compared(pairs, moment.parameters["margin"] / 100)
            row["p_equal"] = _p_equal(pairs, row["margin"])
            cost = next(iter(granted.values()))["cost"]
            row["cost"] = None if cost is None else cost / SCALE
            row["per_person"] = None if cost is None else cost / SCALE / len(granted)
            family.append(row)
        found += settled(family)
    return found


def _before(
    units: Sequence[Row],
    values: Mapping[Any, Sequence[Row]],
    periods: Mapping[Any, Sequence[Row]],
    granted: Mapping[Any, Row],
) -> Iterator[Row]:
    """Yield the units as they were before the certificate; who has none, before the middle day of the others'.

    A value, a role or a department of after it may be what came of the certificate.
    """
    middle = median_low(sorted(row["granted"] for row in granted.values()))
    for row in units:
        day = granted[row["unit"]]["granted"] if row["unit"] in granted else middle
        earlier = [one["value"] for one in values.get(row["unit"], ()) if one["day"] < day]
        known = [one for one in periods.get(row["unit"], ()) if one["day"] < day <= one["granted"]]
        was = known[-1] if known else {"role": "", "department": "", "start_day": None}
        start = was["start_day"]
        yield {
            **row,
            "role": was["role"],
            "department": was["department"],
            "prior": earlier[-1] / SCALE if earlier else None,
            "tenure": None if start is None else day - start,
        }


def _p_equal(pairs: Sequence[tuple[Row, float]], margin: float | None) -> float | None:
    if not margin:
        return None
    sides = [[row["value"] / SCALE for row, did in pairs if did == side] for side in (0, 1)]
    return equivalence(sides[1], sides[0], margin)


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
    version=3,
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
ORDER BY measure, done, course, unit, day, value""",
    finish=_finish,
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
