"""From what was raised to what is answered: always the one JSON shape, never a stack trace."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable

from flask import Flask, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from lrs import errors
from lrs.errors import LrsError
from lrs.web import context
from lrs.xapi.text import write_json

_log = logging.getLogger("lrs")


def refusal(error: LrsError) -> Response:
    """Return the answer for a refusal."""
    response = Response(
        write_json(error.as_json()), status=error.status, content_type="application/json"
    )
    if isinstance(error, errors.Unauthorized):
        response.headers["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
    if isinstance(error, errors.StoreUnavailable | errors.Busy):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, errors.StoreUnavailable):
        _log.warning("store unavailable: %s", type(error.__cause__).__name__)
    return response


def install(app: Flask, shown: Callable[[LrsError], Response]) -> None:
    """Let every error of the app end as a refusal, as `shown` shows it."""

    @app.errorhandler(LrsError)
    def known(error: LrsError) -> Response:
        return shown(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        response = shown(translated(error))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(error.valid_methods)
        return response

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        # Places only: the message of an exception may hold a learner's data.
        places = [
            f"{frame.filename}:{frame.lineno}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        _log.error("%s at %s", type(error).__name__, " < ".join(reversed(places)))
        return shown(LrsError("The LRS failed on this request."))


def translated(error: HTTPException) -> LrsError:
    """Return what Flask refused as a refusal of ours."""
    match error:
        case RequestEntityTooLarge():
            return errors.TooLarge(
                "The body of the request is too large.",
                allowed=f"at most {context.services().config.max_body} bytes",
            )
        case MethodNotAllowed():
            return errors.MethodNotAllowed("This resource does not know that method.")
        case HTTPException(code=404):
            return errors.NotFound(
                "There is no such resource here.", allowed="/xapi/statements, /xapi/about"
            )
        case HTTPException(code=int(code)) if code < 500:  # noqa: PLR2004 client errors
            return errors.BadRequest("The request cannot be understood.")
        case _:
            return LrsError("The LRS failed on this request.")
