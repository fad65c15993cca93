"""The SQLite store's sections over one file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lrs.clock import Clock
from lrs.stores.sqlite.activities import SqliteActivities
from lrs.stores.sqlite.database import Database
from lrs.stores.sqlite.documents import SqliteDocuments
from lrs.stores.sqlite.packing import SAMPLES
from lrs.stores.sqlite.records import SqliteRecords
from lrs.stores.sqlite.statements import SqliteStatements


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

    def length(self, sha2: str) -> int:
        with self._database.reading() as connection:
            row = connection.execute(
                "SELECT length(data) FROM attachment WHERE sha2 = ?", (sha2,)
            ).fetchone()
        return 0 if row is None else int(row[0])

    def delete(self, sha2: str) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM attachment WHERE sha2 = ?", (sha2,))


class SqliteStore:
    """One tenant's data in one file. Raises: StoreUnavailable (503) from every call if the file cannot be used.

    `samples` is how many statements a dictionary is made of.
    """

    def __init__(self, path: Path, clock: Clock, *, samples: int = SAMPLES) -> None:
        self._database = Database(path)
        self.statements = SqliteStatements(self._database, clock, samples=samples)
        self.attachments = SqliteAttachments(self._database)
        self.activities = SqliteActivities(self._database)
        self.documents = SqliteDocuments(self._database, clock)
        self.records = SqliteRecords(self._database)

    def scrub(self) -> None:
        self.statements.scrub()
        self._database.rewrite()

    def close(self) -> None:
        self._database.close()
