"""Who stays in live classes."""

from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    joined, stayed = (sum(row[name] or 0 for row in rows) for name in ("known", "stayed"))
    return f"{stayed} of {joined} who joined stayed for four fifths of the class or more."


REPORT = Report(
    name="live-classes",
    title="Live classes",
    question="Who stays in live classes?",
    level="descriptive",
    covers=("C13",),
    columns=(
        Column("live_class", "activity", "Class"),
        Column("joined", "people", "Persons who joined"),
        Column("known", "people", "Those of whom one knows how long they stayed"),
        Column("total", "seconds", "Length of the class"),
        Column("p50_share", "score", "Median share of it that a person was there"),
        Column("early", "people", "Those who were there for less than a quarter"),
        Column("early_rate", "ratio", "Early of known", part="early", whole="known"),
        Column("stayed", "people", "Those who were there for four fifths or more"),
        Column("stayed_rate", "ratio", "Stayed of known", part="stayed", whole="known"),
    ),
    sql="""WITH doors AS (
    SELECT learner, activity, activity_id, moment, duration, intended, roles,
           LAG(moment) OVER door AS before_at, LAG(roles) OVER door AS before_roles
    FROM scoped WHERE roles LIKE '% join %' OR roles LIKE '% leave %'
    WINDOW door AS (PARTITION BY learner, activity ORDER BY moment, tie)
), visits AS (
    SELECT learner, activity, moment AS high,
           CASE WHEN before_roles LIKE '% join %'
                     AND (duration IS NULL OR before_at > moment - duration) THEN before_at
                WHEN duration IS NOT NULL THEN moment - duration END AS low
    FROM doors WHERE roles LIKE '% leave %'
), ahead AS (
    SELECT learner, activity, low, high,
           MAX(high) OVER (
               PARTITION BY learner, activity ORDER BY low, high
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS reached
    FROM visits WHERE low IS NOT NULL AND low < high
), present AS (
    SELECT learner, activity,
           SUM(CASE WHEN reached IS NULL OR reached <= low THEN high - low
                    WHEN high > reached THEN high - reached ELSE 0 END) AS present
    FROM ahead GROUP BY learner, activity
), classes AS (
    SELECT activity, MIN(activity_id) AS activity_id, MAX(intended) AS total,
           COUNT(DISTINCT learner) AS joined
    FROM doors GROUP BY activity
), shares AS (
    SELECT c.activity,
           LEAST(10000, FLOOR(p.present * 10000 / CAST(c.total AS DOUBLE))) AS share
    FROM classes c JOIN present p ON p.activity = c.activity WHERE c.total > 0
), ranked AS (
    SELECT activity, share, ROW_NUMBER() OVER (PARTITION BY activity ORDER BY share) AS place,
           COUNT(*) OVER (PARTITION BY activity) AS known
    FROM shares
), summed AS (
    SELECT activity, COUNT(*) AS known,
           CAST(MIN(CASE WHEN place * 2 >= known THEN share END) AS BIGINT) AS p50_share,
           COUNT(CASE WHEN share < 2500 THEN 1 END) AS early,
           COUNT(CASE WHEN share >= 8000 THEN 1 END) AS stayed
    FROM ranked GROUP BY activity
)
SELECT c.activity_id AS live_class, c.joined, COALESCE(s.known, 0) AS known, c.total, s.p50_share,
       COALESCE(s.early, 0) AS early, COALESCE(s.stayed, 0) AS stayed
FROM classes c LEFT JOIN summed s ON s.activity = c.activity
ORDER BY live_class""",
    reading=_reading,
    chart=Chart("bar", "live_class", "stayed_rate"),
    definition=(
        "The union of a person's visits, so that coming back counts no minute twice: each from joining to leaving, or"
        " of the length that the leaving tells. The class is as long as it tells."
    ),
)
