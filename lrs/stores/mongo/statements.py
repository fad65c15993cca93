"""Statements in MongoDB: a document each, with the keys that find it in one array."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, PyMongoError

from lrs.clock import Clock
from lrs.errors import TooLarge
from lrs.stores.mongo.activities import MongoActivities
from lrs.stores.mongo.erasing import Erasing
from lrs.stores.mongo.ledger import Head, Ledger, Range
from lrs.stores.mongo.linking import Linking
from lrs.stores.mongo.outage import refusing, unavailable
from lrs.stores.mongo.recovery import Recovery
from lrs.stores.protocol import Record
from lrs.stores.tombstones import demand_not_erased
from lrs.xapi import JsonObject
from lrs.xapi.entry import Draft, Entry, demand_same
from lrs.xapi.links import Node
from lrs.xapi.query import Page, StatementQuery, page_of

_INDEXES = (
    # Not unique: the ledger gives each sequence once, and a collection sharded by _id could not have it.
    IndexModel([("sequence", ASCENDING)]),
    IndexModel([("keys", ASCENDING), ("sequence", ASCENDING)]),
    IndexModel([("target", ASCENDING)], sparse=True),
)
_MAX_TEXT = 15_000_000
"""Bytes of one statement; a document may take 16 MiB."""

_PATIENCE = 10_000_000
"""Microseconds that a writer waits for another one who is writing a statement of the same id."""

_AWAITED, _LOOK = 1.0, 0.002
"""Seconds for which batches in flight are waited for, and between two looks."""
_DUPLICATE = 11000
_PAGE = 1_000
_QUIET = 1_000_000
"""Microseconds after the last statement from which on the clock alone moves consistent_through."""

_Numbered = Sequence[tuple[int, Draft]]


class MongoStatements:
    """See lrs.stores.protocol.StatementStore.

    A batch appears as a whole. What it does to older statements (voided, more keys) may show a moment earlier.
    """

    def __init__(
        self, database: Database[Any], clock: Clock, *, activities: MongoActivities, lease: int
    ) -> None:
        self._statements = database["statements"]
        self._clock = clock
        self._activities = activities
        self._ledger = Ledger(database, clock, lease)
        self._linking = Linking(database, self._ledger)
        self._recovery = Recovery(
            database, ledger=self._ledger, linking=self._linking, activities=activities
        )
        self._erasing = Erasing(database, clock, self._ledger, self._recovery, lease)
        with refusing():
            self._ledger.prepare()
            self._statements.create_indexes(list(_INDEXES))
            self._recovery.current_head()

    @refusing()
    def insert(self, drafts: Sequence[Draft]) -> int:
        _demand_size(drafts)
        give_up = self._clock() + _PATIENCE
        left: _Numbered = list(enumerate(drafts))
        while left:
            batch = self._ledger.allocate(len(left))
            if self._ledger.salt is not None:
                self._refuse_erased(batch, left)
            if self._write(batch, left):
                self._finish(batch, [draft for _, draft in left])
                break
            before, left = len(left), self._without_known(left, give_up)
            if len(left) == before:
                self._pause(give_up)
        return len(left)

    @refusing()
    def get(self, statement_id: str) -> Entry | None:
        head = self._recovery.current_head()
        found = self._statements.find_one({"_id": statement_id}, {"keys": False})
        return _entry(found) if found is not None and head.shows(found["sequence"]) else None

    @refusing()
    def find(self, query: StatementQuery) -> Page:
        condition = self._recovery.current_head().condition(query.lowest, query.highest)
        if not query.voided_too:
            condition["voided"] = False
        if query.keys:
            condition["keys"] = {"$all": list(query.keys)}
        order = ASCENDING if query.ascending else DESCENDING
        found = self._statements.find(condition, {"keys": False})
        with found.sort("sequence", order).limit(query.limit + 1) as documents:
            return page_of(map(_entry, documents), query.limit)

    @refusing()
    def consistent_through(self, *, exact: bool = False) -> int:
        # Taken before the look at the head: who is given a range after it gets a later one.
        moment = self._clock() - 1
        head = self._recovery.current_head()
        if head.last < moment - _QUIET:
            head = self._ledger.advance(moment)
        if exact:
            # What was acknowledged may lie behind what others are still writing, or have left unfinished.
            last, give_up = head.last, time.monotonic() + _AWAITED
            while head.settled < last and time.monotonic() < give_up:
                time.sleep(_LOOK)
                head = self._recovery.current_head()
        return head.settled

    @refusing()
    def scan(self, *, after: int, limit: int) -> Sequence[Entry]:
        condition = self._recovery.current_head().condition(after)
        found = self._statements.find(condition, {"keys": False})
        with found.sort("sequence", ASCENDING).limit(limit) as documents:
            return page_of(map(_entry, documents), limit).entries

    @refusing()
    def erase(self, ids: Sequence[str], *, never: Sequence[str] = ()) -> int:
        return self._erasing.erase(ids, never)

    @refusing()
    def count(self) -> int:
        return self._statements.count_documents(self._recovery.current_head().condition())

    def records(self) -> Iterator[Record]:
        with refusing():
            condition = self._recovery.current_head().condition()
            found = self._statements.find(condition, {"text": False}, batch_size=_PAGE)
            for one in found.sort("sequence", ASCENDING):
                yield _record(one)

    @refusing()
    def rebuild(self, records: Iterator[Record]) -> None:
        # A reference that arrives meanwhile may be lost from the index: best done while nobody writes.
        while page := list(islice(records, _PAGE)):
            bounds = {"$gte": page[0].sequence, "$lte": page[-1].sequence}
            held = {
                one["sequence"]: one
                for one in self._statements.find({"sequence": bounds}, {"text": False})
            }
            updates = [
                UpdateOne(
                    {"_id": held[record.sequence]["_id"]},
                    {"$set": {"keys": sorted(record.keys), "voided": record.voided}},
                )
                for record in page
                if record.sequence in held and _record(held[record.sequence]) != record
            ]
            if updates:
                self._statements.bulk_write(updates, ordered=False)

    def _refuse_erased(self, batch: Range, drafts: _Numbered) -> None:
        """Give the range back if one of the drafts was erased. Raises: Conflict (409)."""
        erased = self._erasing.erased_of(draft.id for _, draft in drafts)
        if erased:
            self._recovery.abandon(batch)
            demand_not_erased(drafts, erased)

    def _write(self, batch: Range, drafts: _Numbered) -> bool:
        """Write the documents of a batch; returns False, with nothing written, if one of the ids is there already."""
        documents = [
            _document(sequence, draft) for sequence, (_, draft) in enumerate(drafts, batch.first)
        ]
        try:
            # In any order: a router may then send to all shards at once.
            self._statements.insert_many(documents, ordered=False)
        except PyMongoError as problem:
            if _is_duplicate(problem):
                self._recovery.abandon(batch)
                return False
            # Nobody knows what was written. To settle it now spares everyone the wait for the end of the lease.
            if not self._recovery.end(batch):
                raise
        return True

    def _finish(self, batch: Range, drafts: Sequence[Draft]) -> None:
        """Settle and commit a batch that is written in full."""
        try:
            done = self._settle(batch, drafts)
        except PyMongoError:
            # Whatever was done by then may be done again: one more try, rather than a batch in everyone's way.
            done = self._recovery.end(batch)
        if not done:
            raise unavailable()

    def _settle(self, batch: Range, drafts: Sequence[Draft]) -> bool:
        new = {one.id: Node(one.id, one.keys, one.target, one.voiding) for one in drafts}
        if not self._ledger.renew(batch) and not self._recovery.is_committed(batch):
            return False
        self._linking.settle(batch, new)
        # Before the commit: whoever finishes the batch after a crash does this too, so no definition is lost.
        self._activities.merge(one.definitions for one in drafts)
        return self._recovery.commit(batch)

    def _without_known(self, drafts: _Numbered, give_up: int) -> _Numbered:
        """Return the drafts whose ids are not there, once nobody is writing any of them.

        Raises: Conflict if one is there with another statement; StoreUnavailable if the wait is too long.
        """
        ids = [draft.id for _, draft in drafts]
        while True:
            # The head first: a batch that was taken back looks like a committed one, but its statements are gone.
            head = self._recovery.current_head()
            known = {one["_id"]: one for one in self._statements.find({"_id": {"$in": ids}})}
            if all(head.shows(one["sequence"]) for one in known.values()):
                return _without_equivalent(drafts, known)
            self._clear_undone(head, known)
            self._pause(give_up)

    def _pause(self, give_up: int) -> None:
        if self._clock() > give_up:
            raise unavailable()
        # At random, so that two writers of the same ids do not get into each other's way again.
        time.sleep(random.uniform(0.001, 0.02))  # noqa: S311 not a secret

    def _clear_undone(self, head: Head, known: Mapping[str, JsonObject]) -> None:
        for batch in head.undone:
            if any(batch.holds(one["sequence"]) for one in known.values()):
                self._statements.delete_many({"sequence": batch.sequences})


def _without_equivalent(drafts: _Numbered, known: Mapping[str, JsonObject]) -> _Numbered:
    fresh = []
    for index, draft in drafts:
        if draft.id not in known:
            fresh.append((index, draft))
        else:
            demand_same(known[draft.id]["text"], draft, index)
    return fresh


def _demand_size(drafts: Sequence[Draft]) -> None:
    for index, draft in enumerate(drafts):
        if len(draft.text) > _MAX_TEXT:
            raise TooLarge(
                "The statement is too large for the store.",
                pointer=f"/{index}",
                allowed=f"at most {_MAX_TEXT} bytes of JSON",
            )


def _is_duplicate(problem: PyMongoError) -> bool:
    if not isinstance(problem, BulkWriteError):
        return False
    errors = problem.details["writeErrors"]
    return bool(errors) and all(error["code"] == _DUPLICATE for error in errors)


def _document(sequence: int, draft: Draft) -> JsonObject:
    document = {
        "_id": draft.id,
        "sequence": sequence,
        "text": draft.seal(sequence),
        "keys": sorted(draft.keys | {draft.own_key}),
        "voided": False,
    }
    return document if draft.target is None else {**document, "target": draft.target}


def _entry(document: JsonObject) -> Entry:
    return Entry(document["sequence"], document["_id"], document["text"], document["voided"])


def _record(document: JsonObject) -> Record:
    return Record(document["sequence"], frozenset(document["keys"]), document["voided"])
