"""Statements in SQLite: a row each, and a posting for each key that finds it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import orjson

from lrs.clock import Clock
from lrs.stores.protocol import Record
from lrs.stores.sqlite.activities import merge_into
from lrs.stores.sqlite.database import Database, chunks
from lrs.xapi.entry import Draft, Entry, demand_same
from lrs.xapi.keys import keys_of
from lrs.xapi.links import Changes, Node, changes_by
from lrs.xapi.query import Page, StatementQuery
from lrs.xapi.statement import is_voiding

_ENTRY = "SELECT s.sequence, s.id, s.text, s.voided FROM"


_RECENT = 100_000
"""Microseconds after which consistent_through is looked up anew."""


class SqliteStatements:
    """See lrs.stores.protocol.StatementStore."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._claimed = 0

    def insert(self, drafts: Sequence[Draft]) -> int:
        with self._database.writing() as connection:
            fresh = _without_known(connection, drafts)
            if not fresh:
                return 0
            first = max(self._clock(), _last(connection) + 1)
            _insert_rows(connection, first, fresh)
            _settle_links(connection, fresh)
            for draft in fresh:
                merge_into(connection, draft.definitions)
        # Writers take turns: whatever is stored before these is committed.
        self._claimed = max(self._claimed, first + len(fresh) - 1)
        return len(fresh)

    def get(self, statement_id: str) -> Entry | None:
        with self._database.reading() as connection:
            row = connection.execute(
                f"{_ENTRY} statement s WHERE s.id = ?", (_blob(statement_id),)
            ).fetchone()
        return None if row is None else _entry(row)

    def find(self, query: StatementQuery) -> Page:
        text, parameters = _select(query)
        with self._database.reading() as connection:
            rows = connection.execute(text, parameters).fetchall()
        return Page(tuple(map(_entry, rows[: query.limit])), more=len(rows) > query.limit)

    def consistent_through(self) -> int:
        # Taken before the look: whoever starts writing after it takes a later time.
        moment = self._clock() - 1
        if moment - self._claimed > _RECENT:
            with self._database.writing_at_once() as connection:
                if connection is not None:
                    # Kept in the file, so that no process, whatever its clock, writes at or before what was claimed.
                    connection.execute("UPDATE head SET claimed = max(claimed, ?)", (moment,))
                    self._claimed = max(self._claimed, moment)
            if self._claimed < moment:
                with self._database.reading() as reader:
                    self._claimed = max(self._claimed, _last(reader))
        return self._claimed

    def scan(self, *, after: int, limit: int) -> Sequence[Entry]:
        with self._database.reading() as connection:
            rows = connection.execute(
                f"{_ENTRY} statement s WHERE s.sequence > ? ORDER BY s.sequence LIMIT ?",
                (after, limit),
            ).fetchall()
        return tuple(map(_entry, rows))

    def count(self) -> int:
        with self._database.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM statement").fetchone()[0])

    def records(self) -> Iterator[Record]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT sequence, voided, NULL FROM statement"
                " UNION ALL SELECT sequence, 0, key FROM posting ORDER BY sequence"
            )
            for sequence, group in groupby(rows, key=lambda row: row[0]):
                _, marks, keys = zip(*group, strict=True)
                yield Record(
                    sequence, frozenset(key for key in keys if key is not None), any(marks)
                )

    def rebuild(self, records: Iterator[Record]) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM posting")
            for record in records:
                connection.executemany(
                    "INSERT INTO posting (key, sequence) VALUES (?, ?)",
                    [(key, record.sequence) for key in record.keys],
                )
                connection.execute(
                    "UPDATE statement SET voided = ? WHERE sequence = ? AND voided != ?",
                    (record.voided, record.sequence, record.voided),
                )


