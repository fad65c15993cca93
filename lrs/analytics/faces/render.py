"""An answered report in words and numbers: JSON, CSV, Parquet, text; its picture is in charts."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from lrs.analytics.facts.days import date_of
from lrs.analytics.report import Column, Row, Table
from lrs.clock import to_iso

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 48
NOTHING = "-"
"""What stands where there is no value."""


def as_json(table: Table) -> bytes:
    """Return the table as one JSON object."""
    report = table.report
    return orjson.dumps(
        {
            "report": report.name,
            "title": report.title,
            "question": report.question,
            "version": report.version,
            "data_through": to_iso(table.through),
            "filters": dict(table.filters),
            "parameters": dict(table.parameters),
            "reading": table.reading,
            "definition": report.definition,
            "columns": [
                {"name": column.name, "kind": column.kind, "about": column.about}
                for column in table.columns
            ],
            "rows": [_plain(table.columns, row) for row in table.rows],
            "names": dict(table.names),
            "truncated": table.truncated,
            "hidden": table.hidden,
            "sql": table.sql,
        }
    )


def as_csv(table: Table, *, bom: bool = False) -> bytes:
    """Return the table as CSV in UTF-8; `bom` puts the mark in front by which spreadsheets know it.

    A text that a spreadsheet would take for a formula has an apostrophe put before it.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        plain = _plain(table.columns, row)
        writer.writerow([_safe(plain[column.name]) for column in table.columns])
    return stream.getvalue().encode("utf-8-sig" if bom else "utf-8")


def as_parquet(table: Table) -> bytes:
    """Return the table as Parquet, with what makes it repeatable in the file's metadata."""
    import pyarrow as pa  # noqa: PLC0415 heavy; only this face needs it
    from pyarrow import parquet  # noqa: PLC0415

    whole, fraction = pa.int64(), pa.float64()
    kinds = {"count": whole, "people": whole, "flag": pa.bool_()}
    kinds |= dict.fromkeys(("ratio", "score", "seconds", "days", "number"), fraction)
    schema = pa.schema(
        [(column.name, kinds.get(column.kind, pa.string())) for column in table.columns]
    )
    rows = [_plain(table.columns, row) for row in table.rows]
    written = pa.Table.from_pylist(rows, schema=schema).replace_schema_metadata(
        {
            "report": table.report.name,
            "version": str(table.report.version),
            "data_through": to_iso(table.through),
            "filters": orjson.dumps(dict(table.filters)).decode(),
        }
    )
    sink = io.BytesIO()
    parquet.write_table(written, sink)
    return sink.getvalue()


def as_text(table: Table) -> str:
    """Return the table for a terminal."""
    heads = [column.name for column in table.columns]
    cells = [[shown(table, column, row) for column in table.columns] for row in table.rows]
    widths = [
        min(_WIDEST, max(len(line[index]) for line in [heads, *cells]))
        for index in range(len(heads))
    ]

    def line(values: Sequence[str]) -> str:
        placed = (
            value[:width].rjust(width) if is_number(column) else value[:width].ljust(width)
            for value, width, column in zip(values, widths, table.columns, strict=True)
        )
        return "  ".join(placed).rstrip()

    notes = [f"{table.report.title}: {table.report.question}", table.reading, ""]
    return "\n".join([*notes, line(heads), *map(line, cells), "", footing(table)]) + "\n"


def footing(table: Table) -> str:
    """Return what makes a table repeatable, in one line."""
    parts = [
        f"data through {to_iso(table.through)}",
        f"definition {table.report.name}/{table.report.version}",
        f"{len(table.rows)} rows",
    ]
    if table.truncated:
        parts.append("cut short: more rows are there")
    if table.hidden:
        parts.append(f"{table.hidden} cells hidden (small groups)")
    return " · ".join(parts)


def shown(table: Table, column: Column, row: Row) -> str:
    """Return a cell as people read it."""
    value = row[column.name]
    if value is None or value == "":
        return NOTHING
    if column.kind in ("activity", "agent"):
        return table.names.get(value, str(value))
    return _SHOWN.get(column.kind, str)(value)


def is_number(column: Column) -> bool:
    """Whether a column is read from the right."""
    return column.kind not in ("iri", "activity", "agent", "text", "flag", "day", "hour")


def _seconds(value: float) -> str:
    if value < 60:  # noqa: PLR2004 a minute
        return f"{value:.0f} s"
    return f"{value / 60:.1f} min" if value < 7200 else f"{value / 3600:.1f} h"  # noqa: PLR2004


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}"


_SHOWN: dict[str, Callable[[Any], str]] = {
    "count": lambda value: f"{value:,}",
    "people": lambda value: f"{value:,}",
    "ratio": lambda value: f"{value:.1%}",
    "score": lambda value: f"{value:.1%}",
    "seconds": _seconds,
    "days": lambda value: f"{value:.1f}".removesuffix(".0"),
    "number": _number,
    "day": lambda value: date_of(value).isoformat(),
    "hour": lambda value: to_iso(value * 1000)[:16].replace("T", " "),
    "flag": lambda value: "yes" if value else "no",
}


def _plain(columns: Sequence[Column], row: Row) -> Row:
    """Return a row as data: days and times as ISO 8601, flags as booleans."""
    return {column.name: _value(column, row[column.name]) for column in columns}


def _value(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.kind == "day":
        return date_of(value).isoformat()
    if column.kind == "hour":
        return to_iso(value * 1000)
    return bool(value) if column.kind == "flag" else value


def _safe(value: Any) -> Any:
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value
