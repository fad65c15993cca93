"""Erasing a person: everything that is theirs goes, from every file; what others did stays.

What is under way is kept as records until it is done, so that what a process that died has begun is finished by the
next erasure, whoever that is of; there is one at a time. Removing for good is left to the LRS by xAPI; voiding is
another thing: it marks, and destroys nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import uuid4

from lrs.analytics.lake.erased import note_erasure
from lrs.analytics.lake.lake import Lake
from lrs.analytics.lake.mirror import Mirror
from lrs.clock import Clock, to_iso
from lrs.errors import StoreUnavailable
from lrs.privacy.person import Person
from lrs.privacy.traces import Traces
from lrs.privacy.turns import Turns
from lrs.privacy.wording import wording_of
from lrs.services.maintenance import VOIDED_FOR_GOOD, entries
from lrs.stores.protocol import Store
from lrs.xapi import JsonObject
from lrs.xapi.agent import identities
from lrs.xapi.attachments import attachments_of
from lrs.xapi.entry import Entry
from lrs.xapi.query import StatementQuery
from lrs.xapi.statement import is_voiding, target_of

_RUNNING, _CHUNK, _LOG = "erasure-running", "erasure-chunk", "erasure"
_KNOWN_BY = ("identities", "names", "visitors", "called")
"""What a record of an erasure that is under way knows its person by."""
_SIZE = 500
"""Statements that are erased in one step."""
_ROUNDS = 100
"""How often statements are looked for again that came meanwhile."""


class Erasure:
    """Counts what is there of a person, and removes it."""

    def __init__(
        self, store: Store, lake: Lake, mirror: Mirror, traces: Traces, clock: Clock
    ) -> None:
        self._store = store
        self._lake = lake
        self._mirror = mirror
        self._traces = traces
        self._clock = clock
        self._turns = Turns(store.records, clock)

    def count(self, person: Person, *, mentions: bool = False) -> dict[str, int]:
        """Return what would go -> how many.

        "mentions" are statements of others that name the person, be it in free text, which go only if they are to;
        what Traces.staying counts stays.
        """
        own, others, attached = 0, 0, set[str]()
        for statement in (entry.statement for entry in self._naming(person, worded=True)):
            did = person.did(statement)
            own += did
            others += not did
            if did or mentions:
                attached |= _attached(statement)
        counts = {"statements": own, "mentions": others, "attachments": len(attached)}
        return counts | self._traces.count(person) | self._traces.staying(person)

    def mentions(self, person: Person) -> Iterator[tuple[str, list[str]]]:
        """Yield the id of each statement of others that names the person, with the JSON pointers of where it does."""
        wording = wording_of(person)
        for entry in self._naming(person, worded=True):
            if not person.did(entry.statement):
                yield entry.id, wording.pointers(entry)

    def unfinished(self) -> bool:
        """Whether an erasure was begun and has not come to its end."""
        return bool(self._store.records.names(_RUNNING))

    def erase(self, person: Person, *, by: str, mentions: bool = False) -> JsonObject:
        """Remove a person, and whoever an erasure that broke off was about to; return the person's entry of the log.

        With `mentions`, statements of others that name the person, be it in free text, go as well. All of it may be
        repeated; what comes in of the person afterwards is kept like any other statement, but nothing that was erased
        comes back.
        Raises: StoreUnavailable (503) or LakeBusy (503): then it may be repeated; Conflict (409) if another erasure is
        under way.
        """
        with self._turns.mine():
            name = f"{self._clock():016d}"
            for other, due in self._store.records.all(_RUNNING).items():
                if person.identities.isdisjoint(due["identities"]):
                    self._finish(other, due)
                else:
                    # What they were known by may be gone already.
                    name, mentions = other, mentions or due["mentions"]
                    person = _person_of(due).also(
                        person.identities, person.names, person.visitors, person.called
                    )
            begun = {
                "by": by,
                "mentions": mentions,
                "identities": sorted(person.identities),
                "names": sorted(person.names),
                "visitors": sorted(person.visitors),
                "called": sorted(person.called),
            }
            if self._store.records.get(_RUNNING, name) is None and not self._is_there(begun):
                # Nothing is written of whom nothing is known.
                return self._log(name, {**begun, "counts": {}})
            self._store.records.put(_RUNNING, name, begun)
            return self._finish(name, begun)

    def log(self) -> list[JsonObject]:
        """Return what was erased, the oldest first: when, by whom, how much; never whose."""
        return list(self._store.records.all(_LOG).values())

    def _is_there(self, begun: JsonObject) -> bool:
        person = _person_of(begun)
        return any(self._traces.count(person).values()) or any(
            begun["mentions"] or person.did(one.statement)
            for one in self._naming(person, worded=begun["mentions"])
        )

    def _finish(self, name: str, due: JsonObject) -> JsonObject:
        """Do what is due of an erasure, noted under this name; return the entry of the log."""
        if "counts" not in due:
            counts = self._remove(name, _person_of(due), mentions=due["mentions"])
            due = {**due, **dict.fromkeys(_KNOWN_BY, ()), "counts": counts}
            # From here on nobody needs to know who it was.
            self._store.records.put(_RUNNING, name, due)
        self._store.scrub()
        return self._log(name, due)

    def _remove(self, name: str, person: Person, *, mentions: bool) -> dict[str, int]:
        records = self._store.records
        counts = self._traces.count(person)
        for chunk in records.all(_CHUNK, prefix=name).values():
            self._erase_noted(chunk)
        self._traces.silence(person)
        self._erase_statements(name, person, mentions=mentions)
        self._traces.remove(person)
        chunks = list(records.all(_CHUNK, prefix=name).values())
        counts["statements"] = sum(len(chunk["ids"]) for chunk in chunks)
        counts["attachments"] = self._delete_unused(chunks)
        self._lake.erase(
            sorted({one for chunk in chunks for one in chunk["identities"]}),
            [one for chunk in chunks for one in (*chunk["shared"], *chunk["voided"])],
            through=max((chunk["through"] for chunk in chunks), default=0),
        )
        self._mirror.clear()
        note_erasure(records, self._clock())
        for noted in records.names(_CHUNK, prefix=name):
            records.delete(_CHUNK, noted)
        return counts

    def _log(self, name: str, done: JsonObject) -> JsonObject:
        now = self._clock()
        told = {one: done[one] for one in ("by", "mentions", "counts")}
        entry = {"when": to_iso(now), **told}
        self._store.records.put(_LOG, f"{now:016d}", entry)
        self._store.records.delete(_RUNNING, name)
        return entry

    def _erase_statements(self, name: str, person: Person, *, mentions: bool) -> None:
        after = 0
        for _ in range(_ROUNDS):
            through = self._store.statements.consistent_through(exact=True)
            found = (
                one
                for one in self._naming(person, worded=mentions, after=after)
                if mentions or person.did(one.statement)
            )
            after, count = through, 0
            while chunk := list(islice(found, _SIZE)):
                noted = _noted(chunk, person)
                self._store.records.put(_CHUNK, f"{name}-{uuid4().hex}", noted)
                self._erase_noted(noted)
                count += len(chunk)
            if not count:
                return
        raise StoreUnavailable("Statements of the person keep coming in.", allowed="another try")

    def _erase_noted(self, chunk: JsonObject) -> None:
        records, statements = self._store.records, self._store.statements
        for one in chunk["voided"]:
            records.put(VOIDED_FOR_GOOD, one, {})
        # Voided before it came: if it came, nobody would know that it is.
        never = [one for one in chunk["voided"] if statements.get(one) is None]
        statements.erase(chunk["ids"], never=never)
        unknown = {one for one in never if statements.get(one) is None}
        for one in set(records.names(VOIDED_FOR_GOOD)) & (unknown | set(chunk["ids"])):
            records.delete(VOIDED_FOR_GOOD, one)

    def _naming(self, person: Person, *, worded: bool, after: int = 0) -> Iterator[Entry]:
        """Yield each statement that names the person, voided or not, once.

        Those that are `worded` so, but do not say that it is an agent, no index finds: all above the sequence `after`
        are read.
        """
        seen: set[int] = set()
        for entry in self._naming_agent(person):
            seen.add(entry.sequence)
            yield entry
        if worded:
            wording = wording_of(person)
            for entry in entries(self._store, after=after):
                if entry.sequence not in seen and wording.is_in(entry):
                    yield entry

    def _naming_agent(self, person: Person) -> Iterator[Entry]:
        """Yield each statement in which the person is an agent, voided or not, once."""
        seen: set[int] = set()
        for key in sorted(person.keys):
            after, more = None, True
            while more:
                query = StatementQuery(
                    keys=(key,), after=after, ascending=True, limit=_SIZE, voided_too=True
                )
                page = self._store.statements.find(query)
                for entry in page.entries:
                    after = entry.sequence
                    # Others are found by what they refer to.
                    if entry.sequence not in seen and person.is_in(entry.statement):
                        seen.add(entry.sequence)
                        yield entry
                more = page.more

    def _delete_unused(self, chunks: Iterable[JsonObject]) -> int:
        """Delete the attachment data that nobody refers to any more; return how many."""
        unused: set[str] = {sha2 for chunk in chunks for sha2 in chunk["attachments"]}
        attachments = self._store.attachments
        last = self._spare_used(unused, 0)
        taken = {one: data for one in unused if (data := attachments.get(one)) is not None}
        for sha2 in taken:
            attachments.delete(sha2)
        # Who was about to store a statement with the same data found it there, and did not bring its own.
        left = set(taken)
        self._spare_used(left, last)
        attachments.put((sha2, data) for sha2, data in taken.items() if sha2 not in left)
        return len(left)

    def _spare_used(self, unused: set[str], after: int) -> int:
        """Strike off what statements above a sequence refer to; return the sequence of the last."""
        if not unused:
            return after
        for entry in entries(self._store, after=after):
            after = entry.sequence
            if b'"sha2"' in entry.text:
                unused -= _attached(entry.statement)
        return after


def _person_of(due: JsonObject) -> Person:
    nobody = Person(frozenset(), frozenset(), frozenset())
    # Who died before this version knew nothing of what somebody is called.
    return nobody.also(*(due.get(one, ()) for one in _KNOWN_BY))


def _noted(found: Sequence[Entry], person: Person) -> JsonObject:
    """Return what must be known of statements once they are gone."""
    statements = [one.statement for one in found]
    alone = [one for one in statements if person.did(one) and _is_alone(one)]
    ids = {one["id"].lower() for one in statements}
    return {
        "ids": sorted(ids),
        "through": max(one.sequence for one in found),
        "identities": sorted({name for one in alone for name in identities(one["actor"])}),
        "shared": sorted(ids - {one["id"].lower() for one in alone}),
        "attachments": sorted({sha2 for one in statements for sha2 in _attached(one)}),
        "voided": sorted(_voided_by(statements)),
    }


def _voided_by(statements: Iterable[JsonObject]) -> set[str]:
    ids = {one["id"].lower() for one in statements}
    return {str(target_of(one)) for one in statements if is_voiding(one)} - ids


def _is_alone(statement: JsonObject) -> bool:
    """Whether facts know the actor by one IFI alone: not so a group that lists the same member twice."""
    return len(list(identities(statement["actor"]))) == 1


def _attached(statement: Any) -> set[str]:
    return {str(one["sha2"]).lower() for _, one in attachments_of(statement)}
