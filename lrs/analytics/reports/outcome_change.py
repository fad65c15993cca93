"""How a measure changes when people complete a course, against people alike who do not."""

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean

from lrs.analytics.asking import COURSE
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.fragments import TITLES
from lrs.analytics.statistics.comparing import EACH, FEWEST, MARGIN, settled
from lrs.analytics.statistics.effects import adjusted, spread

_SHOWN = ("before", "after", "others_before", "others_after", "change", "change_low",
          "change_high", "p", "margin")  # fmt: skip


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found: list[Row] = []
    for measure, several in groupby(rows, key=lambda row: str(row["measure"])):
        family = [
            {
                "measure": measure,
                "course": course,
                **_course(list(people), moment.parameters["of"], moment.parameters["margin"] / 100),
            }
            for course, people in groupby(several, key=lambda row: str(row["course"]))
        ]
        found += settled(family)
    return found


def _course(people: list[Row], of: str, margin: float) -> Row:
    if of == "mean":
        people = [row for row in people if row["n_before"] and row["n_after"]]
    done = [row["done"] for row in people]
    row: Row = {"n": len(people), "completed": sum(done), **dict.fromkeys(_SHOWN)}
    if len(people) < FEWEST or min(sum(done), len(done) - sum(done)) < EACH:
        return {**row, "verdict": "too few", "estimate": None}
    before = [_value(one, "before", of) for one in people]
    after = [_value(one, "after", of) for one in people]
    for name, values in (("before", before), ("after", after)):
        row[name] = fmean(v for v, mark in zip(values, done, strict=True) if mark)
        row[f"others_{name}"] = fmean(v for v, mark in zip(values, done, strict=True) if not mark)
    found = adjusted(
        [b - a for a, b in zip(before, after, strict=True)],
        done,
        categories=[[f"{one['department']}|{one['role']}" for one in people]],
    )
    row |= {"verdict": "", "estimate": found, "margin": margin * spread(before)}
    if found is not None:
        row |= {"change": found.value, "change_low": found.low, "change_high": found.high}
        row["p"] = found.p
    return row


def _value(row: Row, window: str, of: str) -> float:
    total = float(row[f"sum_{window}"] / SCALE)
    return total if of == "sum" else total / row[f"n_{window}"]


def _reading(rows: Sequence[Row]) -> str:
    sure = [row for row in rows if row["verdict"] in ("more", "less")]
    if not sure:
        return "No measure changes more for those who complete than for people alike."
    return "; ".join(
        f"completing goes together with {abs(row['change']):.3g} {row['verdict']} {row['measure']}"
        for row in sure
    )


