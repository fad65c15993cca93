"""Pages for people: one look, one policy on what a browser may load, one way to know who looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup, escape

from lrs.analytics.catalog import catalog
from lrs.auth.principal import Principal
from lrs.auth.roles import Reach
from lrs.auth.scopes import ACTIVITY, ADMINISTER, BROWSE, CMI5, READ, REPORTS
from lrs.errors import Forbidden, LrsError, NotFound, Unauthorized
from lrs.web import context, sessions
from lrs.web.refusals import refusal

resource = Blueprint("pages", __name__, template_folder="templates", static_folder="static")

_QUOTED = re.compile(r"`([^`]+)`")

View = TypeVar("View", bound=Callable[..., Response])

ANYBODY = ""
"""The right that everybody has who has signed in."""

_READING = ("GET", "HEAD")
_MACHINES = (
    "/xapi", "/events", "/v1/", "/health", "/cmi5/v1", "/cmi5/lrs", "/cmi5/player", "/cmi5/fetch", "/cmi5/content",
)  # fmt: skip
"""What programs alone ask for, though a browser may carry them."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_FACE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation; it, and every page below it, is for those who have the right."""

    title: str
    path: str
    right: str = READ
    about: str = ""
    reaches: frozenset[Reach] = frozenset(Reach)
    """Those who may look: by whose data they may see."""

    def holds(self, path: str) -> bool:
        """Whether a page, or another face of one, lies here."""
        below = self.path != "/" and path.startswith((f"{self.path}/", f"{self.path}."))
        return below or path == self.path


PLACES: tuple[Place, ...] = (
    Place("Overview", "/", ANYBODY, "How things stand, and what needs attention"),
    Place("Courses", "/courses", ACTIVITY, "The story of each course: who comes, stays, finishes"),
    Place(
        "Learners",
        "/learners",
        ACTIVITY,
        "Where learners stand, and who needs help",
        frozenset({Reach.EVERYONE, Reach.TEAM}),
    ),
    Place(
        "Statements",
        "/statements",
        BROWSE,
        "Look for statements, and read them, word for word if need be",
    ),
    Place("cmi5", "/cmi5", CMI5, "Courses: import, registration, launch, and where learners stand"),
    Place("Reports", "/reports", REPORTS, "What statements say together, by the question"),
    Place(
        "Ledgers",
        "/ledgers",
        ACTIVITY,
        "What is decided and done about learning, and whether it helped",
    ),
    Place(
        "Tracking plan",
        "/plan",
        ACTIVITY,
        "Events that should come, those that do, and what is wrong with them",
        frozenset({Reach.EVERYONE}),
    ),
    Place("Rejected", "/rejects", ADMINISTER, "What was refused and why; replay it after a fix"),
    Place(
        "Credentials", "/credentials", ADMINISTER, "API keys of those who send and read statements"
    ),
    Place("Accounts", "/accounts", ADMINISTER, "People who see these pages, and their roles"),
    Place("Health", "/system", ADMINISTER, "The store, its counts, and versions"),
)
"""The navigation, in order."""


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a rendered page under the policy; `values` are what the template shows, always escaped."""
    visitor = context.known_principal()
    places = [one for one in PLACES if visitor is not None and _may_enter(visitor, one)]
    here = next((one for one in places if one.holds(request.path)), None)
    text = render_template(template, places=places, here=here, visitor=visitor, **values)
    response = Response(status=status, mimetype="text/html", headers=_HEADERS)
    sessions.with_tokens(text, response)
    return response


@resource.app_template_filter("sentence")
def sentence(text: str) -> Markup:
    """Return a sentence with what stands in backticks as a command, or as the report that has that name."""
    parts = [escape(part) for part in _QUOTED.split(text)]
    for place in range(1, len(parts), 2):
        known = catalog().get(str(parts[place]))
        told = Markup("<code>{}</code>").format(parts[place])
        if known is not None and (known.obligations or _sees_activity()):
            told = Markup('<a href="/reports/{}">{}</a>').format(known.name, known.title)
        parts[place] = told
    return Markup("").join(parts)


def _sees_activity() -> bool:
    visitor = context.known_principal()
    return visitor is None or visitor.may(ACTIVITY)


def signed_in(view: View) -> View:
    """Let a page be seen, and its forms be sent, only by who has the right of the place where it lies.

    A person has signed in, and has a role. An API credential by HTTP Basic may read every face of a page that its
    scopes allow, so that programs can fetch numbers; it is never asked for, and no form takes it, since a browser adds
    it by itself, whoever has made the form.
    Raises: Unauthorized (401); Forbidden (403), also if a form does not carry its token.
    """

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> Response:
        _admit(_place_of(request.path))
        return view(*args, **kwargs)

    return cast(View, guarded)


def signed_in_as_anybody(view: View) -> View:
    """Let a page be seen, and its forms be sent, by who has signed in, whatever the role; see signed_in."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> Response:
        _admit(Place("", request.path, ANYBODY))
        return view(*args, **kwargs)

    return cast(View, guarded)


