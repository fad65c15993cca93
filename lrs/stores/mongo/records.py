"""Records and tallies in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from lrs.stores.mongo.outage import refusing
from lrs.xapi import JsonObject


class MongoRecords:
    """See lrs.stores.protocol.RecordStore."""

    def __init__(self, database: Database[Any]) -> None:
        self._records = database["records"]
        self._tallies = database["tallies"]

    @refusing()
    def put(self, kind: str, name: str, record: JsonObject) -> None:
        document = {"kind": kind, "name": name, "text": orjson.dumps(record)}
        self._records.replace_one({"_id": f"{kind}/{name}"}, document, upsert=True)

    @refusing()
    def swap(self, kind: str, name: str, old: JsonObject | None, new: JsonObject | None) -> bool:
        place: dict[str, Any] = {"_id": f"{kind}/{name}"}
        if old is None and new is None:
            return self._records.find_one(place, {"_id": True}) is None
        if old is not None:
            place["text"] = orjson.dumps(old)
        if new is None:
            return self._records.delete_one(place).deleted_count == 1
        if old is not None:
            done = self._records.update_one(place, {"$set": {"text": orjson.dumps(new)}})
            return done.matched_count == 1
        try:
            self._records.insert_one(
                {**place, "kind": kind, "name": name, "text": orjson.dumps(new)}
            )
        except DuplicateKeyError:
            return False
        return True

    @refusing()
    def get(self, kind: str, name: str) -> JsonObject | None:
        document = self._records.find_one({"_id": f"{kind}/{name}"})
        return None if document is None else orjson.loads(document["text"])

    @refusing()
    def all(self, kind: str, *, prefix: str = "") -> Mapping[str, JsonObject]:
        found = self._records.find(_under(kind, prefix)).sort("_id")
        return {one["name"]: orjson.loads(one["text"]) for one in found}

    @refusing()
    def names(self, kind: str, *, prefix: str = "") -> Sequence[str]:
        ids = self._records.find(_under(kind, prefix), {"_id": True}).sort("_id")
        return [one["_id"].removeprefix(f"{kind}/") for one in ids]

    @refusing()
    def delete(self, kind: str, name: str) -> bool:
        return self._records.delete_one({"_id": f"{kind}/{name}"}).deleted_count == 1

    @refusing()
    def tally(self, kind: str, name: str) -> None:
        self._tallies.update_one(
            {"_id": f"{kind}/{name}"},
            {"$inc": {"count": 1}, "$setOnInsert": {"kind": kind, "name": name}},
            upsert=True,
        )

    @refusing()
    def add_up(self, kind: str, counts: Mapping[str, int]) -> None:
        for name, number in counts.items():
            self._tallies.update_one(
                {"_id": f"{kind}/{name}"},
                {"$inc": {"count": number}, "$setOnInsert": {"kind": kind, "name": name}},
                upsert=True,
            )

    @refusing()
    def forget_tally(self, kind: str, name: str) -> None:
        self._tallies.delete_one({"_id": f"{kind}/{name}"})

    @refusing()
    def tallies(self, kind: str) -> Mapping[str, int]:
        found = {one["name"]: one["count"] for one in self._tallies.find({"kind": kind})}
        return {name: found[name] for name in sorted(found)}


def _under(kind: str, prefix: str) -> dict[str, Any]:
    """Return the filter for a kind's names with a prefix: a range of the _id, which needs no index of its own."""
    start = f"{kind}/{prefix}"
    return {"_id": {"$gte": start, "$lt": start + "\U0010ffff"}, "kind": kind}
