"""One revision of the content against the one before."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.statistics import SURE, difference, holm

_POINTS, _FEWEST = 0.05, 30


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    last: dict[str, Row] = {}
    compared: list[tuple[Row, int]] = []
    for row in rows:
        before = last.get(row["activity"])
        last[row["activity"]] = row
        row["change"] = row["change_low"] = row["change_high"] = row["p"] = None
        row["verdict"] = "first"
        if before is not None:
            found = difference(
                row["completed"], row["learners"], before["completed"], before["learners"]
            )
            row["change"], row["change_low"], row["change_high"], row["p"] = found
            compared.append((row, min(row["learners"], before["learners"])))
    for (row, smaller), p in zip(compared, holm([row["p"] for row, _ in compared]), strict=True):
        row["p"] = p
        row["verdict"] = verdict(row, smaller)
    return rows


def verdict(row: Row, smaller: int) -> str:
    """Return better, worse, no clear change or too few, of a change with its interval and its corrected p."""
    if smaller < _FEWEST:
        return "too few"
    sure = row["p"] < SURE and (row["change_low"] > 0 or row["change_high"] < 0)
    if not sure or abs(row["change"]) < _POINTS:
        return "no clear change"
    return "better" if row["change"] > 0 else "worse"


def _reading(rows: Sequence[Row]) -> str:
    better = sum(row["verdict"] == "better" for row in rows)
    worse = sum(row["verdict"] == "worse" for row in rows)
    return f"{better} revisions did better than the one before, {worse} worse."


REPORT = Report(
    name="revisions",
    title="Revisions",
    question="Did the new version help?",
    level="diagnostic",
    covers=("A14", "A21", "A28", "A33"),
    columns=(
        COURSE,
        Column("activity", "activity", "What was revised"),
        Column("revision", "text", "Revision"),
        Column("since", "day", "First seen"),
        Column("learners", "people", "Persons who met this revision first, and no other"),
        Column("completed", "people", "Those who completed"),
        Column("rate", "ratio", "Completed of learners", part="completed", whole="learners"),
        Column("change", "number", "Rate less that of the revision before, -1..1"),
        Column("change_low", "number", "Lower end of its 95 % interval"),
        Column("change_high", "number", "Upper end"),
        Column("p", "number", "p of the change, corrected for the number of revisions (Holm)"),
        Column("verdict", "text", "better, worse, no clear change (or under 5 points), too few"),
    ),
    sql="""WITH met AS (
    SELECT learner, activity, MIN(course_id) AS course_id, MIN(activity_id) AS activity_id,
           MIN(revision) AS revision, MIN(day) AS day,
           MAX(completion) AS completed
    FROM scoped WHERE revision <> '' AND activity <> 0
    GROUP BY learner, activity HAVING COUNT(DISTINCT revision) = 1
)
SELECT MIN(course_id) AS course, MIN(activity_id) AS activity, revision, MIN(day) AS since,
       COUNT(*) AS learners, SUM(completed) AS completed
FROM met GROUP BY met.activity, revision
ORDER BY course, activity, since, revision""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "revision", "rate", series="activity"),
    definition=(
        "Who met two revisions counts in neither. Newcombe interval of the difference; Fisher's exact test, Holm's"
        " correction. What was changed because it was worst tends to get better by itself."
    ),
)
