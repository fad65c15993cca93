"""Activity definitions in MongoDB, as JSON text: extension keys are full of dots and dollars."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from itertools import islice
from threading import Lock
from typing import Any

from pymongo.database import Database
from pymongo.errors import BulkWriteError

from lrs.clock import Clock
from lrs.stores.mongo.outage import refusing
from lrs.xapi import JsonObject
from lrs.xapi.activity import merge_definitions, merge_into_text
from lrs.xapi.text import read_literal, write_json

_DUPLICATE = 11000
_PAGE = 1_000
_REMEMBERED = 10_000
_TRUSTED = 60_000_000
"""Microseconds for which a definition that was merged is taken to be still in force, whatever other processes do."""


class MongoActivities:
    """See lrs.stores.protocol.ActivityStore."""

    def __init__(self, database: Database[Any], clock: Clock) -> None:
        self._activities = database["activities"]
        self._clock = clock
        self._merged: OrderedDict[str, tuple[bytes, int]] = OrderedDict()
        self._lock = Lock()

    @refusing()
    def definitions(self, iris: Iterable[str]) -> Mapping[str, JsonObject]:
        texts = self._texts({_name(iri): iri for iri in iris})
        return {iri: read_literal(text) for iri, text in texts.items()}

    @refusing()
    def replace(self, definitions: Iterable[tuple[str, JsonObject]]) -> None:
        self._activities.delete_many({})
        with self._lock:
            self._merged.clear()
        left = iter(definitions)
        while page := list(islice(left, _PAGE)):
            self.merge({iri: definition} for iri, definition in page)

    def merge(self, batch: Iterable[Mapping[str, JsonObject]]) -> None:
        """Merge the definitions of statements, in their order, into what is known; write only what changes."""
        heard: dict[str, JsonObject] = {}
        for definitions in batch:
            for iri, definition in definitions.items():
                heard[iri] = (
                    merge_definitions(heard[iri], definition) if iri in heard else definition
                )
        heard = {iri: one for iri, one in heard.items() if not self._is_in_force(iri, one)}
        left = heard
        while left:
            left = self._merge_once(left)
        self._remember(heard)

    def _merge_once(self, heard: Mapping[str, JsonObject]) -> dict[str, JsonObject]:
        """Merge what nobody else is changing at the same time; return the rest, which must be tried again."""
        known = self._texts({_name(iri): iri for iri in heard})
        lost: dict[str, JsonObject] = {}
        for iri, text in known.items():
            merged = merge_into_text(text, heard[iri])
            if merged == text:
                continue
            # The text found is part of the condition, so a merge by another writer is never overwritten.
            done = self._activities.update_one(
                {"_id": _name(iri), "text": text}, {"$set": {"text": merged}}
            )
            if done.matched_count == 0:
                lost[iri] = heard[iri]
        return lost | self._insert({iri: one for iri, one in heard.items() if iri not in known})

    def _insert(self, fresh: dict[str, JsonObject]) -> dict[str, JsonObject]:
        """Insert first definitions; return those that another writer has just inserted as well."""
        if not fresh:
            return {}
        documents = [
            {"_id": _name(iri), "iri": iri, "text": write_json(one)} for iri, one in fresh.items()
        ]
        try:
            self._activities.insert_many(documents, ordered=False)
        except BulkWriteError as problem:
            errors = problem.details["writeErrors"]
            if not errors or any(error["code"] != _DUPLICATE for error in errors):
                raise
            iris = list(fresh)
            return {iris[error["index"]]: fresh[iris[error["index"]]] for error in errors}
        return {}

    def _texts(self, names: Mapping[str, str]) -> dict[str, bytes]:
        """Return the JSON text by IRI of those activities that are known."""
        if not names:
            return {}
        found = self._activities.find({"_id": {"$in": list(names)}}, {"text": True})
        return {names[one["_id"]]: one["text"] for one in found}

    def _is_in_force(self, iri: str, definition: JsonObject) -> bool:
        held = self._merged.get(iri)
        return held is not None and held[1] > self._clock() and held[0] == _digest(definition)

    def _remember(self, heard: Mapping[str, JsonObject]) -> None:
        until = self._clock() + _TRUSTED
        with self._lock:
            for iri, definition in heard.items():
                self._merged[iri] = (_digest(definition), until)
                self._merged.move_to_end(iri)
            while len(self._merged) > _REMEMBERED:
                self._merged.popitem(last=False)


def _name(iri: str) -> str:
    """Return the _id of an activity: IRIs have no bound, index entries do."""
    return sha256(iri.encode()).hexdigest()


def _digest(definition: JsonObject) -> bytes:
    return sha256(write_json(definition)).digest()
