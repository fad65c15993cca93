"""Which outcomes there are, and whose they are."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    low = [
        row["measure"] for row in rows if not row["subject"] and row["matched"] < row["subjects"]
    ]
    if not low:
        return (
            "Every subject of every measure is a learner who was seen, or a department with some."
        )
    names = ", ".join(low)
    return (
        f"{names}: not all were seen as learners; mend the people file, or the names in this one."
    )


REPORT = Report(
    name="outcomes-match",
    title="Outcomes and learners",
    question="Which outcomes are there, and whose are they that no statement knows?",
    level="descriptive",
    covers=("B27", "B24", "B48"),
    organisational=True,
    personal=True,
    columns=(
        Column("measure", "text", "Measure"),
        Column(
            "subject",
            "text",
            "One that no statement knows; empty: all of the measure",
            tells_names=True,
        ),
        Column("kind", "text", "person or group"),
        Column("outcomes", "count", "Outcomes"),
        Column("first", "day", "First day"),
        Column("last", "day", "Last day"),
        Column("subjects", "people", "Persons, or groups"),
        Column("matched", "people", "Those that statements know"),
        Column("match_rate", "ratio", "Matched of subjects", part="matched", whole="subjects"),
    ),
    sql="""WITH seen AS (
    SELECT DISTINCT learner, department FROM scoped
), departments AS (
    SELECT department, MIN(learner) AS learner FROM seen WHERE department <> '' GROUP BY department
), learners AS (
    SELECT DISTINCT learner FROM seen
), subjects AS (
    SELECT o.measure, o.kind, o.subject, COUNT(*) AS outcomes, MIN(o.day) AS first_day,
           MAX(o.day) AS last_day,
           MAX(CASE WHEN l.learner IS NOT NULL OR d.learner IS NOT NULL THEN 1 ELSE 0 END) AS known
    FROM outcomes o
    LEFT JOIN learners l ON o.kind = 'person' AND l.learner = o.unit
    LEFT JOIN departments d ON o.kind = 'group' AND d.department = o.subject
    GROUP BY o.measure, o.kind, o.subject
)
SELECT measure, '' AS subject, kind, SUM(outcomes) AS outcomes, MIN(first_day) AS first,
       MAX(last_day) AS last, COUNT(*) AS subjects, SUM(known) AS matched
FROM subjects GROUP BY measure, kind
UNION ALL
SELECT measure, subject, kind, outcomes, first_day AS first, last_day AS last, 1 AS subjects,
       0 AS matched
FROM subjects WHERE known = 0
ORDER BY measure, kind, subject""",
    reading=_reading,
    definition=(
        "A person is known by the name in the people file, or by an identifier of an actor; a group is a department of"
        " the people file."
    ),
)
