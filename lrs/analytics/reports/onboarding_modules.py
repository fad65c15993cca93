"""Which modules of the first days go together with getting there sooner."""

from collections.abc import Sequence
from itertools import groupby

from lrs.analytics.asking import COURSE, MODULE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.fragments import NOT_ANSWERING
from lrs.analytics.statistics.comparing import EACH, FEWEST
from lrs.analytics.statistics.effects import corrected, hazard_ratio
from lrs.analytics.statistics.estimates import SURE


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    landmark, horizon = moment.parameters["landmark"], moment.parameters["horizon"]
    people = [row for row in rows if not row["completed"]]
    spans = {row["learner"]: _span(row, landmark, horizon, moment.today) for row in people}
    found = []
    modules = (row for row in rows if row["completed"])
    for (course, module), several in groupby(
        modules, key=lambda row: (row["course"], row["module"])
    ):
        did = {row["learner"] for row in several}
        found.append({"course": course, "module": module, **_module(people, spans, did)})
    tested = [row for row in found if row["p"] is not None]
    for row, p in zip(tested, corrected([row["p"] for row in tested]), strict=True):
        row["p"] = p
        if p < SURE:
            row["verdict"] = "sooner" if row["ratio"] > 1 else "later"
    return found


def _span(row: Row, landmark: int, horizon: int, today: int) -> tuple[float, bool]:
    """Return the days after the landmark, and whether the standard was met by their end."""
    begin = row["start_day"] + landmark
    end = min(row["start_day"] + horizon, today)
    met = row["done"] is not None and row["done"] <= end
    return float((row["done"] if met else end) - begin), met


def _module(people: Sequence[Row], spans: dict[int, tuple[float, bool]], did: set[int]) -> Row:
    days = [spans[row["learner"]][0] for row in people]
    met = [spans[row["learner"]][1] for row in people]
    marks = [int(row["learner"] in did) for row in people]
    row: Row = {
        "n": len(people),
        "completed": sum(marks),
        "met": sum(met),
        **dict.fromkeys(("ratio", "ratio_low", "ratio_high", "p")),
        "verdict": "too few",
    }
    if len(people) < FEWEST or min(sum(marks), len(marks) - sum(marks)) < EACH:
        return row
    row["verdict"] = "unknown"
    found = hazard_ratio(days, met, marks, [one["role"] for one in people])
    if found is not None:
        row |= {"ratio": found.value, "ratio_low": found.low, "ratio_high": found.high}
        row["p"] = found.p
    return row


def _reading(rows: Sequence[Row]) -> str:
    sooner = [row for row in rows if row["verdict"] == "sooner"]
    if not sooner:
        return "No module of the first days goes together with getting there sooner by more than chance."
    return f"{len(sooner)} modules go together with getting there sooner: offer them first to some, and compare."


REPORT = Report(
    name="onboarding-modules",
    title="Onboarding modules and time to competency",
    question="Which onboarding modules go together with reaching the standard sooner?",
    level="diagnostic",
    covers=("B47",),
    version=2,
    parameters=(
        Parameter("landmark", 30, "Days after the start by which a module counts as completed"),
        Parameter("horizon", 90, "Days after the start up to which is looked"),
    ),
    columns=(
        COURSE,
        MODULE,
        Column("n", "people", "Persons who had not met the standard by the landmark"),
        Column("completed", "people", "Those who had completed the module by then"),
        Column("met", "people", "Those of all who met the standard between landmark and horizon"),
        Column("ratio", "number", "How much more often those who completed met it (hazard ratio)"),
        Column("ratio_low", "number", "Lower end of its 95 % interval"),
        Column("ratio_high", "number", "Upper end"),
        Column("p", "number", "p of it being 1, corrected for the number of modules"),
        Column("verdict", "text", "sooner, later, unknown, too few"),
    ),
    sql=f"""WITH persons AS (
    SELECT learner, MAX(start_day) AS start_day, MAX(role) AS role
    FROM scoped WHERE start_day IS NOT NULL GROUP BY learner
), standards AS (
    SELECT s.learner, MIN(s.day) AS done
    FROM scoped s JOIN persons p ON p.learner = s.learner
    WHERE s.day >= p.start_day AND {NOT_ANSWERING}
      AND (s.success = 1 OR (s.course_done = 1))
    GROUP BY s.learner
), waiting AS (
    SELECT p.learner, p.start_day, p.role, t.done
    FROM persons p LEFT JOIN standards t ON t.learner = p.learner
    WHERE p.start_day + :landmark < :today
      AND (t.done IS NULL OR t.done > p.start_day + :landmark)
), completions AS (
    SELECT s.learner, s.module, MIN(s.course_id) AS course_id, MIN(s.module_id) AS module_id,
           MIN(s.day) AS day
    FROM scoped s WHERE s.completion = 1 AND s.module <> 0 GROUP BY s.learner, s.module
)
SELECT '' AS course, '' AS module, 0 AS completed, learner, start_day, done, role FROM waiting
UNION ALL
SELECT c.course_id AS course, c.module_id AS module, 1 AS completed, w.learner, w.start_day,
       w.done, w.role
FROM waiting w JOIN completions c ON c.learner = w.learner
WHERE c.day <= w.start_day + :landmark
ORDER BY completed, course, module, learner""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "module", "ratio", series="course"),
    definition=(
        "The standard: the first course completed or test passed since start_date of the people file. Only those who"
        " had not met it by the landmark are compared, since nobody can complete a module after having got there. Cox"
        " regression within roles, censored today and at the horizon; Holm's correction, beyond 20 modules that of"
        " Benjamini and Hochberg. Nothing is shown of fewer than 30, or of fewer than 10 with or without the module."
    ),
)
