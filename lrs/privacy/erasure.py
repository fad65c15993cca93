"""Erasing a person: everything that is theirs goes, from every file; what others did stays.

What is under way is kept as records until it is done, so that what a process that died has begun is finished by the
next erasure. Removing for good is left to the LRS by xAPI; voiding is another thing: it marks, and destroys nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from lrs.analytics.lake import Lake
from lrs.analytics.mirror import Mirror
from lrs.analytics.runs import note_erasure
from lrs.clock import Clock, to_iso
from lrs.errors import StoreUnavailable
from lrs.privacy.person import Person
from lrs.privacy.traces import Traces
from lrs.services.maintenance import VOIDED_FOR_GOOD, entries
from lrs.stores.protocol import Store
from lrs.xapi import JsonObject
from lrs.xapi.agent import identities
from lrs.xapi.attachments import attachments_of
from lrs.xapi.query import StatementQuery
from lrs.xapi.statement import is_voiding, target_of

_RUNNING, _CHUNK, _LOG = "erasure-running", "erasure-chunk", "erasure"
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

    def count(self, person: Person, *, mentions: bool = False) -> dict[str, int]:
        """Return what would go -> how many; "mentions" are statements of others, which go only if they are to."""
        own, others, attached = 0, 0, set[str]()
        for statement in self._naming(person):
            did = person.did(statement)
            own += did
            others += not did
            if did or mentions:
                attached |= _attached(statement)
        counts = {"statements": own, "mentions": others, "attachments": len(attached)}
        return counts | self._traces.count(person)

    def unfinished(self) -> bool:
        """Whether an erasure was begun and has not come to its end."""
        return bool(self._store.records.names(_RUNNING))

    def erase(self, person: Person, *, by: str, mentions: bool = False) -> JsonObject:
        """Remove a person, and what an erasure that broke off was about to; return the entry of the log.

        With `mentions`, statements of others that name the person go as well. All of it may be repeated; what comes
        in of the person afterwards is kept like any other statement, but nothing that was erased comes back.
        Raises: StoreUnavailable (503) or LakeBusy (503): then it may be repeated.
        """
        counts = self._traces.count(person)
        self._store.records.put(_RUNNING, "", {"begun": to_iso(self._clock())})
        self._repeat_chunks()
        self._traces.silence(person)
        self._erase_statements(person, mentions=mentions)
        self._traces.remove(person)
        chunks = list(self._store.records.all(_CHUNK).values())
        counts["statements"] = sum(len(chunk["ids"]) for chunk in chunks)
        counts["attachments"] = self._delete_unused(chunks)
        identities = {one for chunk in chunks for one in chunk["identities"]}
        self._lake.erase(sorted(identities), [one for chunk in chunks for one in chunk["shared"]])
        self._mirror.clear()
        note_erasure(self._store.records, self._clock())
        for name in self._store.records.names(_CHUNK):
            self._store.records.delete(_CHUNK, name)
        self._store.scrub()
        return self._log(counts, by=by, mentions=mentions)

    def log(self) -> list[JsonObject]:
        """Return what was erased, the oldest first: when, by whom, how much; never whose."""
        return list(self._store.records.all(_LOG).values())

    def _log(self, counts: dict[str, int], *, by: str, mentions: bool) -> JsonObject:
        now = self._clock()
        entry = {"when": to_iso(now), "by": by, "mentions": mentions, "counts": counts}
        self._store.records.put(_LOG, f"{now:016d}", entry)
        self._store.records.delete(_RUNNING, "")
        return entry

    def _repeat_chunks(self) -> None:
        for chunk in self._store.records.all(_CHUNK).values():
            self._store.statements.erase([*chunk["ids"], *chunk["never"]])

    def _erase_statements(self, person: Person, *, mentions: bool) -> None:
        for _ in range(_ROUNDS):
            found = (one for one in self._naming(person) if mentions or person.did(one))
            count = 0
            while chunk := list(islice(found, _SIZE)):
                self._erase_chunk(chunk, person)
                count += len(chunk)
            if not count:
                return
        raise StoreUnavailable("Statements of the person keep coming in.", allowed="another try")

    def _erase_chunk(self, statements: Sequence[JsonObject], person: Person) -> None:
        records = self._store.records
        alone = [one for one in statements if person.did(one) and _is_alone(one)]
        ids = [one["id"].lower() for one in statements]
        chunk = {
            "ids": ids,
            "identities": sorted({name for one in alone for name in identities(one["actor"])}),
            "shared": sorted(set(ids) - {one["id"].lower() for one in alone}),
            "attachments": sorted({sha2 for one in statements for sha2 in _attached(one)}),
            "never": [],
        }
        for target in _voided_by(statements):
            if self._store.statements.get(target) is None:
                # It was voided before it came: if it comes, nobody would know that it is.
                chunk["never"] = [*chunk["never"], target]
            else:
                records.put(VOIDED_FOR_GOOD, target, {})
        records.put(_CHUNK, f"{len(records.names(_CHUNK)):08d}", chunk)
        self._store.statements.erase([*ids, *chunk["never"]])
        for one in set(records.names(VOIDED_FOR_GOOD)) & set(ids):
            records.delete(VOIDED_FOR_GOOD, one)

    def _naming(self, person: Person) -> Iterator[JsonObject]:
        """Yield each statement that names the person, voided or not, once."""
        seen: set[int] = set()
        for key in sorted(person.keys):
            after, more = None, True
            while more:
                query = StatementQuery(
                    keys=(key,), after=after, ascending=True, limit=_SIZE, voided_too=True
                )
                page = self._store.statements.find(query)
                for entry in page.entries:
                    after, statement = entry.sequence, entry.statement
                    # Others are found by what they refer to.
                    if entry.sequence not in seen and person.is_in(statement):
                        seen.add(entry.sequence)
                        yield statement
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


def _voided_by(statements: Iterable[JsonObject]) -> set[str]:
    ids = {one["id"].lower() for one in statements}
    return {str(target_of(one)) for one in statements if is_voiding(one)} - ids


def _is_alone(statement: JsonObject) -> bool:
    """Whether facts know the actor by one IFI alone."""
    return len(set(identities(statement["actor"]))) == 1


def _attached(statement: Any) -> set[str]:
    return {str(one["sha2"]).lower() for _, one in attachments_of(statement)}
