"""Records and tallies in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from pymongo.database import Database

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
    def get(self, kind: str, name: str) -> JsonObject | None:
        document = self._records.find_one({"_id": f"{kind}/{name}"})
        return None if document is None else orjson.loads(document["text"])

    @refusing()
    def all(self, kind: str) -> Mapping[str, JsonObject]:
        found = self._records.find(_of(kind)).sort("_id")
        return {one["name"]: orjson.loads(one["text"]) for one in found}

    @refusing()
    def names(self, kind: str) -> Sequence[str]:
        ids = self._records.find(_of(kind), {"_id": True}).sort("_id")
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
    def tallies(self, kind: str) -> Mapping[str, int]:
        found = {one["name"]: one["count"] for one in self._tallies.find({"kind": kind})}
        return {name: found[name] for name in sorted(found)}


def _of(kind: str) -> dict[str, Any]:
    """Return the filter for the records of a kind: a stretch of the ids, whose index is there anyway."""
    following = chr(ord("/") + 1)
    return {"_id": {"$gte": f"{kind}/", "$lt": f"{kind}{following}"}}
