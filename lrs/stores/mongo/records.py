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
        found = {one["name"]: one["text"] for one in self._records.find({"kind": kind})}
        return {name: orjson.loads(found[name]) for name in sorted(found)}

    @refusing()
    def names(self, kind: str) -> Sequence[str]:
        return sorted(one["name"] for one in self._records.find({"kind": kind}, {"name": True}))

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
    def tallies(self, kind: str) -> Mapping[str, int]:
        found = {one["name"]: one["count"] for one in self._tallies.find({"kind": kind})}
        return {name: found[name] for name in sorted(found)}
