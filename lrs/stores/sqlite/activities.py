"""Activity definitions in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from lrs.stores.sqlite.database import Database
from lrs.xapi import JsonObject
from lrs.xapi.activity import merge_into_text
from lrs.xapi.text import read_literal


class SqliteActivities:
    """See lrs.stores.protocol.ActivityStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def definitions(self, iris: Iterable[str]) -> Mapping[str, JsonObject]:
        found = {}
        with self._database.reading() as connection:
            for iri in iris:
                text = _text(connection, iri)
                if text is not None:
                    found[iri] = read_literal(text)
        return found

    def replace(self, definitions: Iterable[tuple[str, JsonObject]]) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM activity")
            for iri, definition in definitions:
                merge_into(connection, {iri: definition})


def merge_into(connection: sqlite3.Connection, definitions: Mapping[str, JsonObject]) -> None:
    """Merge definitions into what is known, inside the caller's transaction; write only what changes."""
    for iri, heard in definitions.items():
        known = _text(connection, iri)
        merged = merge_into_text(known, heard)
        if merged != known:
            connection.execute(
                "INSERT INTO activity (iri, definition) VALUES (?, ?)"
                " ON CONFLICT (iri) DO UPDATE SET definition = excluded.definition",
                (iri, merged),
            )


def _text(connection: sqlite3.Connection, iri: str) -> bytes | None:
    row = connection.execute("SELECT definition FROM activity WHERE iri = ?", (iri,)).fetchone()
    return None if row is None else row[0]
