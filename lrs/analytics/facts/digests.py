"""What facts are grouped by: learners, activities and the like as 64-bit integers, the same in every lake."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b


@lru_cache(65_536)
def digest(kind: str, value: str) -> int:
    """Return the signed 64-bit digest of a value of a kind (agent, activity, registration ...), 0 for nothing."""
    if not value:
        return 0
    found = blake2b(f"{kind}\0{value}".encode(), digest_size=8).digest()
    return int.from_bytes(found, "big", signed=True)
