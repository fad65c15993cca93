"""Small Delta tables beside the facts, for reports to read: what is known of people and courses, and the ledgers.

Each is written whole, once the records that it is made from are of another state than it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from lrs.analytics.lake.table import schema
from lrs.analytics.ledgers import tables as ledger_tables
from lrs.analytics.ledgers.kinds import TABLES as LEDGERS
from lrs.analytics.references.references import TABLES as REFERENCES
from lrs.analytics.references.references import References
from lrs.stores.protocol import RecordStore

_TRIES, _PAUSE = 20, 0.1
"""How often, and after how many seconds, a table is tried again that another process writes."""
_LAYOUT = 4
"""Raised whenever the columns of a table change; then the tables are made anew."""
TABLES: dict[str, dict[str, str]] = {**REFERENCES, **LEDGERS}
"""The tables, and their columns."""

Files = tuple[tuple[str, tuple[str, ...]], ...]
"""Of each table its name and its files."""


class SmallTables:
    """The tables of one store, in the folder of its lake; any number of processes may hold them."""

    def __init__(self, uri: str, records: RecordStore, references: References) -> None:
        """`uri`: the folder, or s3://..."""
        self._uri = uri
        self._records = records
        self._references = references
        self._lock = Lock()
        self._seen: tuple[dict[str, int], Files] | None = None

    def files(self) -> Files:
        """Return the files of each table, made anew if the records have changed since; one without rows has none."""
        return self._files(empty=False)

    def write(self) -> None:
        """Make every table that is not of today's state, also those without rows: for others who read the lake."""
        self.look_again()
        self._files(empty=True)

    def look_again(self) -> None:
        """Forget which files there are: another process has made them anew."""
        with self._lock:
            self._seen = None

    def _files(self, *, empty: bool) -> Files:
        from deltalake import DeltaTable  # noqa: PLC0415 see lake

        states = self._references.states() | ledger_tables.states(self._records)
        with self._lock:
            if self._seen is None or self._seen[0] != states:
                found = []
                for name, state in states.items():
                    uri = f"{self._uri}/{name}"
                    there = DeltaTable.is_deltatable(uri)
                    if (state or empty) and not (there and _is_of(uri, state)):
                        self._make(name, state)
                        there = True
                    found.append((name, tuple(DeltaTable(uri).file_uris()) if there else ()))
                self._seen = (states, tuple(found))
            return self._seen[1]

    def _make(self, name: str, state: int) -> None:
        """Write a table anew, unless another process is just doing that."""
        from deltalake.exceptions import CommitFailedError  # noqa: PLC0415 see lake

        uri = f"{self._uri}/{name}"
        for left in reversed(range(_TRIES)):
            try:
                _overwrite(uri, TABLES[name], self._rows(name), _mark(state))
            except CommitFailedError:
                if not left:
                    raise
                time.sleep(_PAUSE)
                if not _is_of(uri, state):
                    continue
            return

    def _rows(self, name: str) -> list[dict[str, Any]]:
        if name in LEDGERS:
            return ledger_tables.rows_of(self._records, name)
        return self._references.rows(name)


def _is_of(uri: str, state: int) -> bool:
    """Whether a table was made from the records in this state."""
    from deltalake import DeltaTable  # noqa: PLC0415 see lake

    return bool(DeltaTable(uri).metadata().description == _mark(state))


def _mark(state: int) -> str:
    return f"{_LAYOUT}.{state}"


def _overwrite(
    uri: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]], mark: str
) -> None:
    """Make a table of these rows; `mark` becomes its description.

    Raises: CommitFailedError if another process was faster.
    """
    import pyarrow as pa  # noqa: PLC0415 see lake
    from deltalake import DeltaTable, write_deltalake  # noqa: PLC0415

    numbers = [column for column, kind in columns.items() if kind != "text"]
    write_deltalake(
        uri,
        pa.Table.from_pylist(list(rows), schema=schema(columns)),
        mode="overwrite",
        schema_mode="overwrite",
        description=mark,
        # Its log keeps the least and the greatest of each other column: names of people, for ever.
        configuration={"delta.dataSkippingStatsColumns": ",".join(numbers)},
    )
    written = DeltaTable(uri)
    written.alter.set_table_description(mark)
    # Names of people: older files are not kept for anybody.
    written.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    # Nor are those of who died before the commit; younger ones somebody else may be about to commit.
    written.vacuum(retention_hours=1, dry_run=False, enforce_retention_duration=False, full=True)
