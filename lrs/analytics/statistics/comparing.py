"""A measure of those who did something against that of the others: one row of a report, and what its columns are."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from lrs.analytics.report import Column, Parameter, Row
from lrs.analytics.statistics.effects import adjusted, corrected, rank_correlation, spread, verdict

FEWEST, RANKED, EACH = 30, 100, 10
"""Units to show anything of, to rank by it, and in each of two groups."""
SCALE = 10_000
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
    " Effect: least squares with HC3 errors, among people alike in role, department, tenure and the last value before."
    " Holm's correction, beyond 20 tests of a measure that of Benjamini and Hochberg. Nothing is shown of fewer than"
    " 30, or of fewer than 10 with or without it, and fewer than 100 are not ranked. No measurable effect: the"
    " interval lies within the margin; unknown: it does not, and chance would do. That things go together does not say"
    " which brings which."
)
_NONE = dict.fromkeys(column.name for column in EFFECT)


def compared(units: Sequence[tuple[Row, float]], margin: float) -> Row:
    """Return n, completed and the columns of EFFECT, and "estimate" for `settled`.

    `units` are (row with kind, value, prior, tenure, role, department; share 0..1 that did it); all but the value as of
    before it was done, or they would hold a part of what came of it.
    """
    values = [row["value"] / SCALE for row, _ in units]
    shares = [share for _, share in units]
    did = [value for value, share in zip(values, shares, strict=True) if share > _HALF]
    others = [value for value, share in zip(values, shares, strict=True) if share <= _HALF]
    row: Row = {"n": len(units), "completed": len(did), **_NONE, "verdict": "too few"}
    if len(units) < FEWEST or min(len(did), len(others)) < EACH:
        return {**row, "estimate": None}
    members = [one for one, _ in units]
    persons = members[0]["kind"] == "person"
    found = adjusted(
        values,
        shares,
        categories=[[one[name] for one in members] for name in ("role", "department")]
        if persons
        else (),
        numbers=[[one[name] for one in members] for name in ("tenure", "prior")],
    )
    wide = spread(values)
    row |= {"with_it": fmean(did), "without": fmean(others), "verdict": "", "estimate": found}
    row["margin"] = margin * wide
    if found is not None:
        row |= {"effect": found.value, "effect_low": found.low, "effect_high": found.high}
        row |= {"p": found.p, "size": found.value / wide if wide else None}
    rho = rank_correlation(shares, values)
    if rho is not None:
        row |= {"rho": rho.value, "rho_low": rho.low, "rho_high": rho.high}
    return row


def settled(family: Sequence[Row]) -> Sequence[Row]:
    """Return the rows with p corrected for all of them, and their verdicts."""
    tested = [row for row in family if row["p"] is not None]
    for row, p in zip(tested, corrected([row["p"] for row in tested]), strict=True):
        row["p"] = p
    for row in family:
        found = row.pop("estimate")
        row["verdict"] = row["verdict"] or verdict(found, row["p"], row["margin"])
    return family
