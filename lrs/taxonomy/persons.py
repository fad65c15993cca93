"""Who an anonymous visitor turned out to be: noted beside the statements, which are never rewritten."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from lrs.clock import Clock, to_iso
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_KIND = "person-link"
_REMEMBERED = 10_000


class Persons:
    """Links anonymous ids to persons, the first link counts."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._known: OrderedDict[str, str] = OrderedDict()

    def link(self, anonymous_id: str, user_id: str) -> bool:
        """Note that a visitor is a person; returns whether that holds, and False if it is another person's already."""
        known = self._known.get(anonymous_id)
        if known is None:
            known = self.of(anonymous_id)
            if known is None:
                record = {"user": user_id, "linked": to_iso(self._clock())}
                self._records.put(_KIND, anonymous_id, record)
                known = user_id
            self._known[anonymous_id] = known
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return known == user_id

    def of(self, anonymous_id: str) -> str | None:
        """Return the person that a visitor turned out to be."""
        record = self._records.get(_KIND, anonymous_id)
        return None if record is None else str(record["user"])

    def all(self) -> Mapping[str, JsonObject]:
        """Return anonymous id -> {"user", "linked"}."""
        return self._records.all(_KIND)

    def unlink(self, anonymous_id: str) -> bool:
        """Take a link back; returns whether there was one. Other processes may hold to it for as long as they run."""
        self._known.pop(anonymous_id, None)
        return self._records.delete(_KIND, anonymous_id)
