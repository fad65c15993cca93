"""Which modules go together with what counts at work."""

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean
from typing import Any

from lrs.analytics.asking import COURSE, MODULE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.statistics.comparing import (
    EFFECT,
    EFFECT_RULE,
    MARGIN,
    RANKED,
    SCALE,
    compared,
    settled,
)


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found: list[Row] = []
    for _, several in groupby(rows, key=lambda row: row["measure"]):
        family = []
        for _, members in groupby(several, key=lambda row: (row["kind"], row["course"])):
            family += _modules(list(members), moment.parameters["margin"] / 100)
        found += sorted(settled(family), key=_rank)
    return found


def _rank(row: Row) -> Any:
    # Few units swing far: they are not ranked.
    ranked = row["n"] >= RANKED and row["size"] is not None
    return not ranked, -abs(row["size"]) if ranked else 0, row["course"], row["module"]


def _modules(rows: list[Row], margin: float) -> list[Row]:
    """Return a row for each module of a course, of the units that have the measure."""
    units: dict[Any, list[Row]] = {}
    done: dict[str, set[Any]] = {}
    for row in rows:
        if row["done"]:
            done.setdefault(row["module"], set()).add(row["learner"])
        else:
            units.setdefault(row["unit"], []).append(row)
    before = {unit: as_it_was(members) for unit, members in units.items()}
    found = []
    for module, learners in sorted(done.items()):
        share = {
            unit: fmean(row["learner"] in learners for row in members)
            for unit, members in units.items()
        }
        found.append(
            {
                "measure": rows[0]["measure"],
                "kind": rows[0]["kind"],
                "course": rows[0]["course"],
                "module": module,
                **compared([(before[unit], share[unit]) for unit in units], margin),
            }
        )
    return found


def as_it_was(members: Sequence[Row]) -> Row:
    """Return what a unit, a person or the members of a group, was like before the first of it began."""
    first = min(members, key=lambda row: row["seen"])
    tenures = [row["seen"] - row["start_day"] for row in members if row["start_day"] is not None]
    return {
        **first,
        "tenure": fmean(tenures) if tenures else None,
        "prior": None if first["prior"] is None else first["prior"] / SCALE,
    }


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
    version=2,
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
    sql="""WITH doing AS (
    SELECT learner, course, module, MIN(course_id) AS course_id, MIN(module_id) AS module_id,
           MIN(day) AS seen, MIN(CASE WHEN completion = 1 THEN day END) AS done
    FROM scoped WHERE course <> 0 AND roles NOT LIKE '% enrol %'
    GROUP BY learner, course, module
), begun AS (
    SELECT learner, course, MIN(course_id) AS course_id, MIN(seen) AS seen
    FROM doing GROUP BY learner, course
), learning AS (
    SELECT b.learner, b.course, b.course_id, b.seen, COALESCE(MAX(p.department), '') AS department,
           COALESCE(MAX(p.role), '') AS role, MAX(p.start_day) AS start_day
    FROM begun b LEFT JOIN staff p
      ON p.person_key = b.learner AND b.seen >= p.valid_from AND b.seen < p.valid_to
    GROUP BY b.learner, b.course, b.course_id, b.seen
), latest AS (
    SELECT unit, kind, subject, measure, day, value FROM (
        SELECT unit, kind, subject, measure, day, value,
               ROW_NUMBER() OVER (PARTITION BY unit, kind, measure ORDER BY day DESC, subject)
                   AS place
        FROM outcomes WHERE value IS NOT NULL
    ) ordered WHERE place = 1
), linked AS (
    SELECT o.measure, o.kind, o.unit, o.day, o.value, l.learner, l.course, l.course_id, l.seen,
           l.department, l.role, l.start_day
    FROM latest o JOIN learning l ON o.unit = l.learner
    WHERE o.kind = 'person' AND l.seen < o.day
    UNION ALL
    SELECT o.measure, o.kind, o.unit, o.day, o.value, l.learner, l.course, l.course_id, l.seen,
           l.department, l.role, l.start_day
    FROM latest o JOIN learning l ON o.subject = l.department
    WHERE o.kind = 'group' AND l.seen < o.day
), earlier AS (
    SELECT measure, kind, unit, course, learner, value FROM (
        SELECT l.measure, l.kind, l.unit, l.course, l.learner, o.value,
               ROW_NUMBER() OVER (
                   PARTITION BY l.measure, l.kind, l.unit, l.course, l.learner
                   ORDER BY o.day DESC, o.subject
               ) AS place
        FROM linked l JOIN outcomes o
          ON o.unit = l.unit AND o.kind = l.kind AND o.measure = l.measure AND o.day <= l.seen
    ) ordered WHERE place = 1
)
SELECT l.measure, l.kind, l.course_id AS course, '' AS module, 0 AS done, l.unit, l.learner,
       l.day, l.seen, l.value, e.value AS prior, l.role, l.department, l.start_day
FROM linked l LEFT JOIN earlier e
  ON e.measure = l.measure AND e.kind = l.kind AND e.unit = l.unit AND e.course = l.course
     AND e.learner = l.learner
UNION ALL
SELECT l.measure, l.kind, l.course_id AS course, d.module_id AS module, 1 AS done, l.unit,
       l.learner, l.day, l.seen, l.value, CAST(NULL AS BIGINT) AS prior, '' AS role, '' AS department,
       CAST(NULL AS INT) AS start_day
FROM linked l JOIN doing d ON d.learner = l.learner AND d.course = l.course AND d.done < l.day
ORDER BY measure, kind, course, done, module, unit, learner""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "module", "effect", series="measure"),
    definition=(
        "The measure is the last one of each person or group; completed: before that day, among those who began the"
        " course before it. Department, role, tenure and the value before are those of the day on which the person, or"
        " the first of the group, began; a group's tenure is the mean of those who began."
    )
    + EFFECT_RULE,
)
