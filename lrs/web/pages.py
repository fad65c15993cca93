"""Pages for people: one look, one policy on what a browser may load, one way to know who looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, Response, render_template, request

from lrs.auth.scopes import READ
from lrs.errors import LrsError
from lrs.web import context
from lrs.web.negotiate import basic
from lrs.web.refusals import refusal

resource = Blueprint("pages", __name__, template_folder="templates", static_folder="static")

View = TypeVar("View", bound=Callable[..., Response])

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


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation."""

    title: str
    path: str


PLACES: tuple[Place, ...] = (
    Place("Start", "/"),
    Place("cmi5", "/cmi5"),
    Place("Reports", "/reports"),
    Place("Tracking plan", "/plan"),
)
"""The navigation, in order."""


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a rendered page under the policy; `values` are what the template shows, always escaped."""
    text = render_template(template, places=PLACES, here=request.path, **values)
    return Response(text, status=status, mimetype="text/html", headers=_HEADERS)


def signed_in(view: View) -> View:
    """Let a page be seen only by a credential that may read statements.

    Raises: Unauthorized (401), upon which a browser asks for a key and its secret; Forbidden (403).
    """

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> Response:
        context.set_principal(basic.current_user())
        context.principal().demand(READ)
        return view(*args, **kwargs)

    authenticated: View = basic.login_required(guarded)
    return authenticated


@resource.errorhandler(LrsError)
def refused(error: LrsError) -> Response:
    """Return a refusal as a page; every blueprint of pages takes it as its error handler."""
    shown = page("refused.html", status=error.status, error=error)
    for name, value in refusal(error).headers:
        if name in ("WWW-Authenticate", "Retry-After"):
            shown.headers[name] = value
    return shown


@resource.get("/")
@signed_in
def start() -> Response:
    """What this LRS is reached by, and how much it holds."""
    services = context.services()
    return page(
        "start.html",
        endpoint=f"{services.config.public_url}/xapi/",
        count=services.store.statements.count(),
    )
