"""What entries of a ledger somebody may see, and how persons are shown in them."""

from __future__ import annotations

from collections.abc import Mapping

from lrs.analytics.audience import Audience, Pseudonyms
from lrs.analytics.ledgers.kinds import LEDGERS
from lrs.analytics.ledgers.ledger import Ledger
from lrs.analytics.references.persons import People
from lrs.xapi import JsonObject

_NOTE = "note"
"""What came of an entry, in words: beside a person they may name that person."""


class Concerning:
    """Leaves of entries what concerns somebody."""

    def __init__(self, people: People, pseudonyms: Pseudonyms) -> None:
        self._people = people
        self._pseudonyms = pseudonyms

    def ledgers(self, audience: Audience) -> list[Ledger]:
        """Return the ledgers that somebody may look into."""
        return [one for one in LEDGERS.values() if self.is_open(one, audience)]

    def is_open(self, ledger: Ledger, audience: Audience) -> bool:
        """Whether somebody may look into a ledger: only into those about persons if it is not everybody's data."""
        return audience.own == "everyone" or bool(ledger.about_whom)

    def entries(
        self, ledger: Ledger, entries: Mapping[str, JsonObject], audience: Audience
    ) -> dict[str, JsonObject]:
        """Return the entries that concern somebody; persons are under pseudonyms for who may not see names."""
        return {
            entry: self._shown(ledger, record, audience)
            for entry, record in entries.items()
            if audience.own == "everyone" or self._concerns(ledger, record, audience)
        }

    def _concerns(self, ledger: Ledger, record: JsonObject, audience: Audience) -> bool:
        persons = [record[name] for name in ledger.about_whom if record[name]]
        if not persons:
            # What is about nobody in particular is about everybody, as a notice is.
            return bool(ledger.about_whom)
        if audience.own == "self":
            return any(self._people.key_of(one) == audience.key for one in persons)
        return not ledger.between and any(
            self._people.is_below(one, audience.key) for one in persons
        )

    def _shown(self, ledger: Ledger, record: JsonObject, audience: Audience) -> JsonObject:
        if audience.names:
            return record
        texts = [field.name for field in ledger.fields if field.tells_names]
        texts += [_NOTE] if ledger.about_whom else []
        hidden = {
            name: self._pseudonyms.of(self._people.key_of(record[name]))
            for name in ledger.about_whom
            if record[name]
        }
        return {**record, **dict.fromkeys(texts, ""), **hidden}
