"""State and profile documents in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from lrs.clock import Clock
from lrs.stores.sqlite.database import Database
from lrs.xapi.document import Document, DocumentKey, Scope

_AT = "resource = ? AND activity = ? AND agent = ? AND id = ? AND registration = ?"
_IN = "resource = ? AND activity = ? AND agent = ? AND (? = '' OR registration = ?)"

_Change = tuple[DocumentKey, Document | None, Document | None]
"""Which document, what must be there, and what is to be there; None: nothing."""


class SqliteDocuments:
    """See lrs.stores.protocol.DocumentStore."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get(self, key: DocumentKey) -> Document | None:
        with self._database.reading() as connection:
            row = connection.execute(
                f"SELECT content, content_type, updated FROM document WHERE {_AT}", _place(key)
            ).fetchone()
        return None if row is None else Document(*row)

    def swap(self, key: DocumentKey, old: Document | None, new: Document | None) -> bool:
        return self._database.write(self._swap, (key, old, new))

    def _swap(self, connection: sqlite3.Connection, changes: Sequence[_Change]) -> list[bool]:
        return [self._compare_and_write(connection, *change) for change in changes]

    def _compare_and_write(
        self,
        connection: sqlite3.Connection,
        key: DocumentKey,
        old: Document | None,
        new: Document | None,
    ) -> bool:
        row = connection.execute(
            f"SELECT content, content_type, updated FROM document WHERE {_AT}", _place(key)
        ).fetchone()
        if (None if row is None else Document(*row)) != old:
            return False
        if new is None:
            connection.execute(f"DELETE FROM document WHERE {_AT}", _place(key))
        else:
            updated = max(self._clock(), 0 if old is None else old.updated + 1)
            connection.execute(
                "INSERT OR REPLACE INTO document (resource, activity, agent, id, registration,"
                " content, content_type, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*_place(key), new.content, new.content_type, updated),
            )
        return True

    def ids(self, scope: Scope, *, since: int | None = None) -> Mapping[str, int]:
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT id, max(updated) FROM document WHERE {_IN} AND updated > ?"
                " GROUP BY id ORDER BY id",
                (*_scope(scope), -1 if since is None else since),
            ).fetchall()
        return dict(rows)

    def delete(self, scope: Scope) -> None:
        with self._database.writing() as connection:
            connection.execute(f"DELETE FROM document WHERE {_IN}", _scope(scope))

    def count_of(self, agent: str) -> int:
        with self._database.reading() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM document WHERE agent = ?", (agent,)
            ).fetchone()
        return int(count)

    def delete_of(self, agent: str) -> int:
        with self._database.writing() as connection:
            return connection.execute("DELETE FROM document WHERE agent = ?", (agent,)).rowcount


def _place(key: DocumentKey) -> tuple[str, ...]:
    scope = key.scope
    return (scope.resource, scope.activity, scope.agent, key.id, scope.registration)


def _scope(scope: Scope) -> tuple[str, ...]:
    return (scope.resource, scope.activity, scope.agent, scope.registration, scope.registration)
