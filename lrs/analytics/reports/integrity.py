"""Plagiarism flags and accreditation milestones, without names."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    high = sum(row["times"] for row in rows if row["result"] == "similarity 50 % or more")
    return f"{high} submissions are half alike to another or more: let a person look, a number proves nothing."


REPORT = Report(
    name="integrity",
    title="Integrity and accreditation",
    question="What was flagged as alike, and which milestones are met?",
    level="descriptive",
    covers=("C17",),
    version=2,
    columns=(
        Column("what", "text", "plagiarism or milestone"),
        Column("place", "activity", "The assignment, or the milestone"),
        Column("result", "text", "Band of similarity, or status of compliance"),
        Column("persons", "people", "Of how many persons it was told"),
        Column("times", "count", "How often it was told", by="persons"),
        Column("last_day", "day", "When last"),
    ),
    sql="""WITH told AS (
    SELECT learner, 'plagiarism' AS what, activity_id AS place, day,
           CASE WHEN amount IS NULL THEN 'similarity not told'
                WHEN amount < 2000 THEN 'similarity under 20 %'
                WHEN amount < 5000 THEN 'similarity 20 to 50 %'
                ELSE 'similarity 50 % or more' END AS result
    FROM scoped WHERE roles LIKE '% report %' AND activity_type LIKE '%assignment'
    UNION ALL
    SELECT learner, 'milestone' AS what, activity_id AS place, day, label AS result
    FROM scoped WHERE roles LIKE '% achieve %' AND activity_type LIKE '%milestone'
)
SELECT what, place, result, COUNT(DISTINCT learner) AS persons, COUNT(*) AS times, MAX(day) AS last_day
FROM told GROUP BY what, place, result ORDER BY what, place, result""",
    reading=_reading,
    definition="Similarity goes into no risk score, and no learner is named here.",
)
