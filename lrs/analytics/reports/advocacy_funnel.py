"""From the first contact to bringing others, by channel."""

from lrs.analytics.report import Chart, Column, Moment, Report, Row

_STAGES = (
    ("captured", "first contact"),
    ("signed_up", "signed up"),
    ("enrolled", "enrolled"),
    ("started", "began"),
    ("completed", "completed"),
    ("earned", "earned a certificate"),
    ("shared", "shared"),
    ("referred", "brought somebody"),
)


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found = []
    for row in rows:
        before = None
        for name, stage in _STAGES:
            persons = row[name]
            found.append(
                {
                    "channel": row["channel"],
                    "stage": stage,
                    "persons": persons,
                    "of": row["any_stage"] if before is None else before,
                    "begun": row["any_stage"],
                }
            )
            before = persons
    return found


REPORT = Report(
    name="advocacy-funnel",
    title="From acquisition to advocacy",
    question="Which channel brings learners who finish and bring others?",
    level="diagnostic",
    covers=("C5", "C6", "C7"),
    columns=(
        Column("channel", "text", "Channel of the sign-up"),
        Column("stage", "text", "Stage"),
        Column("persons", "people", "Persons who reached it, or a later one"),
        Column("of", "people", "Those of the stage before"),
        Column("stage_rate", "ratio", "Persons of the stage before", part="persons", whole="of"),
        Column("begun", "people", "All persons of the channel"),
        Column("overall_rate", "ratio", "Persons of all", part="persons", whole="begun"),
    ),
    sql="""WITH persons AS (
    SELECT learner, MAX(channel) AS channel,
           MAX(CASE WHEN roles LIKE '% refer %' OR event IN ('referral.link_shared', 'referral.converted')
                    THEN 8
                    WHEN roles LIKE '% share %' THEN 7
                    WHEN roles LIKE '% earn %' THEN 6
                    WHEN completion = 1 AND activity = course THEN 5
                    WHEN stage IN ('click', 'view', 'completion') AND event NOT LIKE 'onboarding%' THEN 4
                    WHEN roles LIKE '% enrol %' THEN 3
                    WHEN roles LIKE '% sign-up %' THEN 2
                    WHEN event IN ('lead.captured', 'trial.started') THEN 1 ELSE 0 END) AS furthest
    FROM scoped GROUP BY learner
)
SELECT channel, COUNT(*) AS any_stage,
       COUNT(CASE WHEN furthest >= 1 THEN 1 END) AS captured,
       COUNT(CASE WHEN furthest >= 2 THEN 1 END) AS signed_up,
       COUNT(CASE WHEN furthest >= 3 THEN 1 END) AS enrolled,
       COUNT(CASE WHEN furthest >= 4 THEN 1 END) AS started,
       COUNT(CASE WHEN furthest >= 5 THEN 1 END) AS completed,
       COUNT(CASE WHEN furthest >= 6 THEN 1 END) AS earned,
       COUNT(CASE WHEN furthest >= 7 THEN 1 END) AS shared,
       COUNT(CASE WHEN furthest >= 8 THEN 1 END) AS referred
FROM persons WHERE furthest > 0 GROUP BY channel ORDER BY channel""",
    finish=_finish,
    chart=Chart("bar", "stage", "overall_rate", series="channel"),
    definition="A later stage implies the earlier ones, since not every source tells all of them.",
)
