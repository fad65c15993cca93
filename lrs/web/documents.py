"""The state resource and the two profile resources. Spec: Communication 2.2, 2.3, 2.6, 2.7 (1.0.3); 4.1.6 (2.0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import Schema
from werkzeug.http import http_date, quote_etag, unquote_etag

from lrs.auth.scopes import PROFILE_READ, PROFILE_WRITE, STATE_READ, STATE_WRITE
from lrs.errors import BadRequest
from lrs.web import context
from lrs.web.body import read_body
from lrs.web.encoding import named_form, plain_etag
from lrs.web.negotiate import negotiated
from lrs.web.params import ActivityProfileParams, AgentProfileParams, StateParams, read_params
from lrs.web.tolerance import tolerates
from lrs.xapi.agent import ifi_of
from lrs.xapi.document import JSON, Document, DocumentKey, Precondition, Resource, Scope
from lrs.xapi.text import write_json

resource = Blueprint("documents", __name__)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What tells the three resources apart."""

    resource: Resource
    params: type[Schema]
    id_name: str
    read: str
    write: str
    may_delete_all: bool = False


_KINDS = {
    "activities/state": _Kind(
        "state", StateParams, "stateId", STATE_READ, STATE_WRITE, may_delete_all=True
    ),
    "activities/profile": _Kind(
        "activity-profile", ActivityProfileParams, "profileId", PROFILE_READ, PROFILE_WRITE
    ),
    "agents/profile": _Kind(
        "agent-profile", AgentProfileParams, "profileId", PROFILE_READ, PROFILE_WRITE
    ),
}


@negotiated
def get(path: str) -> Response:
    kind = _KINDS[path]
    context.principal().demand(kind.read)
    params = read_params(kind.params)
    scope = _scope(kind, params)
    if "id" not in params:
        return _list(scope, params)
    if "since" in params:
        raise _clash(
            f"{kind.id_name} and since do not go together.", f"one of {kind.id_name}, since"
        )
    document = context.services().documents.get(DocumentKey(scope, params["id"]))
    # Without its headers a browser cannot ask for a document, but with the alternate syntax it can: whatever a
    # client has stored, no script of it runs at this address.
    return _answer(
        document,
        {"Content-Security-Policy": "sandbox", "Last-Modified": _modified(document.updated)},
    )


@negotiated
def put(path: str) -> Response:
    key = _target(path)
    context.services().documents.put(
        key,
        read_body(),
        _content_type(),
        precondition=_precondition(),
        version=context.version(),
        tolerates=tolerates,
    )
    return Response(status=204)


@negotiated
def post(path: str) -> Response:
    key = _target(path)
    context.services().documents.merge(
        key, read_body(), _content_type(), precondition=_precondition()
    )
    return Response(status=204)


@negotiated
def delete(path: str) -> Response:
    kind = _KINDS[path]
    context.principal().demand(kind.write)
    params = read_params(kind.params)
    scope = _scope(kind, params)
    if "since" in params:
        raise _clash("since is for GET alone.", "no since")
    if "id" in params:
        key = DocumentKey(scope, params["id"])
        context.services().documents.delete(key, precondition=_precondition())
    elif kind.may_delete_all:
        if _precondition().is_given:
            raise _clash(
                f"If-Match and If-None-Match are about one document; no {kind.id_name} names it.",
                f"a {kind.id_name}, or neither of the two headers",
            )
        context.services().documents.delete_all(scope)
    else:
        raise _missing(kind)
    return Response(status=204)


def _target(path: str) -> DocumentKey:
    """Return the document that a PUT or POST is about; it must be named."""
    kind = _KINDS[path]
    context.principal().demand(kind.write)
    params = read_params(kind.params)
    if "id" not in params:
        raise _missing(kind)
    if "since" in params:
        raise _clash("since is for GET alone.", "no since")
    return DocumentKey(_scope(kind, params), params["id"])


def _scope(kind: _Kind, params: dict[str, Any]) -> Scope:
    return Scope(
        resource=kind.resource,
        activity=params.get("activity", ""),
        agent=str(ifi_of(params["agent"])) if "agent" in params else "",
        registration=params.get("registration", ""),
    )


def _list(scope: Scope, params: dict[str, Any]) -> Response:
    updated = context.services().documents.ids(scope, since=params.get("since"))
    listed = Document(write_json(list(updated)), JSON)
    return _answer(listed, {"Last-Modified": _modified(max(updated.values()))} if updated else {})


def _answer(document: Document, headers: dict[str, str]) -> Response:
    """Return the answer to a GET: the document, or 304 if the client has it.

    Raises: PreconditionFailed (412) if If-Match does not name it. Spec: Communication 3.1 (1.0.3); RFC 9110, 13.
    """
    if _precondition().held_already(document):
        response = Response(status=304, content_type=document.content_type)
        etag = named_form(document.etag, request.headers["If-None-Match"])
        response.vary.add("Accept-Encoding")
    else:
        response = Response(document.content, content_type=document.content_type)
        etag = document.etag
    response.headers["ETag"] = quote_etag(etag)
    # One by one: update() takes six times as long.
    for name, value in headers.items():
        response.headers.add(name, value)
    return response


def _modified(microseconds: int) -> str:
    return http_date(microseconds / 1_000_000)


def _content_type() -> str:
    return request.headers.get("Content-Type") or "application/octet-stream"


def _precondition() -> Precondition:
    return Precondition(match=_etags("If-Match"), none_match=_etags("If-None-Match"))


def _etags(header: str) -> frozenset[str] | None:
    """Return the ETags of a header without quotes and weak marks; unquoted ones, which old clients send, count."""
    value = request.headers.get(header)
    if value is None:
        return None
    tags = (tag.strip() for tag in value.split(","))
    # In quotes, * is an ETag like any other, which no document has.
    return frozenset(
        plain_etag(unquote_etag(tag)[0] or "") for tag in tags if not tag.endswith('"*"')
    )


def _missing(kind: _Kind) -> BadRequest:
    return BadRequest(
        f"The {kind.id_name} parameter is missing.",
        code="parameter-missing",
        allowed=f"a {kind.id_name}",
        section="Communication 2.2",
    )


def _clash(message: str, allowed: str) -> BadRequest:
    return BadRequest(message, code="parameter-clash", allowed=allowed, section="Communication 2.2")


for _path in _KINDS:
    for _view in (get, put, post, delete):
        _method = _view.__name__.upper()
        resource.add_url_rule(
            f"/{_path}",
            endpoint=f"{_method} {_path}",
            view_func=_view,
            methods=[_method],
            defaults={"path": _path},
        )
