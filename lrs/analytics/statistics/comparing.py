"""A measure of those who did something against that of the others: one row of a report, and what its columns are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lrs.analytics.report import Column, Parameter, Row
from lrs.analytics.statistics.effects import (
    among_alike,
    corrected,
    rank_correlation,
    spread,
    verdict,
)

if TYPE_CHECKING:
    from numpy import ndarray
    from pandas import DataFrame

    Numbers = ndarray[Any, Any]

FEWEST, RANKED, EACH = 30, 100, 10
"""Units to show anything of, to rank by it, and in each of two groups."""
_HALF = 0.5

MARGIN = Parameter(
    "margin", 20, "What is too small to matter, in per cent of the spread of the measure"
)
EFFECT = (
    Column("with_it", "number", "Mean measure of those"),
    Column("without", "number", "Mean measure of the others"),
    Column("effect", "number", "Adjusted difference: role, department, tenure, earlier value"),
    Column("effect_low", "number", "Lower end of its 95 % interval"),
    Column("effect_high", "number", "Upper end"),
    Column("size", "number", "Effect in spreads (standard deviations) of the measure"),
    Column("rho", "number", "Spearman's rank correlation"),
    Column("rho_low", "number", "Lower end of its 95 % interval"),
    Column("rho_high", "number", "Upper end"),
    Column("p", "number", "p of the effect, corrected for the number of tests"),
    Column("margin", "number", "What is too small to matter"),
    Column("verdict", "text", "more, less, no measurable effect, unknown, too few"),
)
EFFECT_RULE = (
    " Effect: least squares with HC3 errors (HC1 of more than 1,000), among people alike in role, department, tenure"
    " and the last value before; rho with Fisher's interval."
    " Holm's correction, beyond 20 tests of a measure that of Benjamini and Hochberg. Nothing is shown of fewer than"
    " 30, or of fewer than 10 with or without it, and fewer than 100 are not ranked. No measurable effect: the"
    " interval lies within the margin; unknown: it does not, and chance would do. That things go together does not say"
    " which brings which."
)
_NONE = dict.fromkeys(column.name for column in EFFECT)


def comparing(units: DataFrame, margin: float) -> Callable[[Numbers], Row]:
    """Return what compares the units that did something with the others.

    `units`: columns kind, value, prior, tenure, role, department; all but the value as of before it was done, or they
    would hold a part of what came of it. What is returned takes for each unit the share, 0..1, that did it, and returns
    n, completed and the columns of EFFECT, and "estimate" for `settled`.
    """
    values = units.value.to_numpy(dtype=float)
    persons = len(units) > 0 and units.kind.iloc[0] == "person"
    categories = [units.role, units.department] if persons else []
    effect = among_alike(values, categories, [units.tenure, units.prior])
    wide = spread(values)

    def compared(shares: Numbers) -> Row:
        did = shares > _HALF
        row: Row = {"n": len(values), "completed": int(did.sum()), **_NONE, "verdict": "too few"}
        if len(values) < FEWEST or min(did.sum(), (~did).sum()) < EACH:
            return {**row, "estimate": None}
        found = effect(shares)
        row |= {"with_it": float(values[did].mean()), "without": float(values[~did].mean())}
        row |= {"verdict": "", "estimate": found, "margin": margin * wide}
        if found is not None:
            row |= {"effect": found.value, "effect_low": found.low, "effect_high": found.high}
            row |= {"p": found.p, "size": found.value / wide if wide else None}
        rho = rank_correlation(shares, values)
        if rho is not None:
            row |= {"rho": rho.value, "rho_low": rho.low, "rho_high": rho.high}
        return row

    return compared


def last_before(units: Numbers, days: Numbers, told: DataFrame) -> DataFrame:
    """Return for each unit the last row told of it up to its day, NaN without any; in the order of the units.

    `told`: columns unit, day and others, in the order of the days.
    """
    from pandas import DataFrame, merge_asof  # noqa: PLC0415 see estimates

    asked = DataFrame({"unit": units, "day": days}).reset_index(names="place").sort_values("day")
    found = merge_asof(asked.astype("int64"), told.astype({"day": "int64"}), on="day", by="unit")
    return found.set_index("place").sort_index()


def settled(family: Sequence[Row]) -> Sequence[Row]:
    """Return the rows with p corrected for all of them, and their verdicts."""
    tested = [row for row in family if row["p"] is not None]
    for row, p in zip(tested, corrected([row["p"] for row in tested]), strict=True):
        row["p"] = p
    for row in family:
        found = row.pop("estimate")
        row["verdict"] = row["verdict"] or verdict(found, row["p"], row["margin"])
    return family
