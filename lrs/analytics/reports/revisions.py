"""One revision of the content against the one before."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.statistics.comparison import VERDICT_RULE, Comparison, compare, judged


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
    version=3,
    parameters=(Parameter("window", 28, "Days in which a learner has to complete to count"),),
    columns=(
        COURSE,
        Column("activity", "activity", "What was revised"),
        Column("revision", "text", "Revision"),
        Column("since", "day", "First seen"),
        Column(
            "learners",
            "people",
            "Persons who met it first and no other in the window, which is over",
        ),
        Column("completed", "people", "Those who completed within the window"),
        Column("rate", "ratio", "Completed of learners", part="completed", whole="learners"),
        Column("change", "number", "Rate less that of the revision before, -1..1"),
        Column("change_low", "number", "Lower end of its 95 % interval"),
        Column("change_high", "number", "Upper end"),
        Column("p", "number", "p of the change, corrected for the number of revisions (Holm)"),
        Column("verdict", "text", "better, worse, no clear change (or under 5 points), too few"),
    ),
    sql="""WITH met AS (
    SELECT learner, activity, revision, MIN(course_id) AS course_id,
           MIN(activity_id) AS activity_id, MIN(day) AS day,
           MIN(CASE WHEN completion = 1 THEN day END) AS done
    FROM scoped WHERE revision <> '' AND activity <> 0
    GROUP BY learner, activity, revision
), revised AS (
    SELECT activity, revision, MIN(course_id) AS course_id, MIN(activity_id) AS activity_id,
           MIN(day) AS since
    FROM met GROUP BY activity, revision
), ordered AS (
    SELECT learner, activity, revision, day, done,
           LEAD(day) OVER (PARTITION BY learner, activity ORDER BY day, revision) AS other_day,
           ROW_NUMBER() OVER (PARTITION BY learner, activity ORDER BY day, revision) AS place
    FROM met
), firsts AS (
    SELECT o.learner, o.activity, o.revision, MIN(o.day) AS day, MIN(o.done) AS done
    FROM ordered o
    JOIN chosen_days d ON o.day >= d.first_day AND o.day <= d.last_day
    LEFT JOIN revised r
      ON r.activity = o.activity AND r.since > o.day AND r.since <= o.day + :window
    WHERE o.place = 1 AND o.day + :window < :today AND r.activity IS NULL
      AND (o.other_day IS NULL OR o.other_day > o.day + :window)
    GROUP BY o.learner, o.activity, o.revision
)
SELECT MIN(r.course_id) AS course, MIN(r.activity_id) AS activity, r.revision,
       MIN(r.since) AS since, COUNT(f.learner) AS learners,
       COUNT(CASE WHEN f.done <= f.day + :window THEN 1 END) AS completed
FROM revised r LEFT JOIN firsts f ON f.activity = r.activity AND f.revision = r.revision
GROUP BY r.activity, r.revision
ORDER BY course, activity, since, revision""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "revision", "rate", series="activity"),
    definition=(
        "Everybody has the same time: `window` days from the first meeting, once these are over. Who met another"
        " revision in these days counts in neither, and neither does who began so shortly before another came out:"
        " else those alone would be left who finished before. since and until choose by the first meeting."
        " What was changed because it was worst tends to get better by itself."
    )
    + VERDICT_RULE,
)
