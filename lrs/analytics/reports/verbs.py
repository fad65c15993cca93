"""Which verbs come in, and what they count as."""

from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    whole = sum(row["statements"] for row in rows)
    idle = sum(row["statements"] for row in rows if not row["stage"])
    return (
        f"{100 * idle / whole:.0f} % of {whole} statements stand in no funnel:"
        " see in `purposes` whether they have to be sent."
    )


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
    reading=_reading,
    chart=Chart("bar", "verb", "statements", series="stage"),
)
