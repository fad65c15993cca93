"""Where forgetting is dangerous: roles that must hold what they are tested in."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE, MARK
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.retested import AFTER, BEFORE, TESTS
from lrs.analytics.statistics.estimates import SURE, at_most, correct

_FEWEST = 10
_ORDER = ("alert", "watch", "too few", "")


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    hold = moment.parameters["hold"] / SCALE
    for row in rows:
        enough = row["tested"] >= _FEWEST
        row["p"] = at_most(row["retained"], row["tested"], hold) if enough else None
    correct(rows)
    for row in rows:
        row["below"] = row["tested"] - row["retained"]
        low = row["retained"] < hold * row["tested"]
        row["alert"] = (
            "too few"
            if row["p"] is None
            else "alert"
            if row["p"] < SURE or row["later"] < moment.parameters["mark"]
            else "watch"
            if low
            else ""
        )
    return sorted(rows, key=lambda row: (_ORDER.index(row["alert"]), row["course"], row["role"]))


def _reading(rows: Sequence[Row]) -> str:
    red = [row for row in rows if row["alert"] == "alert"]
    if not red:
        return "No role that must hold it is known to have lost what it was tested in."
    lost = sum(row["below"] for row in red)
    roles = ", ".join(sorted({row["role"] for row in red}))
    return f"{lost} persons in roles that must know it would not pass again ({roles}): give them a refresher now."


REPORT = Report(
    name="critical-roles",
    title="Where forgetting is dangerous",
    question="In which roles that must know it has what was learnt been lost?",
    level="diagnostic",
    covers=("B32",),
    obligations=True,
    version=2,
    parameters=(
        AFTER,
        BEFORE,
        MARK,
        Parameter("hold", 8000, "Share that has to pass again, in ten-thousandths"),
    ),
    columns=(
        COURSE,
        Column("role", "text", "A role that the course file requires it of", attribute=True),
        Column("alert", "text", "alert: surely under `hold`, or their mean under the mark; watch"),
        Column("passed", "people", "Persons in it who passed at first, their window over by now"),
        Column("tested", "people", "Those tested again in the window"),
        Column("coverage", "ratio", "Tested of passed", part="tested", whole="passed"),
        Column("retained", "people", "Those who passed again"),
        Column("retained_rate", "ratio", "Retained of tested", part="retained", whole="tested"),
        Column("below", "people", "Those who did not"),
        Column("later", "score", "Mean score of those tested again"),
        Column("p", "number", "p of so few where `hold` pass again, corrected for roles (Holm)"),
    ),
    sql=f"""WITH {TESTS}, passes AS (
    SELECT learner, course, MIN(course_id) AS course_id, MIN(day) AS day
    FROM tests WHERE passed = 1 GROUP BY learner, course
), roles_of AS (
    SELECT person_key, role, valid_from, valid_to
    FROM staff WHERE role <> '' GROUP BY person_key, role, valid_from, valid_to
), critical AS (
    SELECT p.learner, p.course, p.course_id, p.day, r.role
    FROM passes p
    JOIN roles_of r
      ON r.person_key = p.learner AND p.day >= r.valid_from AND p.day < r.valid_to
    JOIN planned c ON c.course = p.course AND c.required_of LIKE CONCAT('%;', r.role, ';%')
    WHERE p.day + :before < :today
), later AS (
    SELECT c.learner, c.course, t.score, t.passed,
           ROW_NUMBER() OVER (PARTITION BY c.learner, c.course ORDER BY t.moment, t.tie) AS place
    FROM critical c JOIN tests t ON t.learner = c.learner AND t.course = c.course
         AND t.day >= c.day + :after AND t.day <= c.day + :before
)
SELECT MIN(c.course_id) AS course, c.role, COUNT(*) AS passed, COUNT(l.learner) AS tested,
       COALESCE(SUM(l.passed), 0) AS retained,
       CAST(ROUND(AVG(CAST(l.score AS DOUBLE))) AS BIGINT) AS later
FROM critical c
LEFT JOIN later l ON l.learner = c.learner AND l.course = c.course AND l.place = 1
GROUP BY c.course, c.role HAVING COUNT(l.learner) > 0
ORDER BY course, role""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "role", "retained_rate", series="course"),
    definition=(
        "A role is critical for a course if required_of of the course file names it; somebody has the role of the day"
        " of the first pass. Retained: passed again at the first test of the course in the window. Fewer than 10"
        " tested again raise no alert. Surely under `hold`: an exact test, p under 5 % after Holm's correction."
    ),
)
