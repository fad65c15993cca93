"""Ending the batches that their writers have left: finished if all is written, undone if not."""

from __future__ import annotations

from typing import Any

import orjson
from pymongo.database import Database

from lrs.stores.mongo.activities import MongoActivities
from lrs.stores.mongo.ledger import Head, Ledger, Range
from lrs.stores.mongo.linking import Linking, is_complete, node_of
from lrs.xapi.activity import definitions_of


class Recovery:
    """What readers and writers do about batches whose lease is over. Any number of them may do it at once."""

    def __init__(
        self,
        database: Database[Any],
        *,
        ledger: Ledger,
        linking: Linking,
        activities: MongoActivities,
    ) -> None:
        self._statements = database["statements"]
        self._ledger = ledger
        self._linking = linking
        self._activities = activities

    def current_head(self) -> Head:
        """Return the head of this moment, after ending the batches that are overdue."""
        head = self._ledger.read()
        overdue = self._ledger.overdue(head)
        for batch in overdue:
            self.end(batch)
        for batch in self._ledger.forgettable(head):
            self._delete(batch)
            self._ledger.forget(batch)
        return self._ledger.read() if overdue else head

    def end(self, batch: Range) -> bool:
        """Finish the batch if all its statements are written, else undo it; returns whether it is committed now."""
        documents = list(self._statements.find({"sequence": batch.sequences}).sort("sequence"))
        if len(documents) == batch.count:
            self._linking.settle(batch, {one["_id"]: node_of(one) for one in documents})
            self._activities.merge(definitions_of(orjson.loads(one["text"])) for one in documents)
            return self.commit(batch)
        if self._ledger.condemn(batch):
            self._delete(batch)
            return False
        return self.is_committed(batch)

    def commit(self, batch: Range) -> bool:
        """Make a complete and settled batch count; returns False, and clears it away, if it was undone meanwhile."""
        return self._ledger.release(batch) or self.is_committed(batch)

    def abandon(self, batch: Range) -> None:
        """Undo a batch of one's own of which no write is under way any more."""
        self._delete(batch)
        self._ledger.release(batch)

    def is_committed(self, batch: Range) -> bool:
        """Return what became of a batch that is not in flight any more; clears it away if it was undone."""
        undone = any(one.first == batch.first for one in self._ledger.read().undone)
        if undone:
            self._delete(batch)
        return not undone and is_complete(self._statements, batch)

    def _delete(self, batch: Range) -> None:
        self._statements.delete_many({"sequence": batch.sequences})
