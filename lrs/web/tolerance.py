"""What the sender of a request may get wrong, and how often that was needed."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from flask import Flask, Response, g

from lrs.errors import StoreUnavailable
from lrs.web import context

_REFUSED = 400


def tolerates(quirk: str) -> bool:
    """Whether the sender of this request has the quirk; it is counted if the request succeeds."""
    if not context.version().tolerates_quirks or quirk not in context.principal().quirks:
        return False
    note([quirk])
    return True


def note(quirks: Iterable[str]) -> None:
    """Remember that this request needed these tolerances."""
    g.setdefault("quirks", set()).update(quirks)


def install(app: Flask) -> None:
    """Count the tolerances that a request needed, once it has succeeded."""

    @app.after_request
    def count(response: Response) -> Response:
        if "quirks" in g and response.status_code < _REFUSED:
            # The request has succeeded: that it could not be counted must not make it fail.
            with suppress(StoreUnavailable):
                for quirk in sorted(g.quirks):
                    context.services().quirks.count(context.principal().name, quirk)
        return response
