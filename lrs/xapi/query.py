"""What can be asked of stored statements, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from lrs.xapi import JsonObject
from lrs.xapi.entry import Entry
from lrs.xapi.keys import activity_key, agent_key, key

MAX_LIMIT = 500
"""The most statements of one page; `limit=0` and no limit ask for as many."""

MAX_PAGE = 32_000_000
"""Bytes of text after which a page ends early; one statement alone may be longer."""

Format = Literal["exact", "ids", "canonical"]


@dataclass(frozen=True, slots=True)
class StatementQuery:
    """A page of statements: those that carry all `keys`, in the order of `sequence`. Times are microseconds."""

    keys: tuple[int, ...] = ()
    """The filters, the most selective kind first."""
    since: int | None = None
    """Only statements stored after this moment."""
    until: int | None = None
    """Only statements stored at or before this moment."""
    after: int | None = None
    """The cursor: the sequence of the last statement of the page before."""
    ascending: bool = False
    limit: int = MAX_LIMIT
    """1 to MAX_LIMIT."""
    voided_too: bool = False
    """Whether voided statements are found as well: not for GET statements."""

    @property
    def lowest(self) -> int | None:
        """The sequence that every statement of the page lies above."""
        return _larger(self.since, self.after if self.ascending else None)

    @property
    def highest(self) -> int | None:
        """The sequence that every statement of the page lies at or below."""
        if self.ascending or self.after is None:
            return self.until
        return self.after - 1 if self.until is None else min(self.until, self.after - 1)


@dataclass(frozen=True, slots=True)
class Page:
    """Statements in the order asked for; `more` says whether others follow the last one."""

    entries: tuple[Entry, ...]
    more: bool


def _length(entry: Entry) -> int:
    return len(entry.text)


def page_of(
    entries: Iterable[Entry], limit: int, size_of: Callable[[Entry], int] = _length
) -> Page:
    """Return the first of these, at most `limit` and MAX_PAGE bytes, but one at least; no more are taken."""
    taken: list[Entry] = []
    size = 0
    for entry in entries:
        size += size_of(entry)
        if taken and (len(taken) == limit or size > MAX_PAGE):
            return Page(tuple(taken), more=True)
        taken.append(entry)
    return Page(tuple(taken), more=False)


def _larger(left: int | None, right: int | None) -> int | None:
    """Return the larger of two bounds, either of which may be missing."""
    bounds = [bound for bound in (left, right) if bound is not None]
    return max(bounds, default=None)


def filter_keys(
    *,
    agent: JsonObject | None = None,
    verb: str | None = None,
    activity: str | None = None,
    registration: str | None = None,
    related_agents: bool = False,
    related_activities: bool = False,
    authority: int | None = None,
) -> tuple[int, ...]:
    """Return the keys of the filters of GET statements, the most selective kind first.

    `agent` is an Agent or an identified Group.
    Spec: Communication 2.1.3 (1.0.3).
    """
    keys = []
    if registration is not None:
        keys.append(key("registration", registration.lower()))
    if agent is not None:
        keys.append(agent_key(agent, related=related_agents))
    if activity is not None:
        keys.append(activity_key(activity, related=related_activities))
    if verb is not None:
        keys.append(key("verb", verb))
    if authority is not None:
        keys.append(authority)
    return tuple(keys)
