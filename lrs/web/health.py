"""Whether this LRS is alive and reaches its store, for load balancers and containers."""

from __future__ import annotations

from flask import Blueprint, Response

from lrs.web import context
from lrs.xapi.text import write_json

resource = Blueprint("health", __name__)


@resource.get("/health")
def get() -> Response:
    """200 if the store answers; otherwise 503 as any refusal."""
    context.services().statements.consistent_through()
    return Response(write_json({"status": "ok"}), content_type="application/json")
