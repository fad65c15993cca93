"""Registrations: /cmi5/v1/registrations."""

from __future__ import annotations

from itertools import islice

from flask import Blueprint, Response, request

from lrs.cmi5.launchdata import check_preferences
from lrs.cmi5.registrations import check_actor
from lrs.cmi5.status import is_satisfied
from lrs.cmi5.terms import PREFERENCES
from lrs.errors import BadRequest
from lrs.web import context
from lrs.web.body import read_body
from lrs.web.cmi5.bodies import (
    EnrolBody,
    LaunchAuBody,
    ReasonBody,
    actor_of,
    answer,
    au_name,
    managed,
    options_of,
    read_object,
)
from lrs.xapi import JsonObject
from lrs.xapi.agent import ifi_of
from lrs.xapi.document import JSON, DocumentKey, Precondition, Scope
from lrs.xapi.text import read_json
from lrs.xapi.version import VERSIONS

resource = Blueprint("cmi5-registrations", __name__)

_PAGE = 100


@resource.post("/registrations")
@managed
def enrol() -> Response:
    """Enrol one learner, or several; one who is enrolled stays so."""
    values = read_object(EnrolBody)
    if ("actor" in values) == ("actors" in values):
        raise BadRequest(
            "The body names no learner.", code="cmi5-body", allowed="either actor or actors"
        )
    registrations = context.services().cmi5.registrations
    for actor in values.get("actors", ()):
        check_actor(actor)
    made = [
        registrations.enrol(values["course"], actor, again=values["again"])
        for actor in values.get("actors", [values.get("actor")])
    ]
    if "actor" in values:
        return answer(_shown(made[0]), 201)
    return answer({"registrations": [_shown(one) for one in made]}, 201)


@resource.get("/registrations")
@managed
def find() -> Response:
    """Registrations of a `course`, an `actor`, both or all; `satisfied` true or false; 100 at a time, `after` an id."""
    cmi5 = context.services().cmi5
    text = request.args.get("actor")
    wanted = {"true": True, "false": False}.get(request.args.get("satisfied", ""))
    found = (
        one
        for one in cmi5.registrations.find(
            course=request.args.get("course"),
            actor=None if text is None else actor_of(text),
            after=request.args.get("after", ""),
        )
        if wanted is None
        or is_satisfied(cmi5.registrations.get(one["id"]), cmi5.courses.course(one["course"]))
        == wanted
    )
    page = list(islice(found, _PAGE + 1))
    more = page[_PAGE - 1]["id"] if len(page) > _PAGE else None
    return answer({"registrations": [_shown(one) for one in page[:_PAGE]], "after": more})


@resource.get("/registrations/<registration>")
@managed
def get(registration: str) -> Response:
    """A registration."""
    return answer(_shown(context.services().cmi5.registrations.get(registration)))


@resource.get("/registrations/<registration>/status")
@managed
def status(registration: str) -> Response:
    """Where the learner stands, block by block and AU by AU."""
    return answer(context.services().cmi5.status(registration))


@resource.delete("/registrations/<registration>")
@managed
def delete(registration: str) -> Response:
    """Strike a registration off; statements stay."""
    context.services().cmi5.registrations.delete(registration)
    return Response(status=204)


@resource.post("/registrations/<registration>/launches")
@managed
def launch(registration: str) -> Response:
    """Launch an AU: the answer's url is what the learner's browser opens."""
    values = read_object(LaunchAuBody)
    launched = context.services().cmi5.launching.launch(
        registration, au_name(values["au"]), options_of(values)
    )
    return answer(
        {
            "session": launched.session,
            "registration": launched.registration,
            "launchMethod": launched.method,
            "url": launched.url,
        },
        201,
    )


@resource.post("/registrations/<registration>/aus/<path:au>/waive")
@managed
def waive(registration: str, au: str) -> Response:
    """Mark an AU, named by index or id, as done by other means."""
    values = read_object(ReasonBody)
    context.services().cmi5.registrations.waive(registration, au, values["reason"])
    return answer(context.services().cmi5.status(registration))


@resource.get("/registrations/<registration>/learner-preferences")
@managed
def get_preferences(registration: str) -> Response:
    """The learner's preferences."""
    key = preferences_key(context.services().cmi5.registrations.get(registration))
    document = context.services().documents.get(key)
    return Response(document.content, content_type=document.content_type)


@resource.put("/registrations/<registration>/learner-preferences")
@managed
def put_preferences(registration: str) -> Response:
    """Set the learner's preferences, for all courses."""
    set_preferences(context.services().cmi5.registrations.get(registration), read_body())
    return Response(status=204)


@resource.delete("/registrations/<registration>/learner-preferences")
@managed
def delete_preferences(registration: str) -> Response:
    """Forget the learner's preferences."""
    key = preferences_key(context.services().cmi5.registrations.get(registration))
    context.services().documents.delete(key, precondition=Precondition())
    return Response(status=204)


def preferences_key(registration: JsonObject) -> DocumentKey:
    """Return where the preferences of a registration's learner are. Spec: cmi5 11.0."""
    agent = str(ifi_of(registration["actor"]))
    return DocumentKey(Scope(resource="agent-profile", agent=agent), PREFERENCES)


def set_preferences(registration: JsonObject, raw: bytes) -> None:
    """Keep the preferences of a registration's learner in place of older ones.

    Raises: Violation (403); BadRequest if it is not JSON.
    """
    check_preferences(read_json(raw).value)
    context.services().documents.put(
        preferences_key(registration),
        raw,
        JSON,
        # Whatever is there: an administrator has the last word.
        precondition=Precondition(none_match=frozenset({"none"})),
        version=VERSIONS[0],
        tolerates=lambda _: False,
    )


def _shown(registration: JsonObject) -> JsonObject:
    names = ("id", "course", "actor", "created")
    return {name: registration[name] for name in names}
