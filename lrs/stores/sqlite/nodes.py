"""Ids as they lie in the file, and statements as far as links are concerned."""

from __future__ import annotations

import orjson

from lrs.xapi.keys import keys_of
from lrs.xapi.links import Node
from lrs.xapi.statement import is_voiding


def node_of(blob: bytes, target: bytes | None, text: bytes) -> Node:
    """Return what a stored statement means for links."""
    statement = orjson.loads(text)
    return Node(
        uuid_of(blob),
        keys_of(statement),
        None if target is None else uuid_of(target),
        is_voiding(statement),
    )


def blob_of(uuid: str) -> bytes:
    """Return a lower-case UUID as its 16 bytes."""
    return bytes.fromhex(uuid.replace("-", ""))


def uuid_of(blob: bytes) -> str:
    """Return 16 bytes as a lower-case UUID."""
    digits = blob.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
