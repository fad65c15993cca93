"""Answers in columns, for reports that look at very many rows before they show some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrs.analytics.report import MAX_ROWS, Row

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def rows_of(frame: DataFrame) -> list[Row]:
    """Return the rows of the columns, as many as are shown and one more; NaN is None, other floats are whole numbers.

    Columns that hold fractions come as objects.
    """
    shown = frame.iloc[: MAX_ROWS + 1]
    names = [str(name) for name in shown.columns]
    columns = [_plain(shown[name]) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(column: Series[Any]) -> list[Any]:
    known = column.dropna()
    if column.dtype.kind == "f":
        known = known.astype("int64")
    values = iter(known.tolist())
    return [next(values) if there else None for there in column.notna().tolist()]
