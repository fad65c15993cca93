"""The tracking plan: a page, its report for machines, the catalog, and the browser client."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request

from lrs.analytics.audience import EVERYONE
from lrs.analytics.planning import REPORT, seen
from lrs.errors import LrsError
from lrs.taxonomy.events import schema_of
from lrs.taxonomy.problems import CODES
from lrs.web import context
from lrs.web.answers import answer
from lrs.web.pages import page, refused, signed_in
from lrs.xapi.text import write_json

resource = Blueprint("plan", __name__)
resource.register_error_handler(LrsError, refused)
data = Blueprint("plan_data", __name__)

_JSON = "application/json"
_PATIENCE = 0.8
"""Seconds that the page waits for its report; without it, it asks again by itself."""
_CLIENT = Path(__file__).parent / "static" / "track.js"
_SPACED = re.compile(r" ?([-=<>{}(),;:?&|+*]) ?")


@resource.get("/plan")
@signed_in
def plan() -> Response:
    """What should come, what does, and what came that nobody planned."""
    services = context.services()
    # It tells of events and of nobody, with no filter that could narrow it to few.
    found = answer(REPORT, {}, EVERYONE, patience=_PATIENCE)
    return page(
        "plan.html",
        answer=found,
        pending=found.pending,
        report=None if found.table is None else services.plan.of(found.table),
        seen=seen,
        codes=CODES,
        host=services.config.public_url,
        integrity=client()[1],
    )


@data.get("/events/plan")
@signed_in
def plan_report() -> Response:
    """The report for machines, over everything that is stored."""
    return Response(write_json(context.services().plan.report().as_json()), content_type=_JSON)


@data.get("/events/catalog")
@signed_in
def catalog() -> Response:
    """Every event that is taken here, with the JSON Schema of each."""
    events = context.services().mapper.catalog.tables
    shown = [
        {
            "event": name,
            "stage": table["stage"],
            "volume": table["volume"],
            "purpose": table.get("purpose", "learning"),
            "schema": schema_of(name, table),
        }
        for name, table in events.items()
    ]
    return Response(write_json({"events": shown}), content_type=_JSON)


@data.get("/events/track.js")
def client_script() -> Response:
    """The browser client, whose integrity hash the plan shows."""
    text, integrity = client()
    response = Response(text, content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.set_etag(integrity[7:23])
    response.make_conditional(request)
    return response


@cache
def client() -> tuple[bytes, str]:
    """Return the browser client without comments and spaces, and its integrity hash as a script tag takes it."""
    # None of its strings holds a space.
    lines = (_SPACED.sub(r"\1", line.strip()) for line in _CLIENT.read_text("utf-8").splitlines())
    text = "\n".join(line for line in lines if line and not line.startswith("//")).encode()
    return text, "sha384-" + base64.b64encode(hashlib.sha384(text).digest()).decode()
