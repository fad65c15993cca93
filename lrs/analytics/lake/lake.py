"""The lake: facts of all statements in a Delta table, fed from the store in micro-batches, each exactly once.

The last sequence that was projected is the version of an app transaction in the same commit as its facts: a crash
leaves both or neither, and of two processes that project the same batch one commit is refused.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from functools import partial
from pathlib import Path
from threading import Event, RLock
from typing import TYPE_CHECKING, TypeVar

from lrs import clock
from lrs.analytics.facts.fact import FACTS_VERSION, facts_of
from lrs.analytics.lake import upkeep
from lrs.analytics.lake.state import LakeBusy, LakeOutdated, Snapshot, Status
from lrs.analytics.lake.table import (
    append,
    as_arrow,
    clear,
    files_of,
    listed,
    opened,
    projected,
    remove,
)
from lrs.clock import Clock
from lrs.stores.protocol import Store
from lrs.taxonomy.roles import Meaning, meaning_of
from lrs.xapi import JsonObject
from lrs.xapi.terms import parse_timestamp

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

    from lrs.xapi.entry import Entry

Written = TypeVar("Written")

BATCH = 10_000
"""Statements of one commit."""
_CHUNK = 2_000
"""Statements that are held at once: what bounds the memory of the process."""
_TRIES = 10


class Lake:
    """Facts of one store. Any number of processes may hold one; whoever has the lease feeds it."""

    def __init__(
        self,
        uri: str,
        store: Store,
        *,
        zone: tzinfo,
        lock: Path,
        meaning: Callable[[JsonObject], Meaning] = meaning_of,
        definitions: str = "",
        now: Clock = clock.now,
    ) -> None:
        """`meaning` tells what statements count as; `definitions` changes whenever that does."""
        self.uri = uri
        self._store = store
        self._zone = zone
        self._lock_path = lock
        self._meaning = meaning
        self._definitions = definitions
        self._now = now
        self._lock = RLock()
        self._table: DeltaTable | None = None
        self._stopped = Event()

    def stop(self) -> None:
        """Let who is catching up, or will, stop after a batch, with LakeBusy: the process is to end."""
        self._stopped.set()

    def catch_up(self, watch: Callable[[int], object] = lambda count: None) -> Snapshot:
        """Project every statement that is stored by now, and return the lake with them in it.

        `watch` is told how many statements were projected, after each batch.
        Raises: LakeOutdated (503) until `lrs lake rebuild`; LakeBusy (503).
        """
        through = self._store.statements.consistent_through(exact=True)
        with self._lock:
            table = self._fresh()
            if self._waits(table, through):
                with self._lease():
                    table = self._project(through, watch)
            return Snapshot(table.version(), files_of(table), through)

    def advance(self) -> int:
        """Project one batch of what waits, and return of how many statements: under BATCH, nothing waits any more.

        Raises: LakeOutdated (503) until `lrs lake rebuild`; LakeBusy (503).
        """
        through = self._store.statements.consistent_through()
        with self._lock:
            table = self._fresh()
            if not self._waits(table, through):
                return 0
            counts: list[int] = []
            with self._lease():
                self._project(through, counts.append, batches=1)
            return sum(counts)

    def clear(self) -> None:
        """Forget all facts: every statement waits to be projected anew."""
        with self._lock, self._lease():
            self._tried(self._clear_once)

    def rebuild(self, watch: Callable[[int], object] = lambda count: None) -> Snapshot:
        """Forget all facts and project every statement anew."""
        self.clear()
        return self.catch_up(watch)

    def compact(self) -> int:
        """Make many small files few, clear away those that nobody reads any more; return how many files went."""
        with self._lock, self._lease():
            gone = upkeep.compact(self._fresh())
            upkeep.note_compacted(self._store.records, self._now())
            return gone

    def needs_compacting(self) -> bool:
        """Whether a partition is in many files, or nobody has seen to it for a day."""
        with self._lock:
            return upkeep.is_due(self._fresh(), self._store.records, self._now())

    def erase(
        self, identities: Sequence[str], ids: Sequence[str] = (), *, through: int | None = None
    ) -> int:
        """Remove the facts of the agents with these IFIs ("mbox|mailto:...") and of statements with these ids.

        Of the agents, what was stored after the sequence `through` stays: it is new.
        Old files go too. Returns how many facts went. Agents are meant when they act alone: what a group did goes by
        the ids. The statements must be gone from the store already, or they will come back with the next rebuild.
        """
        conditions = upkeep.erased(identities, ids, through)
        if not conditions:
            return 0
        with self._lock, self._lease():
            count = sum(self._tried(partial(self._remove_once, one)) for one in conditions)
            upkeep.clear_away(self._latest(), everything=True)
            return count

    def is_current(self) -> bool:
        """Whether the facts are of this version of the LRS, of the zone and the events that are set."""
        with self._lock:
            return self._opened().metadata().description == self._description()

    def status(self) -> Status:
        """Return how the lake stands, without feeding it."""
        with self._lock:
            table = self._opened()
            facts, sizes = listed(table)
            last = projected(table)
            return Status(
                uri=self.uri,
                version=table.version(),
                facts=sum(facts.values()),
                files=len(facts),
                bytes=sum(sizes.values()),
                projected=last,
                waiting=self._count_after(last),
                current=table.metadata().description == self._description(),
            )

    def _project(
        self, through: int, watch: Callable[[int], object], batches: int | None = None
    ) -> DeltaTable:
        done = 0
        # Looked at before each batch: who is set otherwise may have made the lake anew since the last one.
        while self._tried(lambda: self._project_batch(self._fresh(), through, watch)):
            done += 1
            if done == batches:
                break
            if self._stopped.is_set():
                raise LakeBusy("The LRS is being stopped.", allowed="another try in a while")
        return self._fresh()

    def _remove_once(self, condition: str) -> int:
        return remove(self._latest(), condition)

    def _clear_once(self) -> None:
        self._table = self._opened()
        clear(self._table, self._description())

    def _tried(self, write: Callable[[], Written]) -> Written:
        """Write, and again while others, on machines where the lease is not seen, are faster.

        Raises: LakeBusy (503) after ten tries.
        """
        from deltalake.exceptions import CommitFailedError  # noqa: PLC0415

        for _ in range(_TRIES):
            try:
                return write()
            except CommitFailedError:
                self._table = None
        raise LakeBusy("Other processes keep writing to the lake.", allowed="another try")

    def _project_batch(
        self, table: DeltaTable, through: int, watch: Callable[[int], object]
    ) -> bool:
        pieces: list[pa.Table] = []
        voids: list[str] = []
        count, last = 0, projected(table)
        for entries in self._chunks(last, through):
            facts = facts_of(entries, self._zone, self._meaning)
            pieces.append(as_arrow(facts.rows))
            voids += facts.voids
            count += len(entries)
            last = entries[-1].sequence
        if not count:
            return False
        # First, since doing it twice does no harm.
        self._withdraw(table, voids)
        append(table, pieces, last)
        watch(count)
        return count == BATCH

    def _chunks(self, after: int, through: int) -> Iterator[Sequence[Entry]]:
        """Yield the statements of one batch, a few at a time."""
        left = BATCH
        while left:
            entries = [
                entry
                for entry in self._store.statements.scan(after=after, limit=min(_CHUNK, left))
                if entry.sequence <= through
            ]
            if not entries:
                return
            yield entries
            left -= len(entries)
            after = entries[-1].sequence

    def _withdraw(self, table: DeltaTable, voided: Sequence[str]) -> None:
        """Remove the facts of statements that were voided after they were projected.

        A target that is not stored yet will be marked as voided when it comes.
        """
        last = projected(table)
        entries = filter(None, map(self._store.statements.get, dict.fromkeys(voided)))
        found = [
            (parse_timestamp(entry.statement["timestamp"]) // 1000, entry.id)
            for entry in entries
            if entry.sequence <= last
        ]
        for condition in upkeep.withdrawn(found):
            table.delete(condition)

    def _waits(self, table: DeltaTable, through: int) -> bool:
        after = projected(table)
        if after >= through:
            return False
        entries = self._store.statements.scan(after=after, limit=1)
        return bool(entries) and entries[0].sequence <= through

    def _count_after(self, after: int) -> int:
        count = 0
        while entries := self._store.statements.scan(after=after, limit=BATCH):
            count += len(entries)
            after = entries[-1].sequence
        return count

    def _fresh(self) -> DeltaTable:
        """Return the table in its latest version. Raises: LakeOutdated."""
        table = self._latest()
        if table.metadata().description != self._description():
            raise LakeOutdated(
                "The lake holds facts of another version of the LRS, time zone, or definition of events.",
                allowed="`lrs lake rebuild` first; a running server does so by itself",
            )
        return table

    def _opened(self) -> DeltaTable:
        return opened(self.uri, self._description())

    def _latest(self) -> DeltaTable:
        """Return the table in its latest version, whatever facts it holds."""
        if self._table is None:
            self._table = self._opened()
        else:
            self._table.update_incremental()
        return self._table

    def _description(self) -> str:
        told = {"facts": FACTS_VERSION, "zone": str(self._zone)}
        return json.dumps({**told, "definitions": self._definitions})

    @contextmanager
    def _lease(self) -> Iterator[None]:
        """Wait until no other process of this machine feeds the lake. The lock goes with the process that held it."""
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
