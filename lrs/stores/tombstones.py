"""What stays of an erased statement: a salted hash of its id and the day, so that it never comes back unnoticed."""

from __future__ import annotations

import secrets
from collections.abc import Container, Sequence
from hashlib import blake2b

from lrs.errors import Conflict
from lrs.xapi.entry import Draft

ERASED = "statement-erased"
"""The code of the refusal."""
_SIZE = 16


def new_salt() -> bytes:
    """Return the secret of a store's tombstones."""
    return secrets.token_bytes(_SIZE)


def mark_of(salt: bytes, statement_id: str) -> bytes:
    """Return what is kept of a lower-case id."""
    return blake2b(statement_id.encode(), key=salt, digest_size=_SIZE).digest()


def demand_not_erased(drafts: Sequence[tuple[int, Draft]], erased: Container[str]) -> None:
    """Return if none of (place in the batch, draft) has one of the `erased` ids. Raises: Conflict (409)."""
    for index, draft in drafts:
        if draft.id in erased:
            raise Conflict(
                "The statement of this id was erased, at the request of a person; it is not stored again.",
                code=ERASED,
                pointer=f"/{index}",
                allowed="statements that were not erased",
            )
