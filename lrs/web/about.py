"""The about resource. Spec: Communication 2.8 (1.0.3)."""

from __future__ import annotations

from flask import Blueprint, Response

from lrs.xapi.text import write_json
from lrs.xapi.version import SUPPORTED

resource = Blueprint("about", __name__)


@resource.get("/about")
def get() -> Response:
    """Needs neither a credential nor a version header: it is how a client finds out."""
    return Response(
        write_json({"version": list(SUPPORTED), "extensions": {}}), content_type="application/json"
    )
