"""Flags that nobody has acted on."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Moment, Parameter, Report, Row


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    patience = moment.parameters["patience"]
    for row in rows:
        row["age"] = (row["closed"] or moment.today) - row["day"]
        if row["change_id"]:
            row["status"] = "acted on"
        elif row["closed"] is not None:
            row["status"] = "gone by itself"
        else:
            row["status"] = "unactioned" if row["age"] > patience else "new"
    order = ("unactioned", "new", "acted on", "gone by itself")
    return sorted(rows, key=lambda row: (order.index(row["status"]), -row["age"], row["place"]))


def _reading(rows: Sequence[Row]) -> str:
    waiting = [row for row in rows if row["status"] == "unactioned"]
    if not waiting:
        return "Every flag older than two weeks was acted on."
    return f"{len(waiting)} flags wait for somebody; the oldest for {waiting[0]['age']} days."


REPORT = Report(
    name="unactioned",
    title="Flags and what was done",
    question="Which flags has nobody acted on?",
    level="prescriptive",
    covers=("A26", "B10"),
    parameters=(Parameter("patience", 14, "Days after which a flag counts as unactioned"),),
    organisational=True,
    columns=(
        Column("place", "activity", "What was flagged"),
        Column("report", "text", "The report that flagged it"),
        Column("what", "text", "What it said"),
        Column("day", "day", "First seen"),
        Column("age", "days", "Days since then, or until it was gone"),
        Column("owner", "text", "Owner of the course", tells_names=True),
        Column("change_id", "text", "The first change of it since, in the ledger of changes"),
        Column("acted", "day", "Day of that change"),
        Column("status", "text", "unactioned, new, acted on, gone by itself"),
    ),
    sql="""WITH owned AS (
    SELECT course AS place, owner FROM planned
    UNION ALL
    SELECT m.module AS place, c.owner FROM modules m JOIN planned c ON c.course = m.course
), acted AS (
    SELECT f.entry, MIN(c.day) AS acted
    FROM flags f JOIN changes c ON c.place = f.place AND c.day >= f.day
    GROUP BY f.entry
), owners AS (
    SELECT place, MIN(owner) AS owner FROM owned GROUP BY place
)
SELECT f.place_id AS place, f.report, f.what, f.day, f.closed, COALESCE(MIN(o.owner), '') AS owner,
       COALESCE(MIN(c.entry), '') AS change_id, MIN(a.acted) AS acted
FROM flags f
LEFT JOIN acted a ON a.entry = f.entry
LEFT JOIN changes c ON c.place = f.place AND c.day = a.acted
LEFT JOIN owners o ON o.place = f.place
GROUP BY f.entry, f.place_id, f.report, f.what, f.day, f.closed
ORDER BY f.day, f.place_id, f.report""",
    finish=_finish,
    reading=_reading,
    definition="Flags are gathered by `lrs flag collect`, best every day; one ends when its report flags it no more.",
)
