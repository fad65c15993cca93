"""The SQLite store's sections over one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import orjson

from lrs.clock import Clock
from lrs.stores.sqlite.activities import SqliteActivities
from lrs.stores.sqlite.database import Database
from lrs.stores.sqlite.documents import SqliteDocuments
from lrs.stores.sqlite.statements import SqliteStatements
from lrs.xapi import JsonObject


class SqliteAttachments:
    """See lrs.stores.protocol.AttachmentStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, parts: Iterable[tuple[str, bytes]]) -> None:
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO attachment (sha2, data) VALUES (?, ?)", parts
            )

    def get(self, sha2: str) -> bytes | None:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT data FROM attachment WHERE sha2 = ?", (sha2,)
            ).fetchone()
        return None if row is None else row[0]


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

    def get(self, kind: str, name: str) -> JsonObject | None:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT text FROM record WHERE kind = ? AND name = ?", (kind, name)
            ).fetchone()
        return None if row is None else orjson.loads(row[0])

    def all(self, kind: str) -> Mapping[str, JsonObject]:
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT name, text FROM record WHERE kind = ? ORDER BY name", (kind,)
            ).fetchall()
        return {name: orjson.loads(text) for name, text in rows}


class SqliteStore:
    """One tenant's data in one file. Raises: StoreUnavailable (503) from every call if the file cannot be used."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._database = Database(path)
        self.statements = SqliteStatements(self._database, clock)
        self.attachments = SqliteAttachments(self._database)
        self.activities = SqliteActivities(self._database)
        self.documents = SqliteDocuments(self._database)
        self.records = SqliteRecords(self._database)

    def close(self) -> None:
        self._database.close()
