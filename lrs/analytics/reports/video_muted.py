"""Videos that start by themselves, without sound."""

from lrs.analytics.asking import VIDEO
from lrs.analytics.report import Chart, Column, Report

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
        Column("muted_rate", "ratio", "Muted of plays", part="muted", whole="plays"),
        Column("autoplay", "count", "Muted starts within 1 s of opening, without captions"),
        Column("autoplay_rate", "ratio", "Muted autoplay of plays", part="autoplay", whole="plays"),
    ),
    sql="""WITH sequenced AS (
    SELECT learner, activity, activity_id, roles, moment, muted, captions,
           LAG(moment) OVER opening AS before_at, LAG(roles) OVER opening AS before_roles
    FROM scoped WHERE source = 'video' OR roles LIKE '% play %' OR activity_type LIKE '%video'
    WINDOW opening AS (PARTITION BY learner, activity, registration, session ORDER BY moment, tie)
)
SELECT MIN(activity_id) AS video, COUNT(*) AS plays, COUNT(DISTINCT learner) AS viewers,
       COUNT(CASE WHEN muted = 1 THEN 1 END) AS muted,
       COUNT(CASE WHEN muted = 1 AND captions = 0 AND before_roles NOT LIKE '% play %'
                   AND before_roles NOT LIKE '% pause %' AND moment - before_at <= 1000 THEN 1 END)
           AS autoplay
FROM sequenced WHERE roles LIKE '% play %'
GROUP BY activity
ORDER BY autoplay DESC, plays DESC, video""",
    chart=Chart("bar", "video", "autoplay_rate"),
    definition="Muted: the player tells a volume of 0. Autoplay: played at most 1 s after the statement before it.",
)
