"""From the first contact to bringing others, by channel."""

from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row

_STAGES = (
    ("captured", "first contact", "any_stage"),
    ("signed_up", "signed up", "captured"),
    ("enrolled", "enrolled", "signed_up"),
    ("started", "began", "enrolled"),
    ("completed", "completed", "started"),
    ("earned", "earned a certificate", "completed"),
    ("shared", "shared", "completed"),
    ("invited", "sent an invitation", "shared"),
    ("brought", "brought somebody", "invited"),
)
"""Stage, in words, and the stage of whose persons it is a part."""


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    return [
        {
            "channel": row["channel"],
            "stage": words,
            "persons": row[name],
            "of": row[before],
            "begun": row["any_stage"],
            "outside": row.get(f"{name}_outside"),
            "friends": row["friends"] if name == "brought" else None,
            "k_factor": row["of_earners"] / row["earned"]
            if name == "brought" and row["earned"]
            else None,
        }
        for row in rows
        for name, words, before in _STAGES
    ]


def _reading(rows: Sequence[Row]) -> str:
    friends = sum(row["friends"] or 0 for row in rows)
    bringing = sum(row["persons"] or 0 for row in rows if row["stage"] == "brought somebody")
    done = sum(row["persons"] or 0 for row in rows if row["stage"] == "completed")
    if not friends:
        return "Nobody who completed has brought anybody yet: invite them to when they earn a certificate."
    return (
        f"Of {done} persons who completed, {bringing} brought {friends} others;"
        " see which channel those come from, and ask there."
    )


