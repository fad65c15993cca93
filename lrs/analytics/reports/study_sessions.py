"""Study sessions: planned and real length, and how focused they were."""

from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Report, Row
from lrs.analytics.statistics.clusters import SPREAD_RULE, spread


def _reading(rows: Sequence[Row]) -> str:
    sessions = sum(row["sessions"] for row in rows)
    best = max(rows, key=lambda row: row["kept"] or 0)
    return f"Of {sessions} sessions those planned for {best['intended']} are kept best: plan more like them."


_CLOSED = spread(
    "closed_by", "lengths", by="intended", whole="COUNT(*)", parts={"closed": "SUM(ended)"}
)

REPORT = Report(
    name="study-sessions",
    title="Study sessions",
    question="Do learners study as long as they plan?",
    level="descriptive",
    covers=("C12",),
    columns=(
        Column("intended", "text", "Planned length"),
        Column("sessions", "count", "Sessions begun"),
        Column("learners", "people", "Persons who began them"),
        Column("ended", "count", "Sessions with an end"),
        Column(
            "ended_rate",
            "ratio",
            "Ended of begun",
            part="ended",
            whole="sessions",
            spread=("learners", "aa_closed", "an_closed", "nn"),
        ),
        Column("kept", "score", "Median of real by planned length: 100 % is as planned"),
        Column("focus", "number", "Median focus score, 0 to 100"),
    ),
    version=2,
    sql=f"""WITH sittings AS (
    SELECT learner, activity,
           MIN(CASE WHEN roles LIKE '% start %' THEN moment END) AS began,
           MAX(intended) AS intended,
           MAX(CASE WHEN roles LIKE '% terminate %' THEN moment END) AS ended,
           MAX(CASE WHEN roles LIKE '% terminate %' THEN duration END) AS told,
           MAX(CASE WHEN roles LIKE '% terminate %' THEN amount END) AS focus
    FROM scoped WHERE roles LIKE '% study %' GROUP BY learner, activity
), lengths AS (
    SELECT learner, focus,
           CASE WHEN intended IS NULL THEN 'no length' WHEN intended <= 1800000 THEN 'up to 30 min'
                WHEN intended <= 3600000 THEN '31 to 60 min' ELSE 'over an hour' END AS intended,
           CASE WHEN ended IS NOT NULL THEN 1 ELSE 0 END AS ended,
           CASE WHEN ended IS NOT NULL AND intended > 0
                THEN FLOOR(COALESCE(told, ended - began) * 10000 / CAST(intended AS DOUBLE)) END AS kept
    FROM sittings
), ranked AS (
    SELECT lengths.*,
           ROW_NUMBER() OVER (PARTITION BY intended, CASE WHEN kept IS NULL THEN 0 ELSE 1 END
                              ORDER BY kept) AS kept_place,
           COUNT(kept) OVER (PARTITION BY intended) AS kept_count,
           ROW_NUMBER() OVER (PARTITION BY intended, CASE WHEN focus IS NULL THEN 0 ELSE 1 END
                              ORDER BY focus) AS focus_place,
           COUNT(focus) OVER (PARTITION BY intended) AS focus_count
    FROM lengths
), {_CLOSED}
SELECT r.intended, COUNT(*) AS sessions, COUNT(DISTINCT learner) AS learners, SUM(ended) AS ended,
       CAST(MIN(CASE WHEN kept IS NOT NULL AND kept_place * 2 >= kept_count THEN kept END) AS BIGINT)
           AS kept,
       MIN(c.nn) AS nn, MIN(c.aa_closed) AS aa_closed, MIN(c.an_closed) AS an_closed,
       MIN(CASE WHEN focus IS NOT NULL AND focus_place * 2 >= focus_count THEN focus END) AS focus
FROM ranked r JOIN closed_by c ON c.intended = r.intended
GROUP BY r.intended ORDER BY intended""",
    finish=lambda rows, moment: [
        {**row, "focus": None if row["focus"] is None else row["focus"] / 100} for row in rows
    ],
    reading=_reading,
    chart=Chart("bar", "intended", "ended_rate"),
    definition="Real length: as told, else from start to end. A session without an end has no length; it is not 0."
    + SPREAD_RULE,
)
