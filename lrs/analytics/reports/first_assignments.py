"""What became of those who missed the first two assignments."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Parameter, Report, Row
from lrs.analytics.sql.assignments import MISSED, MISSED_RULE
from lrs.analytics.sql.fragments import LEFT


def _reading(rows: Sequence[Row]) -> str:
    both = [row for row in rows if row["missed"] == 2 and row["over"]]  # noqa: PLR2004 of the first two
    if not both:
        return "Nobody has missed the first two assignments of a course long enough ago to tell what came of it."
    over, gone = (sum(row[name] for row in both) for name in ("over", "dropped"))
    now = sum(row["running"] for row in rows if row["missed"] == 2)  # noqa: PLR2004
    return (
        f"Of {over} learners who missed both first assignments {gone} dropped out"
        f" ({100 * gone / over:.0f} %; elsewhere 80 % were told); {now} have missed them now: ask these first."
    )


REPORT = Report(
    name="first-assignments",
    title="The first two assignments",
    question="Do those who miss the first two assignments drop out?",
    level="predictive",
    covers=("B41",),
    version=3,
    parameters=(
        Parameter(
            "quiet_days", 14, "Days without a statement after which a learner has dropped out"
        ),
    ),
    columns=(
        COURSE,
        Column("missed", "number", "Of the first two assignments, missed in time"),
        Column("learners", "people", "Persons for whom both are due"),
        Column("over", "people", "Those who have completed, left, or gone quiet"),
        Column("dropped", "people", "Those who left, or went quiet without having completed"),
        Column("drop_rate", "ratio", "Dropped of over", part="dropped", whole="over"),
        Column("running", "people", "Those still at it"),
        Column("first", "activity", "The first assignment"),
        Column("first_days", "days", "Days from the start in which it is due"),
        Column("second", "activity", "The second one"),
        Column("second_days", "days", "Days from the start in which that is due"),
    ),
    sql=f"""WITH {MISSED}, persons AS (
    SELECT learner, course, MIN(course_id) AS course_id, MAX(day) AS last_day,
           MAX(CASE WHEN course_done = 1 THEN 1 ELSE 0 END) AS completed,
           {LEFT} AS withdrawn
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), ended AS (
    SELECT m.course, m.missed, p.course_id, p.completed,
           CASE WHEN p.completed = 0
                 AND (p.withdrawn = 1 OR p.last_day < :today - :quiet_days)
                THEN 1 ELSE 0 END AS dropped
    FROM missing m JOIN persons p ON p.learner = m.learner AND p.course = m.course
)
SELECT MIN(e.course_id) AS course, e.missed, COUNT(*) AS learners,
       COUNT(CASE WHEN e.completed = 1 OR e.dropped = 1 THEN 1 END) AS over,
       SUM(e.dropped) AS dropped,
       COUNT(CASE WHEN e.completed = 0 AND e.dropped = 0 THEN 1 END) AS running,
       MIN(t.first) AS first,
       MIN(t.first_days) AS first_days,
       MIN(t.second) AS second,
       MIN(t.second_days) AS second_days
FROM ended e JOIN pairs t ON t.course = e.course
GROUP BY e.course, e.missed
ORDER BY course, missed DESC""",
    reading=_reading,
    chart=Chart("bar", "missed", "drop_rate", series="course"),
    definition=MISSED_RULE
    + (
        " Compare the rate of those who missed both with that of the others here, not with the 80 % of elsewhere."
    ),
)
