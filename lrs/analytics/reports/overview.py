"""The tiles of the first page."""

from collections.abc import Sequence

from lrs.analytics.report import Column, Moment, Report, Row

_TILES = {
    "learners": (("learner", "1 = 1"), "Active learners"),
    "courses": (("course", "course <> 0"), "Active courses"),
    "statements": (("", "1 = 1"), "Statements"),
    "completions": (("", "completion = 1"), "Completions"),
    "passes": (("", "success = 1"), "Passes"),
    "fails": (("", "success = 0"), "Fails"),
}
"""Name -> what is counted once each ("": statements), of which statements; and how that is called."""


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    row = rows[0]
    if not row["statements"]:
        return []
    return [
        {
            "tile": title,
            "last_28": row[f"{name}_28"],
            "before": row[f"{name}_56"],
            "ever": row[name],
            "persons_28": row[f"by_{name}_28"],
            "persons_before": row[f"by_{name}_56"],
            "persons": row[f"by_{name}"],
            "change": (row[f"{name}_28"] / row[f"{name}_56"] - 1 if row[f"{name}_56"] else None),
        }
        for name, (_, title) in _TILES.items()
    ]


def _tile(name: str, what: tuple[str, str]) -> str:
    once, condition = what
    counted = (
        f"COUNT(DISTINCT CASE WHEN ? THEN {once} END)" if once else "COUNT(CASE WHEN ? THEN 1 END)"
    )
    persons = "COUNT(DISTINCT CASE WHEN ? THEN learner END)"

    def period(low: int, high: int) -> str:
        return f"{condition} AND day > :today - {high} AND day <= :today - {low}"

    periods = (("", condition), ("_28", period(0, 28)), ("_56", period(28, 56)))
    return ", ".join(
        f"{counting.replace('?', when)} AS {prefix}{name}{suffix}"
        for prefix, counting in (("", counted), ("by_", persons))
        for suffix, when in periods
    )


def _reading(rows: Sequence[Row]) -> str:
    active = next((row for row in rows if row["tile"] == "Active learners"), None)
    return f"{active['last_28']} learners were active in the last 28 days." if active else ""


REPORT = Report(
    name="overview",
    title="Overview",
    question="What happened in the last four weeks, against the four before?",
    level="descriptive",
    covers=("B8", "B37"),
    columns=(
        Column("tile", "text", "What is counted"),
        Column("last_28", "count", "In the last 28 days", by="persons_28"),
        Column("before", "count", "In the 28 days before", by="persons_before"),
        Column("ever", "count", "In all", by="persons"),
        Column("persons_28", "people", "Persons behind it in the last 28 days", among="now"),
        Column("persons_before", "people", "Persons in the 28 days before", among="before"),
        Column("persons", "people", "Persons in all"),
        Column("change", "number", "Relative change"),
    ),
    sql=f"""WITH told AS (SELECT learner, course, day, completion, success FROM scoped)
SELECT {", ".join(_tile(name, what) for name, (what, _) in _TILES.items())} FROM told""",
    finish=_finish,
    reading=_reading,
    overlapping=True,
)
