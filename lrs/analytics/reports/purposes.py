"""What is collected, and why."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Moment, Report, Row

_FIELDS = (
    ("actor", "COUNT(*)"),
    ("score", "COUNT(score)"),
    ("success", "COUNT(success)"),
    ("duration", "COUNT(duration)"),
    ("response", "COUNT(CASE WHEN response <> '' THEN 1 END)"),
    ("rating", "COUNT(rating)"),
    ("position in a video", "COUNT(position)"),
    ("device", "COUNT(CASE WHEN device <> '' THEN 1 END)"),
    ("session", "COUNT(CASE WHEN session <> 0 THEN 1 END)"),
    ("registration", "COUNT(CASE WHEN registration <> 0 THEN 1 END)"),
    ("revision", "COUNT(CASE WHEN revision <> '' THEN 1 END)"),
    ("channel", "COUNT(CASE WHEN channel <> '' THEN 1 END)"),
    ("people file", "COUNT(CASE WHEN person <> '' THEN 1 END)"),
)
_COUNTS = ",\n           ".join(f"{count} AS n{n}" for n, (_, count) in enumerate(_FIELDS))
_UNPIVOTED = "\n    UNION ALL ".join(
    f"SELECT 'field {name}' AS field, n{n} AS statements, 0 AS unused FROM counts"
    for n, (name, _) in enumerate(_FIELDS)
)


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["documented"] = int(row["purpose"] != "")
    return sorted(rows, key=lambda row: (row["documented"], -row["statements"], row["field"]))


def _reading(rows: Sequence[Row]) -> str:
    without = sum(not row["documented"] for row in rows)
    verbs = [row for row in rows if row["field"].startswith("verb ")]
    noise = sum(row["unused"] for row in verbs) / max(1, sum(row["statements"] for row in verbs))
    return (
        f"{without} of {len(rows)} things are collected without a documented purpose: write one down, or stop"
        f" collecting them. {noise:.0%} of the statements count in no report."
    )


# ClickHouse joins by an equality, whatever else is asked on top: that is what `any_field` is for.
REPORT = Report(
    name="purposes",
    title="Purposes",
    question="Why do we have this, and what do we have without a reason?",
    level="descriptive",
    covers=("A2", "B52"),
    obligations=True,
    organisational=True,
    version=2,
    columns=(
        Column("field", "text", "A verb, an event of the taxonomy, or a field of statements"),
        Column("statements", "count", "Statements with it"),
        Column("unused", "count", "Of a verb: those that count as nothing in reports"),
        Column(
            "noise",
            "ratio",
            "Unused of statements",
            part="unused",
            whole="statements",
            counted=True,
        ),
        Column("documented", "flag", "Whether the ledger has a purpose for it"),
        Column("purpose", "text", "What for"),
        Column("wanted_for", "text", "The question that it answers"),
        Column("basis", "text", "Legal basis"),
        Column("months", "number", "Months after which it goes"),
        Column("owner", "text", "Who answers for it", tells_names=True),
    ),
    sql=f"""WITH counts AS (
    SELECT {_COUNTS}
    FROM scoped
), found AS (
    SELECT CONCAT('verb ', verb) AS field, COUNT(*) AS statements,
           COUNT(CASE WHEN stage = '' AND roles = '' THEN 1 END) AS unused
    FROM scoped GROUP BY verb
    UNION ALL
    SELECT CONCAT('event ', event) AS field, COUNT(*) AS statements, 0 AS unused
    FROM scoped WHERE event <> '' GROUP BY event
    UNION ALL {_UNPIVOTED}
), stems AS (
    SELECT p.*, CASE WHEN field LIKE '%*' THEN SUBSTR(field, 1, LENGTH(field) - 1) ELSE field END
                    AS stem,
           CASE WHEN field LIKE '%*' THEN 1 ELSE 0 END AS open_ended, 1 AS any_field
    FROM purposes p WHERE closed IS NULL
), matched AS (
    SELECT f.field, f.statements, f.unused, s.purpose, s.question, s.basis, s.months, s.owner,
           ROW_NUMBER() OVER (PARTITION BY f.field ORDER BY LENGTH(s.stem) DESC, s.stem) AS place
    FROM found f
    LEFT JOIN stems s
      ON s.any_field = CASE WHEN f.statements > 0 THEN 1 ELSE 0 END
     AND (f.field = s.stem
          OR (s.open_ended = 1 AND SUBSTR(f.field, 1, LENGTH(s.stem)) = s.stem))
    WHERE f.statements > 0
)
SELECT field, statements, unused, COALESCE(purpose, '') AS purpose,
       COALESCE(question, '') AS wanted_for, COALESCE(basis, '') AS basis, months,
       COALESCE(owner, '') AS owner
FROM matched WHERE place = 1
ORDER BY field""",
    finish=_finish,
    reading=_reading,
    definition=(
        "Of several purposes that fit the longest holds. Noise: statements whose verb is neither click, view,"
        " completion nor anything else that a report counts."
    ),
)
