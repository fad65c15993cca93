"""The activities resource: the definition that all statements together give. Spec: Communication 2.5 (1.0.3)."""

from __future__ import annotations

from flask import Blueprint, Response

from lrs.web import context
from lrs.web.negotiate import negotiated
from lrs.web.params import ActivityParams, read_params
from lrs.xapi.text import write_json

resource = Blueprint("activities", __name__)


@resource.get("/activities")
@negotiated
def get() -> Response:
    context.principal().narrow()
    activity = context.services().lookups.activity(read_params(ActivityParams)["activity"])
    return Response(write_json(activity), content_type="application/json")
