"""Which modules go together with what counts at work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from lrs.analytics.asking import COURSE, MODULE
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import TITLES
from lrs.analytics.statistics.comparing import (
    EFFECT,
    EFFECT_RULE,
    MARGIN,
    RANKED,
    comparing,
    last_before,
    settled,
)

if TYPE_CHECKING:
    from pandas import DataFrame


_MEMBER, _DONE, _VALUE = 0, 1, 2
"""What a row of the SQL is: somebody who began a course, a module that they completed, a value of the measure."""


def _finish(told: DataFrame, moment: Moment) -> list[Row]:
    margin = moment.parameters["margin"] / 100
    found: list[Row] = []
    for measure, several in told.groupby("measure"):
        family = []
        for kind, of_kind in several.groupby("kind"):
            values = of_kind.loc[of_kind.done == _VALUE, ["unit", "day", "value"]]
            for course, members in of_kind[of_kind.done != _VALUE].groupby("course"):
                about = {"measure": measure, "kind": kind, "course": course}
                family += [{**about, **row} for row in _modules(members, values, margin)]
        found += sorted(settled(family), key=_rank)
    return found


def _rank(row: Row) -> Any:
    # Few units swing far: they are not ranked.
    ranked = row["n"] >= RANKED and row["size"] is not None
    return not ranked, -abs(row["size"]) if ranked else 0, row["course"], row["module"]


def _modules(told: DataFrame, values: DataFrame, margin: float) -> Iterator[Row]:
    """Yield a row for each module of a course, of the units that have the measure."""
    import numpy as np  # noqa: PLC0415 see estimates
    from pandas import Index  # noqa: PLC0415

    people, done = told[told.done == _MEMBER], told[told.done == _DONE]
    units = as_it_was(people, values)
    compared = comparing(units, margin)
    unit = Index(units.unit).get_indexer(people.unit)
    sizes = np.bincount(unit, minlength=len(units))
    for module, members in done.groupby("module"):
        did = np.bincount(unit, people.learner.isin(members.learner), minlength=len(units))
        yield {"module": module, **compared(did / sizes)}


def as_it_was(people: DataFrame, values: DataFrame) -> DataFrame:
    """Return what each unit, a person or the members of a group, was like before the first of it began."""
    first = people.sort_values("seen", kind="stable").drop_duplicates("unit")
    tenures = (people.seen - people.start_day.astype(float)).groupby(people.unit).mean()
    before = last_before(first.unit.to_numpy(), first.seen.to_numpy(), values)
    return first[["unit", "kind", "role", "department"]].assign(
        value=first.value / SCALE,
        prior=before.value.to_numpy() / SCALE,
        tenure=first.unit.map(tenures),
    )


def _reading(rows: Sequence[Row]) -> str:
    sure = [row for row in rows if row["verdict"] in ("more", "less")]
    if not sure:
        return "No module goes together with any measure by more than chance."
    first = sure[0]
    return (
        f"{len(sure)} modules go together with a measure, first of all one with {first['verdict']}"
        f" {first['measure']}. Who completes may differ in other ways too: try it on some before all."
    )


REPORT = Report(
    name="outcome-modules",
    title="Modules and what counts at work",
    question="Which modules go together with close rates, audit scores, satisfaction or tickets?",
    level="diagnostic",
    covers=("B14", "B36", "B6", "B8"),
    version=3,
    parameters=(MARGIN,),
    columns=(
        Column("measure", "text", "Measure"),
        Column("kind", "text", "Whether it is one of persons or of groups"),
        COURSE,
        MODULE,
        Column("n", "people", "Persons who began the course and have the measure later, or groups"),
        Column("completed", "people", "Those who completed it before; groups: more than half did"),
        *EFFECT,
    ),
    sql=f"""WITH {TITLES}, modules_told AS (
    SELECT module, MIN(module_id) AS module_id FROM scoped WHERE course <> 0 GROUP BY module
), doing AS (
    SELECT learner, course, module, MIN(day) AS seen, MIN(CASE WHEN completion = 1 THEN day END) AS done
    FROM scoped WHERE course <> 0 AND roles NOT LIKE '% enrol %'
    GROUP BY learner, course, module
), begun AS (
    SELECT learner, course, MIN(seen) AS seen
    FROM doing GROUP BY learner, course
), learning AS (
    SELECT b.learner, b.course, b.seen, COALESCE(MAX(p.department), '') AS department,
           COALESCE(MAX(p.role), '') AS role, MAX(p.start_day) AS start_day
    FROM begun b LEFT JOIN staff p
      ON p.person_key = b.learner AND b.seen >= p.valid_from AND b.seen < p.valid_to
    GROUP BY b.learner, b.course, b.seen
), latest AS (
    SELECT unit, kind, subject, measure, day, value FROM (
        SELECT unit, kind, subject, measure, day, value,
               ROW_NUMBER() OVER (PARTITION BY unit, kind, measure ORDER BY day DESC, subject)
                   AS place
        FROM outcomes WHERE value IS NOT NULL
    ) ordered WHERE place = 1
), linked AS (
    SELECT o.measure, o.kind, o.unit, o.day, o.value, l.learner, l.course, l.seen,
           l.department, l.role, l.start_day
    FROM latest o JOIN learning l ON o.unit = l.learner
    WHERE o.kind = 'person' AND l.seen < o.day
    UNION ALL
    SELECT o.measure, o.kind, o.unit, o.day, o.value, l.learner, l.course, l.seen,
           l.department, l.role, l.start_day
    FROM latest o JOIN learning l ON o.subject = l.department
    WHERE o.kind = 'group' AND l.seen < o.day
)
SELECT l.measure, l.kind, t.course_id AS course, '' AS module, 0 AS done, l.unit, l.learner,
       l.day, l.seen, l.value, l.role, l.department, l.start_day
FROM linked l JOIN titles t ON t.course = l.course
UNION ALL
SELECT l.measure, l.kind, t.course_id AS course, m.module_id AS module, 1 AS done, l.unit,
       l.learner, l.day, l.seen, l.value, '' AS role, '' AS department,
       CAST(NULL AS INT) AS start_day
FROM linked l JOIN doing d ON d.learner = l.learner AND d.course = l.course AND d.done < l.day
JOIN titles t ON t.course = l.course JOIN modules_told m ON m.module = d.module
UNION ALL
SELECT measure, kind, '' AS course, '' AS module, 2 AS done, unit, unit AS learner, day,
       CAST(NULL AS INT) AS seen, value, '' AS role, '' AS department, CAST(NULL AS INT) AS start_day
FROM outcomes WHERE value IS NOT NULL
ORDER BY measure, kind, done, day, value, course, module, unit, learner""",
    finish_frame=_finish,
    reading=_reading,
    chart=Chart("point", "module", "effect", series="measure"),
    definition=(
        "The measure is the last one of each person or group; completed: before that day, among those who began the"
        " course before it. Department, role, tenure and the value before are those of the day on which the person, or"
        " the first of the group, began; a group's tenure is the mean of those who began."
    )
    + EFFECT_RULE,
)
