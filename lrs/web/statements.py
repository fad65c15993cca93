"""The statements resource. Spec: Communication 2.1 (1.0.3); 4.1.6.1 (2.0)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from lrs.auth.scopes import VOID, WRITE
from lrs.clock import to_iso
from lrs.errors import BadRequest, StoreUnavailable
from lrs.services.statements import Sender, with_id
from lrs.web import context
from lrs.web.body import read_statements
from lrs.web.multipart import write_multipart
from lrs.web.negotiate import CONSISTENT_THROUGH, negotiated
from lrs.web.params import NoParams, PutParams, StatementParams, read_params
from lrs.xapi.entry import Entry
from lrs.xapi.query import StatementQuery, filter_keys
from lrs.xapi.text import write_json

resource = Blueprint("statements", __name__)

_JSON = "application/json"
_FILTERS = ("agent", "verb", "activity", "registration", "related_agents", "related_activities")
_BESIDE_AN_ID = {"statementId", "voidedStatementId", "attachments", "format"}


@resource.before_request
def look_before() -> None:
    """Take the consistent-through moment before the store is read: the answer may know more, never less."""
    if request.method in ("GET", "HEAD"):
        request.environ["lrs.through"] = context.services().statements.consistent_through()


@resource.after_request
def add_consistent_through(response: Response) -> Response:
    """Put the header on every answer of this resource, refusals included."""
    if response.status_code != StoreUnavailable.status and request.method != "OPTIONS":
        through = request.environ.get("lrs.through")
        if through is None:
            through = context.services().statements.consistent_through()
        response.headers[CONSISTENT_THROUGH] = to_iso(through)
    return response


@resource.post("/statements")
@negotiated
def post() -> Response:
    sender = _sender()
    read_params(NoParams)
    stored = context.services().statements.store(
        read_statements(), version=context.version(), sender=sender
    )
    return Response(write_json(list(stored.ids)), content_type=_JSON)


@resource.put("/statements")
@negotiated
def put() -> Response:
    sender = _sender()
    statement_id = read_params(PutParams)["statement_id"]
    context.services().statements.store(
        with_id(read_statements(), statement_id),
        version=context.version(),
        sender=sender,
    )
    return Response(status=204)


@resource.get("/statements")
@negotiated
def get() -> Response:
    params = read_params(StatementParams)
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
    page = context.services().statements.find(query)
    more = _more(page.entries[-1].sequence) if page.more else ""
    texts = _texts(page.entries, params)
    body = b'{"statements":[' + b",".join(texts) + b'],"more":' + write_json(more) + b"}"
    return _answer(body, page.entries, params)


def _sender() -> Sender:
    principal = context.principal()
    principal.demand(WRITE)
    return Sender(principal.authority, may_void=principal.may(VOID))


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
    if not params["attachments"]:
        return Response(body, content_type=_JSON)
    body, content_type = write_multipart(body, context.services().statements.parts_of(entries))
    return Response(body, content_type=content_type)


def _more(sequence: int) -> str:
    """Return the address of the next page, relative to the server's root, its cursor in the query string."""
    asked = {**request.args.to_dict(), "cursor": str(sequence)}
    path = urlsplit(context.services().config.public_url).path
    return f"{path}{request.path}?{urlencode(asked)}"
