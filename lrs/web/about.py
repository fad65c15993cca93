"""The about resource. Spec: Communication 2.8 (1.0.3)."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, request

from lrs.errors import BadRequest
from lrs.web import context
from lrs.web.negotiate import VERSION_HEADER
from lrs.web.params import NoParams, read_params
from lrs.xapi.text import write_json
from lrs.xapi.version import SUPPORTED, version_of

resource = Blueprint("about", __name__)


@resource.get("/about")
def get() -> Response:
    """Needs neither a credential nor a version header: it is how a client finds out.

    Raises: BadRequest if there are parameters.
    """
    with suppress(BadRequest):
        # A version that is not spoken here is no fault either: the answer says which ones are.
        context.set_version(version_of(request.headers.get(VERSION_HEADER)))
    read_params(NoParams)
    return Response(
        write_json({"version": list(SUPPORTED), "extensions": {}}), content_type="application/json"
    )
