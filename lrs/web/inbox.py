"""Into the inbox of rejects and out of it again: requests to store statements, as they came."""

from __future__ import annotations

from flask import Flask, Response, g, request
from werkzeug.test import EnvironBuilder, run_wsgi_app

from lrs.assembly import Services
from lrs.auth.principal import Principal
from lrs.auth.scopes import WRITE
from lrs.errors import LrsError, StoreUnavailable
from lrs.services.rejects import UNKNOWN, RejectedRequest
from lrs.web import alternate, context
from lrs.web.body import read_body
from lrs.web.context import Replayed
from lrs.web.negotiate import VERSION_HEADER
from lrs.web.refusals import refusal
from lrs.xapi import JsonObject
from lrs.xapi.terms import parse_timestamp
from lrs.xapi.text import read_json


def keep(error: LrsError) -> Response:
    """Put a refused request to store statements into the inbox, then answer as ever.

    Not those of someone who may not store anything, for whom there is nothing to mend and send in again; nor those
    of an AU, which are in the log of its session.
    """
    principal = context.known_principal()
    if (
        principal is not None
        and principal.may(WRITE)
        and not principal.session
        and request.method in ("POST", "PUT")
        and error.status < StoreUnavailable.status
        and context.replayed() is None
    ):
        try:
            context.services().rejects.keep(_request(principal), error)
        except StoreUnavailable as away:
            return refusal(away)
    return refusal(error)


def send_again(services: Services, app: Flask, id: str) -> str | None:
    """Replay a rejected request; return why it is still not stored, or None if it is, when it leaves the inbox.

    Raises: StoreUnavailable.
    """
    record = services.rejects.get(id)
    if record is None:
        return UNKNOWN
    body = services.rejects.body(id)
    if body is None:
        return "Its body is not kept; it must be sent anew."
    principal = services.credentials.principal(record["credential"])
    if principal is None:
        return f"The credential {record['credential']} is not in force."
    refusal = replay(app, principal, record, body)
    if refusal is None:
        services.rejects.remove(id)
        return None
    services.rejects.refuse_again(id, refusal)
    return f"{refusal['message']} ({refusal['code']})"


def replay(app: Flask, principal: Principal, record: JsonObject, body: bytes) -> JsonObject | None:
    """Send a rejected request in again, on the way it came, and return its refusal, or None if it is stored.

    What the sender itself got in since it was refused is not stored a second time.
    Raises: StoreUnavailable.
    """
    replayed = Replayed(principal, since=parse_timestamp(record["when"]))
    version: str | None = record["version"]
    environment = EnvironBuilder(
        path="/xapi/statements",
        query_string=record["query"],
        method=record["method"],
        headers=[] if version is None else [(VERSION_HEADER, version)],
        content_type=record["contentType"],
        data=body,
        environ_overrides={**replayed.environment, **alternate.environment(record["alternate"])},
    ).get_environ()
    answer = Response(*run_wsgi_app(app, environment, buffered=True))
    if answer.status_code == StoreUnavailable.status:
        raise StoreUnavailable("The store does not answer.")
    if answer.status_code < 400:  # noqa: PLR2004 all that is no refusal
        return None
    refused: JsonObject = read_json(answer.get_data()).value
    return refused


def _request(principal: Principal) -> RejectedRequest:
    try:
        body = read_body()
    except LrsError:
        body = None
    came: bytes | None = g.get("body")
    return RejectedRequest(
        credential=principal.name,
        method=request.method,
        query=request.query_string.decode("latin-1"),
        version=request.headers.get(VERSION_HEADER),
        content_type=request.headers.get("Content-Type"),
        alternate=alternate.form_type(),
        body=body,
        length=request.content_length if came is None or body is None else len(body),
    )
