"""Requests that are changed before Flask sees them: their input read and replaced, or a refusal left for the app."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterable
from typing import IO, cast
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, request

from lrs.errors import BadRequest, LrsError, TooLarge

_REFUSAL = "lrs.refusal"
_SLASHES = re.compile("/{2,}")


class MergedSlashes:
    """WSGI middleware for endpoints that were typed with a closing slash: "/xapi//statements" is "/xapi/statements".

    Not by a redirect, which would lose the method and the body of a POST.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        # The paths of /cmi5/v1 may hold the IRI of an AU.
        if "//" in path and not path.startswith("/cmi5/v1/"):
            environ["PATH_INFO"] = _SLASHES.sub("/", path)
        return self._inner(environ, start_response)


def read_input(environ: WSGIEnvironment, most: int) -> bytes:
    """Return the body of a request.

    Raises: TooLarge (413) if it is longer than `most` bytes.
    """
    stream = cast(IO[bytes], environ["wsgi.input"])
    length = environ.get("CONTENT_LENGTH", "")
    wanted = int(length) if length.isdigit() else most + 1
    try:
        body = b"" if wanted > most + 1 else stream.read(wanted)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise BadRequest(
            "The body is not whole gzip.",
            code="content-encoding",
            allowed="gzip, as the Content-Encoding header says",
        ) from None
    if max(wanted if length else 0, len(body)) > most:
        raise TooLarge("The body of the request is too large.", allowed=f"at most {most} bytes")
    return body


def replace_input(environ: WSGIEnvironment, body: bytes) -> None:
    """Give a request another body."""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)


def refuse_later(environ: WSGIEnvironment, refusal: LrsError) -> None:
    """Leave a refusal to be raised inside the app, so that it gets its shape, and CORS headers, there."""
    environ[_REFUSAL] = refusal
    replace_input(environ, b"")


def install(app: Flask) -> None:
    """Raise the refusals that were left."""

    @app.before_request
    def refuse() -> None:
        refusal: LrsError | None = request.environ.get(_REFUSAL)
        if refusal is not None:
            raise refusal
