"""How many days courses take, by group; those still at it are not left out."""

from collections.abc import Sequence

from lrs.analytics.asking import SEGMENT, SLICED
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.statistics.clusters import Cluster, spread
from lrs.analytics.statistics.estimates import SURE, kaplan_meier, log_rank

_DAY = 86_400_000
_ALIKE = spread("alike", "timed", by="slice", whole="COUNT(*)", parts={"done": "SUM(finished)"})
_PERSONS = ("persons", "persons_completed")
"""Told where somebody may be counted several times, as in several courses."""


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["slice"], []).append(row)
    found: list[Row] = []
    for name, members in groups.items():
        days, finished = _spread(members)
        curve = kaplan_meier(days, finished, effect=_effect(members[0], len(days), sum(finished)))
        done = curve["done"]
        found.append(
            {
                "slice": name,
                **{one: members[0][one] for one in _PERSONS if one in members[0]},
                "learners": len(days),
                "completed": sum(finished),
                "median": curve["median"],
                "median_low": curve["low"],
                "median_high": curve["high"],
                "by_30": round(done[30] * SCALE),
                "by_60": round(done[60] * SCALE),
                "by_90": round(done[90] * SCALE),
                "p": None,
            }
        )
    if len(groups) > 1:
        # Of each person the first course alone: several of one person are not independent.
        spread = [_spread([row for row in several if row["first"]]) for several in groups.values()]
        p = log_rank([days for days, _ in spread], [finished for _, finished in spread])
        for row in found:
            row["p"] = p
    return found


def _effect(row: Row, learners: int, completed: int) -> float:
    """Return the design effect of having completed: 1 where everybody counts once."""
    if row.get("nn") is None:
        return 1
    sums = (int(row[name]) for name in ("persons", "aa_done", "an_done", "nn"))
    return learners / Cluster(completed, learners, *sums).effective()[1]


def _spread(members: Sequence[Row]) -> tuple[list[float], list[bool]]:
    days = [row["days"] for row in members for _ in range(row["learners"])]
    finished = [bool(row["finished"]) for row in members for _ in range(row["learners"])]
    return days, finished


def _reading(rows: Sequence[Row]) -> str:
    known = sorted(
        (row for row in rows if row["median"] is not None), key=lambda row: row["median"]
    )
    if not known:
        return "Fewer than half have finished: there is no median yet."
    if len(known) == 1:
        return f"Half have finished after {known[0]['median']:.0f} days."
    if known[0]["p"] is None or known[0]["p"] >= SURE:
        return (
            "There is no clear difference between the groups: half have finished after"
            f" {known[0]['median']:.0f} to {known[-1]['median']:.0f} days."
        )
    gap = known[-1]["median"] - known[0]["median"]
    return (
        f"{known[0]['slice'] or 'unknown'} is fastest with {known[0]['median']:.0f} days,"
        f" {gap:.0f} days before {known[-1]['slice'] or 'unknown'}."
    )


REPORT = Report(
    name="completion-time",
    title="Time to completion",
    question="Who takes how many days to complete?",
    level="diagnostic",
    covers=("A24",),
    version=4,
    parameters=(SEGMENT,),
    columns=(
        Column("slice", "text", "The group"),
        Column("persons", "people", "Persons who began courses"),
        Column("persons_completed", "people", "Those of them who completed any"),
        Column("learners", "count", "Persons and courses that they began", by="persons"),
        Column("completed", "count", "Those completed", by="persons_completed"),
        Column("median", "days", "Median days from first statement to completion (Kaplan-Meier)"),
        Column("median_low", "days", "Lower end of its 95 % interval"),
        Column("median_high", "days", "Upper end"),
        Column("by_30", "score", "Share done within 30 days"),
        Column("by_60", "score", "Within 60 days"),
        Column("by_90", "score", "Within 90 days"),
        Column(
            "p", "number", "p that all groups are alike (log-rank, the first course of each person)"
        ),
    ),
    sql=f"""WITH sliced AS (
    SELECT learner, course, moment, day, course_done, {SLICED} AS slice
    FROM scoped WHERE course <> 0
), begun AS (
    SELECT learner, course, slice, MIN(moment) AS moment, MIN(day) AS began,
           MIN(CASE WHEN course_done = 1 THEN day END) AS done
    FROM sliced GROUP BY learner, course, slice
), spans AS (
    SELECT learner, course, slice, moment,
           ROW_NUMBER() OVER (PARTITION BY learner, course ORDER BY moment, slice) AS place, began,
           MIN(done) OVER (PARTITION BY learner, course) AS done
    FROM begun
), timed AS (
    SELECT learner, slice, COALESCE(done, :today) - began AS days,
           CASE WHEN done IS NULL THEN 0 ELSE 1 END AS finished,
           CASE WHEN ROW_NUMBER() OVER (PARTITION BY learner ORDER BY moment, course) = 1
                THEN 1 ELSE 0 END AS is_first
    FROM spans JOIN chosen_days d ON began >= d.first_day AND began <= d.last_day
    WHERE place = 1 AND COALESCE(done, :today) >= began
), counted AS (
    SELECT slice, COUNT(DISTINCT learner) AS persons,
           COUNT(DISTINCT CASE WHEN finished = 1 THEN learner END) AS persons_completed
    FROM timed GROUP BY slice
), {_ALIKE}
SELECT t.slice, t.is_first AS first, t.days, t.finished, COUNT(*) AS learners,
       MIN(c.persons) AS persons, MIN(c.persons_completed) AS persons_completed, MIN(a.nn) AS nn,
       MIN(a.aa_done) AS aa_done, MIN(a.an_done) AS an_done
FROM timed t JOIN counted c ON c.slice = t.slice JOIN alike a ON a.slice = t.slice
GROUP BY t.slice, t.is_first, t.days, t.finished
ORDER BY slice, days, finished, first""",
    finish=_finish,
    reading=_reading,
    chart=Chart("bar", "slice", "median"),
    definition="Who has not completed is censored today, never left out: finishers alone look fast."
    " A group is said to be fastest only where all groups are not alike by a log-rank test (p under 5 %);"
    " that takes the course alone which each person began first, since several of one person are not independent. since"
    " and until choose by the first statement of a course. The interval of a median is as wide as that of as many"
    " independent spans as tell as much (design effect, by person, of having completed).",
)
