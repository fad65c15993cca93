"""Who an anonymous visitor turned out to be: noted beside the statements, which are never rewritten."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from lrs.clock import Clock, to_iso
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_KIND = "person-link"
_REMEMBERED = 10_000
_MADE = "person-link-public"
"""Kind of tallies: day -> links that publishable keys made."""
_A_DAY = 10_000
_CHANGES = "person-link-changes"


class Persons:
    """Links anonymous ids to persons, the first link counts; but one by a credential above one by a publishable key."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._known: OrderedDict[str, tuple[str, bool]] = OrderedDict()

    def link(self, anonymous_id: str, user_id: str, *, public: bool = False) -> bool:
        """Note that a visitor is a person; returns whether that holds.

        It does not if the visitor is another person's already, or `public`, which anybody can be, has made as many
        links today as may be.
        """
        known = self._known.get(anonymous_id)
        if known is None or (known[1] and not public):
            record = self._records.get(_KIND, anonymous_id)
            known = None if record is None else (str(record["user"]), record.get("public", False))
            if known is None or (known[1] and not public):
                if public and not self._has_room():
                    return False
                made = {"user": user_id, "linked": to_iso(self._clock()), "public": public}
                self._records.put(_KIND, anonymous_id, made)
                self._records.tally(_CHANGES, _KIND)
                known = (user_id, public)
            self._known[anonymous_id] = known
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return known[0] == user_id

    def _has_room(self) -> bool:
        today = to_iso(self._clock())[:10]
        if self._records.tallies(_MADE).get(today, 0) >= _A_DAY:
            return False
        self._records.tally(_MADE, today)
        return True

    def of(self, anonymous_id: str) -> str | None:
        """Return the person that a visitor turned out to be."""
        record = self._records.get(_KIND, anonymous_id)
        return None if record is None else str(record["user"])

    def all(self) -> Mapping[str, JsonObject]:
        """Return anonymous id -> {"user", "linked", "public"}."""
        return self._records.all(_KIND)

    def unlink(self, anonymous_id: str) -> bool:
        """Take a link back; returns whether there was one. Other processes may hold to it for as long as they run."""
        self._known.pop(anonymous_id, None)
        gone = self._records.delete(_KIND, anonymous_id)
        self._records.tally(_CHANGES, _KIND)
        return gone

    def state(self) -> int:
        """Return a number that rises with each link that is made or taken back."""
        return self._records.tallies(_CHANGES).get(_KIND, 0)
