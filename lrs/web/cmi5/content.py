"""The files of courses, on an origin of their own or in a sandbox: AUs are code that nobody here has written."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from urllib.parse import urlsplit

from flask import Flask, Response, request, send_file

from lrs.errors import Forbidden, NotFound
from lrs.web import context
from lrs.web.cmi5.origins import host_of

_PATH = "/cmi5/content/"
_FOR_AUS = ("/cmi5/lrs/", "/cmi5/fetch/")
_SANDBOX = (
    "sandbox allow-scripts allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox"
    " allow-downloads allow-top-navigation-by-user-activation; frame-ancestors *"
)
"""Without allow-same-origin the AU has an origin that nothing else has: it cannot reach what a browser that is signed
in here can. It has no cookies nor local storage either; courses that need these want LRS_CMI5_CONTENT_URL."""
_OWN_ORIGIN = (
    "default-src * data: blob: 'unsafe-inline' 'unsafe-eval'; object-src 'none';"
    " base-uri 'self'; frame-ancestors *"
)
"""AUs may load and run what they like, but no plug-in, and nothing that resolves their URLs elsewhere."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # The launch URL carries the learner's name and the fetch URL.
    "Referrer-Policy": "no-referrer",
    # In the sandbox even a course's own files are of another origin.
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def install(app: Flask) -> None:
    """Serve course files, and on their own origin nothing else."""
    url = context_free_host(app)

    @app.before_request
    def keep_apart() -> None:
        if url is None:
            return
        on_content_origin = request.host == url
        if on_content_origin != request.path.startswith(_PATH):
            raise NotFound("There is no such resource here.")
        # With the key and secret that the browser of an administrator adds, an AU would be the administrator.
        by_au = host_of(request.headers.get("Origin", "")) == url
        if by_au and not request.path.startswith((*_FOR_AUS, _PATH)):
            raise Forbidden("AUs may speak to nothing but their endpoint.", code="cross-site")

    @app.get(f"{_PATH}<course>/<int:version>/<path:path>")
    def content(course: str, version: int, path: str) -> Response:
        found = context.services().cmi5.courses.file(course, version, path)
        response = send_file(
            BytesIO(found.data),
            mimetype=found.media_type,
            etag=found.sha2,
            last_modified=datetime(1980, 1, 1, tzinfo=UTC),
            conditional=True,
            max_age=86_400,
        )
        response.headers.update(_HEADERS)
        response.headers["Content-Security-Policy"] = _SANDBOX if url is None else _OWN_ORIGIN
        return response


def context_free_host(app: Flask) -> str | None:
    """Return host and port of the course files' own origin, or None if they have none."""
    with app.app_context():
        config = context.services().config
    return urlsplit(config.content_url).netloc if config.cmi5_content_url else None
