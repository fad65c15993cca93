"""How often things go wrong among the trained, for each day at work."""

from collections.abc import Sequence
from itertools import groupby

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.statistics.comparing import EACH, FEWEST, SCALE
from lrs.analytics.statistics.effects import corrected, rate_ratio
from lrs.analytics.statistics.estimates import SURE

_PER = 1000
_WAYS = ("trained and untrained", "before and after")


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found = []
    for (measure, course), several in groupby(
        rows, key=lambda row: (str(row["measure"]), str(row["course"]))
    ):
        people = [_split(row) for row in several]
        both = [row for row in people if row["days"][0] > 0 and row["days"][1] > 0]
        for way, members in zip(_WAYS, (people, both), strict=True):
            found.append({"measure": measure, "course": course, "way": way, **_rates(members)})
    tested = [row for row in found if row["p"] is not None]
    for row, p in zip(tested, corrected([row["p"] for row in tested]), strict=True):
        row["p"] = p
        if p < SURE:
            row["verdict"] = "more" if row["ratio"] > 1 else "less"
    return found


def _split(row: Row) -> Row:
    """Return events and days before and after the training; where no line tells days, those of the calendar."""
    events = (row["events_before"] / SCALE, row["events_after"] / SCALE)
    if row["exposure_before"] or row["exposure_after"]:
        days = ((row["exposure_before"] or 0) / SCALE, (row["exposure_after"] or 0) / SCALE)
    else:
        end = row["last_day"] + 1
        begin = min(max(row["first_day"], row["start_day"] or row["first_day"]), end)
        done = end if row["done"] is None else min(max(row["done"], begin), end)
        days = (float(done - begin), float(end - done))
    return {"unit": row["learner"], "events": events, "days": days}


def _rates(people: Sequence[Row]) -> Row:
    lines = [
        (one["unit"], side, one["events"][side], one["days"][side])
        for one in people
        for side in (0, 1)
        if one["days"][side] > 0
    ]
    row: Row = {"n": len(people), "trained": sum(side for _, side, _, _ in lines)}
    for side, name in ((1, "trained"), (0, "untrained")):
        days = sum(line[3] for line in lines if line[1] == side)
        events = sum(line[2] for line in lines if line[1] == side)
        row |= {f"days_{name}": days, f"events_{name}": events}
        row[f"rate_{name}"] = _PER * events / days if days else None
    row |= {**dict.fromkeys(("ratio", "ratio_low", "ratio_high", "p")), "verdict": "too few"}
    if row["n"] < FEWEST or min(row["trained"], len(lines) - row["trained"]) < EACH:
        return {**row, "rate_trained": None, "rate_untrained": None}
    row["verdict"] = "unknown"
    found = rate_ratio(
        [line[2] for line in lines],
        [line[3] for line in lines],
        [line[1] for line in lines],
        [line[0] for line in lines],
    )
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
    sql="""WITH begun AS (
    SELECT learner, course, MIN(course_id) AS course_id, MIN(start_day) AS start_day,
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
SELECT s.measure, b.course_id AS course, b.learner, b.start_day, b.done, s.first_day, s.last_day,
       CAST(COALESCE(c.events_before, 0) AS BIGINT) AS events_before,
       CAST(COALESCE(c.events_after, 0) AS BIGINT) AS events_after,
       CAST(c.exposure_before AS BIGINT) AS exposure_before,
       CAST(c.exposure_after AS BIGINT) AS exposure_after
FROM begun b CROSS JOIN spans s
LEFT JOIN counted c ON c.learner = b.learner AND c.course = b.course AND c.measure = s.measure
ORDER BY measure, course, learner""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "course", "ratio", series="way"),
    definition=(
        "Trained: from the day of completing or passing the course on. Days: the exposure that the lines tell; where"
        " none does, the days between the first and last line of the measure, from the start in the job on. Poisson"
        " regression with errors clustered by person, Holm's correction. Nothing is shown of fewer than 30 persons, or"
        " of fewer than 10 on either side. Before and after hold all else that changed in the meantime."
    ),
)
