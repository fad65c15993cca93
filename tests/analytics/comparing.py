"""What an engine is compared by: a report's SQL, what is bound in it, and the rows that DuckDB finds."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from lrs.analytics.catalog import catalog
from lrs.analytics.lake.engine import Query, Sources, named_in
from lrs.analytics.report import Report, Row
from lrs.analytics.sql.scope import with_scope
from tests.analytics.places import TODAY, Place, duckdb_in

REPORTS = {report.sql: name for name, report in catalog().items()}.values()
"""A report for each SQL there is."""


def asked(report: Report) -> tuple[str, dict[str, Any]]:
    """Return a report's SQL as it is shown to who asks without filters, and what is bound in it."""
    now = int(TODAY.timestamp())
    values: dict[str, Any] = {"today": now // 86_400, "now": now * 1000}
    values |= {parameter.name: parameter.default for parameter in report.parameters}
    sql = with_scope(report.sql, {}, people=True, now=report.as_of_now)
    return sql, {name: values[name] for name in named_in(sql)}


def sources_of(place: Place) -> Sources:
    return Sources(place.lake.catch_up(), dict(place.tables.files()))


def by_duckdb(sql: str, values: dict[str, Any], place: Place) -> list[Row]:
    engine = duckdb_in(folder_of(place).parent)
    return [plain(row) for row in engine.run(Query(sql, values, sources_of(place)))]


def folder_of(place: Place) -> Path:
    return Path(place.lake.uri).parent


def plain(row: Row) -> Row:
    return {
        name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()
    }
