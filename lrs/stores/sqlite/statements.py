"""Statements in SQLite: a row each, its text packed, and a posting for each key that finds it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from lrs.clock import Clock
from lrs.errors import Conflict, LrsError, StoreUnavailable
from lrs.stores.protocol import Record
from lrs.stores.sqlite import erasing, finder
from lrs.stores.sqlite.activities import merge_into
from lrs.stores.sqlite.database import Database, chunks
from lrs.stores.sqlite.nodes import blob_of, held, uuid_of
from lrs.stores.sqlite.packing import PLAIN, Packing, again
from lrs.stores.tombstones import demand_not_erased
from lrs.xapi.entry import Draft, Entry, demand_same
from lrs.xapi.links import Changes, Node, changes_by
from lrs.xapi.query import Page, StatementQuery, page_of

_COLUMNS = "s.sequence, s.id, s.dictionary, s.text, s.voided"

_DAY = 86_400_000_000
_RECENT = 100_000
"""Microseconds after which consistent_through is looked up anew."""

_REPACKED = 1_000
"""Statements that are packed anew in one transaction."""

_LAST = "max(claimed, (SELECT coalesce(max(sequence), 0) FROM statement))"
_NEWEST = "(SELECT coalesce(max(number), 0) FROM dictionary)"


@dataclass(slots=True)
class _Met:
    """What new statements meet in the store."""

    last: int = 0
    """The last moment that a statement was stored at, or that was claimed to be past."""
    count: int = 0
    dictionary: int = PLAIN
    """The number of the newest one."""
    known: dict[str, bytes] = field(default_factory=dict)
    """Id -> text of those that are stored already."""
    referred: bool = False
    """Whether a stored statement refers to any of them."""
    erased: set[str] = field(default_factory=set)
    """The ids of those that were erased."""


class SqliteStatements:
    """See lrs.stores.protocol.StatementStore."""

    def __init__(self, database: Database, clock: Clock, *, samples: int) -> None:
        self._database = database
        self._clock = clock
        self._claimed = 0
        self._knowing = Lock()
        self._packing = Packing(samples)

    def insert(self, drafts: Sequence[Draft]) -> int:
        last, count = self._database.write(self._insert, drafts)
        # Writers take turns: whatever is stored before these is committed.
        self._know(last)
        return count

    @again
    def get(self, statement_id: str) -> Entry | None:
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT {_COLUMNS} FROM statement s WHERE s.id = ?", (blob_of(statement_id),)
            ).fetchone()
            return None if row is None else self._entry(connection, row)

    @again
    def find(self, query: StatementQuery) -> Page:
        with self._database.reading() as connection:
            with closing(finder.find(connection, query, _COLUMNS, query.limit + 1)) as rows:
                return page_of((self._entry(connection, row) for row in rows), query.limit)

    def consistent_through(self, *, exact: bool = False) -> int:
        # Taken before the look: whoever starts writing after it takes a later time.
        moment = self._clock() - 1
        if moment - self._claimed > _RECENT:
            exact = True
            # On a full disk nothing can be claimed: what was stored before is read all the same.
            with suppress(StoreUnavailable):
                exact = not self._claim(moment)
        if not exact:
            return self._claimed
        with self._database.reading() as reader:
            return self._know(_last(reader))

    def _claim(self, moment: int) -> bool:
        """Claim a moment to be past, unless any writer is at work; returns whether that was done."""
        with self._database.writing_at_once() as connection:
            if connection is None:
                return False
            # Kept in the file, so that no process, whatever its clock, writes at or before what was claimed.
            connection.execute("UPDATE head SET claimed = max(claimed, ?)", (moment,))
            last = _last(connection)
        self._know(last)
        return True

    def _know(self, moment: int) -> int:
        """Remember that a moment is past, which is committed; return the latest one that is."""
        with self._knowing:
            self._claimed = max(self._claimed, moment)
            return self._claimed

    @again
    def scan(self, *, after: int, limit: int) -> Sequence[Entry]:
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM statement s WHERE s.sequence > ? ORDER BY s.sequence LIMIT ?",
                (after, limit),
            )
            with closing(rows):
                return page_of((self._entry(connection, row) for row in rows), limit).entries

    def count(self) -> int:
        with self._database.reading() as connection:
            return int(connection.execute("SELECT count FROM head").fetchone()[0])

    def records(self) -> Iterator[Record]:
        with self._database.reading() as connection:
            yield from finder.records(connection)

    def rebuild(self, records: Iterator[Record]) -> None:
        with self._database.writing() as connection:
            finder.clear(connection)
            for record in records:
                finder.add(connection, [(record.sequence, record.keys)])
                connection.execute(
                    "UPDATE statement SET voided = ? WHERE sequence = ? AND voided != ?",
                    (record.voided, record.sequence, record.voided),
                )
            connection.execute("UPDATE head SET count = (SELECT count(*) FROM statement)")

    def erase(self, ids: Sequence[str], *, never: Sequence[str] = ()) -> int:
        day = self._clock() // _DAY
        with self._database.writing() as connection:
            return erasing.erase(connection, self._packing, ids, never, day=day)

    def scrub(self) -> None:
        """Forget what dictionaries and index keep of erased statements, a transaction at a time."""
        after: int | None = 0
        while after is not None:
            with self._database.writing() as connection:
                after = erasing.repack(connection, self._packing, after, _REPACKED)
        with self._database.writing() as connection:
            finder.tidy(connection)

    def _insert(
        self, connection: sqlite3.Connection, batches: Sequence[Sequence[Draft]]
    ) -> list[tuple[int, int] | LrsError]:
        """Insert each batch or refuse it; return the last sequence given to any, and how many were new, of each."""
        fresh: list[Draft] = []
        counts: list[int | Conflict] = []
        met = self._met(connection, [draft for batch in batches for draft in batch])
        for batch in batches:
            try:
                new = _without_known(met, batch)
            except Conflict as conflict:
                counts.append(conflict)
                continue
            fresh += new
            counts.append(len(new))
            if len(batches) > 1:
                # What a batch of the same moment says of an id binds those after it.
                met.known.update((draft.id, draft.seal(1)) for draft in new)
        last = self._insert_rows(connection, met, fresh) if fresh else 0
        return [count if isinstance(count, Conflict) else (last, count) for count in counts]

    def _insert_rows(
        self, connection: sqlite3.Connection, met: _Met, drafts: Sequence[Draft]
    ) -> int:
        """Insert drafts that are not there yet; return the last sequence."""
        first = max(self._clock(), met.last + 1)
        numbered = list(enumerate(drafts, start=first))
        packed = self._packing.pack(
            connection, met.dictionary, [draft.seal(at) for at, draft in numbered]
        )
        connection.executemany(
            "INSERT INTO statement (sequence, id, dictionary, text, target) VALUES (?, ?, ?, ?, ?)",
            [
                (
                    at,
                    blob_of(draft.id),
                    met.dictionary,
                    text,
                    draft.target and blob_of(draft.target),
                )
                for (at, draft), text in zip(numbered, packed, strict=True)
            ],
        )
        finder.add(
            connection, [(sequence, {*draft.keys, draft.own_key}) for sequence, draft in numbered]
        )
        count = met.count + len(drafts)
        connection.execute("UPDATE head SET count = ?", (count,))
        if self._packing.has_grown(met.count, count):
            self._packing.learn(connection, met.dictionary + 1)
        self._settle_links(connection, drafts, referred=met.referred)
        merge_into(connection, [one for draft in drafts for one in draft.definitions.items()])
        return numbered[-1][0]

    def _met(self, connection: sqlite3.Connection, drafts: Sequence[Draft]) -> _Met:
        """Return what drafts meet in the store."""
        met = _Met()
        for marks, ids in chunks([blob_of(draft.id) for draft in drafts]):
            # One question for nearly all: few are known already, or referred to.
            met.last, met.count, met.dictionary, salt, known, referred = connection.execute(
                f"SELECT {_LAST}, count, {_NEWEST}, {erasing.SALT},"
                f" EXISTS (SELECT 1 FROM statement WHERE id IN ({marks})),"
                f" EXISTS (SELECT 1 FROM statement WHERE target IN ({marks})) FROM head",
                (*ids, *ids),
            ).fetchone()
            met.referred |= bool(referred)
            if known:
                met.known.update(self._texts(connection, marks, ids))
            if salt is not None:
                met.erased |= erasing.erased_of(connection, salt, list(map(uuid_of, ids)))
        return met

    def _texts(
        self, connection: sqlite3.Connection, marks: str, ids: Sequence[bytes]
    ) -> dict[str, bytes]:
        rows = connection.execute(
            f"SELECT id, dictionary, text FROM statement WHERE id IN ({marks})", ids
        )
        return {uuid_of(blob): self._packing.unpack(connection, *text) for blob, *text in rows}

    def _settle_links(
        self, connection: sqlite3.Connection, drafts: Sequence[Draft], *, referred: bool
    ) -> None:
        """Let the drafts and what they are linked with find each other; `referred` if any target was stored before."""

        def fetch(column: str, ids: Iterable[str]) -> Iterator[Node]:
            return (one.node for one in held(connection, self._packing, column, ids))

        new = {one.id: Node(one.id, one.keys, one.target, one.voiding) for one in drafts}
        changes: Changes = changes_by(
            new,
            lambda ids: fetch("id", ids),
            lambda ids: fetch("target", ids) if referred else (),
        )
        for statement_id in changes.voided:
            connection.execute(
                "UPDATE statement SET voided = 1 WHERE id = ?", (blob_of(statement_id),)
            )
        for statement_id, keys in changes.widened.items():
            (sequence,) = connection.execute(
                "SELECT sequence FROM statement WHERE id = ?", (blob_of(statement_id),)
            ).fetchone()
            finder.add(connection, [(sequence, keys)])

    def _entry(self, connection: sqlite3.Connection, row: tuple[Any, ...]) -> Entry:
        sequence, blob, dictionary, packed, voided = row
        text = self._packing.unpack(connection, dictionary, packed)
        return Entry(sequence, uuid_of(blob), text, bool(voided))


def _without_known(met: _Met, drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts whose id is not known. Raises: Conflict if one is, with another statement, or was erased."""
    if met.erased:
        demand_not_erased(list(enumerate(drafts)), met.erased)
    fresh = []
    for index, draft in enumerate(drafts):
        if draft.id not in met.known:
            fresh.append(draft)
        else:
            demand_same(met.known[draft.id], draft, index)
    return fresh


def _last(connection: sqlite3.Connection) -> int:
    """Return the last moment that a statement was stored at, or that was claimed to be past."""
    return int(connection.execute(f"SELECT {_LAST} FROM head").fetchone()[0])
