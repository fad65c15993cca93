"""Statements removed for good: from the table, the index, and the dictionaries that were made of their texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from lrs.stores.sqlite import finder
from lrs.stores.sqlite.database import chunks
from lrs.stores.sqlite.nodes import Held, blob_of, held
from lrs.stores.sqlite.packing import PLAIN, Packing
from lrs.stores.tombstones import mark_of, new_salt
from lrs.xapi.links import Node, inherited_keys, referring

SALT = "(SELECT salt FROM erasure)"
"""NULL as long as nothing was ever erased: what an insert looks at."""

_TAINTED = "SELECT number FROM sampled WHERE highest = 0"
"""Dictionaries that hold pieces of erased statements."""


def erased_of(connection: sqlite3.Connection, salt: bytes, ids: Sequence[str]) -> set[str]:
    """Return those of the ids that were erased."""
    ids_by_mark = {mark_of(salt, one): one for one in ids}
    found: set[str] = set()
    for marks, chunk in chunks(list(ids_by_mark)):
        rows = connection.execute(f"SELECT mark FROM erased WHERE mark IN ({marks})", chunk)
        found.update(ids_by_mark[mark] for (mark,) in rows)
    return found


def erase(
    connection: sqlite3.Connection,
    packing: Packing,
    ids: Sequence[str],
    never: Sequence[str],
    *,
    day: int,
) -> int:
    """See lrs.stores.protocol.StatementStore.erase; `day` is in days since 1970."""
    look = _Look(connection, packing)
    there = {one.node.id for one in look.by_id(never)}
    buried = [*ids, *(one for one in never if one not in there)]
    if not buried:
        return 0
    _bury(connection, buried, day)
    gone = {one.node.id: one for one in look.by_id(ids)}
    if not gone:
        return 0
    others = list(referring(gone.keys(), look.by_target, lambda one: one.node.id))
    before = {one.sequence: look.keys(one) for one in (*gone.values(), *others)}
    finder.remove(connection, [(one.sequence, before[one.sequence]) for one in gone.values()])
    # What is the last sequence now may be none tomorrow.
    connection.execute(
        "UPDATE head SET count = count - ?, claimed = max(claimed, (SELECT max(sequence) FROM statement))",
        (len(gone),),
    )
    for marks, blobs in chunks([blob_of(one) for one in gone]):
        connection.execute(f"DELETE FROM statement WHERE id IN ({marks})", blobs)
    lost = [(one.sequence, before[one.sequence] - look.keys(one)) for one in others]
    finder.remove(connection, [(sequence, keys) for sequence, keys in lost if keys])
    _taint(connection, [one.sequence for one in gone.values()])
    return len(gone)


def repack(connection: sqlite3.Connection, packing: Packing, after: int, limit: int) -> int | None:
    """Pack up to so many texts of tainted dictionaries anew, those above a sequence; return where to go on.

    None if there is none left, wherever: then the tainted dictionaries are gone. Others may erase between two calls.
    """
    tainted = {number for (number,) in connection.execute(_TAINTED)}
    if not tainted:
        return None
    (newest,) = connection.execute("SELECT max(number) FROM dictionary").fetchone()
    if newest in tainted:
        # Packed with in another transaction: a number that is rolled back may come to stand for other words.
        packing.learn(connection, newest + 1, always=True)
        return after
    rows = connection.execute(
        f"SELECT sequence, dictionary, text FROM statement WHERE sequence > ? AND dictionary IN ({_TAINTED})"
        " ORDER BY sequence LIMIT ?",
        (after, limit),
    ).fetchall()
    if not rows and after:
        # What was packed in an earlier step may have been tainted since.
        return 0
    if not rows:
        connection.execute(f"DELETE FROM dictionary WHERE number IN ({_TAINTED})")
        connection.execute("DELETE FROM sampled WHERE highest = 0")
        return None
    texts = [packing.unpack(connection, number, packed) for _, number, packed in rows]
    packed = packing.pack(connection, newest, texts)
    connection.executemany(
        "UPDATE statement SET dictionary = ?, text = ? WHERE sequence = ?",
        [
            # Of a damaged text the bytes are kept as they are: nobody can read it with or without the dictionary.
            (newest, new, sequence) if text else (PLAIN, old, sequence)
            for (sequence, _, old), text, new in zip(rows, texts, packed, strict=True)
        ],
    )
    return int(rows[-1][0])


def _bury(connection: sqlite3.Connection, ids: Sequence[str], day: int) -> None:
    connection.execute(
        f"INSERT INTO erasure SELECT ? WHERE {SALT} IS NULL",
        (new_salt(),),
    )
    (salt,) = connection.execute("SELECT salt FROM erasure").fetchone()
    connection.executemany(
        "INSERT OR IGNORE INTO erased (mark, day) VALUES (?, ?)",
        [(mark_of(salt, one), day) for one in ids],
    )


def _taint(connection: sqlite3.Connection, sequences: Sequence[int]) -> None:
    """Mark the dictionaries of which any of these statements was a sample, or of which nobody knows the samples."""
    rows = connection.execute(
        "SELECT number, lowest, highest FROM dictionary LEFT JOIN sampled USING (number)"
    ).fetchall()
    connection.executemany(
        "INSERT OR REPLACE INTO sampled (number, lowest, highest) VALUES (?, 0, 0)",
        [
            (number,)
            for number, lowest, highest in rows
            if highest is None or any(lowest <= one <= highest for one in sequences)
        ],
    )


class _Look:
    """A look at stored statements and how they refer to one another."""

    def __init__(self, connection: sqlite3.Connection, packing: Packing) -> None:
        self.by_id = partial(held, connection, packing, "id")
        self.by_target = partial(held, connection, packing, "target")

    def keys(self, one: Held) -> frozenset[int]:
        """Return all keys that find a statement."""

        def by_id(ids: Iterable[str]) -> Iterator[Node]:
            return (other.node for other in self.by_id(ids))

        return one.node.keys | inherited_keys(one.node, by_id) | {one.own_key}
