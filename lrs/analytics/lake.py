"""The lake: facts of all statements in a Delta table, fed from the store in micro-batches, each exactly once.

The last sequence that was projected is the version of an app transaction in the same commit as its facts: a crash
leaves both or neither, and of two processes that project the same batch one commit is refused.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

from lrs.analytics.digests import digest
from lrs.analytics.facts import COLUMNS, FACTS_VERSION, Fact, facts_of
from lrs.errors import LrsError
from lrs.stores.protocol import Store
from lrs.taxonomy.roles import Meaning, meaning_of
from lrs.xapi import JsonObject
from lrs.xapi.terms import parse_timestamp

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import CommitProperties, DeltaTable

BATCH = 20_000
"""Statements of one commit."""
_APP = "lrs-projector"
_TRIES = 10
_SMALL_FILES = 24
"""Files of one partition from which on they are made one."""
_KEPT_HOURS = 24
"""How long files that were replaced stay for readers of older versions."""
_CODEC: Literal["ZSTD"] = "ZSTD"
# Numbers only: the log keeps the lowest and highest value of these columns, and must not name anybody.
_SETTINGS = {
    "delta.dataSkippingStatsColumns": "sequence,moment,day,learner,course,activity",
    "delta.logRetentionDuration": "interval 7 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
}


class LakeOutdated(LrsError):
    """The lake holds facts of another version of the LRS, or of another time zone."""

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
    ) -> None:
        self.uri = uri
        self._store = store
        self._zone = zone
        self._lock_path = lock
        self._meaning = meaning
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

    def rebuild(self, watch: Callable[[int], object] = lambda count: None) -> Snapshot:
        """Forget all facts and project every statement anew."""
        from deltalake import write_deltalake  # noqa: PLC0415 heavy; see below

        with self._lock, self._lease():
            self._table = self._open(demand_current=False)
            write_deltalake(
                self._table,
                _arrow(()),
                mode="overwrite",
                schema_mode="overwrite",
                commit_properties=_committing(0),
            )
            self._table.alter.set_table_description(self._description())
        return self.catch_up(watch)

    def compact(self) -> int:
        """Make many small files few, clear away those that nobody reads any more; return how many files went."""
        from deltalake import WriterProperties  # noqa: PLC0415

        with self._lock, self._lease():
            table = self._fresh()
            done = table.optimize.compact(writer_properties=WriterProperties(compression=_CODEC))
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
        """Whether the facts are of this version of the LRS and of the zone that is set."""
        with self._lock:
            return self._open(demand_current=False).metadata().description == self._description()

    def status(self) -> Status:
        """Return how the lake stands, without feeding it."""
        import pyarrow as pa  # noqa: PLC0415

        with self._lock:
            table = self._open(demand_current=False)
            actions = pa.table(table.get_add_actions(flatten=True))
            projected = table.transaction_version(_APP) or 0
            return Status(
                uri=self.uri,
                version=table.version(),
                facts=sum(actions["num_records"].to_pylist()),
                files=actions.num_rows,
                bytes=sum(actions["size_bytes"].to_pylist()),
                projected=projected,
                waiting=self._count_after(projected),
                current=table.metadata().description == self._description(),
            )

    def _project(self, through: int, watch: Callable[[int], object]) -> DeltaTable:
        from deltalake.exceptions import CommitFailedError  # noqa: PLC0415

        for _ in range(_TRIES):
            table = self._fresh()
            try:
                while self._project_batch(table, through, watch):
                    pass
            except CommitFailedError:
                # Somebody on another machine, where the lease is not seen, was faster.
                self._table = None
                continue
            return table
        raise LakeBusy("Other processes keep writing to the lake.", allowed="another try")

    def _project_batch(
        self, table: DeltaTable, through: int, watch: Callable[[int], object]
    ) -> bool:
        from deltalake import WriterProperties, write_deltalake  # noqa: PLC0415

        after = table.transaction_version(_APP) or 0
        entries = [
            entry
            for entry in self._store.statements.scan(after=after, limit=BATCH)
            if entry.sequence <= through
        ]
        if not entries:
            return False
        facts = facts_of(entries, self._zone, self._meaning)
        # First, since doing it twice does no harm.
        self._withdraw(table, facts.voids)
        write_deltalake(
            table,
            _arrow(facts.rows),
            mode="append",
            commit_properties=_committing(entries[-1].sequence),
            writer_properties=WriterProperties(compression=_CODEC),
        )
        watch(len(entries))
        return len(entries) == BATCH

    def _withdraw(self, table: DeltaTable, voided: Sequence[str]) -> None:
        """Remove the facts of statements that were voided after they were projected.

        A target that is not stored yet will be marked as voided when it comes.
        """
        for one in voided:
            entry = self._store.statements.get(one)
            if entry is None or entry.sequence > (table.transaction_version(_APP) or 0):
                continue
            at = parse_timestamp(entry.statement["timestamp"]) // 1000
            table.delete(f"moment = {at} AND id = '{entry.id}'")

    def _waits(self, table: DeltaTable, through: int) -> bool:
        after = table.transaction_version(_APP) or 0
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
        # deltalake and pyarrow are loaded where they are needed: a process that only stores statements stays small.
        from deltalake import DeltaTable  # noqa: PLC0415
        from deltalake.exceptions import DeltaError  # noqa: PLC0415

        if not DeltaTable.is_deltatable(self.uri):
            if "://" not in self.uri:
                Path(self.uri).mkdir(parents=True, exist_ok=True)
            # Of two processes that make it at once one is refused: the table is there all the same.
            with suppress(DeltaError):
                DeltaTable.create(
                    self.uri,
                    schema=schema(),
                    mode="ignore",
                    partition_by=["part", "month"],
                    description=self._description(),
                    configuration=_SETTINGS,
                )
        table = DeltaTable(self.uri)
        if demand_current and table.metadata().description != self._description():
            raise LakeOutdated(
                "The lake holds facts of another version of the LRS or of another time zone.",
                allowed="`lrs lake rebuild` first",
            )
        return table

    def _description(self) -> str:
        return json.dumps({"facts": FACTS_VERSION, "zone": str(self._zone)})

    @contextmanager
    def _lease(self) -> Iterator[None]:
        """Wait until no other process of this machine feeds the lake. The lock goes with the process that held it."""
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def schema() -> pa.Schema:
    """Return the columns of the lake's table."""
    import pyarrow as pa  # noqa: PLC0415

    kinds = {"text": pa.string(), "int": pa.int32(), "long": pa.int64()}
    return pa.schema([(name, kinds[kind]) for name, kind in COLUMNS.items()])


def _arrow(rows: Sequence[Fact]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415

    whole = schema()
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(whole)
    table = pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, whole, strict=True)],
        schema=whole,
    )
    # One course's learners side by side: what reports group by is then found together.
    return table.sort_by(
        [("course", "ascending"), ("learner", "ascending"), ("moment", "ascending")]
    )


def _committing(sequence: int) -> CommitProperties:
    from deltalake import CommitProperties, Transaction  # noqa: PLC0415

    return CommitProperties(app_transactions=[Transaction(_APP, sequence)])
