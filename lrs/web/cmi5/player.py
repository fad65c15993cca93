"""The names of CATAPULT's player, for what was written for it: ADL's test suites, ADL's plug-in for Moodle."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from http import HTTPStatus
from typing import TypeVar

from flask import Blueprint, Response, request
from marshmallow import RAISE, Schema, fields

from lrs.auth.scopes import CMI5
from lrs.cmi5.launching import find_au
from lrs.cmi5.violations import InvalidPackage, Violation
from lrs.errors import Conflict, LrsError, NotFound, Unauthorized
from lrs.web import context
from lrs.web.body import read_body
from lrs.web.cmi5 import playershapes as shapes
from lrs.web.cmi5.bodies import LaunchBody, ReasonBody, answer, options_of, read_object
from lrs.web.cmi5.origins import demand_own_page
from lrs.web.cmi5.registrations import preferences_key, set_preferences
from lrs.web.negotiate import basic
from lrs.web.refusals import refusal
from lrs.xapi import JsonObject
from lrs.xapi.document import Precondition
from lrs.xapi.terms import parse_uuid

resource = Blueprint("cmi5-player", __name__)

View = TypeVar("View", bound=Callable[..., Response])


class TenantBody(Schema):
    """A tenant to be made."""

    class Meta:
        unknown = RAISE

    code = fields.String(required=True)


class AuthBody(Schema):
    """A token to be made."""

    class Meta:
        unknown = RAISE

    tenant = fields.Integer(required=True, data_key="tenantId")
    audience = fields.String(required=True)


class RegistrationBody(Schema):
    """A learner to be enrolled."""

    class Meta:
        unknown = RAISE

    course = fields.Raw(required=True, data_key="courseId")
    actor = fields.Dict(required=True)


class LaunchUrlBody(LaunchBody):
    """A launch, with the learner; `reg` is the registration, which need not be there yet."""

    actor = fields.Dict(required=True)
    reg = fields.String(load_default=None, allow_none=True)


def administered(view: View) -> View:
    """Let a view run only for an API credential that may manage cmi5."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> Response:
        context.set_principal(basic.current_user())
        context.principal().demand(CMI5)
        demand_own_page()
        return view(*args, **kwargs)

    authenticated: View = basic.login_required(guarded)
    return authenticated


def tenant() -> str:
    """Return the tenant whose bearer token this request carries.

    Raises: Unauthorized (401).
    """
    token = request.authorization
    found = None
    if token is not None and token.type == "bearer" and token.token:
        found = context.services().cmi5.player.tenant_of(token.token)
    if found is None:
        raise Unauthorized("The request carries no token of a tenant.", allowed="Bearer token")
    return found


@resource.errorhandler(LrsError)
def refused(error: LrsError) -> Response:
    """Return a refusal in the shape of the player."""
    shape: JsonObject = {
        "statusCode": error.status,
        "error": HTTPStatus(error.status).phrase,
        "message": error.message,
    }
    if isinstance(error, InvalidPackage | Violation):
        shape["violatedReqId"] = error.requirement
    response = refusal(error)
    response.set_data(answer(shape).get_data())
    return response


@resource.get("/ping")
def ping() -> Response:
    return answer({"ok": True})


@resource.get("/about")
def about() -> Response:
    return answer({"tenantId": int(tenant()), "description": "LRS"})


@resource.post("/tenant")
@administered
def add_tenant() -> Response:
    made = context.services().cmi5.player.add_tenant(read_object(TenantBody)["code"])
    return answer({"id": made["id"], "code": made["code"], "createdAt": made["created"]})


@resource.delete("/tenant/<number>")
@administered
def delete_tenant(number: str) -> Response:
    context.services().cmi5.player.delete_tenant(number)
    return Response(status=204)


@resource.post("/auth")
@administered
def auth() -> Response:
    values = read_object(AuthBody)
    token = context.services().cmi5.player.token(str(values["tenant"]), values["audience"])
    return answer({"token": token})


@resource.post("/course")
def add_course() -> Response:
    record = context.services().cmi5.courses.add(
        read_body(), content_type=request.headers.get("Content-Type", ""), tenant=tenant()
    )
    return answer(shapes.course(context.services().cmi5, record["id"]))


