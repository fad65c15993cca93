"""Videos that start by themselves, without sound."""

from collections.abc import Sequence

from lrs.analytics.asking import VIDEO
from lrs.analytics.report import Chart, Column, Report, Row
from lrs.analytics.statistics.clusters import SPREAD_RULE, spread


def _reading(rows: Sequence[Row]) -> str:
    bad = [row for row in rows if row["plays"] and 2 * row["autoplay"] >= row["plays"]]
    if not bad:
        return "No video is mostly started by itself without sound."
    return (
        f"{len(bad)} videos are mostly started by themselves without sound: let learners start them,"
        " and add captions."
    )


_SILENT = spread(
    "alike",
    "starts",
    by="activity",
    whole="COUNT(*)",
    parts={"silent": "SUM(muted)", "by_itself": "SUM(by_itself)"},
)

REPORT = Report(
    name="video-muted",
    title="Muted autoplay",
    question="Which videos start by themselves without sound, and are only opened and closed?",
    level="diagnostic",
    covers=("A27",),
    columns=(
        VIDEO,
        Column("plays", "count", "Times that it was started"),
        Column("viewers", "people", "Persons who started it"),
        Column("muted", "count", "Starts without sound"),
        Column(
            "muted_rate",
            "ratio",
            "Muted of plays",
            part="muted",
            whole="plays",
            spread=("viewers", "aa_silent", "an_silent", "nn"),
        ),
        Column("autoplay", "count", "Muted starts within 1 s of opening, without captions"),
        Column(
            "autoplay_rate",
            "ratio",
            "Muted autoplay of plays",
            part="autoplay",
            whole="plays",
            spread=("viewers", "aa_by_itself", "an_by_itself", "nn"),
        ),
    ),
    version=2,
    sql=f"""WITH sequenced AS (
    SELECT learner, activity, activity_id, roles, moment, muted, captions,
           LAG(moment) OVER opening AS before_at, LAG(roles) OVER opening AS before_roles
    FROM scoped WHERE source = 'video' OR roles LIKE '% play %' OR activity_type LIKE '%video'
    WINDOW opening AS (PARTITION BY learner, activity, registration, session ORDER BY moment, tie)
), starts AS (
    SELECT learner, activity, activity_id, muted,
           CASE WHEN muted = 1 AND captions = 0 AND before_roles NOT LIKE '% play %'
                 AND before_roles NOT LIKE '% pause %' AND moment - before_at <= 1000
                THEN 1 ELSE 0 END AS by_itself
    FROM sequenced WHERE roles LIKE '% play %'
), {_SILENT}
SELECT MIN(s.activity_id) AS video, COUNT(*) AS plays, MIN(a.persons) AS viewers,
       SUM(s.muted) AS muted, SUM(s.by_itself) AS autoplay, MIN(a.nn) AS nn,
       MIN(a.aa_silent) AS aa_silent, MIN(a.an_silent) AS an_silent,
       MIN(a.aa_by_itself) AS aa_by_itself, MIN(a.an_by_itself) AS an_by_itself
FROM starts s JOIN alike a ON a.activity = s.activity
GROUP BY s.activity
ORDER BY autoplay DESC, plays DESC, video""",
    reading=_reading,
    chart=Chart("bar", "video", "autoplay_rate"),
    definition="Muted: the player tells a volume of 0. Autoplay: played at most 1 s after the statement before it."
    + SPREAD_RULE,
)
