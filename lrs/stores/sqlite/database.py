"""One SQLite file: its connections, its transactions, its tables."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from lrs.errors import StoreUnavailable

BUSY_SECONDS = 20
"""How long a writer waits for the writers of other processes."""

MAX_PARAMETERS = 500
"""How many values one IN (...) takes at the most."""

# A posting says that a statement can be found by a key; its rows lie in the order in which a page is read.
_TABLES = """
CREATE TABLE IF NOT EXISTS statement (
    sequence INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    text BLOB NOT NULL,
    voided INTEGER NOT NULL DEFAULT 0,
    target BLOB
);
CREATE INDEX IF NOT EXISTS statement_target ON statement (target) WHERE target IS NOT NULL;
CREATE TABLE IF NOT EXISTS head (claimed INTEGER NOT NULL);
INSERT INTO head SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM head);
CREATE TABLE IF NOT EXISTS posting (
    key INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (key, sequence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS activity (iri TEXT PRIMARY KEY, definition BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attachment (sha2 TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS document (
    resource TEXT NOT NULL,
    activity TEXT NOT NULL,
    agent TEXT NOT NULL,
    id TEXT NOT NULL,
    registration TEXT NOT NULL,
    content BLOB NOT NULL,
    content_type TEXT NOT NULL,
    updated INTEGER NOT NULL,
    PRIMARY KEY (resource, activity, agent, id, registration)
);
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    text BLOB NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tally (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
"""


class Database:
    """Readers take a connection from a pool; writers of this process take turns on one connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._readers: deque[sqlite3.Connection] = deque()
        self._write_lock = Lock()
        with _refusing():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._connect(BUSY_SECONDS)
            self._writer.executescript(_TABLES)
            self._probe = self._connect(0)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for reading."""
        with _refusing():
            try:
                connection = self._readers.pop()
            except IndexError:
                connection = self._connect(BUSY_SECONDS)
            try:
                yield connection
            finally:
                self._readers.append(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the writing connection inside a transaction: committed at the end, undone on any error."""
        with _refusing(), self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def writing_at_once(self) -> Iterator[sqlite3.Connection | None]:
        """As `writing`, but lend None if any process is inside a writing transaction at this moment.

        SQLite's own write lock is asked, so a process that was killed while writing leaves no trace.
        """
        if not self._write_lock.acquire(blocking=False):
            yield None
            return
        try:
            try:
                self._probe.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                yield None
                return
            with _refusing():
                yield self._probe
                self._probe.execute("COMMIT")
        finally:
            if self._probe.in_transaction:
                self._probe.execute("ROLLBACK")
            self._write_lock.release()

    def close(self) -> None:
        """Close every connection that is not lent out."""
        with self._write_lock:
            for connection in (*self._readers, self._probe, self._writer):
                connection.close()
            self._readers.clear()

    def _connect(self, busy_seconds: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit that was acknowledged survives a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -16000")
        return connection


def chunks(values: Sequence[bytes]) -> Iterator[tuple[str, Sequence[bytes]]]:
    """Yield ("?,?,...", values) with at most MAX_PARAMETERS values each, for an IN (...)."""
    for start in range(0, len(values), MAX_PARAMETERS):
        chunk = values[start : start + MAX_PARAMETERS]
        yield ",".join("?" * len(chunk)), chunk


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what SQLite raises (locked, disk full, damaged file) into StoreUnavailable."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as problem:
        raise StoreUnavailable(
            "The store cannot be reached at the moment; nothing of this request was stored."
        ) from problem
