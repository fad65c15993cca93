"""Changes of courses: whether each of them helped, two weeks later."""

from collections import Counter
from collections.abc import Iterator, Sequence

from lrs.analytics.asking import COURSE
from lrs.analytics.facts.days import date_of
from lrs.analytics.report import Chart, Column, Moment, Parameter, Report, Row
from lrs.analytics.sql.changing import CHANGED, CONFOUNDED_RULE, confounding
from lrs.analytics.sql.fragments import TITLES
from lrs.analytics.statistics.comparison import VERDICT_RULE, Comparison, compare, judged

_MOST = 2


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    month = moment.parameters["cycle"] == "month"
    for row in rows:
        row["cycle"] = _cycle(row["day"], month=month)
    crowd = Counter((row["course"], row["cycle"]) for row in rows)
    for row, found in _compared(rows):
        row["change"], row["change_low"], row["change_high"] = found.change, found.low, found.high
        row["p"], row["needed"] = found.p, found.needed
        row["relative"] = (
            None
            if found.change is None or not row["done_before"]
            else found.change / (row["done_before"] / row["before"])
        )
        row["elsewhere"] = _elsewhere(row)
        row["status"] = _status(row, moment.today)
        row["verdict"] = "confounded" if confounding(row) else found.verdict
        row["warning"] = "; ".join(_warnings(row, crowd[row["course"], row["cycle"]]))
    return rows


def _compared(rows: Sequence[Row]) -> Iterator[tuple[Row, Comparison]]:
    """Yield the rows with their comparisons: those of a cycle are looked at together, whatever comes after it."""
    cycles: dict[str, list[Row]] = {}
    for row in rows:
        cycles.setdefault(row["cycle"], []).append(row)
    for several in cycles.values():
        found = [
            compare(
                row["done_before"], row["before"], row["done_after"], row["after"],
                expected=row["expected"] / 100,
            )
            for row in several
        ]  # fmt: skip
        yield from zip(several, judged(found), strict=True)


def _elsewhere(row: Row) -> float | None:
    if not row["others_before"] or not row["others_after"]:
        return None
    after = row["others_done_after"] / row["others_after"]
    return float(after - row["others_done_before"] / row["others_before"])


def _status(row: Row, today: int) -> str:
    if row["closed"] is not None:
        return "closed"
    return "provisional" if today < row["due"] else "due"


def _warnings(row: Row, crowd: int) -> list[str]:
    found = confounding(row)
    if crowd > _MOST:
        found.append(f"{crowd} changes of the course in {row['cycle']}: make one or two")
    if row["why"] == "skipped":
        found.append("no diagnosis")
    return found


def _cycle(day: int, *, month: bool) -> str:
    found = date_of(day)
    return f"{found:%Y-%m}" if month else f"{found.year}-Q{(found.month + 2) // 3}"


def _reading(rows: Sequence[Row]) -> str:
    counts = Counter(row["verdict"] for row in rows if row["status"] != "provisional")
    due = sum(row["status"] == "due" for row in rows)
    return (
        f"Of {len(rows)} changes {counts['better']} were followed by better numbers, {counts['worse']} by worse;"
        f" {due} can be compared now: decide, and close them."
    )


