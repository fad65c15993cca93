"""What learners did; with the filter `learner`, one of them."""

from lrs.analytics.asking import COURSE
from lrs.analytics.report import MAX_ROWS, Column, Report

REPORT = Report(
    name="timeline",
    title="Timeline",
    question="What happened, the latest first?",
    level="descriptive",
    covers=("A1",),
    personal=True,
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
)
