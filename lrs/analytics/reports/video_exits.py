"""Where viewers leave a video, and whether they leave at one spot."""

from collections.abc import Sequence

from lrs.analytics.asking import KNOWN, VIDEO
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import WATCHED, WATCHED_RULE

_SPOT, _GONE = 0.6, 0.9


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        gone = row["viewers"] - row["left_later"]
        row["dropped"] = gone
        early = row["second"] + 10 <= row["length"] / 2000
        spot = row["exits"] + row["exits_next"] >= _SPOT * row["viewers"]
        row["flag"] = (
            "one spot"
            if spot and row["exits"]
            else "most are gone"
            if early and gone >= _GONE * row["viewers"]
            else ""
        )
    return rows


def _reading(rows: Sequence[Row]) -> str:
    flagged = [row for row in rows if row["flag"]]
    if not flagged:
        return "Viewers leave here and there: no spot of a video drives them away."
    first = flagged[0]
    return f"Most leave a video around second {first['second']}: look at what happens there."


REPORT = Report(
    name="video-exits",
    title="Where viewers leave",
    question="At which moment of a video do viewers leave?",
    level="diagnostic",
    covers=("A13", "B7"),
    parameters=(KNOWN,),
    columns=(
        VIDEO,
        Column("second", "number", "Beginning of the 5 seconds"),
        Column("viewers", "people", "Persons who played any of it"),
        Column("at_risk", "people", "Those who were still there"),
        Column("exits", "people", "Those who left in these 5 seconds, without completing"),
        Column("hazard", "ratio", "Exits of those still there", part="exits", whole="at_risk"),
        Column("dropped", "people", "Those who are gone by then"),
        Column("drop", "ratio", "Gone of viewers", part="dropped", whole="viewers"),
        Column("flag", "text", "60 % leave within 10 s, or 90 % are gone in the first half"),
    ),
    sql=f"""WITH {WATCHED}, finished AS (
    SELECT DISTINCT learner, activity FROM scoped WHERE completion = 1
), viewers AS (
    SELECT p.learner, p.activity, MAX(l.length) AS length, MAX(p.high) AS furthest
    FROM parts p JOIN lengths l ON l.activity = p.activity GROUP BY p.learner, p.activity
), buckets AS (
    SELECT v.activity, CAST(FLOOR(CAST(v.furthest AS DOUBLE) / 5000) AS INT) * 5 AS spot, MAX(v.length) AS length,
           COUNT(*) AS ended,
           COUNT(CASE WHEN f.learner IS NULL AND v.furthest < v.length * 0.95 THEN 1 END) AS exits
    FROM viewers v
    LEFT JOIN finished f ON f.learner = v.learner AND f.activity = v.activity
    GROUP BY v.activity, CAST(FLOOR(CAST(v.furthest AS DOUBLE) / 5000) AS INT)
), running AS (
    SELECT activity, spot, length, ended, exits,
           SUM(ended) OVER (PARTITION BY activity) AS viewers,
           SUM(ended) OVER (PARTITION BY activity ORDER BY spot DESC) AS at_risk
    FROM buckets
), named AS (
    SELECT activity, MIN(activity_id) AS activity_id FROM scoped GROUP BY activity
)
SELECT n.activity_id AS video, r.spot AS second, r.length, r.viewers, r.at_risk, r.exits,
       r.at_risk - r.ended AS left_later, COALESCE(f.exits, 0) AS exits_next
FROM running r JOIN named n ON n.activity = r.activity
LEFT JOIN buckets f ON f.activity = r.activity AND f.spot = r.spot + 5
ORDER BY video, second""",
    finish=_finish,
    reading=_reading,
    chart=Chart("step", "second", "drop", series="video"),
    definition=WATCHED_RULE
    + " A viewer leaves at the furthest point watched; ends in the last 5 % are no exits.",
)
