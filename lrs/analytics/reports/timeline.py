"""What one learner did."""

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Column, Parameter, Report

REPORT = Report(
    name="timeline",
    title="Timeline of a learner",
    question="What did this learner do, in order?",
    level="descriptive",
    covers=("A1",),
    personal=True,
    parameters=(
        Parameter(
            "learner",
            "",
            "A person of the people file, or an IFI such as mbox|mailto:anna@example.org",
        ),
    ),
    columns=(
        Column("moment", "hour", "When (UTC)"),
        Column("verb", "iri", "Verb"),
        Column("activity", "activity", "What"),
        COURSE,
        Column("stage", "text", "Funnel stage"),
        Column("score", "score", "Score"),
        Column("success", "flag", "Passed"),
        Column("duration", "seconds", "Time spent"),
        Column("device", "text", "Device"),
    ),
    sql="""WITH own AS (
    SELECT * FROM scoped WHERE actor = :learner OR (person <> '' AND person = :learner)
)
SELECT moment, verb, activity_id AS activity, course_id AS course, stage, score, success, duration,
       device
FROM own ORDER BY moment DESC, id""",
)
