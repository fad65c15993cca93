"""One revision of the content against the one before."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.comparison import VERDICT_RULE, Comparison, compare, judged
from lrs.analytics.report import Chart, Column, Moment, Report, Row


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    last: dict[str, Row] = {}
    compared: list[tuple[Row, Comparison]] = []
    for row in rows:
        before = last.get(row["activity"])
        last[row["activity"]] = row
        row["change"] = row["change_low"] = row["change_high"] = row["p"] = None
        row["verdict"] = "first"
        if before is not None:
            whole = (before["completed"], before["learners"], row["completed"], row["learners"])
            compared.append((row, compare(*whole)))
    found = judged([one for _, one in compared])
    for (row, _), one in zip(compared, found, strict=True):
        row["change"], row["change_low"], row["change_high"] = one.change, one.low, one.high
        row["p"], row["verdict"] = one.p, one.verdict
    return rows


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
    version=2,
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
        "Who met two revisions counts in neither. What was changed because it was worst tends to get better by itself."
    )
    + VERDICT_RULE,
)
