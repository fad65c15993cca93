"""Whether videos hook their viewers and are seen through."""

from collections.abc import Sequence

from lrs.analytics.asking import KNOWN, VIDEO
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.fragments import WATCHED, WATCHED_RULE

_NO_HOOK, _WORKS = 0.7, 0.6


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    for row in rows:
        viewers = row["viewers"]
        hooked = row["under_2_minutes"] / viewers < _NO_HOOK
        row["verdict"] = (
            "no hook" if not hooked else "works" if row["past_75"] / viewers >= _WORKS else ""
        )
    return rows


def _reading(rows: Sequence[Row]) -> str:
    lost = [row for row in rows if row["verdict"] == "no hook"]
    if not lost:
        return "No video loses 70 % of its viewers in the first two minutes."
    return f"{len(lost)} videos do not hook: begin them with a person's story, not with a policy."


REPORT = Report(
    name="video-summary",
    title="Videos",
    question="Do videos hook their viewers, and are they seen through?",
    level="diagnostic",
    covers=("A11", "A12", "B21"),
    parameters=(KNOWN,),
    columns=(
        VIDEO,
        Column("length", "seconds", "Length"),
        Column("viewers", "people", "Persons who played any of it"),
        Column("under_2_minutes", "people", "Those who watched less than 2 minutes"),
        Column("hook_lost", "ratio", "Under 2 minutes", part="under_2_minutes", whole="viewers"),
        Column("under_quarter", "people", "Those who watched less than 25 %"),
        Column("past_75", "people", "Those whose furthest point is past 75 %"),
        Column("past_75_rate", "ratio", "Past 75 %", part="past_75", whole="viewers"),
        Column("watched_90", "people", "Those who watched at least 90 %"),
        Column("watched_rate", "ratio", "At least 90 %", part="watched_90", whole="viewers"),
        Column("completed", "people", "Persons with a completed statement"),
        Column("rewatched", "people", "Persons who played some part again"),
        Column("coverage", "score", "Mean share of the video that viewers saw"),
        Column("from_segments", "people", "Viewers known by played segments"),
        Column("from_pairs", "people", "Viewers known by pairs of statements only"),
        Column("verdict", "text", "no hook: 70 % under 2 minutes; works: 60 % past 75 %"),
    ),
    sql=f"""WITH {WATCHED}, viewers AS (
    SELECT p.learner, p.activity, MAX(l.length) AS length, SUM(p.high - p.low) AS watched,
           MAX(p.high) AS furthest,
           MIN(p.method) AS method
    FROM parts p JOIN lengths l ON l.activity = p.activity
    GROUP BY p.learner, p.activity
), again AS (
    SELECT activity, COUNT(DISTINCT learner) AS rewatched
    FROM sighted WHERE roles LIKE '% seek %' AND to_position < from_position - 1000
    GROUP BY activity
), told AS (
    SELECT activity, MIN(activity_id) AS activity_id,
           COUNT(DISTINCT CASE WHEN completion = 1 THEN learner END) AS completed
    FROM scoped GROUP BY activity
)
SELECT MIN(t.activity_id) AS video, MAX(v.length) AS length, COUNT(*) AS viewers,
       COUNT(CASE WHEN v.watched < 120000 THEN 1 END) AS under_2_minutes,
       COUNT(CASE WHEN v.watched * 4 < v.length THEN 1 END) AS under_quarter,
       COUNT(CASE WHEN v.furthest * 4 > v.length * 3 THEN 1 END) AS past_75,
       COUNT(CASE WHEN v.watched * 10 >= v.length * 9 THEN 1 END) AS watched_90,
       MAX(t.completed) AS completed,
       COALESCE(MAX(a.rewatched), 0) AS rewatched,
       CAST(FLOOR(SUM(LEAST(10000, FLOOR(v.watched * 10000 / CAST(v.length AS DOUBLE))))
                  / COUNT(*)) AS BIGINT) AS coverage,
       COUNT(CASE WHEN v.method = 'segments' THEN 1 END) AS from_segments,
       COUNT(CASE WHEN v.method = 'paired' THEN 1 END) AS from_pairs
FROM viewers v JOIN told t ON t.activity = v.activity
LEFT JOIN again a ON a.activity = v.activity
GROUP BY v.activity
ORDER BY viewers DESC, video""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "video", "watched_rate"),
    definition=WATCHED_RULE + " Completed and watched are different things: both are shown.",
)
