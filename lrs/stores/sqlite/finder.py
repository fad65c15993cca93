"""What finds a statement: an inverted index from keys to sequences, which SQLite's FTS5 keeps.

FTS5 writes new postings in one place and merges them by and by, packs them to a few bytes each, and walks them in the
order of sequences in both directions, several keys at a time. A table (key, sequence) with a B-tree costs ten times the
room, and a page of the file for nearly every key of every statement.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from lrs.stores.protocol import Record
from lrs.xapi.query import StatementQuery

# No copy of the keys, no places, no lengths: only which key stands in which statement.
TABLES = """
CREATE VIRTUAL TABLE IF NOT EXISTS finder USING fts5(
    keys, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
);
"""


_REMEMBERED = 32_768


def add(connection: sqlite3.Connection, found_by: Iterable[tuple[int, Iterable[int]]]) -> None:
    """Let these keys find the statements of these sequences, beside what finds them already."""
    connection.executemany(
        "INSERT INTO finder (rowid, keys) VALUES (?, ?)",
        [(sequence, " ".join(map(_token, keys))) for sequence, keys in found_by],
    )


def remove(connection: sqlite3.Connection, found_by: Iterable[tuple[int, Iterable[int]]]) -> None:
    """Let these keys, which do so now, find the statements of these sequences no more."""
    connection.executemany(
        "INSERT INTO finder (finder, rowid, keys) VALUES ('delete', ?, ?)",
        [(sequence, " ".join(map(_token, keys))) for sequence, keys in found_by],
    )


def tidy(connection: sqlite3.Connection) -> None:
    """Write the whole index anew, without what was removed."""
    connection.execute("INSERT INTO finder (finder) VALUES ('optimize')")


def find(
    connection: sqlite3.Connection, query: StatementQuery, columns: str, limit: int
) -> sqlite3.Cursor:
    """Find up to `limit` rows of the query's statements, in its order; `columns` are those of `statement s`."""
    tables, values = "statement s", list[Any]()
    conditions = ["1"] if query.voided_too else ["NOT s.voided"]
    ordered = "s.sequence"
    if query.keys:
        # CROSS JOIN keeps SQLite to the order of tables given here.
        tables, ordered = "finder CROSS JOIN statement s", "finder.rowid"
        conditions += ["finder MATCH ?", "s.sequence = finder.rowid"]
        values.append(" AND ".join(f'"{_token(key)}"' for key in query.keys))
    for bound, operator in ((query.lowest, ">"), (query.highest, "<=")):
        if bound is not None:
            conditions.append(f"{ordered} {operator} ?")
            values.append(bound)
    direction = "ASC" if query.ascending else "DESC"
    return connection.execute(
        f"SELECT {columns} FROM {tables} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {ordered} {direction} LIMIT ?",
        (*values, limit),
    )


def records(connection: sqlite3.Connection) -> Iterator[Record]:
    """Yield what the index holds for every statement, in rising sequence."""
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.held USING fts5vocab(main, finder, instance)"
    )
    rows = connection.execute(
        "SELECT sequence, voided, NULL FROM statement"
        " UNION ALL SELECT doc, 0, term FROM temp.held ORDER BY sequence"
    )
    for sequence, group in groupby(rows, key=lambda row: row[0]):
        _, marks, tokens = zip(*group, strict=True)
        keys = frozenset(_key(token) for token in tokens if token is not None)
        yield Record(sequence, keys, any(marks))


def clear(connection: sqlite3.Connection) -> None:
    """Forget everything."""
    connection.execute("INSERT INTO finder (finder) VALUES ('delete-all')")


@lru_cache(_REMEMBERED)
def _token(key: int) -> str:
    return f"{key & 0xFFFFFFFFFFFFFFFF:016x}"


def _key(token: str) -> int:
    return int.from_bytes(bytes.fromhex(token), "big", signed=True)
