"""The statements resource. Spec: Communication 2.1 (1.0.3); 4.1.6.1 (2.0)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, request
from werkzeug.http import http_date

from lrs.auth.principal import Principal
from lrs.auth.scopes import VOID, WRITE
from lrs.clock import to_iso
from lrs.errors import BadRequest, LrsError, StoreUnavailable
from lrs.services.statements import Sender
from lrs.web import context, inbox
from lrs.web.body import read_statements, with_id
from lrs.web.multipart import write_multipart
from lrs.web.negotiate import CONSISTENT_THROUGH, negotiated
from lrs.web.params import NoParams, PutParams, StatementParams, read_params
from lrs.web.refusals import refusal
from lrs.web.tolerance import note, tolerates
from lrs.xapi.entry import Entry
from lrs.xapi.query import StatementQuery, filter_keys
from lrs.xapi.text import write_json

resource = Blueprint("statements", __name__)
resource.register_error_handler(LrsError, inbox.keep)

_JSON = "application/json"
_FILTERS = ("agent", "verb", "activity", "registration", "related_agents", "related_activities")
_BESIDE_AN_ID = {"statementId", "voidedStatementId", "attachments", "format"}


@resource.after_request
def add_consistent_through(response: Response) -> Response:
    """Put the header on every answer to a known sender, refusals included."""
    if response.status_code != StoreUnavailable.status and context.known_principal() is not None:
        try:
            response.headers[CONSISTENT_THROUGH] = to_iso(_through())
        except StoreUnavailable as away:
            # What is stored is stored: a sender without ids who was refused would send it once more.
            written = (
                request.method in ("POST", "PUT") and response.status_code < HTTPStatus.BAD_REQUEST
            )
            return response if written else refusal(away)
    return response


def _through() -> int:
    """Return the consistent-through of this request, looked up once: before the store is read, if it is."""
    if "through" not in g:
        g.through = context.services().statements.consistent_through()
    return int(g.through)


@resource.post("/statements")
@negotiated
def post() -> Response:
    sender = sender_of(context.principal())
    read_params(NoParams)
    stored = context.services().statements.store(
        read_statements(), version=context.version(), sender=sender
    )
    note(stored.quirks)
    return Response(write_json(list(stored.ids)), content_type=_JSON)


@resource.put("/statements")
@negotiated
def put() -> Response:
    sender = sender_of(context.principal())
    statement_id = read_params(PutParams).get("statement_id")
    batch = read_statements()
    if statement_id is not None:
        batch = with_id(batch, statement_id)
    elif isinstance(batch.body.value, list) or not tolerates("put-without-id"):
        raise BadRequest(
            "The statementId parameter is missing.",
            code="parameter-missing",
            allowed="statementId",
            section="Communication 2.1.1",
        )
    stored = context.services().statements.store(batch, version=context.version(), sender=sender)
    note(stored.quirks)
    return Response(status=204)


@resource.get("/statements")
@negotiated
def get() -> Response:
    params = read_params(StatementParams)
    # Now, not after the answer is made: it may know more than it claims, never less.
    _through()
    if "statement_id" in params or "voided_statement_id" in params:
        return _one(params)
    narrowed = context.principal().narrow()
    filters = {name: params[name] for name in _FILTERS if name in params}
    query = StatementQuery(
        keys=filter_keys(authority=narrowed, **filters),
        since=params["since"],
        until=params["until"],
        after=params["cursor"],
        ascending=params["ascending"],
        limit=params["limit"],
    )
    page = context.services().statements.find(query, attachments=params["attachments"])
    more = _more(page.entries[-1].sequence) if page.more else ""
    texts = _texts(page.entries, params)
    body = b'{"statements":[' + b",".join(texts) + b'],"more":' + write_json(more) + b"}"
    return _answer(body, page.entries, params)


def sender_of(principal: Principal) -> Sender:
    """Return who stores statements with a credential.

    Raises: Forbidden (403) if it may not.
    """
    principal.demand(WRITE)
    replayed = context.replayed()
    return Sender(
        principal.authority,
        may_void=principal.may(VOID),
        quirks=principal.quirks,
        repeats_since=None if replayed is None else replayed.since,
        session=principal.session,
    )


def _one(params: dict[str, Any]) -> Response:
    if (
        set(request.args) - _BESIDE_AN_ID
        or len({"statement_id", "voided_statement_id"} & params.keys()) > 1
    ):
        raise BadRequest(
            "An id parameter does not go together with the others.",
            code="parameter-clash",
            allowed="one of statementId and voidedStatementId, with attachments and format",
            section="Communication 2.1.3",
        )
    voided = "voided_statement_id" in params
    entry = context.services().statements.get(
        params["voided_statement_id" if voided else "statement_id"],
        voided=voided,
        narrowed=context.principal().narrow(),
    )
    response = _answer(_texts((entry,), params)[0], (entry,), params)
    response.headers["Last-Modified"] = http_date(entry.sequence / 1_000_000)
    return response


def _texts(entries: tuple[Entry, ...], params: dict[str, Any]) -> list[bytes]:
    languages = request.accept_languages

    def choose(tags: Sequence[str]) -> str | None:
        return languages.best_match(tags) or next(iter(tags), None)

    return context.services().statements.texts(entries, params["format"], choose)


def _answer(body: bytes, entries: tuple[Entry, ...], params: dict[str, Any]) -> Response:
    content_type = _JSON
    if params["attachments"]:
        body, content_type = write_multipart(body, context.services().statements.parts_of(entries))
    response = Response(body, content_type=content_type)
    if params["format"] == "canonical":
        response.vary.add("Accept-Language")
    return response


def _more(sequence: int) -> str:
    """Return the address of the next page, relative to the server's root, its cursor in the query string."""
    asked = {**request.args.to_dict(), "cursor": str(sequence)}
    path = urlsplit(context.services().config.public_url).path
    return f"{path}{request.path}?{urlencode(asked)}"
