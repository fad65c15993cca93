"""Days as facts and tables count them: since 1970-01-01."""

from __future__ import annotations

from datetime import date

_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 86_400_000_000


def days_of(one: date) -> int:
    """Return a date as days since 1970."""
    return one.toordinal() - _EPOCH


def day_at(moment: int) -> int:
    """Return the day, UTC, of a moment in microseconds since 1970."""
    return moment // _DAY


def date_of(days: int) -> date:
    """Return days since 1970 as a date."""
    return date.fromordinal(days + _EPOCH)


def day_of(text: str) -> int | None:
    """Return an ISO day as days since 1970, None if there is none. Raises: ValueError."""
    return days_of(date.fromisoformat(text)) if text else None


def month_of(days: int) -> str:
    """Return "2026-01" of days since 1970."""
    return date_of(days).strftime("%Y-%m")