REPORT = Report(
    name="changes",
    title="Changes",
    question="Did what we changed help?",
    level="diagnostic",
    covers=("A14", "A21", "A28", "A32", "A33", "B40", "B51", "C16"),
    version=3,
    parameters=(
        Parameter(
            "cycle", "quarter", "Cycle in which one or two changes are made", ("quarter", "month")
        ),
    ),
    organisational=True,
    columns=(
        Column("change_id", "text", "The change; of content.updated events the statement's id"),
        Column("day", "day", "Since when it holds"),
        COURSE,
        Column("place", "activity", "What was changed"),
        Column("kind", "text", "revise, split, captions ...; updated: an event told it"),
        Column("what", "text", "What was changed"),
        Column("why", "text", "The diagnosis"),
        Column("owner", "text", "Who sees to it", tells_names=True),
        Column("cycle", "text", "Cycle of the change"),
        Column("metric", "text", "completion, view or pass"),
        Column("due", "day", "Day of the comparison; before it the verdict is provisional"),
        Column("status", "text", "provisional, due, closed"),
        Column("before", "people", "Persons who met it first in the days before", among="before"),
        Column("done_before", "people", "Those who did it before the change", among="before"),
        Column("rate_before", "ratio", "Their rate", part="done_before", whole="before"),
        Column("after", "people", "Persons who met it first in the days after", among="after"),
        Column("done_after", "people", "Those who did it in as many days", among="after"),
        Column("rate_after", "ratio", "Their rate", part="done_after", whole="after"),
        Column("change", "number", "Rate after less rate before, -1..1"),
        Column("change_low", "number", "Lower end of its 95 % interval"),
        Column("change_high", "number", "Upper end"),
        Column("p", "number", "p of the change, corrected for the changes of its cycle (Holm)"),
        Column("relative", "number", "Change as a share of the rate before: 0.4 is 40 % more"),
        Column("elsewhere", "number", "The same change in the other modules of the course"),
        Column("needed", "number", "Persons on each side that the expected change needs"),
        Column("verdict", "text", "better, worse, no clear change, too few, confounded"),
        Column("warning", "text", "What stands against the verdict"),
    ),
    sql=f"""WITH {CHANGED}, judged AS (
    SELECT n, unit, course, CASE WHEN first_day < day THEN 1 ELSE 0 END AS early,
           CASE WHEN passes = 1 THEN CASE WHEN tried % 2 = 0 THEN 1 ELSE 0 END
                WHEN done_day < CASE WHEN first_day < day THEN day ELSE until END
                THEN 1 ELSE 0 END AS done
    FROM sided WHERE first_day >= day - days AND first_day < until
), counted AS (
    SELECT n, MIN(CASE WHEN unit = 0 THEN course END) AS course,
           COUNT(CASE WHEN unit = 0 AND early = 1 THEN 1 END) AS before,
           COUNT(CASE WHEN unit = 0 AND early = 1 AND done = 1 THEN 1 END) AS done_before,
           COUNT(CASE WHEN unit = 0 AND early = 0 THEN 1 END) AS after,
           COUNT(CASE WHEN unit = 0 AND early = 0 AND done = 1 THEN 1 END) AS done_after,
           COUNT(CASE WHEN unit <> 0 AND early = 1 THEN 1 END) AS others_before,
           COUNT(CASE WHEN unit <> 0 AND early = 1 AND done = 1 THEN 1 END) AS others_done_before,
           COUNT(CASE WHEN unit <> 0 AND early = 0 THEN 1 END) AS others_after,
           COUNT(CASE WHEN unit <> 0 AND early = 0 AND done = 1 THEN 1 END) AS others_done_after
    FROM judged GROUP BY n
), {TITLES}
SELECT d.entry AS change_id, d.day, COALESCE(n.course_id, '') AS course, d.place_id AS place, d.kind,
       d.what, d.why, d.owner, d.metric, d.until AS due, d.closed, d.next_day,
       d.last_day, d.days, d.expect AS expected,
       COALESCE(c.before, 0) AS before, COALESCE(c.done_before, 0) AS done_before,
       COALESCE(c.after, 0) AS after, COALESCE(c.done_after, 0) AS done_after,
       COALESCE(c.others_before, 0) AS others_before,
       COALESCE(c.others_done_before, 0) AS others_done_before,
       COALESCE(c.others_after, 0) AS others_after,
       COALESCE(c.others_done_after, 0) AS others_done_after
FROM dated d
LEFT JOIN counted c ON c.n = d.n
LEFT JOIN titles n ON n.course = c.course
ORDER BY d.day DESC, d.entry""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "place", "change"),
    definition=(
        "As many days before as after, so the same weekdays. Who met it first before the change counts as before, by"
        " what happened before the change; who met it first after it, by what happened in as many days: both sides"
        " have the same time. Nobody is left out for coming again: that would leave out those who had not finished. No"
        " clear change: as many persons as the expected change needs. p is corrected for the changes of the cycle."
        " What is changed because it was worst tends to get better by itself: compare with elsewhere. View: a"
        " completion, 10 s told, or of a video 10 % watched (from 3 to 30 s). Pass: the first attempt."
    )
    + CONFOUNDED_RULE
    + VERDICT_RULE,
)
