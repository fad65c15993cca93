"""Item analysis: which questions are too hard, say nothing, or have the wrong key."""

from collections.abc import Sequence

from lrs.analytics.facts.details import SCALE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.answers import RESTED
from lrs.analytics.statistics.items import alpha, correlation, variance

_HARD, _EASY, _WEAK, _ENOUGH, _SHOWN = 0.3, 0.9, 0.2, 30, 10


def _finish(rows: list[Row], moment: Moment) -> list[Row]:
    tests: dict[str, list[Row]] = {}
    for row in rows:
        tests.setdefault(row["assessment"], []).append(row)
    for items in tests.values():
        variances = [variance(row["n"], row["sx"], row["sxx"]) for row in items]
        most = max(items, key=lambda row: row["n"])
        whole = variance(most["n"], most["st"], most["stt"])
        reliability = alpha(variances, whole)
        for number, row in enumerate(items):
            row["alpha"] = reliability
            others = variances[:number] + variances[number + 1 :]
            row["alpha_without"] = alpha(others, variance(row["n"], row["sy"], row["syy"]))
            row["facility"] = round(row["sx"] / row["n"])
            row["discrimination"] = correlation(row) if row["n"] >= _SHOWN else None
            row["flag"] = _flag(row)
    return rows


def _flag(row: Row) -> str:
    if row["n"] < _ENOUGH:
        return "too few" if row["n"] < _SHOWN else ""
    facility, found = row["facility"] / SCALE, row["discrimination"]
    if found is not None and found < 0:
        return "check the key"
    if facility < _HARD:
        return "too hard"
    if facility > _EASY:
        return "too easy"
    return "weak" if found is not None and found < _WEAK else ""


def _reading(rows: Sequence[Row]) -> str:
    keys = [row for row in rows if row["flag"] == "check the key"]
    bad = [row for row in rows if row["flag"] not in ("", "too few")]
    if keys:
        return (
            f"{len(keys)} questions are answered rightly by those who know less: check their keys."
        )
    return f"{len(bad)} of {len(rows)} questions want a look."


REPORT = Report(
    name="items",
    title="Item analysis",
    question="Which questions are too hard, too easy, say nothing, or have the wrong key?",
    level="diagnostic",
    covers=("B30", "B39"),
    columns=(
        Column("assessment", "activity", "Assessment"),
        Column("item", "activity", "Question"),
        Column("n", "people", "Persons who answered"),
        Column("facility", "score", "Mean score of first answers"),
        Column("discrimination", "number", "Correlation with the rest of the assessment, -1..1"),
        Column("alpha", "number", "Cronbach's alpha of the assessment"),
        Column("alpha_without", "number", "Alpha without this question"),
        Column("flag", "text", "What is wrong with it, from 30 persons on"),
    ),
    sql=f"""WITH {RESTED}
SELECT MIN(module_id) AS assessment, MIN(activity_id) AS item, COUNT(*) AS n,
       SUM(CAST(score AS BIGINT)) AS sx, SUM(CAST(rest AS BIGINT)) AS sy,
       SUM(CAST(score AS BIGINT) * score) AS sxx, SUM(CAST(rest AS BIGINT) * rest) AS syy,
       SUM(CAST(score AS BIGINT) * rest) AS sxy, SUM(CAST(total AS BIGINT)) AS st,
       SUM(CAST(total AS BIGINT) * total) AS stt
FROM rested GROUP BY module, activity
ORDER BY assessment, item""",
    finish=_finish,
    reading=_reading,
    chart=Chart("point", "facility", "discrimination", series="flag"),
    definition=(
        "First answers only. Discrimination is the correlation with the rest, which the item itself is not part of."
        " Flags: facility under 0.3 or over 0.9, discrimination under 0.2, or under 0 (the key is suspect)."
    ),
)
