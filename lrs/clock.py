"""The one clock. Times inside are whole microseconds since 1970 (UTC); at the edges they are ISO 8601 text."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], int]
"""Returns the current time in microseconds since 1970-01-01T00:00:00Z."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """Return the current time in microseconds since the epoch."""
    return time.time_ns() // 1000


def to_iso(microseconds: int) -> str:
    """Return e.g. "2026-01-31T12:00:00.000001Z"; always six decimals, so that text order is time order."""
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def to_microseconds(moment: datetime) -> int:
    """Return an aware datetime as microseconds since the epoch."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
