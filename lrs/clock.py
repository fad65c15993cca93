"""The one clock. Times inside are whole microseconds since 1970 (UTC); at the edges they are ISO 8601 text."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

Clock = Callable[[], int]
"""Returns the current time in microseconds since 1970-01-01T00:00:00Z."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """Return the current time in microseconds since the epoch."""
    return time.time_ns() // 1000


def to_iso(microseconds: int) -> str:
    """Return e.g. "2026-01-31T12:00:00.000001Z"; always six decimals, so that text order is time order."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{_to_the_second(seconds)}.{rest:06}Z"


@lru_cache(1_000)
def _to_the_second(seconds: int) -> str:
    """Return "2026-01-31T12:00:00"; remembered, since statements come many to a second."""
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()[:19]


def to_microseconds(moment: datetime) -> int:
    """Return an aware datetime as microseconds since the epoch."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
