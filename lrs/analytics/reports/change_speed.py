"""Whether learners are faster since a change."""

from collections import Counter
from collections.abc import Sequence

from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.changing import CHANGED, CONFOUNDED_RULE, confounding
from lrs.analytics.statistics.comparison import FEWEST, compare_speeds
from lrs.analytics.statistics.estimates import SURE, correct, kaplan_meier, log_rank

_Side = dict[tuple[int, bool], int]


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    changes: dict[str, list[Row]] = {}
    for row in rows:
        changes.setdefault(row["change_id"], []).append(row)
    compared = [_compared(found, moment.today) for found in changes.values()]
    correct(compared)
    for row in compared:
        row["verdict"] = _verdict(row)
    return compared


def _verdict(row: Row) -> str:
    if row["warning"]:
        return "confounded"
    if min(row["before"], row["after"]) < FEWEST:
        return "too few"
    surely = row["p"] is not None and row["p"] < SURE
    if surely and row["faster_low"] > 0:
        return "faster"
    return "slower" if surely and row["faster_high"] < 0 else "no clear change"


def _compared(rows: list[Row], today: int) -> Row:
    first = rows[0]
    sides: dict[int, _Side] = {0: {}, 1: {}}
    for row in rows:
        if row["persons"]:
            sides[row["early"]][row["took"], bool(row["done"])] = row["persons"]
    before, after = sides[1], sides[0]
    row = {name: first[name] for name in ("change_id", "day", "place", "what", "due")}
    row["warning"] = "; ".join(confounding(first))
    row |= {"horizon": first["days"] // 2, "status": "provisional" if today < row["due"] else "due"}
    for name, side in (("before", before), ("after", after)):
        row[name] = sum(side.values())
        row[f"done_{name}"] = sum(persons for (_, done), persons in side.items() if done)
        median = kaplan_meier(*_lists(side))["median"] if side else None
        row[f"median_{name}"] = None if median is None else median - 1
    row |= dict.fromkeys(("mean_before", "mean_after", "faster", "faster_low", "faster_high", "p"))
    if min(row["before"], row["after"]) < FEWEST:
        return row
    found = compare_speeds(before, after, horizon=row["horizon"])
    row |= {"mean_before": found.before, "mean_after": found.after, "faster": found.faster}
    row |= {"faster_low": found.low, "faster_high": found.high}
    (days, done), (other_days, other_done) = _lists(before), _lists(after)
    row["p"] = log_rank([days, other_days], [done, other_done])
    return row


def _lists(side: _Side) -> tuple[list[int], list[bool]]:
    # Curves begin after 0: what is done on the first day counts as 1 here.
    days = [took + 1 for (took, _), persons in side.items() for _ in range(persons)]
    return days, [done for (_, done), persons in side.items() for _ in range(persons)]


def _reading(rows: Sequence[Row]) -> str:
    counts = Counter(row["verdict"] for row in rows if row["status"] == "due")
    return f"After {counts['faster']} of {len(rows)} changes learners were faster, after {counts['slower']} slower."


REPORT = Report(
    name="change-speed",
    title="Changes and time",
    question="Are learners done sooner since we changed it?",
    level="diagnostic",
    covers=("B34", "A33"),
    version=3,
    organisational=True,
    columns=(
        Column("change_id", "text", "The change"),
        Column("day", "day", "Since when it holds"),
        Column("place", "activity", "What was changed"),
        Column("what", "text", "What was changed"),
        Column("due", "day", "Day of the comparison; before it the verdict is provisional"),
        Column("status", "text", "provisional or due"),
        Column("before", "people", "Persons who met it first in the days before", among="before"),
        Column("done_before", "people", "Those who were done before the change", among="before"),
        Column("median_before", "days", "Median days; empty: half of them are not done"),
        Column("after", "people", "Persons who met it first in the days after", among="after"),
        Column("done_after", "people", "Those who were done in as many days", among="after"),
        Column("median_after", "days", "Median days"),
        Column("horizon", "number", "Days for which each person is counted at most"),
        Column("mean_before", "days", "Mean days up to there, of all"),
        Column("mean_after", "days", "The same after"),
        Column("faster", "number", "Mean before less mean after: days won"),
        Column("faster_low", "number", "Lower end of its 95 % interval"),
        Column("faster_high", "number", "Upper end"),
        Column("p", "number", "p of a log-rank test of the whole curves, corrected (Holm)"),
        Column("verdict", "text", "faster, slower, no clear change, too few, confounded"),
        Column("warning", "text", "What stands against the verdict"),
    ),
    sql=f"""WITH {CHANGED}, timed AS (
    SELECT n, CASE WHEN first_day < day THEN 1 ELSE 0 END AS early,
           CASE WHEN first_day < day THEN day ELSE LEAST(until, :today + 1) END - 1 AS seen_until,
           first_day, done_day
    FROM sided
    WHERE unit = 0 AND passes = 0 AND first_day >= day - days AND first_day < until
), spans AS (
    SELECT n, early, CASE WHEN done_day <= seen_until THEN 1 ELSE 0 END AS done,
           CASE WHEN done_day <= seen_until THEN done_day ELSE seen_until END - first_day AS took
    FROM timed WHERE seen_until >= first_day
), counted AS (
    SELECT n, early, took, done, COUNT(*) AS persons FROM spans GROUP BY n, early, took, done
)
SELECT d.entry AS change_id, d.day, d.place_id AS place, d.what, d.days, d.until AS due,
       d.next_day, d.last_day,
       COALESCE(c.early, 0) AS early, COALESCE(c.took, 0) AS took, COALESCE(c.done, 0) AS done,
       COALESCE(c.persons, 0) AS persons
FROM dated d LEFT JOIN counted c ON c.n = d.n
WHERE d.passes = 0
ORDER BY d.day DESC, d.entry, early, took, done""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "place", "faster"),
    definition=(
        "As in the report changes: who met it first before the change counts for what was before it. Who was not done"
        " is counted for as long as seen, not left out (Kaplan-Meier); 0 days: on the day of the first meeting. Means"
        " are restricted to half of the days compared; their interval comes from 2,000 resamples."
        " Faster or slower: that interval is without 0, and p, corrected for the number of changes,"
        " under 5 %, with 30 persons on each side. For weeks instead of"
        " days, compare more days: `lrs change add --days 90`." + CONFOUNDED_RULE
    ),
)
