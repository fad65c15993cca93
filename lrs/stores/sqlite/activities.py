"""Activity definitions in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from lrs.stores.sqlite.database import Database, chunks
from lrs.xapi import JsonObject
from lrs.xapi.activity import merge_into_text
from lrs.xapi.text import read_literal


class SqliteActivities:
    """See lrs.stores.protocol.ActivityStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def definitions(self, iris: Iterable[str]) -> Mapping[str, JsonObject]:
        with self._database.reading() as connection:
            found = _texts(connection, iris)
        return {iri: read_literal(text) for iri, text in found.items()}

    def replace(self, definitions: Iterable[tuple[str, JsonObject]]) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM activity")
            for one in definitions:
                merge_into(connection, [one])


def merge_into(
    connection: sqlite3.Connection, definitions: Iterable[tuple[str, JsonObject]]
) -> None:
    """Merge (iri, definition) pairs, the older first, into what is known, inside the caller's transaction.

    Only what changes is written.
    """
    heard = list(definitions)
    known = _texts(connection, {iri for iri, _ in heard})
    merged = dict(known)
    for iri, definition in heard:
        merged[iri] = merge_into_text(merged.get(iri), definition)
    changed = [(iri, text) for iri, text in merged.items() if known.get(iri) != text]
    connection.executemany(
        "INSERT INTO activity (iri, definition) VALUES (?, ?)"
        " ON CONFLICT (iri) DO UPDATE SET definition = excluded.definition",
        changed,
    )


def _texts(connection: sqlite3.Connection, iris: Iterable[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for marks, chunk in chunks(list(iris)):
        rows = connection.execute(
            f"SELECT iri, definition FROM activity WHERE iri IN ({marks})", chunk
        )
        found.update(rows.fetchall())
    return found
