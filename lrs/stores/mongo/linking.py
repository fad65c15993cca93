"""Settling the links of a batch that is written in full, while other writers do the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database

from lrs.stores.mongo.ledger import Head, Ledger, Range
from lrs.xapi import JsonObject
from lrs.xapi.keys import keys_of
from lrs.xapi.links import Node, changes_by
from lrs.xapi.statement import is_voiding, target_of

_CHUNK = 1_000
"""How many ids one query or update takes at the most."""

_FIELDS = {"text": True, "sequence": True}


class Linking:
    """Gives statements the keys and voided marks that follow from references between them.

    Two writers that refer to one another must not miss each other: each looks only after its own batch is written in
    full, and takes notice of those alone that are written in full, for these will be committed. So whoever is the
    last to be complete sees all the others, and what a batch says that comes to nothing is never heeded.
    """

    def __init__(self, database: Database[Any], ledger: Ledger) -> None:
        self._statements = database["statements"]
        self._ledger = ledger

    def settle(self, batch: Range, new: Mapping[str, Node]) -> None:
        """Apply what the statements of a complete batch change, in themselves and in others; may be repeated."""
        look = _Look(self._statements, self._ledger, batch)
        changes = changes_by(
            new,
            lambda ids: look.fetch("_id", ids),
            lambda ids: look.fetch("target", ids),
        )
        for ids in _chunks(sorted(changes.voided)):
            self._statements.update_many({"_id": {"$in": ids}}, {"$set": {"voided": True}})
        updates = [
            UpdateOne({"_id": one}, {"$addToSet": {"keys": {"$each": sorted(keys)}}})
            for one, keys in sorted(changes.widened.items())
        ]
        # Sorted, so that writers of one ring of references never wait for each other crosswise.
        if updates:
            self._statements.bulk_write(updates, ordered=False)


class _Look:
    """The look around of one batch, after it was written in full."""

    def __init__(self, statements: Collection[Any], ledger: Ledger, own: Range) -> None:
        self._statements = statements
        self._ledger = ledger
        self._own = own
        self._head: Head | None = None

    def fetch(self, field: str, ids: Iterable[str]) -> Iterator[Node]:
        """Yield the statements whose field has one of the values, and that are or will be committed."""
        wanted = sorted(ids)
        found = self._query(field, wanted)
        if self._head is None and not all(self._own.holds(one["sequence"]) for one in found):
            # Only statements read after the head can be judged by it: what was read before may be that of a batch
            # that was taken back in between, which then looks just like a committed one. What the head does not
            # know of yet came after this batch, and will find it.
            self._head = self._ledger.read()
            found = self._query(field, wanted)
        sure = self._sure_ranges(found)
        return (
            node_of(one)
            for one in found
            if any(batch.holds(one["sequence"]) for batch in sure)
            or (self._head is not None and self._head.shows(one["sequence"]))
        )

    def _sure_ranges(self, found: Sequence[JsonObject]) -> list[Range]:
        """Return the batches of the found statements that are in flight, and written in full."""
        inflight = () if self._head is None else self._head.inflight
        return [
            self._own,
            *(
                batch
                for batch in inflight
                if any(batch.holds(one["sequence"]) for one in found)
                and is_complete(self._statements, batch)
            ),
        ]

    def _query(self, field: str, ids: Sequence[str]) -> list[JsonObject]:
        found: list[JsonObject] = []
        for chunk in _chunks(ids):
            found.extend(self._statements.find({field: {"$in": chunk}}, _FIELDS))
        return found


def is_complete(statements: Collection[Any], batch: Range) -> bool:
    """Whether every statement of the batch is written."""
    return statements.count_documents({"sequence": batch.sequences}) == batch.count


def node_of(document: JsonObject) -> Node:
    """Return what a stored statement means for links."""
    statement = orjson.loads(document["text"])
    return Node(document["_id"], keys_of(statement), target_of(statement), is_voiding(statement))


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
