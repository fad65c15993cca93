"""How often things go wrong among the trained, for each day at work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrs.analytics.asking import COURSE
from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.fragments import TITLES
from lrs.analytics.statistics.comparing import EACH, FEWEST
from lrs.analytics.statistics.effects import corrected, rate_ratio
from lrs.analytics.statistics.estimates import SURE

if TYPE_CHECKING:
    from pandas import DataFrame

_PER = 1000
_WAYS = ("trained and untrained", "before and after")
_SIDES = ("untrained", "trained")


def _finish(told: DataFrame, moment: Moment) -> list[Row]:
    found = []
    for (measure, course), people in told.groupby(["measure", "course"]):
        split = _split(people)
        both = split[(split.days_untrained > 0) & (split.days_trained > 0)]
        for way, members in zip(_WAYS, (split, both), strict=True):
            found.append({"measure": measure, "course": course, "way": way, **_rates(members)})
    tested = [row for row in found if row["p"] is not None]
    for row, p in zip(tested, corrected([row["p"] for row in tested]), strict=True):
        row["p"] = p
        if p < SURE:
            row["verdict"] = "more" if row["ratio"] > 1 else "less"
    return found


def _split(people: DataFrame) -> DataFrame:
    """Return events and days before and after the training; where no line tells days, those of the calendar."""
    end = people.last_day + 1
    started = people.start_day.astype(float).fillna(people.first_day)
    begin = started.clip(lower=people.first_day, upper=end)
    done = people.done.astype(float).clip(lower=begin).clip(upper=end).fillna(end)
    before, after = (
        people[f"exposure_{when}"].astype(float).fillna(0) / SCALE for when in ("before", "after")
    )
    told = (before > 0) | (after > 0)
    return people[["learner"]].assign(
        events_untrained=people.events_before / SCALE,
        events_trained=people.events_after / SCALE,
        days_untrained=before.where(told, done - begin),
        days_trained=after.where(told, end - done),
    )


def _rates(people: DataFrame) -> Row:
    import numpy as np  # noqa: PLC0415 see estimates

    row: Row = {"n": len(people)}
    sides = []
    for side, name in enumerate(_SIDES):
        there = people[people[f"days_{name}"] > 0]
        days, events = there[f"days_{name}"], there[f"events_{name}"]
        sides.append((events, days, np.full(len(there), side), there.learner))
        total = float(days.sum())
        row |= {name: len(there), f"days_{name}": total, f"events_{name}": float(events.sum())}
        row[f"rate_{name}"] = _PER * row[f"events_{name}"] / total if total else None
    row |= {**dict.fromkeys(("ratio", "ratio_low", "ratio_high", "p")), "verdict": "too few"}
    if row["n"] < FEWEST or min(row[name] for name in _SIDES) < EACH:
        return {**row, "rate_trained": None, "rate_untrained": None}
    row["verdict"] = "unknown"
    found = rate_ratio(*(np.concatenate(both) for both in zip(*sides, strict=True)))
    if found is not None:
        row |= {"ratio": found.value, "ratio_low": found.low, "ratio_high": found.high}
        row["p"] = found.p
    return row


def _reading(rows: Sequence[Row]) -> str:
    sure = [row for row in rows if row["verdict"] in ("more", "less") and row["way"] == _WAYS[0]]
    if not sure:
        return "The rates of trained and untrained people do not differ by more than chance."
    return "; ".join(
        f"being trained goes together with {row['ratio']:.2f} times the {row['measure']}"
        for row in sure
    )


REPORT = Report(
    name="violation-rates",
    title="Violations and training",
    question="Do fewer violations go together with training, for each day at work?",
    level="diagnostic",
    covers=("B46",),
    obligations=True,
    parameters=(
        Parameter("measure", "", "A measure that counts; default: those whose lines tell exposure"),
    ),
    columns=(
        Column("measure", "text", "Measure"),
        COURSE,
        Column("way", "text", "Of all persons, or of those who were seen before and after alone"),
        Column("n", "people", "Persons of the course"),
        Column("trained", "people", "Those with days after their completion"),
        Column("events_trained", "number", "Events after the completion"),
        Column("days_trained", "number", "Days after it"),
        Column("rate_trained", "number", "Events in 1,000 days"),
        Column("events_untrained", "number", "Events before it, or without one"),
        Column("days_untrained", "number", "Days before it, or without one"),
        Column("rate_untrained", "number", "Events in 1,000 days"),
        Column("ratio", "number", "Rate of the trained as a multiple of that of the untrained"),
        Column("ratio_low", "number", "Lower end of its 95 % interval"),
        Column("ratio_high", "number", "Upper end"),
        Column("p", "number", "p of it being 1, corrected for the number of lines"),
        Column("verdict", "text", "less, more, unknown, too few"),
    ),
    sql=f"""WITH {TITLES}, begun AS (
    SELECT learner, course, MIN(start_day) AS start_day,
           MIN(CASE WHEN (completion = 1 OR success = 1) AND activity = course THEN day END) AS done
    FROM scoped WHERE course <> 0 GROUP BY learner, course
), spans AS (
    SELECT measure, MIN(day) AS first_day, MAX(day) AS last_day
    FROM outcomes WHERE kind = 'person' AND value IS NOT NULL
    GROUP BY measure
    HAVING measure = :measure OR (:measure = '' AND MAX(exposure) IS NOT NULL)
), counted AS (
    SELECT b.learner, b.course, o.measure,
           SUM(CASE WHEN o.day < b.done OR b.done IS NULL THEN o.value ELSE 0 END)
               AS events_before,
           SUM(CASE WHEN o.day >= b.done THEN o.value ELSE 0 END) AS events_after,
           SUM(CASE WHEN o.day < b.done OR b.done IS NULL THEN o.exposure END) AS exposure_before,
           SUM(CASE WHEN o.day >= b.done THEN o.exposure END) AS exposure_after
    FROM begun b JOIN outcomes o ON o.unit = b.learner AND o.kind = 'person'
    WHERE o.value IS NOT NULL
    GROUP BY b.learner, b.course, o.measure
)
SELECT s.measure, t.course_id AS course, b.learner, b.start_day, b.done, s.first_day, s.last_day,
       CAST(COALESCE(c.events_before, 0) AS BIGINT) AS events_before,
       CAST(COALESCE(c.events_after, 0) AS BIGINT) AS events_after,
       CAST(c.exposure_before AS BIGINT) AS exposure_before,
       CAST(c.exposure_after AS BIGINT) AS exposure_after
FROM begun b JOIN titles t ON t.course = b.course CROSS JOIN spans s
LEFT JOIN counted c ON c.learner = b.learner AND c.course = b.course AND c.measure = s.measure
ORDER BY measure, course, learner""",
    finish_frame=_finish,
    reading=_reading,
    chart=Chart("point", "course", "ratio", series="way"),
    definition=(
        "Trained: from the day of completing or passing the course on. Days: the exposure that the lines tell; where"
        " none does, the days between the first and last line of the measure, from the start in the job on. Poisson"
        " regression with errors clustered by person, Holm's correction. Nothing is shown of fewer than 30 persons, or"
        " of fewer than 10 on either side. Before and after hold all else that changed in the meantime."
    ),
)
