"""Before a resource is reached: which version is spoken, and by whom. After it: CORS, and headers for every answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TypeVar

from flask import Flask, Response, request
from flask_cors import CORS
from flask_httpauth import HTTPBasicAuth

from lrs.auth.principal import Principal
from lrs.errors import Unauthorized
from lrs.web import context
from lrs.web.alternate import demand_allowed
from lrs.xapi.version import Version, version_of

VERSION_HEADER = "X-Experience-API-Version"
CONSISTENT_THROUGH = "X-Experience-API-Consistent-Through"
_NO_CONTENT = 204

View = TypeVar("View", bound=Callable[..., Response])

basic = HTTPBasicAuth(realm="xAPI")


@basic.verify_password
def _verify(key: str, secret: str) -> Principal | None:
    replayed = context.replayed()
    if replayed is not None:
        return replayed.principal
    known = context.known_principal()
    if known is not None:
        # An AU: its session's token was verified before, see lrs.web.cmi5.au.
        return known
    # Without an Authorization header the library asks with two empty strings.
    return context.services().credentials.verify(key, secret) if key else None


@basic.error_handler
def _refuse(status: int) -> Response:
    raise Unauthorized(
        "The request carries no credential that is known here.",
        allowed="HTTP Basic authentication with an API key and its secret",
        section="Communication 4.0",
    )


def negotiated(view: View) -> View:
    """Let a view run only for a request that speaks a known version and carries a valid credential.

    Raises: Unauthorized (401) for the credential, then BadRequest (400) for the version.
    """

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> Response:
        principal: Principal = basic.current_user()
        context.set_principal(principal)
        context.set_version(version_of(request.headers.get(VERSION_HEADER)))
        context.spoken().note(principal.name, context.version())
        demand_allowed()
        return view(*args, **kwargs)

    authenticated: View = basic.login_required(guarded)
    return authenticated


def install(app: Flask, origins: Sequence[str]) -> None:
    """Answer preflights without authentication, and put the headers on every answer, refusals too.

    The origin is echoed, not "*": browsers refuse "*" to content that sends its requests "with credentials".
    """
    CORS(
        app,
        resources={
            **{path: {} for path in (r"/xapi/.*", r"/events.*", r"/v1/.*")},
            # Not by an origin, which is null in a sandbox, but by the token of its session an AU is known.
            r"/cmi5/(?:lrs|fetch)/.*": {"origins": "*"},
        },
        origins=list(origins),
        send_wildcard=False,
        always_send=False,
        supports_credentials=True,
        methods=["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"],
        allow_headers="*",
        expose_headers=[
            "ETag",
            "Last-Modified",
            "Content-Length",
            "Retry-After",
            CONSISTENT_THROUGH,
            VERSION_HEADER,
        ],
        max_age=86_400,
    )

    @app.after_request
    def add_headers(response: Response) -> Response:
        if request.path.startswith(("/xapi/", "/cmi5/lrs/")):
            response.headers[VERSION_HEADER] = (context.known_version() or _guess()).name
            # What a browser keeps it asks for again, by its ETag: a learner's state may change on another device.
            response.headers.add("Cache-Control", "private, no-cache")
            response.headers.add("X-Content-Type-Options", "nosniff")
            if response.status_code == _NO_CONTENT:
                response.headers.remove("Content-Type")
        return response


def _guess() -> Version:
    """Return the version to answer a request in that does not say one: the one its credential spoke last here.

    So that a client of either version is refused in words that it expects, at one endpoint.
    """
    principal = context.known_principal()
    return context.spoken().last("" if principal is None else principal.name)
