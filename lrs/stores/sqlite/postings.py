"""What finds a statement: a posting (key, sequence) for each key, in two tables that are filled one from the other.

`posting` lies in the order of keys, so that a page is read in one go; but a statement's keys lie far apart in it, and
each would rewrite a page of the file. So new postings wait in `fresh`, which lies in the order of statements, and are
folded into `posting` by the thousand. `fresh` always holds every posting of the latest statements, and no other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from lrs.stores.protocol import Record
from lrs.xapi.query import StatementQuery

FOLD = 3_000
"""Postings that may wait in `fresh`, which each query reads through: some 0.1 ms."""

_DEPTH = 200
"""How many postings of a key are looked past to see how dense it is."""


def add(
    connection: sqlite3.Connection, keys: Sequence[tuple[int, Iterable[int]]], *, most: int
) -> int:
    """Add (sequence, keys) of new statements, later than all others; return how many statements were folded.

    `most` is how many postings may wait in `fresh`.
    """
    postings = [(key, sequence) for sequence, found_by in keys for key in found_by]
    held = connection.execute("SELECT count(*) FROM fresh").fetchone()[0]
    folded = 0
    table = "fresh"
    if held + len(postings) > most:
        folded = fold(connection)
        if len(postings) > most:
            table = "posting"
            postings.sort()
            folded += len(keys)
    connection.executemany(f"INSERT INTO {table} (key, sequence) VALUES (?, ?)", postings)
    return folded


def widen(connection: sqlite3.Connection, sequence: int, keys: Iterable[int]) -> None:
    """Let more keys find a statement that is there."""
    first = connection.execute("SELECT min(sequence) FROM fresh").fetchone()[0]
    table = "posting" if first is None or sequence < first else "fresh"
    connection.executemany(
        f"INSERT OR IGNORE INTO {table} (key, sequence) VALUES (?, ?)",
        [(key, sequence) for key in keys],
    )


def waiting(connection: sqlite3.Connection) -> int:
    """Return how many statements have their postings in `fresh`."""
    return int(connection.execute("SELECT count(DISTINCT sequence) FROM fresh").fetchone()[0])


def find(
    connection: sqlite3.Connection, query: StatementQuery, columns: str, limit: int
) -> list[tuple[int, ...]]:
    """Return up to `limit` rows of the query's statements, in its order; `columns` are those of `statement s`."""
    if not query.keys:
        return _select(connection, "statement", (), query, columns, limit)
    keys = _rarest_first(connection, query.keys)
    tables = ("posting", "fresh") if query.ascending else ("fresh", "posting")
    rows = _select(connection, tables[0], keys, query, columns, limit)
    if len(rows) < limit:
        rows += _select(connection, tables[1], keys, query, columns, limit - len(rows))
    return rows


def records(connection: sqlite3.Connection) -> Iterator[Record]:
    """Yield what is held for every statement, in rising sequence."""
    rows = connection.execute(
        "SELECT sequence, voided, NULL FROM statement"
        " UNION ALL SELECT sequence, 0, key FROM posting"
        " UNION ALL SELECT sequence, 0, key FROM fresh ORDER BY sequence"
    )
    for sequence, group in groupby(rows, key=lambda row: row[0]):
        _, marks, keys = zip(*group, strict=True)
        yield Record(sequence, frozenset(key for key in keys if key is not None), any(marks))


def replace(connection: sqlite3.Connection, records: Iterable[Record]) -> Iterator[Record]:
    """Put the postings of these records, in rising sequence, in the place of all; yields each record again."""
    connection.execute("DELETE FROM fresh")
    connection.execute("DELETE FROM posting")
    for record in records:
        connection.executemany(
            "INSERT INTO fresh (sequence, key) VALUES (?, ?)",
            [(record.sequence, key) for key in record.keys],
        )
        yield record
    fold(connection)


def fold(connection: sqlite3.Connection) -> int:
    """Move what waits in `fresh` to `posting`; return of how many statements."""
    folded = waiting(connection)
    connection.execute(
        "INSERT INTO posting (key, sequence) SELECT key, sequence FROM fresh ORDER BY key, sequence"
    )
    connection.execute("DELETE FROM fresh")
    return folded


def _rarest_first(connection: sqlite3.Connection, keys: Sequence[int]) -> Sequence[int]:
    """Return the keys with the one first whose latest postings reach back the furthest: it has the fewest."""
    if len(keys) == 1:
        return keys

    def reach(key: int) -> int:
        row = connection.execute(
            "SELECT sequence FROM posting WHERE key = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?",
            (key, _DEPTH),
        ).fetchone()
        return 0 if row is None else int(row[0])

    return sorted(keys, key=reach)


def _select(
    connection: sqlite3.Connection,
    table: str,
    keys: Sequence[int],
    query: StatementQuery,
    columns: str,
    limit: int,
) -> list[tuple[int, ...]]:
    """Walk the first key's postings in order, and look up the others'."""
    tables, conditions, values = ["statement s"], ["NOT s.voided"], []
    for index, key in enumerate(keys):
        tables.insert(index, f"{table} p{index}")
        joined = "s" if index == 0 else "p0"
        conditions.append(f"p{index}.key = ? AND p{index}.sequence = {joined}.sequence")
        values.append(key)
    ordered = "p0.sequence" if keys else "s.sequence"
    for bound, operator in ((query.lowest, ">"), (query.highest, "<=")):
        if bound is not None:
            conditions.append(f"{ordered} {operator} ?")
            values.append(bound)
    direction = "ASC" if query.ascending else "DESC"
    # CROSS JOIN keeps SQLite to the order of tables given here.
    return connection.execute(
        f"SELECT {columns} FROM {' CROSS JOIN '.join(tables)} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {ordered} {direction} LIMIT ?",
        (*values, limit),
    ).fetchall()
