"""JSON bodies of the cmi5 REST: from a request into typed values; what is unknown is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request
from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Range

from lrs.auth.scopes import CMI5, READ
from lrs.cmi5.launching import Options
from lrs.cmi5.registrations import check_actor
from lrs.errors import BadRequest
from lrs.web import context
from lrs.web.body import read_body
from lrs.web.cmi5.origins import demand_own_page
from lrs.web.negotiate import basic
from lrs.xapi import JsonObject
from lrs.xapi.text import read_json, write_json

_MOST_AUS = 10**9

View = TypeVar("View", bound=Callable[..., Response])


class LaunchBody(Schema):
    """The body of a launch, with the names that CATAPULT's player has for it."""

    class Meta:
        unknown = RAISE

    launch_mode = fields.String(data_key="launchMode", load_default=None, allow_none=True)
    return_url = fields.String(data_key="returnUrl", load_default=None, allow_none=True)
    moveOn = fields.String(allow_none=True)
    masteryScore = fields.Float(allow_none=True)
    launchParameters = fields.String(allow_none=True)
    alternateEntitlementKey = fields.String(allow_none=True)
    context_additions = fields.Dict(data_key="contextTemplateAdditions", load_default=dict)


class LaunchAuBody(LaunchBody):
    """A launch of an AU, by index or id."""

    au = fields.Raw(required=True)


class OverrideBody(Schema):
    """What holds for an AU in place of the course structure's; null takes a value away."""

    class Meta:
        unknown = RAISE

    moveOn = fields.String(allow_none=True)
    masteryScore = fields.Float(allow_none=True)
    launchParameters = fields.String(allow_none=True)
    alternateEntitlementKey = fields.String(allow_none=True)


class ReasonBody(Schema):
    """A waiver."""

    class Meta:
        unknown = RAISE

    reason = fields.String(required=True)


class EnrolBody(Schema):
    """One learner or several, into one course."""

    class Meta:
        unknown = RAISE

    course = fields.String(required=True)
    actor = fields.Dict()
    actors = fields.List(fields.Dict())
    again = fields.Boolean(load_default=False)


class SweepBody(Schema):
    """How long a session may have been silent."""

    class Meta:
        unknown = RAISE

    idle_for = fields.Integer(load_default=None, allow_none=True, validate=Range(0, 10**9))


def read_object(schema: type[Schema]) -> dict[str, Any]:
    """Return the typed values of this request's body; none at all counts as {}.

    Raises: BadRequest.
    """
    raw = read_body()
    value = read_json(raw).value if raw.strip() else {}
    try:
        values: dict[str, Any] = schema().load(value)
    except ValidationError as problem:
        name = next(iter(problem.messages_dict), "")
        known = ", ".join(field.data_key or name for name, field in schema().fields.items())
        raise BadRequest(
            "The body of the request is not what is wanted here.",
            code="cmi5-body",
            pointer="" if name.startswith("_") else f"/{name}",
            allowed=f"an object with {known}",
        ) from None
    return values


def options_of(values: dict[str, Any]) -> Options:
    """Return the options of a launch."""
    names = ("moveOn", "masteryScore", "launchParameters", "alternateEntitlementKey")
    return Options(
        launch_mode=values["launch_mode"],
        return_url=values["return_url"],
        overrides={name: values[name] for name in names if values.get(name) is not None},
        context_additions=values["context_additions"],
    )


def managed(view: View) -> View:
    """Let a view run only for a credential that may manage cmi5; to look, one that may read statements will do.

    Raises: Unauthorized (401); Forbidden (403).
    """

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> Response:
        context.set_principal(basic.current_user())
        principal = context.principal()
        if not (request.method in ("GET", "HEAD") and principal.may(READ)):
            principal.demand(CMI5)
        demand_own_page()
        return view(*args, **kwargs)

    authenticated: View = basic.login_required(guarded)
    return authenticated


def answer(value: Any, status: int = 200) -> Response:
    """Return a JSON answer, which nobody keeps."""
    response = Response(write_json(value), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def au_name(value: object) -> str:
    """Return what names an AU in a body, an index or an id, as text.

    Raises: BadRequest.
    """
    is_index = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_AUS
    if not (is_index or isinstance(value, str)):
        raise BadRequest(
            "This names no AU.", code="cmi5-body", pointer="/au", allowed="an index or an id"
        )
    return str(value)


def actor_of(text: str) -> JsonObject:
    """Return the agent in a query parameter.

    Raises: BadRequest.
    """
    actor = read_json(text.encode()).value
    if not isinstance(actor, dict):
        raise BadRequest("The actor is not an object.", code="cmi5-actor", allowed="an Agent")
    check_actor(actor)
    return actor
