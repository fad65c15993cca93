"""A statement on its way into a store (Draft) and inside it (Entry)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from lrs.clock import to_iso
from lrs.errors import Conflict
from lrs.xapi import JsonObject
from lrs.xapi.activity import definitions_of
from lrs.xapi.keys import authority_key, keys_of
from lrs.xapi.statement import equivalent, is_voiding, target_of, with_times
from lrs.xapi.text import write_json


@dataclass(frozen=True, slots=True)
class Draft:
    """A completed statement that waits for its sequence."""

    id: str
    """The canonical (lower-case) UUID; the statement may spell its own in capitals."""
    statement: JsonObject
    text: bytes
    needs_timestamp: bool
    keys: frozenset[int]
    """What it is found by and passes on to statements that refer to it."""
    own_key: int
    """The key of its authority, never passed on."""
    target: str | None
    voiding: bool
    definitions: dict[str, JsonObject]
    """Activity id -> what it says of the activity, numbers as they were written."""

    def seal(self, sequence: int) -> bytes:
        """Return the JSON text as it is stored under `sequence`."""
        return with_times(self.text, sequence, timestamp_too=self.needs_timestamp)


@dataclass(frozen=True, slots=True)
class Entry:
    """A statement in the store. `sequence` is both its place in the order and its `stored` time in microseconds."""

    sequence: int
    id: str
    text: bytes
    voided: bool

    @property
    def stored(self) -> str:
        """The `stored` property as ISO 8601 text."""
        return to_iso(self.sequence)

    @property
    def statement(self) -> JsonObject:
        """The parsed statement; numbers as Python holds them."""
        parsed: JsonObject = orjson.loads(self.text)
        return parsed


def demand_same(kept: bytes, draft: Draft, index: int) -> None:
    """Return if the stored statement of the draft's id, whose text is `kept`, says the same.

    `index` is the draft's place in its batch. Raises: Conflict (409). Spec: Communication 2.1.2 (1.0.3).
    """
    if not equivalent(orjson.loads(kept), draft.statement):
        raise Conflict(
            "A different statement with this id is stored already.",
            code="statement-conflict",
            pointer=f"/{index}",
            allowed="a new id, or the same statement again",
            section="Communication 2.1.2",
        )


def draft_of(statement: JsonObject, literal: Any) -> Draft:
    """Return the draft of a completed statement; `literal` is the same with its numbers as they were written."""
    return Draft(
        id=statement["id"].lower(),
        statement=statement,
        text=write_json(literal),
        needs_timestamp="timestamp" not in statement,
        keys=keys_of(statement),
        own_key=authority_key(statement["authority"]),
        target=target_of(statement),
        voiding=is_voiding(statement),
        definitions=definitions_of(literal),
    )
