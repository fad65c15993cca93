"""Which answers are chosen, and by whom."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Moment, Report, Row
from lrs.analytics.sql.answers import RESTED

_ENOUGH = 10


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    best: dict[str, float] = {}
    for row in rows:
        row["mean_rest"] = row["rest"] / row["chosen"] / row["others"] if row["others"] else None
        if row["is_right"] and row["mean_rest"] is not None:
            best[row["item"]] = max(best.get(row["item"], 0.0), row["mean_rest"])
    for row in rows:
        key = best.get(row["item"])
        row["suspect"] = int(
            key is not None
            and not row["is_right"]
            and row["chosen"] >= _ENOUGH
            and row["mean_rest"] is not None
            and row["mean_rest"] > key
        )
        row["mean_rest"] = None if row["mean_rest"] is None else round(row["mean_rest"])
    return rows


def _reading(rows: Sequence[Row]) -> str:
    suspects = [row for row in rows if row["suspect"]]
    if not suspects:
        return "No wrong answer is chosen by those who know more than those who choose the key."
    return (
        f"{len(suspects)} wrong answers are chosen by those who know most: check these keys first."
    )


REPORT = Report(
    name="distractors",
    title="Answers chosen",
    question="Which wrong answers are chosen, and is the key right?",
    level="diagnostic",
    covers=("B30", "B39"),
    columns=(
        Column("assessment", "activity", "Assessment"),
        Column("item", "activity", "Question"),
        Column("response", "text", "Answer"),
        Column("is_right", "flag", "Whether it counts as right"),
        Column("answered", "people", "Persons who answered the question"),
        Column("chosen", "people", "Those who chose this answer"),
        Column("share", "ratio", "Chosen of answered", part="chosen", whole="answered"),
        Column("mean_rest", "score", "Their mean score in the rest of the assessment"),
        Column("suspect", "flag", "A wrong answer of those who know more than who chose the key"),
    ),
    sql=f"""WITH {RESTED}, chosen AS (
    SELECT module, activity, response, MIN(module_id) AS module_id, MIN(activity_id) AS activity_id,
           MAX(CASE WHEN score >= 10000 THEN 1 ELSE 0 END) AS is_right, COUNT(*) AS chosen,
           SUM(CAST(rest AS BIGINT)) AS rest, MAX(answered) - 1 AS others
    FROM rested WHERE response <> '' GROUP BY module, activity, response
)
SELECT module_id AS assessment, activity_id AS item, response, is_right, chosen, rest,
       others, SUM(chosen) OVER (PARTITION BY module, activity) AS answered
FROM chosen ORDER BY assessment, item, chosen DESC, response""",
    finish=_finish,
    reading=_reading,
    definition="First answers to questions of which the answers are known; the lake keeps no free text.",
)
