"""Completion by department, device, hour and so on, each held against all others."""

from collections.abc import Sequence

from lrs.analytics.asking import SEGMENT, SLICED
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.statistics import SURE, difference, holm


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    learners = sum(row["learners"] for row in rows)
    completed = sum(row["completed"] for row in rows)
    tested = []
    for row in rows:
        rest, others = learners - row["learners"], completed - row["completed"]
        row["difference"] = row["difference_low"] = row["difference_high"] = row["p"] = None
        row["ratio_to_rest"] = None
        if rest:
            found = difference(row["completed"], row["learners"], others, rest)
            row["difference"], row["difference_low"], row["difference_high"], row["p"] = found
            row["ratio_to_rest"] = (
                (row["completed"] / row["learners"]) / (others / rest) if others else None
            )
            tested.append(row)
    for row, corrected in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row["p"] = corrected
    for row in rows:
        row["differs"] = int(row["p"] is not None and row["p"] < SURE)
    return rows


def _reading(rows: Sequence[Row]) -> str:
    apart = sorted((row for row in rows if row["differs"]), key=lambda row: row["difference"])
    if not apart:
        return "No slice differs from the others by more than chance."
    words = ("less", "more")
    return "; ".join(
        f"{row['slice'] or 'unknown'} completes {words[row['difference'] > 0]} than the others"
        for row in apart
    )


REPORT = Report(
    name="slices",
    title="Slices",
    question="Who completes more, and on what, than the others?",
    level="diagnostic",
    covers=("A22", "A23", "B25"),
    parameters=(SEGMENT,),
    columns=(
        Column("slice", "text", "The slice"),
        Column("learners", "people", "Persons and courses that they began in it"),
        Column("completed", "people", "Those completed"),
        Column("rate", "ratio", "Completed of learners", part="completed", whole="learners"),
        Column("difference", "number", "Rate less that of all others, -1..1"),
        Column("difference_low", "number", "Lower end of its 95 % interval"),
        Column("difference_high", "number", "Upper end"),
        Column("ratio_to_rest", "number", "Rate as a multiple of that of all others"),
        Column("p", "number", "p of the difference, corrected for the number of slices (Holm)"),
        Column("differs", "flag", "Whether p is below 5 %"),
    ),
    sql=f"""WITH sliced AS (
    SELECT learner, course, moment, completion, activity, {SLICED} AS slice
    FROM scoped WHERE course <> 0
), begun AS (
    SELECT learner, course, slice, MIN(moment) AS moment,
           MAX(CASE WHEN completion = 1 AND activity = course THEN 1 ELSE 0 END) AS completed
    FROM sliced GROUP BY learner, course, slice
), firsts AS (
    SELECT slice, ROW_NUMBER() OVER (PARTITION BY learner, course ORDER BY moment, slice) AS place,
           MAX(completed) OVER (PARTITION BY learner, course) AS completed
    FROM begun
)
SELECT slice, COUNT(*) AS learners, SUM(completed) AS completed
FROM firsts WHERE place = 1
GROUP BY slice
ORDER BY slice""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "slice", "rate"),
    definition=(
        "A learner and course belong to the slice of their first statement. Night: 22:00 to 6:00 where the learner was."
        " Newcombe interval; Fisher's exact test; Holm's correction."
    ),
)
