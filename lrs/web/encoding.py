"""Content-Encoding: gzipped requests are unpacked within a bound, answers are gzipped for those who can read it.

Flask-Compress would keep the ETag of the plain answer, which 3.1 forbids, and does not unpack requests.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, request

from lrs.errors import BadRequest
from lrs.web.rewriting import refuse_later

_LEVEL = 3
_WORTHWHILE = 1_024
"""Bytes from which on an answer is gzipped."""
_SUFFIX = "-gzip"


class UnpackedRequests:
    """WSGI middleware that lets gzipped bodies be read as what they hold; others pass untouched.

    Nothing is unpacked here: whoever reads the body does that, as far as he reads, after he has looked who sent it.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        encoding = environ.pop("HTTP_CONTENT_ENCODING", "identity").strip().lower()
        if encoding in ("gzip", "x-gzip"):
            environ["wsgi.input"] = gzip.GzipFile(fileobj=environ["wsgi.input"])
            environ["wsgi.input_terminated"] = True
            environ.pop("CONTENT_LENGTH", None)
        elif encoding not in ("", "identity"):
            unknown = BadRequest(
                "The Content-Encoding of the request is not known here.",
                code="content-encoding",
                allowed="gzip or none",
            )
            refuse_later(environ, unknown)
        return self._inner(environ, start_response)


def plain_etag(etag: str) -> str:
    """Return the ETag of a document, given that of its plain or its gzipped form, both without quotes."""
    return etag.removesuffix(_SUFFIX)


def named_form(etag: str, header: str) -> str:
    """Return the ETag of a document's gzipped form if the header names that, else the plain one, without quotes."""
    packed = etag + _SUFFIX
    return packed if packed in header else etag


def install(app: Flask) -> None:
    """Gzip answers to GET where the client can read it. A gzipped document has an ETag of its own.

    Spec: Communication 3.1 (1.0.3): the SHA-1 of the content is the ETag of the identity encoding alone.
    """

    @app.after_request
    def pack(response: Response) -> Response:
        length = response.content_length or 0
        if request.method not in ("GET", "HEAD") or length < _WORTHWHILE or response.is_streamed:
            return response
        mimetype = response.mimetype or ""
        if not (mimetype.startswith("text/") or mimetype.endswith("json")):
            return response
        response.vary.add("Accept-Encoding")
        if request.accept_encodings.best_match(("gzip", "identity")) == "gzip":
            etag, _ = response.get_etag()
            if etag is not None:
                response.set_etag(etag + _SUFFIX)
            response.headers["Content-Encoding"] = "gzip"
            response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
        return response
