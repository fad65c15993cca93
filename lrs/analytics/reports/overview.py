"""The tiles of the first page."""

from lrs.analytics.report import Column, Moment, Report, Row

_TILES = (
    ("learners", "Active learners"),
    ("courses", "Active courses"),
    ("statements", "Statements"),
    ("completions", "Completions"),
    ("passes", "Passes"),
    ("fails", "Fails"),
)


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    row = rows[0]
    return [
        {
            "tile": title,
            "last_28": row[f"{name}_28"],
            "before": row[f"{name}_56"],
            "ever": row[name],
            "change": (row[f"{name}_28"] / row[f"{name}_56"] - 1 if row[f"{name}_56"] else None),
        }
        for name, title in _TILES
    ]


def _count(name: str, counted: str) -> str:
    def period(low: int, high: int) -> str:
        return f"day > :today - {high} AND day <= :today - {low}"

    return ", ".join(
        counted.replace("?", condition) + f" AS {name}{suffix}"
        for suffix, condition in (("", "1 = 1"), ("_28", period(0, 28)), ("_56", period(28, 56)))
    )


REPORT = Report(
    name="overview",
    title="Overview",
    question="What happened in the last four weeks, against the four before?",
    level="descriptive",
    covers=("B8", "B37"),
    columns=(
        Column("tile", "text", "What is counted"),
        Column("last_28", "count", "In the last 28 days"),
        Column("before", "count", "In the 28 days before"),
        Column("change", "number", "Relative change"),
        Column("ever", "count", "In all"),
    ),
    sql=f"""WITH told AS (SELECT learner, course, day, completion, success FROM scoped)
SELECT {_count("learners", "COUNT(DISTINCT CASE WHEN ? THEN learner END)")},
       {_count("courses", "COUNT(DISTINCT CASE WHEN ? AND course <> 0 THEN course END)")},
       {_count("statements", "COUNT(CASE WHEN ? THEN 1 END)")},
       {_count("completions", "COUNT(CASE WHEN ? AND completion = 1 THEN 1 END)")},
       {_count("passes", "COUNT(CASE WHEN ? AND success = 1 THEN 1 END)")},
       {_count("fails", "COUNT(CASE WHEN ? AND success = 0 THEN 1 END)")}
FROM told""",
    finish=_finish,
    reading=lambda rows: f"{rows[0]['last_28']} learners were active in the last 28 days.",
)
