"""Statements removed for good, while any number of processes write others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from bson import Binary
from pymongo import UpdateOne
from pymongo.database import Database

from lrs.clock import Clock
from lrs.stores.mongo.ledger import Ledger
from lrs.stores.mongo.linking import node_of
from lrs.stores.mongo.outage import unavailable
from lrs.stores.mongo.recovery import Recovery
from lrs.stores.tombstones import mark_of, new_salt
from lrs.xapi import JsonObject
from lrs.xapi.keys import authority_key
from lrs.xapi.links import Node, inherited_keys, referring

_DAY = 86_400_000_000
_LOOK = 0.01


class Erasing:
    """Removes statements, and knows which were removed."""

    def __init__(
        self, database: Database[Any], clock: Clock, ledger: Ledger, recovery: Recovery, lease: int
    ) -> None:
        self._statements = database["statements"]
        self._erased = database["erased"]
        self._clock = clock
        self._ledger = ledger
        self._recovery = recovery
        self._patience = 2 * lease

    def erased_of(self, ids: Iterable[str]) -> set[str]:
        """Return those of the ids that were erased, as far as the ledger knows that anything ever was."""
        salt = self._ledger.salt
        if salt is None:
            return set()
        ids_by_mark = {mark_of(salt, one): one for one in ids}
        found = self._erased.find({"_id": {"$in": [Binary(mark) for mark in ids_by_mark]}})
        return {ids_by_mark[bytes(one["_id"])] for one in found}

    def erase(self, ids: Sequence[str], never: Sequence[str]) -> int:
        """See lrs.stores.protocol.StatementStore.erase."""
        if not ids and not never:
            return 0
        salt = self._ledger.salted(new_salt())
        day = self._clock() // _DAY
        self._erased.bulk_write(
            [
                UpdateOne(
                    {"_id": Binary(mark_of(salt, one))}, {"$setOnInsert": {"day": day}}, upsert=True
                )
                for one in (*ids, *never)
            ],
            ordered=False,
        )
        # Who was given sequences before the tombstones were there may not have seen them: it finds the statements.
        self._await_writers()
        there = self._statements.find({"_id": {"$in": list(never)}}, {"_id": True})
        marks = [Binary(mark_of(salt, one["_id"])) for one in there]
        self._erased.delete_many({"_id": {"$in": marks}})
        count = self._statements.delete_many({"_id": {"$in": list(ids)}}).deleted_count
        # Who saw the statements before they went may have let others be found by their keys.
        self._await_writers()
        self._narrow(ids)
        return count

    def _await_writers(self) -> None:
        """Wait until every batch is ended that was begun by now."""
        last = self._ledger.read().last
        give_up = self._clock() + self._patience
        while self._recovery.current_head().settled < last:
            if self._clock() > give_up:
                raise unavailable()
            time.sleep(_LOOK)

    def _narrow(self, ids: Sequence[str]) -> None:
        """Let statements that refer to these be found by what they and those they still reach say."""
        updates = []
        for one in referring(ids, self._by_target, lambda found: str(found["_id"])):
            own_key = authority_key(orjson.loads(one["text"])["authority"])
            node = node_of(one)
            keys = node.keys | inherited_keys(node, self._by_id) | {own_key}
            updates.append(UpdateOne({"_id": one["_id"]}, {"$set": {"keys": sorted(keys)}}))
        if updates:
            self._statements.bulk_write(updates, ordered=False)

    def _by_target(self, ids: Iterable[str]) -> Iterable[JsonObject]:
        return self._statements.find({"target": {"$in": list(ids)}}, {"text": True})

    def _by_id(self, ids: Iterable[str]) -> Iterator[Node]:
        return map(node_of, self._statements.find({"_id": {"$in": list(ids)}}, {"text": True}))
