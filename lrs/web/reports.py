"""Reports: a page, and every other face under the same name."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, request

from lrs.analytics import charts, render
from lrs.analytics.catalog import catalog, report_named
from lrs.analytics.report import Column, Row, Table
from lrs.analytics.scope import FILTERS
from lrs.errors import BadRequest, LrsError
from lrs.web import context, pages
from lrs.web.refusals import refusal

resource = Blueprint("reports", __name__, template_folder="templates")

_BOM = "bom"


def _csv(table: Table) -> bytes:
    return render.as_csv(table, bom=request.args.get(_BOM) == "true")


_FACES: dict[str, tuple[str, Callable[[Table], bytes]]] = {
    "json": ("application/json", render.as_json),
    "csv": ("text/csv; charset=utf-8", _csv),
    "parquet": ("application/vnd.apache.parquet", render.as_parquet),
    "svg": ("image/svg+xml", lambda table: charts.draw(table, "svg")),
    "png": ("image/png", lambda table: charts.draw(table, "png")),
    "txt": ("text/plain; charset=utf-8", lambda table: render.as_text(table).encode()),
    "sql": ("text/plain; charset=utf-8", lambda table: table.sql.encode()),
}


@resource.errorhandler(LrsError)
def refused(error: LrsError) -> Response:
    """Return a refusal as a page, or as JSON to who asked for another face."""
    return refusal(error) if "." in request.path else pages.refused(error)


@resource.get("/reports")
@pages.signed_in
def all_reports() -> Response:
    """The reports there are, by the question that each answers."""
    return pages.page("reports.html", reports=catalog().values())


@resource.get("/reports/<name>")
@pages.signed_in
def report(name: str) -> Response:
    """One report as a page, or as the face that its ending names."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        return _page(name)
    if ending not in _FACES:
        raise BadRequest(
            "There is no such face of a report.", code="report-face", allowed=", ".join(_FACES)
        )
    kind, write = _FACES[ending]
    answer = Response(write(_answer(stem)), content_type=kind)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    if ending in ("csv", "parquet"):
        answer.headers["Content-Disposition"] = f"attachment; filename={stem}.{ending}"
    return answer


def _page(name: str) -> Response:
    declared = report_named(name)
    table = _answer(name)
    limits = {
        f"{column.name}_{end}" for column in table.columns for end in ("low", "high") if column.part
    }
    columns = [column for column in table.columns if column.name not in limits]
    return pages.page(
        "report.html",
        report=declared,
        table=table,
        columns=columns,
        cells=[[_cell(table, column, row) for column in columns] for row in table.rows],
        numbers=[render.is_number(column) for column in columns],
        footing=render.footing(table),
        filters=FILTERS,
        asked=_asked(),
        query=request.query_string.decode(),
        faces=[face for face in _FACES if declared.chart or face not in ("svg", "png")],
    )


def _cell(table: Table, column: Column, row: Row) -> str:
    """Return a cell; a rate has its interval in the same one."""
    text = render.shown(table, column, row)
    if not column.part or row[column.name] is None:
        return text
    return f"{text} ({row[column.name + '_low']:.0%} to {row[column.name + '_high']:.0%})"


def _answer(name: str) -> Table:
    if report_named(name).organisational:
        context.principal().demand_everyone()
    return context.services().reports.answer(name, _asked())


def _asked() -> dict[str, str]:
    """Return filters and parameters; those left empty in the form are not asked for."""
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise BadRequest(
            "A parameter is given twice.", code="parameter-repeated", allowed="each parameter once"
        )
    return {name: text for name, text in request.args.items() if text and name != _BOM}
