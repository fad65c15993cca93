"""Which verbs come in, and what they count as."""

from lrs.analytics.report import Chart, Column, Report

REPORT = Report(
    name="verbs",
    title="Verbs",
    question="What is told, and what of it do reports use?",
    level="descriptive",
    covers=("A2",),
    columns=(
        Column("verb", "iri", "Verb"),
        Column("event", "text", "Event of the taxonomy"),
        Column("stage", "text", "Funnel stage; empty: none"),
        Column("statements", "count", "Statements"),
        Column("learners", "people", "Persons"),
        Column("last_seen", "hour", "Last timestamp"),
    ),
    sql="""WITH told AS (SELECT verb, event, stage, learner, moment FROM scoped)
SELECT verb, event, stage, COUNT(*) AS statements, COUNT(DISTINCT learner) AS learners,
       MAX(moment) AS last_seen
FROM told GROUP BY verb, event, stage
ORDER BY statements DESC, verb, event, stage""",
    chart=Chart("bar", "verb", "statements", series="stage"),
)
