"""Builders: valid statements and drafts, of which a test names only what it is about."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from lrs.xapi import JsonObject
from lrs.xapi.entry import Draft, draft_of
from lrs.xapi.statement import VOIDED, complete
from lrs.xapi.text import read_json

AUTHORITY: JsonObject = {
    "objectType": "Agent",
    "account": {"homePage": "http://lrs.example.org", "name": "key"},
}


def new_id() -> str:
    return str(uuid.uuid4())


def statement(**changes: Any) -> JsonObject:
    """Return a valid statement with an id of its own; `changes` replace its properties."""
    return {
        "id": new_id(),
        "actor": {"objectType": "Agent", "mbox": "mailto:anna@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": activity("http://example.org/activity"),
        **changes,
    }


def agent(name: str) -> JsonObject:
    return {"objectType": "Agent", "mbox": f"mailto:{name}@example.org"}


def verb(name: str) -> JsonObject:
    return {"id": f"http://example.org/verbs/{name}"}


def activity(iri: str, **definition: Any) -> JsonObject:
    """Return an activity, with a definition if any part of one is given."""
    bare = {"objectType": "Activity", "id": iri}
    return {**bare, "definition": definition} if definition else bare


def reference(statement_id: str) -> JsonObject:
    return {"objectType": "StatementRef", "id": statement_id}


def voiding(statement_id: str, **changes: Any) -> JsonObject:
    """Return a statement that voids another."""
    return statement(**{"verb": {"id": VOIDED}, "object": reference(statement_id), **changes})


def draft(sent: JsonObject | None = None, **changes: Any) -> Draft:
    """Return the draft of a statement as the LRS completes it, or of one with `changes`."""
    whole = {**(sent or statement()), **changes}
    kept = complete(whole, id=whole["id"], authority=AUTHORITY, stamp="1.0.3")
    return draft_of(kept, kept)


def drafts(sent: Sequence[JsonObject]) -> list[Draft]:
    return [draft(one) for one in sent]


def draft_of_text(raw: bytes) -> Draft:
    """Return the draft of a statement's JSON text, its numbers as they are spelled."""
    parsed = read_json(raw)
    statement_id = parsed.value["id"]
    kept = complete(parsed.value, id=statement_id, authority=AUTHORITY, stamp="1.0.3")
    literal = complete(parsed.literal, id=statement_id, authority=AUTHORITY, stamp="1.0.3")
    return draft_of(kept, literal)
