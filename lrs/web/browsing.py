"""The statement browser: every filter of GET statements, readable or word for word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from lrs.errors import BadRequest, LrsError, NotFound
from lrs.web import context
from lrs.web.pages import page, refused, signed_in
from lrs.web.params import StatementParams, read_params
from lrs.web.readable import in_lines, readable, seen, thing
from lrs.web.typed_agents import json_of
from lrs.xapi import JsonObject
from lrs.xapi.attachments import attachments_of
from lrs.xapi.entry import Entry
from lrs.xapi.keys import activities_of
from lrs.xapi.query import Page, StatementQuery, filter_keys
from lrs.xapi.terms import parse_uuid
from lrs.xapi.version import VERSIONS

resource = Blueprint("browsing", __name__)
resource.register_error_handler(LrsError, refused)
resource.add_app_template_filter(seen, "seen")

_FILTERS = ("agent", "verb", "activity", "registration", "related_agents", "related_activities")
_SHOWN = "50"
"""Statements of a page, unless asked for otherwise."""
_LONGEST_RAW = 20_000
"""Signs of a statement that a list shows word for word; its own page shows all."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LOCAL = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?")


@resource.get("/statements")
@signed_in
def statements() -> Response:
    """Statements by every filter, the latest first unless asked for otherwise."""
    asked = {name: text.strip() for name, text in request.args.items() if text.strip()}
    try:
        return _list(asked)
    except BadRequest as problem:
        return page("statements.html", status=problem.status, asked=asked, problem=problem)


@resource.get("/statements/<statement_id>")
@signed_in
def statement(statement_id: str) -> Response:
    """One statement in words and word for word, voided or not."""
    entry = _visible(statement_id)
    said = entry.statement
    definitions = _definitions([entry])
    held = said.get("context", {})
    activities = {
        kind: [thing(one, definitions, _choose) for one in ones]
        for kind, ones in held.get("contextActivities", {}).items()
    }
    people = {
        role: thing(held[role], definitions, _choose)
        for role in ("instructor", "team")
        if role in held
    }
    attachments = context.services().store.attachments
    return page(
        "statement.html",
        shown=readable(entry, definitions, _choose),
        said=said,
        people=people,
        activities=activities,
        attachments=[
            (one, attachments.length(one["sha2"].lower())) for _, one in attachments_of(said)
        ],
        raw=in_lines(entry.text.decode()),
    )


@resource.get("/statements/<statement_id>/attachments/<sha2>")
@signed_in
def attachment(statement_id: str, sha2: str) -> Response:
    """The data of an attachment, to be saved and never to be opened here: it is somebody else's page or script."""
    said = _visible(statement_id).statement
    claimed = any(one["sha2"].lower() == sha2 for _, one in attachments_of(said))
    data = context.services().store.attachments.get(sha2) if claimed else None
    if data is None:
        raise NotFound("There is no such attachment.")
    return Response(
        data,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename={sha2}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def _list(asked: dict[str, str]) -> Response:
    view = asked.get("view", "readable")
    if view not in ("readable", "raw"):
        raise BadRequest("There is no such view.", allowed="readable or raw")
    sent = {"limit": _SHOWN, **{name: text for name, text in asked.items() if name != "view"}}
    for name in ("since", "until"):
        if name in sent:
            sent[name] = _moment(sent[name])
    if "agent" in sent:
        sent["agent"] = json_of(sent["agent"])
    # No sender's tolerances hold here: a page speaks the latest version.
    context.set_version(VERSIONS[-1])
    params = read_params(StatementParams, sent)
    found = _find(params)
    entries = found.entries
    definitions = _definitions(entries)
    texts = context.services().statements.texts(entries, params["format"], _choose)
    more = {**asked, "cursor": str(entries[-1].sequence)} if found.more else None
    return page(
        "statements.html",
        asked=asked,
        view=view,
        rows=[readable(entry, definitions, _choose) for entry in entries],
        raws=[in_lines(text.decode())[:_LONGEST_RAW] for text in texts] if view == "raw" else [],
        more=None if more is None else f"/statements?{urlencode(more)}",
        first=f"/statements?{urlencode({name: text for name, text in asked.items() if name != 'cursor'})}",
        call=f"{context.services().config.public_url}/xapi/statements?{urlencode(sent)}",
    )


def _find(params: dict[str, Any]) -> Page:
    """Return the statements asked for: those by filters, or the one of an id."""
    for name in ("statement_id", "voided_statement_id"):
        if name in params:
            try:
                entry = _visible(params[name])
            except NotFound:
                return Page((), more=False)
            wanted = entry.voided == (name == "voided_statement_id")
            return Page((entry,) if wanted else (), more=False)
    own = context.principal().narrow_people()
    filters = {name: params[name] for name in _FILTERS if name in params}
    keys = filter_keys(**filters)
    query = StatementQuery(
        keys=keys if own is None else tuple(dict.fromkeys((own, *keys))),
        since=params["since"],
        until=params["until"],
        after=params["cursor"],
        ascending=params["ascending"],
        limit=params["limit"],
    )
    return context.services().statements.find(query, attachments=False)


def _visible(statement_id: str) -> Entry:
    """Return a statement that the visitor may see.

    Raises: BadRequest if it is no id; NotFound, also if it is somebody else's.
    """
    store = context.services().store.statements
    entry = store.get(parse_uuid(statement_id))
    own = context.principal().narrow_people()
    if entry is not None and own is not None:
        place = StatementQuery(keys=(own,), since=entry.sequence - 1, until=entry.sequence, limit=1)
        entry = next(iter(store.find(place).entries), None)
    if entry is None:
        raise NotFound("There is no statement with this id.", code="statement-not-found")
    return entry


def _definitions(entries: Sequence[Entry]) -> dict[str, JsonObject]:
    iris = {one["id"] for entry in entries for one in activities_of(entry.statement)}
    return dict(context.services().store.activities.definitions(iris))


def _choose(tags: Sequence[str]) -> str | None:
    return request.accept_languages.best_match(tags) or next(iter(tags), None)


def _moment(text: str) -> str:
    """Return a time as a browser's field or a person gives it, in UTC, as GET statements takes it."""
    if _DAY.fullmatch(text):
        return f"{text}T00:00:00Z"
    local = _LOCAL.fullmatch(text)
    return text if local is None else f"{local[1]}{local[2] or ':00'}Z"
