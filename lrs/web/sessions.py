"""Sessions of browsers: the cookie that says who has signed in, and the token that says a form is ours."""

from __future__ import annotations

import hashlib
import re
import secrets
from hmac import compare_digest
from urllib.parse import urlsplit

from flask import Response, request

from lrs.auth.principal import Principal
from lrs.errors import Forbidden
from lrs.web import context

FIELD = "csrf"
"""The hidden field of every form that changes something."""

_FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')


def known() -> Principal | None:
    """Return who has signed in, or None; a script of another origin, even of the same site, is nobody."""
    token = request.cookies.get(_name("session"))
    if not token or not _is_own(request.headers.get("Origin")):
        return None
    return context.services().accounts.of_session(token)


def begin(response: Response, token: str) -> None:
    """Give the browser the token of a new session."""
    _set(response, "session", token)


def end(response: Response) -> None:
    """End the session of this request, if there is one."""
    token = request.cookies.get(_name("session"))
    if token:
        context.services().accounts.sign_out(token)
    response.delete_cookie(_name("session"), httponly=True, samesite="Lax", secure=_is_secure())


def with_tokens(text: str, response: Response) -> None:
    """Put a page into a response, with the token in each form that changes something: none can be forgotten.

    What a page shows is escaped, so that only a template's own forms are found. Who has not signed in gets a cookie for
    the purpose, which no other site can set or read.
    """
    if _FORM.search(text) is not None:
        secret = _secret()
        if secret is None:
            secret = secrets.token_urlsafe(32)
            _set(response, "form", secret)
        field = f'<input type="hidden" name="{FIELD}" value="{_token(secret)}">'
        text = _FORM.sub(lambda form: form.group() + field, text)
    response.set_data(text)


def demand_own_form() -> None:
    """Raises: Forbidden (403) if this request does not carry the token of a form that this browser was given."""
    secret = _secret()
    sent = request.form.get(FIELD, "")
    if secret is None or not compare_digest(_token(secret).encode(), sent.encode()):
        raise Forbidden(
            "This form was not sent from a page of this LRS, or its page is too old.",
            code="csrf",
            allowed="the form of a page that was loaded anew",
        )


def _is_own(origin: str | None) -> bool:
    own = (request.host, urlsplit(context.services().config.public_url).netloc)
    # Not parsed: what a stranger calls its origin need not be an address at all.
    return origin is None or origin.partition("://")[2] in own


def _secret() -> str | None:
    return request.cookies.get(_name("session")) or request.cookies.get(_name("form"))


def _token(secret: str) -> str:
    return hashlib.sha256(b"form " + secret.encode()).hexdigest()


def _set(response: Response, name: str, value: str) -> None:
    response.set_cookie(_name(name), value, httponly=True, samesite="Lax", secure=_is_secure())


def _is_secure() -> bool:
    return context.services().config.public_url.startswith("https:")


def _name(name: str) -> str:
    """Return the name of a cookie; a browser takes "__Host-" from this very host alone, and only by https."""
    return f"{'__Host-' if _is_secure() else ''}lrs-{name}"
