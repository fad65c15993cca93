"""The agents resource: what is known of one agent. Spec: Communication 2.4 (1.0.3); 4.1.6.3 (2.0)."""

from __future__ import annotations

from flask import Blueprint, Response

from lrs.web import context
from lrs.web.negotiate import negotiated
from lrs.web.params import AgentParams, read_params
from lrs.xapi.text import write_json

resource = Blueprint("agents", __name__)


@resource.get("/agents")
@negotiated
def get() -> Response:
    narrowed = context.principal().narrow()
    agent = read_params(AgentParams)["agent"]
    person = context.services().lookups.person(agent, narrowed=narrowed)
    return Response(write_json(person), content_type="application/json")
