"""Ids as they lie in the file, and statements as far as links are concerned."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from lrs.stores.sqlite.database import chunks
from lrs.stores.sqlite.packing import Packing
from lrs.xapi import JsonObject
from lrs.xapi.keys import authority_key, keys_of
from lrs.xapi.links import Node
from lrs.xapi.statement import is_voiding


@dataclass(frozen=True, slots=True)
class Held:
    """A stored statement as far as links are concerned."""

    sequence: int
    node: Node
    authority: JsonObject

    @property
    def own_key(self) -> int:
        """The key of its authority, which it passes on to none."""
        return authority_key(self.authority)


def held(
    connection: sqlite3.Connection, packing: Packing, column: str, ids: Iterable[str]
) -> Iterator[Held]:
    """Yield the statements whose `column`, id or target, is one of these."""
    for marks, blobs in chunks([blob_of(one) for one in ids]):
        rows = connection.execute(
            f"SELECT sequence, id, target, dictionary, text FROM statement WHERE {column} IN ({marks})",
            blobs,
        )
        for sequence, blob, target, *packed in rows.fetchall():
            statement = orjson.loads(packing.unpack(connection, *packed))
            node = Node(
                uuid_of(blob),
                keys_of(statement),
                None if target is None else uuid_of(target),
                is_voiding(statement),
            )
            yield Held(sequence, node, statement["authority"])


def blob_of(uuid: str) -> bytes:
    """Return a lower-case UUID as its 16 bytes."""
    return bytes.fromhex(uuid.replace("-", ""))


def uuid_of(blob: bytes) -> str:
    """Return 16 bytes as a lower-case UUID."""
    digits = blob.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
