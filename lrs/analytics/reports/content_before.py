"""Whether those who miss a question had seen what it asks about."""

from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.answers import FIRST_ANSWERS
from lrs.analytics.sql.fragments import ANSWERING, NOT_ANSWERING
from lrs.analytics.statistics.estimates import SURE, correct, difference

_FEWEST, _MANY, _SKIPPED = 20, 0.3, 0.5


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["missed"] = row["n"] - row["correctly"]
        row["missed_seen"] = row["seen"] - row["right_seen"]
        row["unseen"], row["right_unseen"] = (
            row["n"] - row["seen"],
            row["correctly"] - row["right_seen"],
        )
        row.update(dict.fromkeys(("gain", "gain_low", "gain_high", "p")))
        if row["seen"] and row["unseen"]:
            found = difference(row["right_seen"], row["seen"], row["right_unseen"], row["unseen"])
            row["gain"], row["gain_low"], row["gain_high"], row["p"] = found
    correct(rows)
    for row in rows:
        row["hint"] = _hint(row)
    return rows


def _hint(row: Row) -> str:
    if row["n"] < _FEWEST or row["missed"] < _MANY * row["n"]:
        return ""
    if row["p"] is not None and row["p"] < SURE and row["gain"] > 0:
        return "who saw the content does better: lead all to it"
    if row["missed_seen"] >= _SKIPPED * row["missed"]:
        return "missed in spite of the content: mend content or question"
    return "missed by those who skipped the content"


def _reading(rows: Sequence[Row]) -> str:
    led = sum(row["hint"].startswith("who saw") for row in rows)
    spite = sum(row["hint"].startswith("missed in spite") for row in rows)
    return (
        f"{led} questions are answered better by those who saw the content before: lead all to it;"
        f" {spite} are missed in spite of it: mend content or question."
    )


REPORT = Report(
    name="content-before",
    title="Questions and what came before",
    question="Had those who miss a question seen what it asks about?",
    level="diagnostic",
    covers=("B39",),
    columns=(
        Column("assessment", "activity", "Assessment"),
        Column("item", "activity", "Question"),
        Column("n", "people", "Persons who answered"),
        Column("missed", "people", "Those whose first answer was not right"),
        Column("miss_rate", "ratio", "Missed of n", part="missed", whole="n"),
        Column("missed_seen", "people", "Those of missed who had seen the content before"),
        Column("seen_share", "ratio", "Of missed", part="missed_seen", whole="missed"),
        Column("seen", "people", "All who had seen it before"),
        Column("right_seen", "people", "Those of them who were right"),
        Column("right_if_seen", "ratio", "Right of seen", part="right_seen", whole="seen"),
        Column("unseen", "people", "All who had not"),
        Column("right_unseen", "people", "Those of them who were right"),
        Column("right_if_not", "ratio", "Right of unseen", part="right_unseen", whole="unseen"),
        Column("gain", "number", "Right if seen less right if not, -1..1"),
        Column("gain_low", "number", "Lower end of its 95 % interval"),
        Column("gain_high", "number", "Upper end"),
        Column("p", "number", "p of the gain, corrected for the number of questions (Holm)"),
        Column("hint", "text", "What that says, of 20 persons or more of whom 3 in 10 missed it"),
    ),
    sql=f"""WITH {FIRST_ANSWERS}, asked AS (
    SELECT learner, activity, MIN(course) AS course, MIN(module) AS module,
           MIN(objective) AS objective, MIN(moment) AS moment
    FROM scoped
    WHERE {ANSWERING}
      AND (score IS NOT NULL OR success IS NOT NULL)
    GROUP BY learner, activity
), shown AS (
    SELECT learner, course, module, objective, MIN(moment) AS moment
    FROM scoped
    WHERE course <> 0 AND module <> 0 AND activity <> 0 AND stage IN ('view', 'completion')
      AND score IS NULL AND success IS NULL AND {NOT_ANSWERING}
      AND activity_type NOT LIKE '%/assessment'
    GROUP BY learner, course, module, objective
), taught AS (
    SELECT DISTINCT objective FROM shown WHERE objective <> course
), prepared AS (
    SELECT a.learner, a.activity, MAX(CASE WHEN s.moment < a.moment THEN 1 ELSE 0 END) AS seen
    FROM asked a
    LEFT JOIN taught t ON t.objective = a.objective
    LEFT JOIN shown s
      ON s.learner = a.learner AND s.course = a.course AND s.module <> a.module
         AND (t.objective IS NULL OR s.objective = a.objective)
    GROUP BY a.learner, a.activity
)
SELECT MIN(f.module_id) AS assessment, MIN(f.activity_id) AS item, COUNT(*) AS n,
       COUNT(CASE WHEN f.score >= 10000 THEN 1 END) AS correctly,
       SUM(p.seen) AS seen,
       COUNT(CASE WHEN p.seen = 1 AND f.score >= 10000 THEN 1 END) AS right_seen
FROM firsts f JOIN prepared p ON p.learner = f.learner AND p.activity = f.activity
GROUP BY f.module, f.activity
ORDER BY assessment, item""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "seen_share", "miss_rate"),
    definition=(
        "The content of a question: what has the same objective (an activity of the type objective around both), else"
        " every other module of the course; seen: a view or completion of any of it before the first answer. Right:"
        " full marks at the first answer. Newcombe interval; Fisher's exact test, Holm's correction. Who looks at"
        " content may differ in other ways too. Groups of learners are compared in `pass-rates`."
    ),
)
