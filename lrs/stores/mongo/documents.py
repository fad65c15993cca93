"""State and profile documents in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from lrs.clock import Clock
from lrs.errors import TooLarge
from lrs.stores.mongo.outage import refusing
from lrs.xapi import JsonObject
from lrs.xapi.document import Document, DocumentKey, Scope

_MAX_CONTENT = 15_000_000
"""Bytes of one document; MongoDB takes 16 MiB with all its fields."""


class MongoDocuments:
    """See lrs.stores.protocol.DocumentStore."""

    def __init__(self, database: Database[Any], clock: Clock) -> None:
        self._clock = clock
        self._documents = database["documents"]
        with refusing():
            self._documents.create_index([("scope", ASCENDING)])

    @refusing()
    def get(self, key: DocumentKey) -> Document | None:
        found = self._documents.find_one({"_id": _id(key)})
        return None if found is None else _document(found)

    @refusing()
    def swap(self, key: DocumentKey, old: Document | None, new: Document | None) -> bool:
        if new is not None and len(new.content) > _MAX_CONTENT:
            raise TooLarge(
                "The document is too large for the store.", allowed=f"at most {_MAX_CONTENT} bytes"
            )
        if old is None:
            return self._insert(key, new)
        # The condition says which one `old` is, so that the compare and the write are one step of the server.
        condition: JsonObject = {
            "_id": _id(key),
            "etag": old.etag,
            "content_type": old.content_type,
        }
        condition["updated"] = old.updated
        if new is None:
            return self._documents.delete_one(condition).deleted_count == 1
        fields = _fields(new, updated=max(self._clock(), old.updated + 1))
        return self._documents.update_one(condition, {"$set": fields}).matched_count == 1

    @refusing()
    def ids(self, scope: Scope, *, since: int | None = None) -> Mapping[str, int]:
        condition = _in(scope)
        if since is not None:
            condition["updated"] = {"$gt": since}
        found = self._documents.find(condition, {"id": True, "updated": True})
        updated: dict[str, int] = {}
        for one in found:
            updated[one["id"]] = max(one["updated"], updated.get(one["id"], 0))
        return dict(sorted(updated.items()))

    @refusing()
    def delete(self, scope: Scope) -> None:
        self._documents.delete_many(_in(scope))

    @refusing()
    def count_of(self, agent: str) -> int:
        return self._documents.count_documents({"agent": agent})

    @refusing()
    def delete_of(self, agent: str) -> int:
        return self._documents.delete_many({"agent": agent}).deleted_count

    def _insert(self, key: DocumentKey, new: Document | None) -> bool:
        if new is None:
            return self._documents.find_one({"_id": _id(key)}, {"_id": True}) is None
        document = {
            "_id": _id(key),
            "scope": _scope(key.scope),
            "agent": key.scope.agent,
            "registration": key.scope.registration,
            "id": key.id,
            **_fields(new, updated=self._clock()),
        }
        try:
            self._documents.insert_one(document)
        except DuplicateKeyError:
            return False
        return True


def _fields(document: Document, *, updated: int) -> JsonObject:
    return {
        "content": document.content,
        "etag": document.etag,
        "content_type": document.content_type,
        "updated": updated,
    }


def _document(found: JsonObject) -> Document:
    return Document(bytes(found["content"]), found["content_type"], found["updated"])


def _in(scope: Scope) -> JsonObject:
    condition: JsonObject = {"scope": _scope(scope)}
    if scope.registration:
        condition["registration"] = scope.registration
    return condition


def _scope(scope: Scope) -> str:
    """Return a digest of what a scope says apart from its registration: index entries are bounded, IRIs are not."""
    return _digest(scope.resource, scope.activity, scope.agent)


def _id(key: DocumentKey) -> str:
    return _digest(_scope(key.scope), key.scope.registration, key.id)


def _digest(*parts: str) -> str:
    # Each part is digested on its own: no two lists of parts can run together into the same text.
    return sha256(b"".join(sha256(part.encode()).digest() for part in parts)).hexdigest()
