"""Reports: a page, and every other face under the same name."""

from __future__ import annotations

from flask import Blueprint, Response, request

from lrs.analytics.audience import Audience
from lrs.analytics.catalog import catalog, report_named
from lrs.analytics.faces import render
from lrs.analytics.faces.files import FILES
from lrs.analytics.lake.engine import Interrupted
from lrs.analytics.narrowing import lists_persons
from lrs.analytics.report import Report
from lrs.errors import BadRequest, LrsError
from lrs.web import answers, asking, context, pages
from lrs.web.audiences import audience
from lrs.web.forms import form_for

resource = Blueprint("reports", __name__, template_folder="templates")
resource.register_error_handler(LrsError, pages.refused)

_GROUPS = {
    "descriptive": "How do things stand?",
    "diagnostic": "Where is it lost, and why?",
    "predictive": "What is about to happen?",
    "prescriptive": "What should be done?",
}
"""Level of a report -> what who looks for one wants to know."""
_BOM = "bom"
_ASKED = "q-"
"""What the names of fields of the form that cancels start with."""
_PATIENCE = 0.8
"""Seconds that a page waits for its report; a page without it asks again by itself."""
_CANCELLED = Interrupted.status
_SQL = "sql"
_KEPT = ("csv", "parquet")
"""Faces that a browser keeps as files."""


@resource.get("/reports")
@pages.signed_in
def all_reports() -> Response:
    """The reports there are, by what one wants to know."""
    who = audience()
    shown = [one for one in catalog().values() if who.may_ask(one)]
    groups = [(level, title, _of_level(shown, level)) for level, title in _GROUPS.items()]
    return pages.page("reports.html", groups=[one for one in groups if one[-1]])


def _of_level(reports: list[Report], level: str) -> list[Report]:
    return sorted((one for one in reports if one.level == level), key=lambda one: one.title)


@resource.get("/reports/<name>")
@pages.signed_in
def report(name: str) -> Response:
    """One report as a page, or as the face that its ending names."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        return _page(name)
    if ending not in (*FILES, _SQL):
        raise BadRequest(
            "There is no such face of a report.",
            code="report-face",
            allowed=", ".join((*FILES, _SQL)),
        )
    kind, body = _face(stem, ending)
    return pages.face(body, kind, file=name if ending in _KEPT else "")


@resource.post("/reports/<name>/cancel")
@pages.signed_in
def cancel(name: str) -> Response:
    """Stop a report that takes too long; the form holds what was asked for."""
    asked = {
        field.removeprefix(_ASKED): text
        for field, text in request.form.items()
        if field.startswith(_ASKED)
    }
    declared, who = report_named(name), audience()
    context.services().runs.cancel(name, asked, who)
    stopped = Interrupted("The report was cancelled.", allowed="a shorter period, or one course")
    return _shown(answers.Answer(declared, asked, problem=stopped), who)


def _page(name: str) -> Response:
    declared, who = report_named(name), audience()
    try:
        asked = asking.asked()
    except BadRequest as problem:
        return _shown(answers.Answer(declared, {}, problem=problem), who)
    return _shown(answers.answer(name, asked, who, patience=_PATIENCE), who)


def _shown(answer: answers.Answer, who: Audience) -> Response:
    problem = answer.problem
    status = 200 if problem is None or problem.status == _CANCELLED else problem.status
    return pages.page(
        "report.html",
        status=status,
        answer=answer,
        pending=answer.pending,
        form=form_for(
            who,
            path=answer.bare,
            report=answer.report,
            lists_persons=lists_persons(answer.report),
        ),
        endpoint=context.services().config.public_url,
        faces=[
            face for face in (*FILES, _SQL) if answer.report.chart or face not in ("svg", "png")
        ],
    )


def _face(name: str, ending: str) -> tuple[str, bytes]:
    """Return the content type and the body of a face; the SQL alone is not run."""
    services, asked, who = context.services(), asking.asked(), audience()
    if ending == _SQL:
        return "text/plain; charset=utf-8", services.reports.sql(name, asked, audience=who).encode()
    file, table = FILES[ending], services.runs.answer(name, asked, who)
    marked = ending == "csv" and request.args.get(_BOM) == "true"
    return file.media_type, render.as_csv(table, bom=True) if marked else file.write(table)
