"""Whether more time in onboarding goes together with a better start."""

from collections.abc import Sequence
from itertools import groupby
from statistics import fmean

from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.statistics.comparing import FEWEST, MARGIN, settled
from lrs.analytics.statistics.effects import Estimate, adjusted, rank_correlation, spread

_HOUR = 3_600_000
_NONE = dict.fromkeys(
    ("hours", "mean", "rho", "rho_low", "rho_high", "slope", "slope_low", "slope_high", "p",
     "margin")
)  # fmt: skip


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    found = [
        _measure(str(measure), list(people), moment.parameters["margin"] / 100)
        for measure, people in groupby(rows, key=lambda row: row["measure"])
    ]
    return list(settled(found))


def _measure(measure: str, people: list[Row], margin: float) -> Row:
    row: Row = {"measure": measure, "n": len(people), **_NONE}
    if len(people) < FEWEST:
        return {**row, "verdict": "too few", "estimate": None}
    hours = [one["active"] / _HOUR for one in people]
    values = [one["value"] / SCALE for one in people]
    row |= {"hours": fmean(hours), "mean": fmean(values), "verdict": "", "estimate": None}
    rho = rank_correlation(hours, values)
    if rho is not None:
        row |= {"rho": rho.value, "rho_low": rho.low, "rho_high": rho.high}
    slope = adjusted(
        values, hours, [[one[name] for one in people] for name in ("role", "department")]
    )
    if slope is not None:
        # What a typical difference in time goes with, in the unit of the measure.
        typical = spread(hours)
        row["estimate"] = Estimate(
            slope.value * typical, slope.low * typical, slope.high * typical, slope.p
        )
        row |= {"slope": slope.value, "slope_low": slope.low, "slope_high": slope.high}
        row |= {"p": slope.p, "margin": margin * spread(values)}
    return row


def _reading(rows: Sequence[Row]) -> str:
    sure = [row for row in rows if row["verdict"] in ("more", "less")]
    if not sure:
        return "Time spent in onboarding goes together with no measure by more than chance."
    told = ", ".join(f"{row['slope']:+.3g} {row['measure']}" for row in sure)
    return f"An hour more goes together with {told}: see in `onboarding-modules` which modules are worth it."


REPORT = Report(
    name="onboarding-minutes",
    title="Onboarding time and the start in the job",
    question="Do people who spend more time learning in their first days do better afterwards?",
    level="diagnostic",
    covers=("B26",),
    version=2,
    parameters=(Parameter("days", 90, "Days from the start in the job on"), MARGIN),
    columns=(
        Column("measure", "text", "Measure"),
        Column("n", "people", "Persons with a start date and the measure after these days"),
        Column("hours", "number", "Mean active hours before"),
        Column("mean", "number", "Mean measure: the first one after these days"),
        Column("rho", "number", "Spearman's rank correlation of both"),
        Column("rho_low", "number", "Lower end of its 95 % interval"),
        Column("rho_high", "number", "Upper end"),
        Column("slope", "number", "Measure per hour more, among people alike in role, department"),
        Column("slope_low", "number", "Lower end of its 95 % interval"),
        Column("slope_high", "number", "Upper end"),
        Column("p", "number", "p of the slope, corrected for the number of measures"),
        Column("margin", "number", "What is too small to matter, for a typical difference in time"),
        Column("verdict", "text", "more, less, no measurable effect, unknown, too few"),
    ),
    sql="""WITH timed AS (
    SELECT learner, course, module, day, start_day, duration,
           LEAD(moment) OVER (PARTITION BY learner ORDER BY moment, tie) - moment AS gap
    FROM scoped WHERE start_day IS NOT NULL
), stays AS (
    SELECT learner, course, module, MAX(duration) AS told,
           SUM(CASE WHEN gap <= 14400000 THEN LEAST(gap, 300000) ELSE 0 END) AS counted
    FROM timed WHERE course <> 0 AND day >= start_day AND day < start_day + :days
    GROUP BY learner, course, module
), spent AS (
    SELECT learner, SUM(COALESCE(told, counted)) AS active FROM stays GROUP BY learner
), persons AS (
    SELECT learner, MIN(start_day) AS start_day, MAX(role) AS role, MAX(department) AS department
    FROM scoped WHERE start_day IS NOT NULL GROUP BY learner
), rated AS (
    SELECT p.learner, o.measure, p.role, p.department, o.value,
           ROW_NUMBER() OVER (PARTITION BY p.learner, o.measure ORDER BY o.day, o.subject) AS place
    FROM persons p JOIN outcomes o
      ON o.unit = p.learner AND o.kind = 'person' AND o.day >= p.start_day + :days
    WHERE o.value IS NOT NULL
)
SELECT r.measure, r.learner, r.role, r.department, r.value, COALESCE(s.active, 0) AS active
FROM rated r LEFT JOIN spent s ON s.learner = r.learner
WHERE r.place = 1
ORDER BY measure, learner""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "measure", "rho"),
    definition=(
        "Only time before these days are over counts: in each module the duration that is told, else the time to the"
        " next statement, at most 300 s each. Slope: least squares with HC3 errors, Holm's correction. Nothing is shown"
        " of fewer than 30. Who learns more may differ in other ways too."
    ),
)
