"""Persons behind learners: the key that reports count somebody by, and the name to show, by the people file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lrs.analytics.facts.digests import digest
from lrs.analytics.references.periods import identity_of, persons_behind
from lrs.analytics.references.references import PERSON, state_of
from lrs.analytics.references.visitors import Visitors
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject
from lrs.xapi.agent import identities


@dataclass(frozen=True, slots=True)
class Known:
    """Who is in the people file, as of one state of it: for asking about many."""

    state: int
    pairs: Mapping[str, str]
    """IFI of a visitor -> IFI of who it turned out to be."""
    persons: Mapping[str, str]
    """IFI, as facts spell it -> person."""
    latest: Mapping[str, JsonObject]
    """Person -> the latest period."""

    def who(self, identity: str) -> str:
        """Return the IFI of who has this one, if it is that of a visitor who turned out to be somebody."""
        return identity if identity in self.persons else self.pairs.get(identity, identity)

    def key_of(self, text: str) -> int:
        """Return the key, as reports count, of a person, an IFI or an e-mail address."""
        if text in self.latest:
            return digest("person", text)
        identity = self.who(text if "|" in text else identity_of(text))
        person = self.persons.get(identity)
        return digest("agent", identity) if person is None else digest("person", person)

    def name_of(self, identity: str) -> str:
        """Return the name of who has an IFI or is in the file, or what the IFI says, if no name is known."""
        identity = self.who(identity)
        latest = self.latest.get(self.persons.get(identity, identity))
        name = "" if latest is None else str(latest["name"])
        # Who was never seen is known by the people file alone.
        return name or identity[identity.find("|") + 1 :].removeprefix("mailto:")


class People:
    """Who is in the people file, read anew after each import."""

    def __init__(self, records: RecordStore, visitors: Visitors) -> None:
        self._records = records
        self._visitors = visitors
        self._last = Known(-1, {}, {}, {})

    def key_of(self, text: str) -> int:
        """See Known."""
        return self.known().key_of(text)

    def learner_of(self, agent: JsonObject) -> int:
        """Return the key of the learner who an agent is."""
        known = self.known()
        identity = known.who(_identity(agent))
        person = known.persons.get(identity)
        return digest("agent", identity) if person is None else digest("person", person)

    def manager_of(self, agent: JsonObject) -> int:
        """Return the key of the manager who an agent is.

        Who is not in the people file is there, as a manager of others, by e-mail address or the account's name.
        """
        identity = _identity(agent)
        person = self.known().persons.get(identity)
        told = identity.rpartition("|")[2].removeprefix("mailto:")
        return digest("person", told if person is None else person)

    def groups(self, boss: int | None = None) -> tuple[list[str], dict[str, str]]:
        """Return the departments there are now, and manager -> name; only those below `boss`, if there is one."""
        latest = self.known().latest
        members = [
            period
            for person, period in latest.items()
            if boss is None or boss in self._above(person)
        ]
        departments = {str(period["department"]) for period in members} - {""}
        managers = {str(period["manager"]) for period in members} - {""}
        names = {one: str(latest.get(self._person(one), {}).get("name") or one) for one in managers}
        return sorted(departments), dict(sorted(names.items(), key=lambda pair: pair[1]))

    def is_below(self, identity: str, boss: int) -> bool:
        """Whether who has an IFI is in the team of a manager now, however many levels below."""
        person = self.known().persons.get(identity)
        return person is not None and boss in self._above(person)

    def _above(self, person: str) -> set[int]:
        """Return the keys of those who stand above a person now."""
        found: list[str] = []
        latest = self.known().latest
        while person in latest and (manager := self._person(str(latest[person]["manager"]))):
            if manager in found:
                break
            found.append(manager)
            person = manager
        return {digest("person", one) for one in found}

    def _person(self, text: str) -> str:
        known = self.known()
        if not text or text in known.latest:
            return text
        return known.persons.get(identity_of(text), text.removeprefix("mailto:"))

    def known(self) -> Known:
        """Return who is in it now."""
        state = state_of(self._records) + self._visitors.state()
        if self._last.state != state:
            records = self._records.all(PERSON).items()
            people = {person: record["periods"] for person, record in records}
            latest = {person: periods[-1] for person, periods in people.items()}
            pairs = self._visitors.pairs()
            self._last = Known(state, pairs, persons_behind(people), latest)
        return self._last


def _identity(agent: JsonObject) -> str:
    return "&".join(sorted(identities(agent)))
