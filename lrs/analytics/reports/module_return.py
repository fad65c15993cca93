"""Who comes back for the next module."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MODULE
from lrs.analytics.report import Chart, Column, Moment, Report, Row

_CLICKED, _RETURNED, _DROP = 0.8, 0.3, 0.5


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        clicked = row["clickers"] / row["learners"]
        returned = row["returned"] / row["clickers"] if row["clickers"] else 0
        row["flag"] = int(
            bool(row["next"])
            and ((clicked >= _CLICKED and returned <= _RETURNED) or clicked - returned >= _DROP)
        )
    return rows


def _reading(rows: Sequence[Row]) -> str:
    flagged = [row for row in rows if row["flag"]]
    if not flagged:
        return "No module keeps its learners from coming back for the next one."
    return (
        f"{len(flagged)} modules are where learners stop: look for what is too dense, too long without a break,"
        " or far from their situation."
    )


REPORT = Report(
    name="module-return",
    title="Return to the next module",
    question="After which module do learners not come back?",
    level="diagnostic",
    covers=("A4", "A6"),
    columns=(
        COURSE,
        Column("rank", "number", "Place of the module in the course"),
        MODULE,
        Column("next", "activity", "The module after it"),
        Column("learners", "people", "Persons seen in the course"),
        Column("clickers", "people", "Persons seen in the module"),
        Column("click_rate", "ratio", "Clickers of learners", part="clickers", whole="learners"),
        Column("returned", "people", "Those seen in the next module later"),
        Column("return_rate", "ratio", "Returned of clickers", part="returned", whole="clickers"),
        Column("flag", "flag", "At least 80 % click and at most 30 % return, or 50 points lost"),
    ),
    sql="""WITH firsts AS (
    SELECT learner, course, module, MIN(moment) AS first_at, MAX(moment) AS last_at,
           MIN(course_id) AS course_id, MIN(module_id) AS module_id
    FROM scoped WHERE course <> 0 AND module <> 0 GROUP BY learner, course, module
), observed AS (
    SELECT course, module, MIN(course_id) AS course_id, MIN(module_id) AS module_id,
           COUNT(*) AS clickers,
           AVG(CAST(first_at - began AS DOUBLE)) AS typical
    FROM (
        SELECT f.*, MIN(first_at) OVER (PARTITION BY learner, course) AS began FROM firsts f
    ) relative
    GROUP BY course, module
), placed AS (
    SELECT o.course, o.module, o.course_id, o.module_id, o.clickers,
           ROW_NUMBER() OVER (
               PARTITION BY o.course
               ORDER BY COALESCE(m.rank, 1000000), o.typical, o.module_id
           ) AS place
    FROM observed o LEFT JOIN modules m ON m.course = o.course AND m.module = o.module
), pairs AS (
    SELECT p.course, p.place, p.module, n.module AS next, p.course_id, p.module_id,
           COALESCE(n.module_id, '') AS next_id, p.clickers
    FROM placed p LEFT JOIN placed n ON n.course = p.course AND n.place = p.place + 1
), returns AS (
    SELECT p.course, p.module, COUNT(*) AS returned
    FROM pairs p
    JOIN firsts a ON a.course = p.course AND a.module = p.module
    JOIN firsts b ON b.course = p.course AND b.module = p.next AND b.learner = a.learner
    WHERE b.last_at > a.first_at
    GROUP BY p.course, p.module
), sizes AS (
    SELECT course, COUNT(DISTINCT learner) AS learners FROM firsts GROUP BY course
)
SELECT p.course_id AS course, p.place AS rank, p.module_id AS module, p.next_id AS next,
       s.learners, p.clickers,
       COALESCE(r.returned, 0) AS returned
FROM pairs p JOIN sizes s ON s.course = p.course
LEFT JOIN returns r ON r.course = p.course AND r.module = p.module
ORDER BY course, rank""",
    finish=_finish,
    reading=_reading,
    chart=Chart("step", "rank", "return_rate", series="course"),
    definition=(
        "Modules in the order of the course file; without one, in the order in which learners first come to them."
        " Returned: seen in the next module after the first time in this one."
    ),
)
