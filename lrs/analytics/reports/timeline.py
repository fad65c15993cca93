"""What learners did; with the filter `learner`, one of them."""

from collections.abc import Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.report import MAX_ROWS, Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    return f"{len(rows)} statements, the latest first: narrow them with the filters `learner` and `course`."


REPORT = Report(
    name="timeline",
    title="Timeline",
    question="What happened, the latest first?",
    level="descriptive",
    covers=("A1",),
    personal=True,
    ranked_by=("moment",),
    columns=(
        Column("moment", "hour", "When (UTC)"),
        Column("learner", "agent", "Who"),
        Column("verb", "iri", "Verb"),
        Column("activity", "activity", "What"),
        COURSE,
        Column("stage", "text", "Funnel stage"),
        Column("score", "score", "Score"),
        Column("success", "flag", "Passed"),
        Column("duration", "seconds", "Time spent"),
        Column("device", "text", "Device"),
    ),
    sql=f"""WITH own AS (SELECT * FROM scoped)
SELECT moment, actor AS learner, verb, activity_id AS activity, course_id AS course, stage, score,
       success, duration, device
FROM own ORDER BY moment DESC, id LIMIT {MAX_ROWS + 1}""",
    reading=_reading,
)