REPORT = Report(
    name="outcome-change",
    title="Before and after completing",
    question="Do tickets and the like change more for those who complete than for people alike?",
    level="diagnostic",
    covers=("B15", "B36"),
    version=3,
    parameters=(
        Parameter("days", 91, "Days before and after the completion: a quarter"),
        Parameter(
            "of",
            "sum",
            "sum: days without a line count nothing; mean: of the lines there are",
            ("sum", "mean"),
        ),
        MARGIN,
    ),
    columns=(
        Column("measure", "text", "Measure"),
        COURSE,
        Column("n", "people", "Persons whose both windows lie within the days of the measure"),
        Column("completed", "people", "Those who completed the course"),
        Column("before", "number", "Their measure before"),
        Column("after", "number", "Their measure after"),
        Column("others_before", "number", "The others' in the same days before"),
        Column("others_after", "number", "The others' in the same days after"),
        Column("change", "number", "How much more it changed for those who completed"),
        Column("change_low", "number", "Lower end of its 95 % interval"),
        Column("change_high", "number", "Upper end"),
        Column("p", "number", "p of that, corrected for the number of courses"),
        Column("margin", "number", "What is too small to matter"),
        Column("verdict", "text", "more, less, no measurable effect, unknown, too few"),
    ),
    sql=f"""WITH {TITLES}, entered AS (
    SELECT learner, course, MIN(day) AS seen,
           MIN(CASE WHEN course_done = 1 THEN day END) AS done
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), begun AS (
    SELECT e.learner, e.course, e.done, COALESCE(MAX(p.department), '') AS department,
           COALESCE(MAX(p.role), '') AS role
    FROM entered e LEFT JOIN staff p
      ON p.person_key = e.learner AND e.seen >= p.valid_from AND e.seen < p.valid_to
    GROUP BY e.learner, e.course, e.done
), spans AS (
    SELECT measure, MIN(day) AS first_day, MAX(day) AS last_day
    FROM outcomes WHERE kind = 'person' AND value IS NOT NULL GROUP BY measure
    HAVING MAX(day) - MIN(day) >= 2 * :days
), completers AS (
    SELECT learner, course, department, role, done,
           ROW_NUMBER() OVER (
               PARTITION BY course, department, role ORDER BY done, learner
           ) AS place
    FROM begun WHERE done IS NOT NULL
), sizes AS (
    SELECT course, department, role, COUNT(*) AS n FROM completers
    GROUP BY course, department, role
), others AS (
    SELECT o.learner, o.course, o.department, o.role, 1 + (o.place - 1) % s.n AS place
    FROM (
        SELECT learner, course, department, role,
               ROW_NUMBER() OVER (PARTITION BY course, department, role ORDER BY learner) AS place
        FROM begun WHERE done IS NULL
    ) o JOIN sizes s
      ON s.course = o.course AND s.department = o.department AND s.role = o.role
), matched AS (
    SELECT learner, course, department, role, 1 AS done, done AS day FROM completers
    UNION ALL
    SELECT o.learner, o.course, o.department, o.role, 0 AS done, c.done AS day
    FROM others o JOIN completers c
      ON c.course = o.course AND c.department = o.department AND c.role = o.role
         AND c.place = o.place
), observed AS (
    SELECT m.learner, m.course, m.department, m.role, m.done, m.day, s.measure
    FROM matched m CROSS JOIN spans s
    WHERE m.day - :days >= s.first_day AND m.day + :days <= s.last_day + 1
), counted AS (
    SELECT w.learner, w.course, w.measure,
           SUM(CASE WHEN o.day < w.day THEN o.value ELSE 0 END) AS sum_before,
           SUM(CASE WHEN o.day >= w.day THEN o.value ELSE 0 END) AS sum_after,
           COUNT(CASE WHEN o.day < w.day THEN 1 END) AS n_before,
           COUNT(CASE WHEN o.day >= w.day THEN 1 END) AS n_after
    FROM observed w JOIN outcomes o
      ON o.unit = w.learner AND o.kind = 'person' AND o.measure = w.measure
         AND o.day >= w.day - :days AND o.day < w.day + :days
    WHERE o.value IS NOT NULL
    GROUP BY w.learner, w.course, w.measure
)
SELECT w.measure, t.course_id AS course, w.learner, w.department, w.role, w.done,
       CAST(COALESCE(c.sum_before, 0) AS BIGINT) AS sum_before,
       CAST(COALESCE(c.sum_after, 0) AS BIGINT) AS sum_after,
       COALESCE(c.n_before, 0) AS n_before, COALESCE(c.n_after, 0) AS n_after
FROM observed w JOIN titles t ON t.course = w.course LEFT JOIN counted c
  ON c.learner = w.learner AND c.course = w.course AND c.measure = w.measure
ORDER BY measure, course, learner""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "course", "change", series="measure"),
    definition=(
        "Difference in differences: each person who never completed takes the day of one who did, of the same"
        " department and role on the day on which they began; what changes for all alike drops out."
        " Least squares with HC3 errors within department"
        " and role, Holm's correction. Nothing is shown of fewer than 30, or of fewer than 10 on either side. Who"
        " completes may have changed in other ways at the same time."
    ),
)
