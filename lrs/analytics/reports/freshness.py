"""How late statements come in."""

from lrs.analytics.report import Chart, Column, Report

REPORT = Report(
    name="freshness",
    title="Freshness",
    question="How late do statements come in?",
    level="descriptive",
    covers=("A35",),
    columns=(
        Column("sender", "text", "API key"),
        Column("statements", "count", "Statements"),
        Column("p50", "seconds", "Half come sooner after their timestamp"),
        Column("p95", "seconds", "95 % come sooner"),
        Column("last_seen", "hour", "Last timestamp"),
    ),
    sql="""WITH placed AS (
    SELECT sender, lag, moment, ROW_NUMBER() OVER (PARTITION BY sender ORDER BY lag) AS place,
           COUNT(*) OVER (PARTITION BY sender) AS n
    FROM scoped
)
SELECT sender, COUNT(*) AS statements,
       MIN(CASE WHEN 2 * place >= n THEN lag END) AS p50,
       MIN(CASE WHEN 100 * place >= 95 * n THEN lag END) AS p95,
       MAX(moment) AS last_seen
FROM placed GROUP BY sender ORDER BY sender""",
    chart=Chart("bar", "sender", "p95"),
    definition="Lag: stored less timestamp. Offline content and imports lag by nature.",
)
