"""Who a person is: every identifier under which statements, documents and files may know them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lrs.analytics.references.periods import identity_of, typed
from lrs.analytics.references.references import References
from lrs.analytics.references.visitors import Visitors
from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.agent import IFI_NAMES, identities, ifi_of
from lrs.xapi.keys import key, keys_of
from lrs.xapi.terms import is_sha1, normalise_mbox
from lrs.xapi.text import read_json
from lrs.xapi.validation import validate_agent

WAYS = (
    "an e-mail address or mailto: IRI, homePage|name, an mbox_sha1sum, an OpenID, an Agent as JSON,"
    " or a person of the people file"
)
_ACCOUNT = re.compile(r"(https?://\S+)\s+(\S.*)")
_MBOX = "mbox|"


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the LRS knows them."""

    identities: frozenset[str]
    """IFIs, as lrs.xapi.agent.ifi_of spells them."""
    names: frozenset[str]
    """Their names in the people file."""
    visitors: frozenset[str]
    """Their anonymous ids."""
    called: frozenset[str] = frozenset()
    """Their full names, of two words or more, that nobody else in the people file has."""

    def also(
        self,
        identities: Iterable[str],
        names: Iterable[str],
        visitors: Iterable[str],
        called: Iterable[str] = (),
    ) -> Person:
        """Return the person with what else they are, or were, known by."""
        return Person(
            self.identities.union(identities),
            self.names.union(names),
            self.visitors.union(visitors),
            self.called.union(called),
        )

    def did(self, statement: JsonObject) -> bool:
        """Whether they are the actor, alone or with nobody but themselves."""
        actor = statement["actor"]
        members = [ifi_of(one) for one in actor.get("member", ())]
        return self._are_theirs(list(identities(actor))) or self._are_theirs(members)

    def is_in(self, statement: JsonObject) -> bool:
        """Whether a statement names them anywhere."""
        return not self.keys.isdisjoint(keys_of(statement))

    @property
    def keys(self) -> frozenset[int]:
        """What finds the statements that name them."""
        return frozenset(key("related-agent", identity) for identity in self.identities)

    def _are_theirs(self, found: Collection[str | None]) -> bool:
        return bool(found) and all(one in self.identities for one in found)


class Who:
    """Finds all identifiers of a person from some of them."""

    def __init__(self, references: References, visitors: Visitors) -> None:
        self._references = references
        self._visitors = visitors

    def is_meant_by(self, texts: Iterable[str]) -> Person:
        """Return the person that these identifiers, all of one person, and what is known of them, stand for.

        Raises: BadRequest if one of them cannot be an identifier, or what is known leads to a person of the people file
        who was not named.
        """
        people, pairs = self._references.people(), self._visitors.pairs()
        texts = list(texts)
        names = {text for text in texts if text in people}
        found = {identity_typed(text) for text in texts if text not in people}
        meant = names | {name for one in found for name in _only(_holders(people, {one}))}
        before = -1
        while len(found) + len(names) > before:
            before = len(found) + len(names)
            reached = _holders(people, found)
            _demand_one(reached, meant, people, found)
            names |= reached
            for name in names:
                found |= people[name]
            for pair in pairs.items():
                if not found.isdisjoint(pair):
                    found |= set(pair)
            found |= set(_digests(found))
        visitors = self._visitors.among(found)
        called = self._references.called(names)
        return Person(frozenset(found), frozenset(names), frozenset(visitors), frozenset(called))


def _holders(people: Mapping[str, set[str]], found: set[str]) -> set[str]:
    return {name for name, known in people.items() if not found.isdisjoint(known)}


def _only(names: set[str]) -> set[str]:
    return names if len(names) == 1 else set()


def _demand_one(
    reached: set[str], meant: set[str], people: Mapping[str, set[str]], found: set[str]
) -> None:
    """Raise BadRequest if anybody was reached beside those who are meant, or more than one if nobody is."""
    others = sorted(reached - meant)
    if not others or (not meant and len(others) == 1):
        return
    shared = min(people[others[-1]] & found)
    raise BadRequest(
        f"{typed(shared)} is an identifier of {others[-1]} as well, who would be erased too.",
        code="shared-identifier",
        allowed=f"a people file in which it is one person's, or {others[-1]} named too",
    )


def identity_typed(text: str) -> str:
    """Return the IFI that somebody has typed, see WAYS.

    Raises: BadRequest.
    """
    text = text.strip()
    account = _ACCOUNT.fullmatch(text)
    if text.startswith("{"):
        agent = validate_agent(read_json(text.encode()).value, group_allowed=True)
        return str(ifi_of(agent))
    if account is not None:
        return f"account|{account[1]}|{account[2]}"
    kind, separator, rest = text.partition("|")
    if separator and rest and kind in IFI_NAMES:
        return f"{_MBOX}{normalise_mbox(rest)}" if kind == "mbox" else text
    if is_sha1(text):
        return f"mbox_sha1sum|{text.lower()}"
    if "@" in text or "|" in text or text.startswith(("http://", "https://")):
        return identity_of(text)
    raise BadRequest(f"Nobody is called {text} here.", code="person", allowed=WAYS)


def _digests(found: Iterable[str]) -> Iterator[str]:
    """Yield the mbox_sha1sum of each mailbox: it is the same person. Spec: Data 2.4.2.3 (1.0.3)."""
    for one in found:
        if one.startswith(_MBOX):
            mbox = one.removeprefix(_MBOX).encode()
            yield f"mbox_sha1sum|{hashlib.sha1(mbox, usedforsecurity=False).hexdigest()}"