@resource.get("/course/<name>")
def get_course(name: str) -> Response:
    return answer(shapes.course(context.services().cmi5, _course(name)["id"]))


@resource.delete("/course/<name>")
def delete_course(name: str) -> Response:
    # The player does not mind if there is none, and its clients delete twice.
    with suppress(NotFound):
        context.services().cmi5.registrations.delete_course(_course(name)["id"])
    return Response(status=204)


@resource.post("/course/<name>/launch-url/<au>")
def launch_url(name: str, au: str) -> Response:
    cmi5 = context.services().cmi5
    course = _course(name)["id"]
    values = read_object(LaunchUrlBody)
    find_au(cmi5.courses.course(course).structure, au)
    if values["reg"] is None:
        registration = cmi5.registrations.enrol(course, values["actor"], again=True)
    else:
        registration = cmi5.registrations.create(course, values["actor"], parse_uuid(values["reg"]))
    launched = cmi5.launching.launch(registration["id"], au, options_of(values))
    number = cmi5.player.number("session", launched.session)
    return answer({"id": number, "launchMethod": launched.method, "url": launched.url})


@resource.post("/registration")
def add_registration() -> Response:
    values = read_object(RegistrationBody)
    cmi5 = context.services().cmi5
    course = _course(str(values["course"]))["id"]
    made = cmi5.registrations.enrol(course, values["actor"], again=True)
    return answer(shapes.registration(cmi5, made["id"]))


@resource.get("/registration/<name>")
def get_registration(name: str) -> Response:
    return answer(shapes.registration(context.services().cmi5, _registration(name)["id"]))


@resource.delete("/registration/<name>")
def delete_registration(name: str) -> Response:
    context.services().cmi5.registrations.delete(_registration(name)["id"])
    return Response(status=204)


@resource.post("/registration/<name>/waive-au/<au>")
def waive(name: str, au: str) -> Response:
    registration = _registration(name)
    cmi5 = context.services().cmi5
    structure = cmi5.courses.course(registration["course"]).structure
    unit = find_au(structure, au)
    if "satisfied" in registration["aus"].get(unit["id"], {}):
        raise Conflict("The AU is satisfied in this registration.", code="cmi5-satisfied")
    cmi5.registrations.waive(registration["id"], au, read_object(ReasonBody)["reason"])
    return Response(status=204)


@resource.get("/registration/<name>/learner-prefs")
def get_preferences(name: str) -> Response:
    document = context.services().documents.get(preferences_key(_registration(name)))
    response = Response(document.content, content_type=document.content_type)
    response.set_etag(document.etag)
    return response


@resource.post("/registration/<name>/learner-prefs")
def put_preferences(name: str) -> Response:
    set_preferences(_registration(name), read_body())
    return Response(status=204)


@resource.delete("/registration/<name>/learner-prefs")
def delete_preferences(name: str) -> Response:
    key = preferences_key(_registration(name))
    context.services().documents.delete(key, precondition=Precondition())
    return Response(status=204)


@resource.get("/session/<name>")
def get_session(name: str) -> Response:
    registration, session = _session(name)
    return answer(shapes.session(context.services().cmi5, registration, session))


@resource.post("/session/<name>/abandon")
def abandon(name: str) -> Response:
    _, session = _session(name)
    context.services().cmi5.sessions.abandon(session["id"], by="api")
    return Response(status=204)


def _course(name: str) -> JsonObject:
    """Return the record of a tenant's course, named by number or id; another tenant's is not there."""
    own, cmi5 = tenant(), context.services().cmi5
    record = cmi5.courses.record(cmi5.player.id("course", name))
    if record["tenant"] != own:
        raise NotFound("There is no such course.", code="cmi5-course-not-found")
    return record


def _registration(name: str) -> JsonObject:
    own, cmi5 = tenant(), context.services().cmi5
    registration = cmi5.registrations.get(cmi5.player.id("registration", name))
    if registration["tenant"] != own:
        raise NotFound("There is no such registration.", code="cmi5-registration-not-found")
    return registration


def _session(name: str) -> tuple[JsonObject, JsonObject]:
    own, cmi5 = tenant(), context.services().cmi5
    registration, session = cmi5.sessions.get(cmi5.player.id("session", name))
    if registration["tenant"] != own:
        raise NotFound("There is no such session.", code="cmi5-session-not-found")
    return registration, session
