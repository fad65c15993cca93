"""Which passages of a video are seen again, and which are skipped."""

from collections.abc import Sequence

from lrs.analytics.asking import VIDEO
from lrs.analytics.report import MAX_ROWS, Chart, Column, Report, Row


def _reading(rows: Sequence[Row]) -> str:
    most = max(rows, key=lambda row: row["back"])
    skipped = max(rows, key=lambda row: row["skippers"])
    if most["back"] >= skipped["skippers"]:
        return (
            f"Most go back to second {most['second']} of {most['video']}: explain that passage better,"
            " or put it on a card."
        )
    return f"Most skip from second {skipped['second']} of {skipped['video']} on: shorten what comes there."


REPORT = Report(
    name="video-seeks",
    title="Going back and skipping",
    question="Where do viewers go back, skip or stop?",
    level="diagnostic",
    covers=("C9",),
    columns=(
        VIDEO,
        Column("second", "number", "Start of the five seconds"),
        Column("viewers", "people", "Persons seen at the video"),
        Column("back", "people", "Persons who went back to here"),
        Column("back_rate", "ratio", "Of viewers", part="back", whole="viewers"),
        Column("seeks_back", "count", "Times"),
        Column("skippers", "people", "Persons who skipped from here on"),
        Column("skip_rate", "ratio", "Of viewers", part="skippers", whole="viewers"),
        Column("seeks_fwd", "count", "Times"),
        Column("pauses", "count", "Times that it was paused here"),
        Column("mean_speed", "number", "Mean speed of those who began to play here, in per cent"),
    ),
    sql=f"""WITH marks AS (
    SELECT learner, activity, 'back' AS kind, to_position AS position, CAST(NULL AS INT) AS speed
    FROM scoped WHERE roles LIKE '% seek %' AND to_position < from_position
    UNION ALL
    SELECT learner, activity, 'skip' AS kind, from_position AS position, CAST(NULL AS INT) AS speed
    FROM scoped WHERE roles LIKE '% seek %' AND to_position > from_position
    UNION ALL
    SELECT learner, activity, 'pause' AS kind, position, CAST(NULL AS INT) AS speed
    FROM scoped WHERE roles LIKE '% pause %' AND position IS NOT NULL
    UNION ALL
    SELECT learner, activity, 'play' AS kind, position, speed
    FROM scoped WHERE roles LIKE '% play %' AND position IS NOT NULL AND speed IS NOT NULL
), placed AS (
    SELECT learner, activity, kind, speed, CAST(FLOOR(CAST(position AS DOUBLE) / 5000) AS INT) * 5 AS second
    FROM marks
), viewing AS (
    SELECT activity, MIN(activity_id) AS activity_id, COUNT(DISTINCT learner) AS viewers
    FROM scoped WHERE position IS NOT NULL OR from_position IS NOT NULL GROUP BY activity
)
SELECT MIN(v.activity_id) AS video, p.second, MIN(v.viewers) AS viewers,
       COUNT(DISTINCT CASE WHEN p.kind = 'back' THEN p.learner END) AS back,
       COUNT(CASE WHEN p.kind = 'back' THEN 1 END) AS seeks_back,
       COUNT(DISTINCT CASE WHEN p.kind = 'skip' THEN p.learner END) AS skippers,
       COUNT(CASE WHEN p.kind = 'skip' THEN 1 END) AS seeks_fwd,
       COUNT(CASE WHEN p.kind = 'pause' THEN 1 END) AS pauses,
       CAST(ROUND(AVG(CAST(p.speed AS DOUBLE))) AS BIGINT) AS mean_speed
FROM placed p JOIN viewing v ON v.activity = p.activity
GROUP BY p.activity, p.second
ORDER BY video, second
LIMIT {MAX_ROWS + 1}""",
    reading=_reading,
    chart=Chart("bar", "second", "back_rate", series="video"),
    definition=(
        "Going back: a seek to an earlier position, counted where it ends; skipping: one to a later position, counted"
        " where it starts; by five seconds. Only players that tell both positions of a seek are seen here."
    ),
)
