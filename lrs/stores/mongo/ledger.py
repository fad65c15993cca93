"""The head of the store: one document that says which sequences are given out, and which of them count.

A batch of statements is written under a range of sequences that belongs to it alone. While its range stands in
`inflight` nobody shows its statements; taking the range out is what commits it, in one atomic update. A range whose
writer has died is either finished or moved to `undone` by whoever notices; see recovery.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

from lrs.clock import Clock
from lrs.stores.mongo.outage import unavailable
from lrs.xapi import JsonObject

_HEAD = {"_id": "head"}
_REMEMBERED = 600_000_000
"""Microseconds for which an undone range is kept hidden, in case its writer wakes up and goes on."""
_LEAP = 1_000


@dataclass(frozen=True, slots=True)
class Range:
    """The sequences of one batch. `moment` is when its lease ends or, for an undone one, when it was undone."""

    first: int
    count: int
    moment: int

    @property
    def sequences(self) -> JsonObject:
        """The condition on `sequence` that the batch's statements fulfil, and no others."""
        return {"$gte": self.first, "$lt": self.first + self.count}

    def holds(self, sequence: int) -> bool:
        """Whether the sequence belongs to the batch."""
        return self.first <= sequence < self.first + self.count


@dataclass(frozen=True, slots=True)
class Head:
    """The head as it was at one moment."""

    last: int
    inflight: tuple[Range, ...] = field(default=())
    undone: tuple[Range, ...] = field(default=())

    @property
    def hidden(self) -> tuple[Range, ...]:
        """The ranges whose statements are not to be shown."""
        return self.inflight + self.undone

    @property
    def settled(self) -> int:
        """The sequence up to which nothing is in flight."""
        return min((batch.first - 1 for batch in self.inflight), default=self.last)

    def shows(self, sequence: int) -> bool:
        """Whether a statement of this sequence is committed."""
        return sequence <= self.last and not any(batch.holds(sequence) for batch in self.hidden)

    def condition(self, lowest: int | None = None, highest: int | None = None) -> JsonObject:
        """Return the query of all committed statements above `lowest` and up to `highest`.

        Later sequences are left out: they may be in flight by the time the query runs.
        """
        bounds: JsonObject = {"$lte": self.last if highest is None else min(self.last, highest)}
        if lowest is not None:
            bounds["$gt"] = lowest
        if not self.hidden:
            return {"sequence": bounds}
        return {
            "sequence": bounds,
            "$nor": [{"sequence": batch.sequences} for batch in self.hidden],
        }


class Ledger:
    """Gives out ranges of sequences and keeps the book of them."""

    def __init__(self, database: Database[Any], clock: Clock, lease: int) -> None:
        """`lease` is how many microseconds a writer has for a batch before others finish it."""
        self._head = database["head"]
        self._clock = clock
        self._lease = lease
        self.salt: bytes | None = None
        """The secret of the tombstones, once anything was erased; as of the last range that was given out."""

    def prepare(self) -> None:
        """Make the head if there is none."""
        start = {"last": 0, "inflight": [], "undone": []}
        self._head.update_one(_HEAD, {"$setOnInsert": start}, upsert=True)

    def read(self) -> Head:
        """Return the head of this moment."""
        return _head(self._head.find_one(_HEAD))

    def allocate(self, count: int) -> Range:
        """Return a range that starts at the present moment or, if that is given out already, after the last."""
        first = self._clock()
        for leap in range(0, _LEAP * 1_000, _LEAP):
            batch = Range(first, count, self._clock() + self._lease)
            taken = self._head.find_one_and_update(
                {**_HEAD, "last": {"$lt": first}},
                {"$set": {"last": first + count - 1}, "$push": {"inflight": _document(batch)}},
                projection={"last": True, "salt": True},
            )
            if taken is not None:
                self.salt = taken.get("salt", self.salt)
                return batch
            # The range is named in the update that claims it. A clock behind all others has to guess where it can
            # start, and guesses further ahead each time that another writer was faster.
            first = max(self._clock(), self.read().last + 1 + leap)
        raise unavailable()

    def salted(self, salt: bytes) -> bytes:
        """Return the secret of the tombstones, which is `salt` if there was none yet."""
        self._head.update_one({**_HEAD, "salt": {"$exists": False}}, {"$set": {"salt": salt}})
        kept = self._head.find_one(_HEAD, {"salt": True}) or {}
        self.salt = bytes(kept["salt"])
        return self.salt

    def renew(self, batch: Range) -> bool:
        """Lengthen the lease if half of it is over; returns False if the batch is not in flight any more."""
        now = self._clock()
        if batch.moment - now > self._lease // 2:
            return True
        renewed = self._head.update_one(
            {**_HEAD, "inflight": {"$elemMatch": {"first": batch.first}}},
            {"$set": {"inflight.$.moment": now + self._lease}},
        )
        return renewed.matched_count == 1

    def release(self, batch: Range) -> bool:
        """Take the batch out of flight, which commits it; returns False if it was not in flight any more."""
        released = self._head.update_one(
            {**_HEAD, "inflight.first": batch.first},
            {"$pull": {"inflight": {"first": batch.first}}},
        )
        return released.matched_count == 1

    def condemn(self, batch: Range) -> bool:
        """Hide the batch for good; returns False if it is not in flight any more, or its lease was renewed."""
        now = self._clock()
        undone = _document(Range(batch.first, batch.count, now))
        found = {"first": batch.first, "moment": batch.moment}
        condemned = self._head.update_one(
            {**_HEAD, "inflight": {"$elemMatch": found}},
            {"$pull": {"inflight": {"first": batch.first}}, "$push": {"undone": undone}},
        )
        return condemned.matched_count == 1

    def forget(self, batch: Range) -> None:
        """Strike an undone batch, whose statements are gone, from the book."""
        self._head.update_one(_HEAD, {"$pull": {"undone": {"first": batch.first}}})

    def overdue(self, head: Head) -> tuple[Range, ...]:
        """Return the batches whose lease is over."""
        now = self._clock()
        return tuple(batch for batch in head.inflight if batch.moment < now)

    def forgettable(self, head: Head) -> tuple[Range, ...]:
        """Return the undone batches that no writer can go on with any more."""
        now = self._clock()
        return tuple(batch for batch in head.undone if batch.moment + _REMEMBERED < now)

    def advance(self, moment: int) -> Head:
        """See to it that no range given out from now on starts at or before `moment`."""
        return _head(
            self._head.find_one_and_update(
                _HEAD, {"$max": {"last": moment}}, return_document=ReturnDocument.AFTER
            )
        )


def _document(batch: Range) -> JsonObject:
    return {"first": batch.first, "count": batch.count, "moment": batch.moment}


def _head(document: JsonObject | None) -> Head:
    if document is None:
        # Somebody has dropped the database under us; opening the store anew makes it again.
        raise unavailable()
    return Head(document["last"], _ranges(document["inflight"]), _ranges(document["undone"]))


def _ranges(documents: Iterable[JsonObject]) -> tuple[Range, ...]:
    return tuple(Range(one["first"], one["count"], one["moment"]) for one in documents)
