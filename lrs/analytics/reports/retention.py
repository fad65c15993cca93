"""Whether what was learnt is there weeks later."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MARK
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.retested import AFTER, BEFORE, TESTS

_HALF = 0.5


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["drop"] = None if row["day_0"] is None else row["day_0"] - row["later"]
        row["selected"] = int(row["tested"] < _HALF * row["passed"])
    return rows


def _reading(rows: Sequence[Row]) -> str:
    lost = sum(row["tested"] - row["retained"] for row in rows)
    if any(row["selected"] for row in rows):
        return f"{lost} persons have lost it; fewer than half came back, so the others may differ."
    return f"{lost} persons had passed and would not pass again: give them a refresher."


REPORT = Report(
    name="retention",
    title="Retention after weeks",
    question="Is what learners had learnt still there weeks later?",
    level="diagnostic",
    covers=("B11", "B31"),
    version=3,
    parameters=(AFTER, BEFORE, MARK),
    columns=(
        COURSE,
        Column("objective", "activity", "What was tested: an objective, or the course"),
        Column("passed", "people", "Persons who passed at first, their window over by now"),
        Column("tested", "people", "Those tested again in the window"),
        Column("coverage", "ratio", "Tested of passed", part="tested", whole="passed"),
        Column("retained", "people", "Those who passed again"),
        Column("retained_rate", "ratio", "Retained of tested", part="retained", whole="tested"),
        Column("day_0", "score", "Their mean score on the day of the pass"),
        Column("later", "score", "Their mean score in the window"),
        Column("drop", "score", "Points lost"),
        Column("selected", "flag", "Fewer than half came back: they may differ from the others"),
    ),
    sql=f"""WITH {TESTS}, days AS (
    SELECT learner, objective, MIN(day) AS day_0 FROM tests WHERE passed = 1
    GROUP BY learner, objective
), base AS (
    SELECT d.learner, d.objective, d.day_0, MIN(t.course_id) AS course_id,
           MIN(t.activity_id) AS tested, MAX(t.score) AS score_0
    FROM days d JOIN tests t
      ON t.learner = d.learner AND t.objective = d.objective AND t.day = d.day_0 AND t.passed = 1
    JOIN chosen_days c ON d.day_0 >= c.first_day AND d.day_0 <= c.last_day
    WHERE d.day_0 + :before < :today
    GROUP BY d.learner, d.objective, d.day_0
), later AS (
    SELECT b.learner, b.objective, t.score, t.passed,
           ROW_NUMBER() OVER (PARTITION BY b.learner, b.objective ORDER BY t.moment, t.tie) AS place
    FROM base b JOIN tests t
      ON t.learner = b.learner AND t.objective = b.objective
         AND t.day >= b.day_0 + :after AND t.day <= b.day_0 + :before
), names AS (
    SELECT objective, MIN(CASE WHEN objective = course THEN course_id
                               WHEN objective = activity THEN activity_id END) AS name
    FROM tests GROUP BY objective
)
SELECT MIN(b.course_id) AS course, MIN(COALESCE(n.name, b.tested)) AS objective,
       COUNT(*) AS passed, COUNT(l.learner) AS tested,
       COALESCE(SUM(l.passed), 0) AS retained,
       CAST(ROUND(AVG(CASE WHEN l.learner IS NOT NULL THEN CAST(b.score_0 AS DOUBLE) END)) AS BIGINT)
           AS day_0,
       CAST(ROUND(AVG(CAST(l.score AS DOUBLE))) AS BIGINT) AS later
FROM base b LEFT JOIN later l
  ON l.learner = b.learner AND l.objective = b.objective AND l.place = 1
LEFT JOIN names n ON n.objective = b.objective
GROUP BY b.objective
ORDER BY course, objective, passed""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "course", "retained_rate"),
    definition=(
        "By objective; one that no statement is about is shown by what tests it. Day 0: the best score on the day of"
        " the first pass. Later: the first test of the same objective in the window; without an objective, of the same"
        " course. Only passes whose window is over count. Who was not tested again is not guessed at. since"
        " and until choose by the first pass."
    ),
)
