"""Records and tallies in SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from lrs.stores.sqlite.database import Database
from lrs.xapi import JsonObject

_LAST = "\U0010ffff"
"""Sorts behind every other character."""


class SqliteRecords:
    """See lrs.stores.protocol.RecordStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, kind: str, name: str, record: JsonObject) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO record (kind, name, text) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, name) DO UPDATE SET text = excluded.text",
                (kind, name, orjson.dumps(record)),
            )

    def swap(self, kind: str, name: str, old: JsonObject | None, new: JsonObject | None) -> bool:
        before, after = (None if one is None else orjson.dumps(one) for one in (old, new))
        with self._database.writing() as connection:
            row = connection.execute(
                "SELECT text FROM record WHERE kind = ? AND name = ?", (kind, name)
            ).fetchone()
            if (None if row is None else row[0]) != before:
                return False
            if after is None:
                connection.execute("DELETE FROM record WHERE kind = ? AND name = ?", (kind, name))
            else:
                connection.execute(
                    "INSERT OR REPLACE INTO record (kind, name, text) VALUES (?, ?, ?)",
                    (kind, name, after),
                )
        return True

    def get(self, kind: str, name: str) -> JsonObject | None:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT text FROM record WHERE kind = ? AND name = ?", (kind, name)
            ).fetchone()
        return None if row is None else orjson.loads(row[0])

    def all(self, kind: str, *, prefix: str = "") -> Mapping[str, JsonObject]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT name, text FROM record WHERE kind = ? AND name >= ? AND name < ? ORDER BY name",
                (kind, prefix, prefix + _LAST),
            ).fetchall()
        return {name: orjson.loads(text) for name, text in rows}

    def names(self, kind: str, *, prefix: str = "") -> Sequence[str]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT name FROM record WHERE kind = ? AND name >= ? AND name < ? ORDER BY name",
                (kind, prefix, prefix + _LAST),
            ).fetchall()
        return [name for (name,) in rows]

    def delete(self, kind: str, name: str) -> bool:
        with self._database.writing() as connection:
            done = connection.execute(
                "DELETE FROM record WHERE kind = ? AND name = ?", (kind, name)
            )
        return done.rowcount == 1

    def tally(self, kind: str, name: str) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO tally (kind, name, count) VALUES (?, ?, 1)"
                " ON CONFLICT (kind, name) DO UPDATE SET count = count + 1",
                (kind, name),
            )

    def add_up(self, kind: str, counts: Mapping[str, int]) -> None:
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT INTO tally (kind, name, count) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, name) DO UPDATE SET count = count + excluded.count",
                [(kind, name, number) for name, number in counts.items()],
            )

    def forget_tally(self, kind: str, name: str) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM tally WHERE kind = ? AND name = ?", (kind, name))

    def tallies(self, kind: str) -> Mapping[str, int]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT name, count FROM tally WHERE kind = ? ORDER BY name", (kind,)
            ).fetchall()
        return dict(rows)