REPORT = Report(
    name="advocacy-funnel",
    title="From acquisition to advocacy",
    question="Which channel brings learners who finish and bring others?",
    level="diagnostic",
    covers=("C5", "C6"),
    version=3,
    parameters=(
        Parameter(
            "by",
            "channel",
            "What the first contact told: channel, origin (utm or other source), or campaign",
            ("channel", "origin", "campaign"),
        ),
    ),
    columns=(
        Column("channel", "text", "Channel, origin or campaign of the first contact that told one"),
        Column("stage", "text", "Stage"),
        Column("persons", "people", "Persons who reached it, or a later one"),
        Column("of", "people", "Those of the stage before; of sharing: those who completed"),
        Column("stage_rate", "ratio", "Persons of the stage before", part="persons", whole="of"),
        Column("begun", "people", "All persons of the channel"),
        Column("overall_rate", "ratio", "Persons of all", part="persons", whole="begun"),
        Column("outside", "people", "Persons who did it, but without having completed before"),
        Column("friends", "people", "Persons whom those who completed have brought"),
        Column(
            "k_factor", "number", "Persons whom those with a certificate brought, for each of those"
        ),
    ),
    sql="""WITH keys AS (
    SELECT learner AS identity, MIN(person_key) AS person FROM staff GROUP BY learner
), bringing AS (
    SELECT COALESCE(k.person, s.referrer) AS bringer, s.learner AS friend, MIN(s.moment) AS moment
    FROM scoped s LEFT JOIN keys k ON k.identity = s.referrer
    WHERE s.referrer <> 0
    GROUP BY COALESCE(k.person, s.referrer), s.learner
), told AS (
    SELECT learner, moment, tie,
           CASE :by WHEN 'channel' THEN channel WHEN 'origin' THEN origin
                ELSE CASE WHEN roles LIKE '% lead %' THEN activity_id ELSE '' END END AS slice
    FROM scoped
), channels AS (
    SELECT learner, slice FROM (
        SELECT learner, slice, ROW_NUMBER() OVER (PARTITION BY learner ORDER BY moment, tie) AS place
        FROM told WHERE slice <> ''
    ) ordered WHERE place = 1
), persons AS (
    SELECT learner,
           MAX(CASE WHEN roles LIKE '% earn %' THEN 6
                    WHEN course_done = 1 AND event NOT LIKE 'onboarding%' THEN 5
                    WHEN stage IN ('click', 'view', 'completion') AND event NOT LIKE 'onboarding%'
                         THEN 4
                    WHEN roles LIKE '% enrol %' THEN 3
                    WHEN roles LIKE '% sign-up %' OR roles LIKE '% trial %' THEN 2
                    WHEN roles LIKE '% lead %' OR referrer <> 0 THEN 1 ELSE 0 END) AS reached,
           MIN(CASE WHEN roles LIKE '% earn %'
                      OR (course_done = 1 AND event NOT LIKE 'onboarding%')
                    THEN moment END) AS finished_at,
           MAX(CASE WHEN roles LIKE '% share %' THEN moment END) AS shared_at,
           MAX(CASE WHEN roles LIKE '% share %' AND activity_type LIKE '%/referral-program'
                    THEN moment END) AS invited_at
    FROM scoped GROUP BY learner
), brought AS (
    SELECT b.bringer, MAX(b.moment) AS brought_at,
           COUNT(CASE WHEN b.moment >= p.finished_at THEN 1 END) AS friends
    FROM bringing b JOIN persons p ON p.learner = b.bringer
    WHERE b.friend <> b.bringer GROUP BY b.bringer
), acted AS (
    SELECT p.learner, p.reached, COALESCE(b.friends, 0) AS friends,
           CASE WHEN b.brought_at IS NOT NULL THEN 3 WHEN p.invited_at IS NOT NULL THEN 2
                WHEN p.shared_at IS NOT NULL THEN 1 ELSE 0 END AS did,
           CASE WHEN b.brought_at >= p.finished_at THEN 3 WHEN p.invited_at >= p.finished_at THEN 2
                WHEN p.shared_at >= p.finished_at THEN 1 ELSE 0 END AS advocated
    FROM persons p LEFT JOIN brought b ON b.bringer = p.learner
)
SELECT COALESCE(c.slice, '') AS channel, COUNT(*) AS any_stage,
       COUNT(CASE WHEN reached >= 1 THEN 1 END) AS captured,
       COUNT(CASE WHEN reached >= 2 THEN 1 END) AS signed_up,
       COUNT(CASE WHEN reached >= 3 THEN 1 END) AS enrolled,
       COUNT(CASE WHEN reached >= 4 THEN 1 END) AS started,
       COUNT(CASE WHEN reached >= 5 THEN 1 END) AS completed,
       COUNT(CASE WHEN reached >= 6 THEN 1 END) AS earned,
       COUNT(CASE WHEN advocated >= 1 THEN 1 END) AS shared,
       COUNT(CASE WHEN advocated >= 2 THEN 1 END) AS invited,
       COUNT(CASE WHEN advocated >= 3 THEN 1 END) AS brought,
       COUNT(CASE WHEN did >= 1 AND advocated < 1 THEN 1 END) AS shared_outside,
       COUNT(CASE WHEN did >= 2 AND advocated < 2 THEN 1 END) AS invited_outside,
       COUNT(CASE WHEN did >= 3 AND advocated < 3 THEN 1 END) AS brought_outside,
       SUM(a.friends) AS friends,
       SUM(CASE WHEN reached >= 6 THEN a.friends ELSE 0 END) AS of_earners
FROM acted a LEFT JOIN channels c ON c.learner = a.learner
WHERE reached > 0 OR did > 0
GROUP BY COALESCE(c.slice, '') ORDER BY channel""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "stage", "overall_rate", series="channel"),
    definition=(
        "Up to the certificate a later stage implies the earlier ones, since not every source tells all of them; a"
        " trial counts as a sign-up. Sharing, inviting and bringing imply none of those: they count after the person's"
        " first completion of a course or certificate, and the later of them implies the earlier; what was done without"
        " is in `outside`. Who brings is the referrer whom the statement of the person brought tells, as far as that"
        " statement may be seen; that person is a first contact."
    ),
)
