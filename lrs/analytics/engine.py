"""DuckDB over a snapshot of the lake: in memory, no file to lock, in as many processes as there are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from lrs.analytics.facts import COLUMNS
from lrs.analytics.lake import Snapshot
from lrs.analytics.people import TABLES as REFERENCES

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

_VIEWS = re.compile(r"\b(scoped|played) AS \(")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
_KINDS = {"text": "VARCHAR", "int": "INTEGER", "long": "BIGINT"}
TABLES = {"facts": COLUMNS, **REFERENCES}
"""What a report's SQL can read, `facts` by way of `scoped` and `played`."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The lake, and the reference tables beside it: name -> files."""

    snapshot: Snapshot
    references: Mapping[str, tuple[str, ...]]


class Engine(Protocol):
    """Runs a report's SQL."""

    def run(self, sql: str, parameters: Mapping[str, Any], sources: Sources) -> list[Row]:
        """Return the rows in the order that the SQL gives; parameters that it does not name are passed over."""


class DuckDB:
    """See Engine."""

    def __init__(self, scratch: Path, memory: str = "2GB") -> None:
        self._scratch = scratch
        self._memory = memory
        self._database: duckdb.DuckDBPyConnection | None = None

    def run(self, sql: str, parameters: Mapping[str, Any], sources: Sources) -> list[Row]:
        # A cursor has temporary views of its own: two requests may read two versions of the lake.
        cursor = self._connection().cursor()
        try:
            _view(cursor, "facts", sources.snapshot.files)
            for name, files in sources.references.items():
                _view(cursor, name, files)
            named = set(_PARAMETER.findall(sql))
            # Else it keeps a view that is read twice, whole: gigabytes at ten million facts.
            inlined = _VIEWS.sub(r"\1 AS NOT MATERIALIZED (", sql, count=2)
            cursor.execute(
                _PARAMETER.sub(r"$\1", inlined), {name: parameters[name] for name in sorted(named)}
            )
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def _connection(self) -> duckdb.DuckDBPyConnection:
        import duckdb  # noqa: PLC0415 a process that only stores statements stays small without it

        if self._database is None:
            self._database = duckdb.connect(
                config={
                    "memory_limit": self._memory,
                    "temp_directory": str(self._scratch),
                    "autoinstall_known_extensions": "false",
                    "preserve_insertion_order": "false",
                }
            )
        return self._database


def _view(cursor: duckdb.DuckDBPyConnection, name: str, files: Sequence[str]) -> None:
    """Put a view over files; without any, one of the same columns and no rows."""
    columns = TABLES[name]
    if files and "://" in files[0]:
        import pyarrow.dataset as datasets  # noqa: PLC0415

        cursor.register(name, datasets.dataset(list(files), partitioning="hive"))
        return
    if files:
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        source = f"read_parquet([{listed}], hive_partitioning = true, hive_types_autocast = false)"
        cursor.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {source}")
        return
    empty = ", ".join(f"CAST(NULL AS {_KINDS[kind]}) AS {one}" for one, kind in columns.items())
    cursor.execute(f"CREATE TEMP VIEW {name} AS SELECT {empty} WHERE 1 = 0")
