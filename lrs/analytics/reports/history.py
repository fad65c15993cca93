"""Whether there is enough history to predict from."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Moment, Report, Row

_MONTHS, _OUTCOMES, _MONTH = 12, 100, 30.44


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        row["months"] = (row["last"] - row["first"] + 1) / _MONTH
        short = []
        if row["months"] < _MONTHS:
            short.append(f"{row['months']:.1f} of {_MONTHS} months")
        if min(row["completed"], row["unfinished"]) < _OUTCOMES:
            short.append(
                f"{min(row['completed'], row['unfinished'])} of {_OUTCOMES} of each outcome"
            )
        row["allowed"], row["missing"] = int(not short), ", ".join(short)
    return rows


def _reading(rows: Sequence[Row]) -> str:
    whole = rows[0]
    if whole["allowed"]:
        return "There is a year of history, with enough of both outcomes: a model may be tried against the rules."
    return (
        f"Too little to predict from ({whole['missing']}): the rules of `at-risk` serve until then."
    )


REPORT = Report(
    name="history",
    title="History",
    question="Is there enough history to predict from?",
    level="descriptive",
    covers=("B43",),
    version=3,
    columns=(
        Column("course", "activity", "Course; empty: all together"),
        Column("first", "day", "First day"),
        Column("last", "day", "Last day"),
        Column("months", "number", "Months between"),
        Column("persons", "people", "Persons who began courses"),
        Column("persons_completed", "people", "Those of them who completed any"),
        Column("persons_unfinished", "people", "Those of them with any unfinished"),
        Column("learners", "count", "Persons and courses that they began", by="persons"),
        Column("completed", "count", "Those completed", by="persons_completed"),
        Column(
            "unfinished",
            "count",
            "Those begun 90 days ago or earlier, and not completed",
            by="persons_unfinished",
        ),
        Column("allowed", "flag", "12 months, and 100 of each outcome"),
        Column("missing", "text", "What is missing"),
    ),
    sql="""WITH begun AS (
    SELECT learner, course, MIN(course_id) AS course_id, MIN(day) AS first_day,
           MAX(day) AS last_day,
           MAX(CASE WHEN course_done = 1 THEN 1 ELSE 0 END) AS completed
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), judged AS (
    SELECT learner, course, course_id, first_day, last_day, completed,
           CASE WHEN completed = 0 AND first_day <= :today - 90 THEN 1 ELSE 0 END AS unfinished
    FROM begun
)
SELECT '' AS course, MIN(first_day) AS first, MAX(last_day) AS last,
       COUNT(DISTINCT learner) AS persons,
       COUNT(DISTINCT CASE WHEN completed = 1 THEN learner END) AS persons_completed,
       COUNT(DISTINCT CASE WHEN unfinished = 1 THEN learner END) AS persons_unfinished,
       COUNT(*) AS learners,
       SUM(completed) AS completed, SUM(unfinished) AS unfinished
FROM judged HAVING COUNT(*) > 0
UNION ALL
SELECT MIN(course_id) AS course, MIN(first_day) AS first, MAX(last_day) AS last,
       COUNT(DISTINCT learner) AS persons,
       COUNT(DISTINCT CASE WHEN completed = 1 THEN learner END) AS persons_completed,
       COUNT(DISTINCT CASE WHEN unfinished = 1 THEN learner END) AS persons_unfinished,
       COUNT(*) AS learners, SUM(completed) AS completed, SUM(unfinished) AS unfinished
FROM judged GROUP BY judged.course
ORDER BY course""",
    finish=_finish,
    reading=_reading,
    definition="A model is refused below 12 months, or below 100 of either outcome; rules are not.",
)
