"""Pages of cmi5: courses, registrations with the tree of blocks and AUs, launches, logs of sessions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from lrs.cmi5 import terms
from lrs.cmi5.launching import Options
from lrs.cmi5.report import aus_of_tree
from lrs.cmi5.status import is_satisfied, summary_of
from lrs.cmi5.structure import aus_of
from lrs.cmi5.violations import InvalidPackage
from lrs.errors import BadRequest, LrsError
from lrs.web import context, pages
from lrs.web.pages import page, see, signed_in

resource = Blueprint("cmi5-pages", __name__)

_LISTED = 200
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-]+(?::\d{1,5})?")


@resource.errorhandler(LrsError)
def refused(error: LrsError) -> Response:
    return pages.refused(error)


@resource.get("/cmi5")
@signed_in
def courses() -> Response:
    """All courses, and the way to import one."""
    text = request.args.get("q", "")
    found = context.services().cmi5.courses.find(text=text)
    return page("cmi5/courses.html", courses=found[:_LISTED], count=len(found), q=text, faults=())


@resource.post("/cmi5")
@signed_in
def add() -> Response:
    """Import a package from a form; its violations are shown."""
    raw, courses = _uploaded(), context.services().cmi5.courses
    replaced = request.form.get("course")
    try:
        record = courses.replace(replaced, raw) if replaced else courses.add(raw)
    except InvalidPackage as invalid:
        found = courses.find()
        return page(
            "cmi5/courses.html",
            status=400,
            courses=found[:_LISTED],
            count=len(found),
            q="",
            faults=invalid.faults,
        )
    return see(f"/cmi5/courses/{record['id']}")


@resource.get("/cmi5/courses/<course>")
@signed_in
def course(course: str) -> Response:
    """A course: its AUs, and who is registered."""
    cmi5 = context.services().cmi5
    found = cmi5.courses.course(course)
    registered = list(islice(cmi5.registrations.find(course=course), _LISTED))
    settled = [cmi5.registrations.get(one["id"]) for one in registered]
    rows = [(one, is_satisfied(one, found)) for one in settled]
    aus = [(au, found.setting(au, "masteryScore")) for au in aus_of(found.structure)]
    return page("cmi5/course.html", record=found.record, course=found, aus=aus, rows=rows)


@resource.post("/cmi5/courses/<course>/registrations")
@signed_in
def enrol(course: str) -> Response:
    """Register a learner."""
    actor = {
        "objectType": "Agent",
        "account": {
            "homePage": request.form.get("homePage", "").strip(),
            "name": request.form.get("name", "").strip(),
        },
    }
    made = context.services().cmi5.registrations.enrol(course, actor)
    return see(f"/cmi5/registrations/{made['id']}")


@resource.post("/cmi5/courses/<course>/delete")
@signed_in
def delete(course: str) -> Response:
    """Delete a course; statements stay."""
    context.services().cmi5.registrations.delete_course(course)
    return see("/cmi5")


@resource.get("/cmi5/courses/<course>/package")
@signed_in
def package(course: str) -> Response:
    """The package of a course."""
    data, media_type = context.services().cmi5.courses.export(course)
    response = Response(data, content_type=media_type)
    suffix = "zip" if media_type.endswith("zip") else "xml"
    response.headers["Content-Disposition"] = f'attachment; filename="{course}.{suffix}"'
    return response


@resource.get("/cmi5/registrations/<registration>")
@signed_in
def registration(registration: str) -> Response:
    """Where a learner stands, and the way to launch and waive."""
    cmi5 = context.services().cmi5
    status = cmi5.status(registration)
    found = cmi5.courses.course(status["course"])
    shown = page(
        "cmi5/registration.html",
        status=200,
        found=status,
        record=found.record,
        modes=terms.LAUNCH_MODES,
        units={au["id"]: au for au in aus_of_tree(status["tree"])},
    )
    # The launch is a form that ends in a redirect to the AU, and browsers ask the policy for that too.
    urls = [context.services().config.content_url, *(au["url"] for au in aus_of(found.structure))]
    policy = shown.headers["Content-Security-Policy"]
    shown.headers["Content-Security-Policy"] = policy.replace(
        "form-action 'self'", f"form-action 'self' {' '.join(_origins(urls))}"
    )
    return shown


@resource.post("/cmi5/registrations/<registration>/launch")
@signed_in
def launch(registration: str) -> Response:
    """Launch an AU in the window that the form was sent to."""
    options = Options(
        launch_mode=request.form.get("mode") or None,
        return_url=f"{context.services().config.public_url}/cmi5/registrations/{registration}",
    )
    launched = context.services().cmi5.launching.launch(
        registration, request.form.get("au", ""), options
    )
    response = Response(status=303, headers={"Location": launched.url})
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@resource.post("/cmi5/registrations/<registration>/waive")
@signed_in
def waive(registration: str) -> Response:
    """Waive an AU."""
    context.services().cmi5.registrations.waive(
        registration, request.form.get("au", ""), request.form.get("reason", "")
    )
    return see(f"/cmi5/registrations/{registration}")


@resource.get("/cmi5/sessions/<session>")
@signed_in
def session(session: str) -> Response:
    """What happened in a session, refusals with their reasons."""
    cmi5 = context.services().cmi5
    held, one = cmi5.sessions.get(session)
    return page("cmi5/session.html", one=summary_of(one, held["id"]), entries=cmi5.log_of(session))


@resource.post("/cmi5/sessions/<session>/abandon")
@signed_in
def abandon(session: str) -> Response:
    """End a session by an abandoned statement."""
    context.services().cmi5.sessions.abandon(session, by="page")
    return see(f"/cmi5/sessions/{session}")


def _uploaded() -> bytes:
    uploaded = request.files.get("package")
    raw = b"" if uploaded is None else uploaded.read()
    if not raw:
        raise BadRequest("No package was chosen.", allowed="a zip archive or cmi5.xml")
    return raw


def _origins(urls: Iterable[str]) -> list[str]:
    """Return the origins of web addresses; other URLs may hold what would be more than a source to a policy."""
    found = {f"{one.scheme}://{one.netloc}" for one in map(urlsplit, urls)}
    return sorted(one for one in found if _ORIGIN.fullmatch(one))
