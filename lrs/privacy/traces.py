"""Where a person is beside the statements: documents, files that were imported, ledgers, the inbox, registrations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import orjson

from lrs.analytics.lake.small_tables import SmallTables
from lrs.analytics.ledgers.ledgers import Ledgers
from lrs.analytics.references.references import References
from lrs.auth.accounts import Accounts
from lrs.cmi5.forgetting import Forgetting
from lrs.privacy.person import Person
from lrs.services.rejects import Rejects
from lrs.stores.protocol import DocumentStore
from lrs.taxonomy.persons import Persons
from lrs.xapi import JsonObject
from lrs.xapi.agent import ifi_of

_LEARNER = "learner"


@dataclass(frozen=True, slots=True)
class Traces:
    """What is kept of persons, counted and removed; each removal may be repeated."""

    documents: DocumentStore
    references: References
    tables: SmallTables
    ledgers: Ledgers
    links: Persons
    registrations: Forgetting
    rejects: Rejects
    accounts: Accounts

    def count(self, person: Person) -> dict[str, int]:
        """Return what there is -> how often."""
        return {
            "documents": sum(map(self.documents.count_of, person.identities)),
            "people": len(person.names),
            "outcomes": len(self.references.outcomes_of(person.names, person.identities)),
            "ledger entries": len(self.ledgers.about(person.identities)),
            "links of visitors": len(person.visitors),
            "registrations": len(self.registrations.of(person.identities)),
            "rejected requests": len(list(self._rejected(person))),
            "accounts": len(self._accounts(person)),
        }

    def staying(self, person: Person) -> dict[str, int]:
        """Return what names the person and stays, since it is said of others -> how often."""
        return self.references.naming(person.names, person.identities)

    def silence(self, person: Person) -> None:
        """Remove what would say something more of them: their registrations, and what waits in the inbox."""
        for registration in self.registrations.of(person.identities):
            self.registrations.forget(registration)
        for id in list(self._rejected(person)):
            self.rejects.remove(id)

    def remove(self, person: Person) -> None:
        """Remove the rest; the tables beside the lake are written anew. What the person is known by goes last.

        The account of a learner is removed; one of another role stays, and is nobody's in statements any more.
        """
        for identity in sorted(person.identities):
            self.documents.delete_of(identity)
        for name, record in self._accounts(person).items():
            if record["role"] == _LEARNER:
                self.accounts.remove(name)
            else:
                self.accounts.set_agent(name, None)
        self.ledgers.forget(person.identities)
        for visitor in sorted(person.visitors):
            self.links.unlink(visitor)
        self.references.forget(person.names, person.identities)
        self.tables.files()

    def _accounts(self, person: Person) -> dict[str, JsonObject]:
        return {
            name: record
            for name, record in self.accounts.all().items()
            if record["agent"] is not None and ifi_of(record["agent"]) in person.identities
        }

    def _rejected(self, person: Person) -> Iterator[str]:
        """Yield the ids of rejected requests in which the person is named."""
        named = [_pattern(identity) for identity in person.identities]
        for id, record in self.rejects.all().items():
            said = _plain(self.rejects.body(id) or b"") + unquote_plus(str(record["query"]))
            said += orjson.dumps(record).decode()
            if any(pattern.search(said) for pattern in named):
                yield id


def _plain(body: bytes) -> str:
    """Return the text of a body, with nothing spelled by escapes, as far as it can be read."""
    text = body.decode(errors="replace")
    for spelled in (text, unquote_plus(text)):
        try:
            value: Any = orjson.loads(spelled)
        except orjson.JSONDecodeError:
            continue
        text += orjson.dumps(value).decode()
    return text + unquote_plus(text)


def _pattern(identity: str) -> re.Pattern[str]:
    """Return what an IFI looks like in JSON; e-mail addresses and digests are sought wherever they are."""
    kind, _, value = identity.partition("|")
    if kind != "account":
        return re.compile(re.escape(value.removeprefix("mailto:")), re.IGNORECASE)
    home_page, _, name = value.rpartition("|")
    pair = [
        rf'"{label}"\s*:\s*{re.escape(orjson.dumps(one).decode())}'
        for label, one in (("homePage", home_page), ("name", name))
    ]
    return re.compile(rf"{pair[0]}\s*,\s*{pair[1]}|{pair[1]}\s*,\s*{pair[0]}")
