"""How late statements come in."""

from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Report, Row

_LATE = 3600


def _reading(rows: Sequence[Row]) -> str:
    late = [row for row in rows if row["p95"] > _LATE]
    if not late:
        return "95 % of the statements of every sender come within an hour: reports are as fresh as that."
    return (
        f"{len(late)} of {len(rows)} senders send more than 5 % of their statements over an hour late:"
        " do not judge yesterday by them."
    )


REPORT = Report(
    name="freshness",
    title="Freshness",
    question="How late do statements come in?",
    level="descriptive",
    covers=("A35",),
    version=2,
    columns=(
        Column("sender", "text", "API key"),
        Column("learners", "people", "Persons of whom they tell"),
        Column("statements", "count", "Statements", by="learners"),
        Column("p50", "seconds", "Half come sooner after their timestamp"),
        Column("p95", "seconds", "95 % come sooner"),
        Column("last_seen", "hour", "Last timestamp"),
    ),
    sql="""WITH lags AS (
    SELECT sender, lag, COUNT(*) AS statements, MAX(moment) AS last_seen
    FROM (
        SELECT sender, moment,
               CASE WHEN lag < 3600000 THEN CAST(FLOOR(CAST(lag AS DOUBLE) / 1000) AS BIGINT) * 1000
                    ELSE CAST(FLOOR(CAST(lag AS DOUBLE) / 60000) AS BIGINT) * 60000 END AS lag
        FROM scoped
    ) whole
    GROUP BY sender, lag
), placed AS (
    SELECT sender, lag, statements, last_seen,
           SUM(statements) OVER (PARTITION BY sender ORDER BY lag) AS place,
           SUM(statements) OVER (PARTITION BY sender) AS n
    FROM lags
), counted AS (
    SELECT sender, COUNT(DISTINCT learner) AS learners FROM scoped GROUP BY sender
)
SELECT p.sender, MIN(c.learners) AS learners, SUM(statements) AS statements,
       MIN(CASE WHEN 2 * place >= n THEN lag END) AS p50,
       MIN(CASE WHEN 100 * place >= 95 * n THEN lag END) AS p95,
       MAX(last_seen) AS last_seen
FROM placed p JOIN counted c ON c.sender = p.sender GROUP BY p.sender ORDER BY sender""",
    reading=_reading,
    chart=Chart("bar", "sender", "p95"),
    definition=(
        "Lag: stored less timestamp, in whole seconds, from an hour on in whole minutes."
        " Offline content and imports lag by nature."
    ),
)
