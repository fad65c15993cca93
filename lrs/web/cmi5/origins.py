"""Where a request that changes something comes from: a browser adds key and secret by itself, whoever has asked."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from lrs.errors import Forbidden
from lrs.web import context

_SAFE = ("GET", "HEAD", "OPTIONS")


def demand_own_page() -> None:
    """Return unless this request would change something and was sent by a page of someone else, such as an AU's.

    What is no browser says nothing of where it comes from, and is let pass.
    Raises: Forbidden (403).
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    own = (request.host, host_of(context.services().config.public_url))
    foreign = origin is not None and host_of(origin) not in own
    if foreign or site not in ("same-origin", "none"):
        raise Forbidden("This was not sent from a page of this LRS.", code="cross-site")


def host_of(url: str) -> str:
    """Return host and port of a URL, or "" if it has none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""
