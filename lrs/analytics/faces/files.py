"""An answered report as a file: which endings there are, on pages and for commands alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lrs.analytics.faces import charts, render
from lrs.analytics.report import Table


@dataclass(frozen=True, slots=True)
class File:
    """A kind of file, and what makes one of a table."""

    media_type: str
    write: Callable[[Table], bytes]
    """Raises: NotFound (404) if the file is a chart, and the report has none."""


FILES: dict[str, File] = {
    "json": File("application/json", render.as_json),
    "csv": File("text/csv; charset=utf-8", render.as_csv),
    "parquet": File("application/vnd.apache.parquet", render.as_parquet),
    "svg": File("image/svg+xml", lambda table: charts.draw(table, "svg")),
    "png": File("image/png", lambda table: charts.draw(table, "png")),
    "txt": File("text/plain; charset=utf-8", lambda table: render.as_text(table).encode()),
}
"""Ending -> file."""