def _select(query: StatementQuery) -> tuple[str, list[int]]:
    """Return the SQL of a page and its values: the first key's postings are walked in order, the others looked up."""
    tables, conditions, parameters = ["statement s"], ["NOT s.voided"], []
    for index, key in enumerate(query.keys):
        tables.insert(index, f"posting p{index}")
        joined = "s" if index == 0 else "p0"
        conditions.append(f"p{index}.key = ? AND p{index}.sequence = {joined}.sequence")
        parameters.append(key)
    ordered = "p0.sequence" if query.keys else "s.sequence"
    for bound, operator in ((query.lowest, ">"), (query.highest, "<=")):
        if bound is not None:
            conditions.append(f"{ordered} {operator} ?")
            parameters.append(bound)
    parameters.append(query.limit + 1)
    direction = "ASC" if query.ascending else "DESC"
    # CROSS JOIN keeps SQLite to the order of tables given here.
    return (
        f"{_ENTRY} {' CROSS JOIN '.join(tables)} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {ordered} {direction} LIMIT ?",
        parameters,
    )


def _last(connection: sqlite3.Connection) -> int:
    """Return the last moment that a statement was stored at, or that was claimed to be past."""
    row = connection.execute(
        "SELECT max(claimed, (SELECT coalesce(max(sequence), 0) FROM statement)) FROM head"
    ).fetchone()
    return int(row[0])


def _without_known(connection: sqlite3.Connection, drafts: Sequence[Draft]) -> list[Draft]:
    known: dict[str, bytes] = {}
    for marks, ids in chunks([_blob(draft.id) for draft in drafts]):
        rows = connection.execute(f"SELECT id, text FROM statement WHERE id IN ({marks})", ids)
        known.update((_uuid(blob), text) for blob, text in rows)
    fresh = []
    for index, draft in enumerate(drafts):
        if draft.id not in known:
            fresh.append(draft)
        else:
            demand_same(known[draft.id], draft, index)
    return fresh


def _insert_rows(connection: sqlite3.Connection, first: int, drafts: Sequence[Draft]) -> None:
    numbered = list(enumerate(drafts, start=first))
    connection.executemany(
        "INSERT INTO statement (sequence, id, text, target) VALUES (?, ?, ?, ?)",
        [
            (sequence, _blob(draft.id), draft.seal(sequence), draft.target and _blob(draft.target))
            for sequence, draft in numbered
        ],
    )
    connection.executemany(
        "INSERT INTO posting (key, sequence) VALUES (?, ?)",
        [(key, sequence) for sequence, draft in numbered for key in (*draft.keys, draft.own_key)],
    )


def _settle_links(connection: sqlite3.Connection, drafts: Sequence[Draft]) -> None:
    def fetch(column: str, ids: Iterable[str]) -> Iterator[Node]:
        for marks, blobs in chunks([_blob(one) for one in ids]):
            rows = connection.execute(
                f"SELECT id, text, target FROM statement WHERE {column} IN ({marks})", blobs
            )
            yield from (_node(*row) for row in rows.fetchall())

    new = {draft.id: Node(draft.id, draft.keys, draft.target, draft.voiding) for draft in drafts}
    changes: Changes = changes_by(
        new, lambda ids: fetch("id", ids), lambda ids: fetch("target", ids)
    )
    for statement_id in changes.voided:
        connection.execute("UPDATE statement SET voided = 1 WHERE id = ?", (_blob(statement_id),))
    for statement_id, keys in changes.widened.items():
        connection.executemany(
            "INSERT OR IGNORE INTO posting (key, sequence)"
            " SELECT ?, sequence FROM statement WHERE id = ?",
            [(key, _blob(statement_id)) for key in keys],
        )


def _node(blob: bytes, text: bytes, target: bytes | None) -> Node:
    statement = orjson.loads(text)
    return Node(
        _uuid(blob),
        keys_of(statement),
        None if target is None else _uuid(target),
        is_voiding(statement),
    )


def _entry(row: tuple[int, bytes, bytes, int]) -> Entry:
    sequence, blob, text, voided = row
    return Entry(sequence, _uuid(blob), text, bool(voided))


def _blob(uuid: str) -> bytes:
    return bytes.fromhex(uuid.replace("-", ""))


def _uuid(blob: bytes) -> str:
    digits = blob.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
