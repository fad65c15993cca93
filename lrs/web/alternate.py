"""The alternate request syntax of 1.0.x: any request as a POST of a form. Spec: Communication 1.3 (1.0.3).

For browsers that may neither choose a method nor set headers, and for query strings that would be too long.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes, urlencode
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import request
from werkzeug.http import parse_options_header

from lrs.errors import BadRequest, LrsError
from lrs.web import context
from lrs.web.rewriting import read_input, refuse_later, replace_input
from lrs.web.tolerance import tolerates

_SECTION = "Communication 1.3"
_METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
_HEADERS = {
    "authorization": "HTTP_AUTHORIZATION",
    "x-experience-api-version": "HTTP_X_EXPERIENCE_API_VERSION",
    "content-type": "CONTENT_TYPE",
    "content-length": "CONTENT_LENGTH",
    "if-match": "HTTP_IF_MATCH",
    "if-none-match": "HTTP_IF_NONE_MATCH",
}
_FORM = "application/x-www-form-urlencoded"
_FIELDS = 100
_MOST = 8 * 1024 * 1024
"""Bytes of a form. It has to be read before it is known who sent it, and cannot carry attachments."""
_SLICE = 65_536
_USED = "lrs.alternate"


class AlternateRequests:
    """WSGI middleware that turns alternate requests into what they stand for; others pass untouched."""

    def __init__(self, inner: WSGIApplication, max_body: int) -> None:
        self._inner = inner
        self._max_body = max_body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and "method=" in environ.get("QUERY_STRING", ""):
            # Old browsers, for which this syntax is made, send no Content-Type: it is only recommended (SHOULD).
            media_type = parse_options_header(environ.get("CONTENT_TYPE", ""))[0].lower() or _FORM
            if media_type in (_FORM, "text/plain"):
                try:
                    self._rewrite(environ, media_type)
                except LrsError as refusal:
                    refuse_later(environ, refusal)
                if environ["REQUEST_METHOD"] == "HEAD":
                    start_response = _without_length(start_response)
        return self._inner(environ, start_response)

    def _rewrite(self, environ: WSGIEnvironment, media_type: str) -> None:
        query = _fields(environ["QUERY_STRING"].encode("latin-1"))
        method = query.get("method", "").upper()
        if len(query) > 1 or method not in _METHODS:
            _refuse(
                "An alternate request has a query string of its own.",
                f"method={'|'.join(_METHODS)} alone",
            )
        form = _fields(read_input(environ, min(self._max_body, _MOST)))
        content = form.pop("content", None)
        if content is None and method in ("PUT", "POST"):
            _refuse(
                "An alternate request that sends something has no content.", "a form field content"
            )
        environ["CONTENT_TYPE"] = "application/json"
        for name in _HEADERS.keys() & form.keys():
            environ[_HEADERS[name]] = form.pop(name)
        environ["REQUEST_METHOD"] = method
        environ["QUERY_STRING"] = urlencode(form)
        environ[_USED] = media_type
        # Its true length, whatever the field says: clients count characters, or what was URL-encoded.
        replace_input(environ, (content or "").encode())


def demand_allowed() -> None:
    """Return unless this request came in the alternate syntax, and its version does not know that, or it was no form.

    Raises: BadRequest.
    """
    media_type = form_type()
    if media_type is None:
        return
    if not context.version().alternate_requests:
        _refuse("This version has no alternate request syntax.", "1.0.x for alternate requests")
    if media_type != _FORM and not tolerates("text-plain-alternate"):
        raise BadRequest(
            "The Content-Type of an alternate request is not that of a form.",
            code="content-type",
            allowed=_FORM,
            section=_SECTION,
        )


def form_type() -> str | None:
    """Return the media type of the form that this request came as, or None if it did not come in this syntax."""
    media_type: str | None = request.environ.get(_USED)
    return media_type


def environment(media_type: str | None) -> dict[str, object]:
    """Return what the WSGI environment of a request holds that is no form any more, but was."""
    return {} if media_type is None else {_USED: media_type}


def _without_length(start_response: StartResponse) -> StartResponse:
    """Let the server count: it was asked with a POST, and would wait for the body that a HEAD only announces."""

    def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        return start_response(status, kept, *failure)

    return start


def _fields(text: bytes) -> dict[str, str]:
    """Return the fields of a form, header names in lower case."""
    pairs = [pair.partition(b"=") for pair in text.split(b"&", _FIELDS) if pair]
    if len(pairs) > _FIELDS:
        _refuse("The form has too many fields.", f"at most {_FIELDS} fields")
    fields: dict[str, str] = {}
    for raw_name, _, raw_value in pairs:
        try:
            name, value = _unquoted(raw_name).decode(), _unquoted(raw_value).decode()
        except UnicodeDecodeError:
            _refuse("The form is not in UTF-8.", "UTF-8")
        name = name.lower() if name.lower() in _HEADERS else name
        if name in fields:
            _refuse("A field of the form is given twice.", "each field once")
        fields[name] = value
    return fields


def _unquoted(text: bytes) -> bytes:
    """Return the text without URL encoding; in slices, since the library takes many times what it is given."""
    plain, start = bytearray(), 0
    while start < len(text):
        end = start + _SLICE
        cut = text.rfind(b"%", max(start + 1, end - 2), end)
        end = cut if cut > 0 else end
        plain += unquote_to_bytes(text[start:end].replace(b"+", b" "))
        start = end
    return bytes(plain)


def _refuse(message: str, allowed: str) -> NoReturn:
    raise BadRequest(message, code="alternate-syntax", allowed=allowed, section=_SECTION)
