"""From the first steps on the platform to the first lesson."""

from collections.abc import Sequence
from itertools import combinations

from lrs.analytics.report import Chart, Column, Parameter, Report, Row
from lrs.analytics.statistics.comparison import FEWEST
from lrs.analytics.statistics.estimates import SURE, correct, difference


def _pairs(rows: Sequence[Row]) -> list[Row]:
    """Return each two versions, "more" and "less", and the p of their difference, corrected for being many."""
    whole = [row for row in rows if (row["started"] or 0) >= FEWEST]
    found = []
    for one, other in combinations(whole, 2):
        apart, _, _, p = difference(
            one["completed"], one["started"], other["completed"], other["started"]
        )
        more, less = (one, other) if apart > 0 else (other, one)
        found.append({"more": more["version"], "less": less["version"], "p": p})
    correct(found)
    return found


def _reading(rows: Sequence[Row]) -> str:
    started, reached = (sum(row[name] or 0 for row in rows) for name in ("started", "reached"))
    surest = min(_pairs(rows), key=lambda pair: float(pair["p"]), default=None)
    if surest is not None and surest["p"] < SURE:
        return (
            f"Version {surest['more'] or '(none)'} of the onboarding is completed more often than"
            f" {surest['less'] or '(none)'}: show that one to all."
        )
    return (
        f"{reached} of {started} persons who began the onboarding have reached a lesson:"
        " lead the others there with its last step."
    )


REPORT = Report(
    name="activation",
    title="First steps",
    question="Do newcomers get through the onboarding, and reach their first lesson?",
    level="descriptive",
    covers=("C7",),
    version=2,
    parameters=(Parameter("mature", 7, "Days that somebody must have had"),),
    columns=(
        Column("version", "text", "Version of the onboarding"),
        Column("started", "people", "Persons who began it"),
        Column("completed", "people", "Those who completed it"),
        Column("rate", "ratio", "Completed of started", part="completed", whole="started"),
        Column("median_time", "seconds", "Median time that those took"),
        Column("preferences", "people", "Those of started who have set preferences"),
        Column(
            "preference_rate",
            "ratio",
            "Preferences of started",
            part="preferences",
            whole="started",
        ),
        Column("reached", "people", "Those of started who reached a lesson since"),
        Column("reach_rate", "ratio", "Reached of started", part="reached", whole="started"),
        Column("median_to_lesson", "seconds", "Median time from the start to that lesson"),
    ),
    sql="""WITH welcomed AS (
    SELECT learner, revision AS version, moment AS began,
           ROW_NUMBER() OVER (PARTITION BY learner ORDER BY moment, tie) AS place
    FROM scoped WHERE event LIKE 'onboarding.%'
), ended AS (
    SELECT learner, MIN(moment) AS done, MIN(duration) AS told
    FROM scoped WHERE event = 'onboarding.completed' GROUP BY learner
), choosing AS (
    SELECT DISTINCT learner FROM scoped WHERE roles LIKE '% preference %'
), lessons AS (
    SELECT w.learner, MIN(s.moment) AS lesson
    FROM welcomed w JOIN scoped s ON s.learner = w.learner
    WHERE w.place = 1 AND s.moment >= w.began AND s.event NOT LIKE 'onboarding.%'
      AND s.stage IN ('click', 'view', 'completion') AND s.module <> 0
    GROUP BY w.learner
), persons AS (
    SELECT w.learner, w.version, e.done, l.lesson - w.began AS to_lesson, c.learner AS chose,
           CASE WHEN e.done IS NOT NULL THEN COALESCE(e.told, e.done - w.began) END AS spent
    FROM welcomed w
    LEFT JOIN ended e ON e.learner = w.learner
    LEFT JOIN lessons l ON l.learner = w.learner
    LEFT JOIN choosing c ON c.learner = w.learner
    WHERE w.place = 1 AND w.began <= :now - :mature * 86400000
), ranked AS (
    SELECT p.*,
           ROW_NUMBER() OVER (
               PARTITION BY version ORDER BY COALESCE(spent, 1000000000000), learner
           ) AS spent_place,
           ROW_NUMBER() OVER (
               PARTITION BY version ORDER BY COALESCE(to_lesson, 1000000000000), learner
           ) AS lesson_place,
           COUNT(spent) OVER (PARTITION BY version) AS ended,
           COUNT(to_lesson) OVER (PARTITION BY version) AS arrived
    FROM persons p
)
SELECT version, COUNT(*) AS started, COUNT(done) AS completed,
       MIN(CASE WHEN 2 * spent_place >= ended THEN spent END) AS median_time,
       COUNT(chose) AS preferences, COUNT(to_lesson) AS reached,
       MIN(CASE WHEN 2 * lesson_place >= arrived THEN to_lesson END) AS median_to_lesson
FROM ranked GROUP BY version ORDER BY version""",
    reading=_reading,
    chart=Chart("bar", "version", "rate"),
    definition=(
        "Of the events onboarding.started and onboarding.completed; somebody belongs to the version met first. Time:"
        " as told at the end, else from the start to the end. A lesson: a click, view or completion of anything in a"
        " module since. Who began in the last `mature` days is not counted yet."
        " One version is said to be completed more often than"
        " another where each was begun by 30, by Fisher's exact test with Holm's correction for all pairs."
    ),
)
