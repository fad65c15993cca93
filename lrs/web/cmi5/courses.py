"""Courses: /cmi5/v1/courses."""

from __future__ import annotations

from flask import Blueprint, Response, request

from lrs.auth.scopes import CMI5
from lrs.cmi5.launching import find_au
from lrs.cmi5.package import read_package
from lrs.cmi5.report import COLUMNS, csv_of, rows_of
from lrs.cmi5.violations import InvalidPackage
from lrs.web import context
from lrs.web.body import read_body
from lrs.web.cmi5.bodies import OverrideBody, answer, managed, read_object
from lrs.xapi import JsonObject

resource = Blueprint("cmi5-courses", __name__)


@resource.post("/courses:validate")
@managed
def validate() -> Response:
    """Every violation of a package; stores nothing."""
    try:
        package = read_package(read_body(), content_type=request.headers.get("Content-Type", ""))
    except InvalidPackage as invalid:
        return answer({"valid": False, "violations": [one.as_json() for one in invalid.faults]})
    return answer({"valid": True, "violations": [], "structure": package.structure})


@resource.post("/courses")
@managed
def add() -> Response:
    """Import a package; its bytes are the body."""
    record = context.services().cmi5.courses.add(
        read_body(), content_type=request.headers.get("Content-Type", "")
    )
    response = answer(_shown(record), 201)
    response.headers["Location"] = (
        f"{context.services().config.public_url}/cmi5/v1/courses/{record['id']}"
    )
    return response


@resource.get("/courses")
@managed
def find() -> Response:
    """All courses, or those whose title, description or id holds `q`."""
    found = context.services().cmi5.courses.find(text=request.args.get("q", ""))
    return answer({"courses": [_shown(record) for record in found]})


@resource.get("/courses/<course>")
@managed
def get(course: str) -> Response:
    """A course with its structure: for managers, since entitlement keys are in there."""
    context.principal().demand(CMI5)
    found = context.services().cmi5.courses.course(course)
    return answer({**_shown(found.record), "structure": found.structure})


@resource.get("/courses/<course>/package")
@managed
def package(course: str) -> Response:
    """The package, to be imported elsewhere."""
    context.principal().demand(CMI5)
    data, media_type = context.services().cmi5.courses.export(course)
    suffix = "zip" if media_type.endswith("zip") else "xml"
    response = Response(data, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{course}.{suffix}"'
    return response


@resource.put("/courses/<course>/package")
@managed
def replace(course: str) -> Response:
    """Import the next version of a course."""
    record = context.services().cmi5.courses.replace(
        course, read_body(), content_type=request.headers.get("Content-Type", "")
    )
    return answer(_shown(record))


@resource.delete("/courses/<course>")
@managed
def delete(course: str) -> Response:
    """Delete a course and its registrations; statements stay."""
    context.services().cmi5.registrations.delete_course(course)
    return Response(status=204)


@resource.patch("/courses/<course>/aus/<path:au>")
@managed
def override(course: str, au: str) -> Response:
    """Set what holds for an AU, named by index or id, in place of the course structure's."""
    courses = context.services().cmi5.courses
    unit = find_au(courses.course(course).structure, au)
    courses.override(course, unit["id"], read_object(OverrideBody))
    return answer(_shown(courses.record(course)))


@resource.get("/reports/courses/<course>")
@managed
def report(course: str) -> Response:
    """One row for each learner and AU, as JSON or, with ?format=csv, as CSV."""
    rows = rows_of(context.services().cmi5, course)
    if request.args.get("format") == "csv":
        return Response(csv_of(rows), content_type="text/csv; charset=utf-8")
    return answer({"columns": COLUMNS, "rows": list(rows)})


def _shown(record: JsonObject) -> JsonObject:
    secret = set() if context.principal().may(CMI5) else {"overrides"}
    return {name: one for name, one in record.items() if name not in {"tenant", "base", *secret}}
