"""Whether the data can be trusted, sender by sender."""

from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Parameter, Report, Row
from lrs.analytics.sql.fragments import NOT_ANSWERING


def _reading(rows: Sequence[Row]) -> str:
    silent = [row for row in rows if not row["clicks"] or not row["views"]]
    if silent:
        return f"{len(silent)} of {len(rows)} senders tell no clicks or no views: their funnels are imputed."
    return "Every sender tells clicks and views."


REPORT = Report(
    name="data-quality",
    title="Data quality",
    question="What does each sender tell, how late, and how much of it cannot be true?",
    level="descriptive",
    version=4,
    covers=("A2", "A9", "A35", "A39", "B28", "B38", "B56"),
    parameters=(Parameter("fastest", 20, "Seconds below which a pass or completion is suspect"),),
    columns=(
        Column("sender", "text", "API key"),
        Column("source", "text", "Kind of source"),
        Column("statements", "count", "Statements"),
        Column("learners", "people", "Persons"),
        Column("clicks", "count", "Clicks"),
        Column("views", "count", "Evidence of views"),
        Column("completions", "count", "Completions"),
        Column("other", "count", "Statements that no funnel uses"),
        Column(
            "noise", "ratio", "Other of statements", part="other", whole="statements", counted=True
        ),
        Column("timed", "count", "Passes and completions with a duration"),
        Column("too_fast", "count", "Those under the limit"),
        Column(
            "too_fast_rate",
            "ratio",
            "Too fast of timed",
            part="too_fast",
            whole="timed",
            counted=True,
        ),
        Column("scores", "count", "Statements with a score"),
        Column("unusable", "count", "Scores that say nothing"),
        Column("future", "count", "Statements from the future, by over 5 minutes"),
        Column("mean_lag", "seconds", "Mean time from timestamp to stored"),
        Column("last_seen", "hour", "Last timestamp"),
    ),
    sql=f"""WITH told AS (
    SELECT scoped.*,
           CASE WHEN (completion = 1 OR success = 1) AND {NOT_ANSWERING}
                THEN 1 ELSE 0 END AS passing
    FROM scoped
)
SELECT sender, source, COUNT(*) AS statements, COUNT(DISTINCT learner) AS learners,
       COUNT(CASE WHEN stage = 'click' THEN 1 END) AS clicks,
       COUNT(CASE WHEN stage = 'view' OR roles LIKE '% view %' THEN 1 END) AS views,
       COUNT(CASE WHEN stage = 'completion' THEN 1 END) AS completions,
       COUNT(CASE WHEN stage = '' THEN 1 END) AS other,
       COUNT(CASE WHEN duration IS NOT NULL AND passing = 1 THEN 1 END) AS timed,
       COUNT(CASE WHEN duration < :fastest * 1000 AND passing = 1 THEN 1 END) AS too_fast,
       COUNT(CASE WHEN score_basis <> '' THEN 1 END) AS scores,
       COUNT(CASE WHEN score_basis = 'unusable' THEN 1 END) AS unusable,
       COUNT(CASE WHEN lag < -300000 THEN 1 END) AS future,
       CAST(FLOOR(SUM(GREATEST(lag, 0)) / CAST(COUNT(*) AS DOUBLE)) AS BIGINT) AS mean_lag,
       MAX(moment) AS last_seen
FROM told GROUP BY sender, source
ORDER BY statements DESC, sender, source""",
    reading=_reading,
    chart=Chart("bar", "source", "statements", series="sender"),
    definition="Noise: statements that are neither click, view, completion nor withdrawal. Answers to single"
    " questions take seconds: they are not held against the limit.",
)
