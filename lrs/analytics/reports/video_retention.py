"""How many viewers see each part of a video."""

from collections.abc import Sequence

from lrs.analytics.asking import KNOWN, VIDEO
from lrs.analytics.report import Chart, Column, Report, Row
from lrs.analytics.sql.fragments import DIGITS, WATCHED, WATCHED_RULE


def _reading(rows: Sequence[Row]) -> str:
    ends = {row["video"]: row for row in rows}
    worst = min(ends.values(), key=lambda row: row["reach"] or 0)
    return (
        f"The end of {worst['video']} is reached by fewest, {100 * (worst['reach'] or 0):.0f} %:"
        " see in `video-exits` where they leave."
    )


REPORT = Report(
    name="video-retention",
    title="Video retention",
    question="Which parts of a video are seen, and where do viewers leave?",
    level="descriptive",
    covers=("A11", "A12", "B21"),
    parameters=(KNOWN,),
    columns=(
        VIDEO,
        Column("percent", "number", "Position, in per cent of the length"),
        Column("viewers", "people", "Persons who played any of it"),
        Column("present", "people", "Those who saw this position"),
        Column("reach", "ratio", "Present of viewers", part="present", whole="viewers"),
    ),
    sql=f"""WITH {DIGITS}, {WATCHED}, marks AS (
    SELECT p.learner, p.activity,
           CASE WHEN p.leading = 1 AND p.low < 1000 THEN 0
                ELSE CAST(CEIL(p.low * 100 / CAST(l.length AS DOUBLE)) AS INT) END AS low,
           CAST(CEIL(p.high * 100 / CAST(l.length AS DOUBLE)) AS INT) AS high
    FROM parts p JOIN lengths l ON l.activity = p.activity
), viewing AS (
    SELECT activity, COUNT(DISTINCT learner) AS viewers FROM marks GROUP BY activity
), turns AS (
    SELECT activity, percent, SUM(change) AS change FROM (
        SELECT activity, low AS percent, 1 AS change FROM marks WHERE high > low
        UNION ALL
        SELECT activity, high AS percent, -1 AS change FROM marks WHERE high > low
    ) moved GROUP BY activity, percent
), points AS (
    SELECT v.activity, v.viewers, a.d * 10 + b.d AS percent
    FROM viewing v CROSS JOIN digits a CROSS JOIN digits b
), named AS (
    SELECT activity, MIN(activity_id) AS activity_id FROM scoped GROUP BY activity
)
SELECT n.activity_id AS video, p.percent, p.viewers,
       COALESCE(SUM(c.change) OVER (PARTITION BY p.activity ORDER BY p.percent), 0) AS present
FROM points p JOIN named n ON n.activity = p.activity
LEFT JOIN turns c ON c.activity = p.activity AND c.percent = p.percent
ORDER BY video, percent""",
    reading=_reading,
    chart=Chart("line", "percent", "reach", series="video"),
    definition=WATCHED_RULE
    + " The length is the one told most often. At 0: from the first second.",
)
