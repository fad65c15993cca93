"""The lake: facts of all statements in a Delta table, fed from the store in micro-batches, each exactly once.

The last sequence that was projected is the version of an app transaction in the same commit as its facts: a crash
leaves both or neither, and of two processes that project the same batch one commit is refused.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from lrs.analytics.digests import digest
from lrs.analytics.facts import FACTS_VERSION, facts_of
from lrs.analytics.table import append, as_arrow, clear, compressed, opened, projected
from lrs.errors import LrsError
from lrs.stores.protocol import Store
from lrs.taxonomy.roles import Meaning, meaning_of
from lrs.xapi import JsonObject
from lrs.xapi.terms import parse_timestamp

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

    from lrs.xapi.entry import Entry

BATCH = 10_000
"""Statements of one commit."""
_CHUNK = 2_000
"""Statements that are held at once: what bounds the memory of the process."""
_TRIES = 10
_SMALL_FILES = 24
"""Files of one partition from which on they are made one."""
_KEPT_HOURS = 24
"""How long files that were replaced stay for readers of older versions."""


class LakeOutdated(LrsError):
    """The lake holds facts of another version of the LRS, of another time zone, or of other definitions."""

    status = 503
    default_code = "lake-outdated"


class LakeBusy(LrsError):
    """Other processes kept writing to the lake."""

    status = 503
    default_code = "lake-busy"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of the lake: its files, and the moment up to which every statement is in."""

    version: int
    files: tuple[str, ...]
    through: int


@dataclass(frozen=True, slots=True)
class Status:
    """How the lake stands; sequences are microseconds since 1970."""

    uri: str
    version: int
    facts: int
    files: int
    bytes: int
    projected: int
    waiting: int
    current: bool


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
    ) -> None:
        """`meaning` tells what statements count as; `definitions` changes whenever that does."""
        self.uri = uri
        self._store = store
        self._zone = zone
        self._lock_path = lock
        self._meaning = meaning
        self._definitions = definitions
        self._lock = RLock()
        self._table: DeltaTable | None = None

    def catch_up(self, watch: Callable[[int], object] = lambda count: None) -> Snapshot:
        """Project every statement that is stored by now, and return the lake with them in it.

        `watch` is told how many statements were projected, after each batch.
        Raises: LakeOutdated (503) until `lrs lake rebuild`; LakeBusy (503).
        """
        through = self._store.statements.consistent_through()
        with self._lock:
            table = self._fresh()
            if self._waits(table, through):
                with self._lease():
                    table = self._project(through, watch)
            return Snapshot(table.version(), tuple(table.file_uris()), through)

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
            self._table = self._open(demand_current=False)
            clear(self._table, self._description())

    def rebuild(self, watch: Callable[[int], object] = lambda count: None) -> Snapshot:
        """Forget all facts and project every statement anew."""
        self.clear()
        return self.catch_up(watch)

    def compact(self) -> int:
        """Make many small files few, clear away those that nobody reads any more; return how many files went."""
        with self._lock, self._lease():
            table = self._fresh()
            done = table.optimize.compact(writer_properties=compressed())
            table.vacuum(retention_hours=_KEPT_HOURS, dry_run=False)
            table.create_checkpoint()
            table.cleanup_metadata()
            return int(done["numFilesRemoved"]) - int(done["numFilesAdded"])

    def needs_compacting(self) -> bool:
        """Whether a partition is in many files."""
        with self._lock:
            counts: dict[str, int] = {}
            for file in self._fresh().file_uris():
                folder = file.rpartition("/")[0]
                counts[folder] = counts.get(folder, 0) + 1
            return max(counts.values(), default=0) > _SMALL_FILES

    def erase(self, identities: Sequence[str]) -> int:
        """Remove all facts of the actor with these IFIs ("mbox|mailto:..."), old files too; return how many facts.

        The statements must be gone from the store already, or they will come back with the next rebuild.
        """
        learners = ", ".join(str(digest("agent", identity)) for identity in identities)
        if not learners:
            return 0
        with self._lock, self._lease():
            table = self._fresh()
            done = table.delete(f"learner IN ({learners})")
            table.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
            return int(done["num_deleted_rows"])

    def is_current(self) -> bool:
        """Whether the facts are of this version of the LRS, of the zone and the events that are set."""
        with self._lock:
            return self._open(demand_current=False).metadata().description == self._description()

    def status(self) -> Status:
        """Return how the lake stands, without feeding it."""
        import pyarrow as pa  # noqa: PLC0415

        with self._lock:
            table = self._open(demand_current=False)
            actions = pa.table(table.get_add_actions(flatten=True))
            last = projected(table)
            return Status(
                uri=self.uri,
                version=table.version(),
                facts=sum(actions["num_records"].to_pylist()),
                files=actions.num_rows,
                bytes=sum(actions["size_bytes"].to_pylist()),
                projected=last,
                waiting=self._count_after(last),
                current=table.metadata().description == self._description(),
            )

    def _project(
        self, through: int, watch: Callable[[int], object], batches: int | None = None
    ) -> DeltaTable:
        from deltalake.exceptions import CommitFailedError  # noqa: PLC0415

        for _ in range(_TRIES):
            table = self._fresh()
            try:
                done = 0
                while self._project_batch(table, through, watch):
                    done += 1
                    if done == batches:
                        break
            except CommitFailedError:
                # Somebody on another machine, where the lease is not seen, was faster.
                self._table = None
                continue
            return table
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
        for one in voided:
            entry = self._store.statements.get(one)
            if entry is None or entry.sequence > (projected(table)):
                continue
            at = parse_timestamp(entry.statement["timestamp"]) // 1000
            table.delete(f"moment = {at} AND id = '{entry.id}'")

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
        """Return the table in its latest version."""
        if self._table is None:
            self._table = self._open(demand_current=True)
        else:
            self._table.update_incremental()
        return self._table

    def _open(self, *, demand_current: bool) -> DeltaTable:
        table = opened(self.uri, self._description())
        if demand_current and table.metadata().description != self._description():
            raise LakeOutdated(
                "The lake holds facts of another version of the LRS, time zone, or definition of events.",
                allowed="`lrs lake rebuild` first; a running server does so by itself",
            )
        return table

    def _description(self) -> str:
        return json.dumps(
            {
                "facts": FACTS_VERSION,
                "zone": str(self._zone),
                "definitions": self._definitions,
            }
        )

    @contextmanager
    def _lease(self) -> Iterator[None]:
        """Wait until no other process of this machine feeds the lake. The lock goes with the process that held it."""
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