def _admit(place: Place) -> None:
    person = sessions.known()
    visitor = person or _credential()
    context.set_principal(visitor)
    if not _may(visitor, place.right):
        visitor.demand(place.right or READ)
    if not _may_enter(visitor, place):
        raise Forbidden("This page is about more than you may see.", allowed="your own data")
    if request.method not in _READING:
        if person is None:
            raise Forbidden("Forms are for people who have signed in.", code="form")
        sessions.demand_own_form()


def _credential() -> Principal:
    sent = request.authorization
    principal = None
    if sent is not None and sent.type == "basic":
        verify = context.services().credentials.verify
        principal = verify(sent.username or "", sent.password or "")
    if principal is None:
        raise Unauthorized("Please sign in.", allowed="a session, or an API key and its secret")
    return principal


def _place_of(path: str) -> Place:
    """Return where a page lies; those that lie nowhere are for who may read every statement."""
    return next((one for one in PLACES if one.holds(path)), Place("", path))


def _may_enter(visitor: Principal, place: Place) -> bool:
    return _may(visitor, place.right) and visitor.reach in place.reaches


def _may(visitor: Principal, right: str) -> bool:
    # Start is what every role has in common; a credential that only writes has no business on pages.
    return bool(visitor.role) or visitor.may(READ) if right == ANYBODY else visitor.may(right)


def see(path: str) -> Response:
    """Return what follows a form that was taken: the way to a page."""
    return Response(status=303, headers={"Location": path})


def face(body: bytes, kind: str, *, file: str = "") -> Response:
    """Return what a program takes from a page's address, `kind` its content type; a browser keeps it as `file`."""
    answer = Response(body, content_type=kind, headers=_FACE_HEADERS)
    if file:
        answer.headers["Content-Disposition"] = f"attachment; filename={file}"
    return answer


@resource.errorhandler(LrsError)
def refused(error: LrsError) -> Response:
    """Return a refusal as a page, or in the one JSON shape; every blueprint of pages takes it as its error handler.

    A browser that has no session is shown the way in, from which it comes back.
    """
    if not _wants_page(otherwise="." not in request.path.rpartition("/")[2]):
        return refusal(error)
    if isinstance(error, Unauthorized) and not request.authorization and request.method in _READING:
        return see(f"/sign-in?{urlencode({'next': request.full_path.rstrip('?')})}")
    shown = page("refused.html", status=error.status, error=error)
    for name, value in refusal(error).headers:
        if name == "Retry-After" or (name == "WWW-Authenticate" and request.authorization):
            shown.headers[name] = value
    return shown


def _wants_page(*, otherwise: bool) -> bool:
    """Whether who asks likes a page better than JSON; `otherwise`: if both are the same to them, or nothing is said."""
    page, data = (request.accept_mimetypes[kind] for kind in ("text/html", "application/json"))
    return otherwise if page == data else page > data


def shown(error: LrsError) -> Response:
    """Return what is wrong as a page, for who wants pages; machines get the one JSON shape."""
    if request.path.startswith(_MACHINES) or not _wants_page(otherwise=False):
        return refusal(error)
    # What has failed may be the store, which knows who has signed in.
    with suppress(Exception):
        visitor = sessions.known()
        if visitor is not None:
            context.set_principal(visitor)
    if error.code == NotFound.default_code:
        return page("nowhere.html", status=error.status)
    return refused(error)
