"""What runs the reports' SQL over a snapshot of the lake. DuckDB: in memory, no file to lock, in any process."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from lrs.analytics.facts.fact import COLUMNS
from lrs.analytics.lake.mirror import Mirror
from lrs.analytics.lake.small_tables import TABLES as SMALL
from lrs.analytics.lake.state import Snapshot
from lrs.analytics.report import Row
from lrs.errors import LrsError

if TYPE_CHECKING:
    import duckdb
    from pandas import DataFrame

Watch = Callable[[Callable[[], None]], None]
"""Is given what stops a run that has begun or is about to."""


def unwatched(interrupt: Callable[[], None]) -> None:
    """Let a run take its time."""


_VIEWS = re.compile(r"\b(scoped|played) AS \(")
_WORD = re.compile(r"\w+")
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
_KINDS = {"text": "VARCHAR", "int": "INTEGER", "long": "BIGINT"}
TABLES = {"facts": COLUMNS, **SMALL}
"""What a report's SQL can read, `facts` by way of `scoped` and `played`, which alone read `chains`."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The facts, and the small tables beside them: name -> files."""

    snapshot: Snapshot
    tables: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Query:
    """A report's SQL, values for the parameters that it binds as :name, and for others, and what it is asked of."""

    sql: str
    parameters: Mapping[str, Any]
    sources: Sources

    @property
    def bound(self) -> dict[str, Any]:
        """The values of the parameters that the SQL names."""
        return {name: self.parameters[name] for name in named_in(self.sql)}

    @property
    def tables(self) -> list[tuple[str, tuple[str, ...]]]:
        """Name and files of each table that the SQL names: to look at the others takes time."""
        words = set(_WORD.findall(self.sql))
        every = {"facts": self.sources.snapshot.files, **self.sources.tables}
        return [(name, files) for name, files in every.items() if name in words]


class Interrupted(LrsError):
    """Somebody had the report stopped."""

    status = 409
    default_code = "report-cancelled"


class Outdated(LrsError):
    """Files of the sources are gone: somebody has made them anew."""

    status = 503
    default_code = "lake-rewritten"


class Engine(Protocol):
    """Runs a report's SQL."""

    def run(self, query: Query, watch: Watch = unwatched) -> list[Row]:
        """Return the rows in the order that the SQL gives.

        Raises: Interrupted if `watch` had it stopped; Outdated if files of the sources are gone.
        """

    def frame(self, query: Query, watch: Watch = unwatched) -> DataFrame:
        """Return the same in columns, for reports that look at very many rows; whole numbers of which some are not
        known are floats, with NaN.
        """


def named_in(sql: str) -> list[str]:
    """Return the parameters that a report's SQL binds as :name."""
    return sorted(set(_PARAMETER.findall(sql)))


class DuckDB:
    """See Engine."""

    def __init__(self, scratch: Path, mirror: Mirror, *, memory: str = "2GB") -> None:
        """`scratch`: a folder for what does not fit into `memory`, which is DuckDB's for the whole process."""
        self._scratch = scratch
        self._mirror = mirror
        self._memory = memory
        self._lock = Lock()
        self._database: duckdb.DuckDBPyConnection | None = None

    def run(self, query: Query, watch: Watch = unwatched) -> list[Row]:
        with self._ready(query, watch) as (cursor, sql):
            cursor.execute(sql, query.bound)
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def frame(self, query: Query, watch: Watch = unwatched) -> DataFrame:
        with self._ready(query, watch) as (cursor, sql):
            # Twice as fast as its own frames.
            return cursor.sql(sql, params=query.bound).to_arrow_table().to_pandas()

    @contextmanager
    def _ready(self, query: Query, watch: Watch) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        """Give what runs the SQL, over views of its tables, and the SQL as it spells it."""
        import duckdb  # noqa: PLC0415 see _connection

        # A cursor has temporary views of its own: two requests may read two versions of the lake.
        cursor = self._connection().cursor()
        try:
            for name, files in query.tables:
                _view(cursor, name, self._mirror.local(files))
            # Else it keeps a view that is read twice, whole: gigabytes at ten million facts.
            inlined = _VIEWS.sub(r"\1 AS NOT MATERIALIZED (", query.sql, count=2)

            def interrupt() -> None:
                # Whoever stops a run may come when it is just over.
                with suppress(duckdb.ConnectionException):
                    cursor.interrupt()

            watch(interrupt)
            yield cursor, _PARAMETER.sub(r"$\1", inlined)
        except duckdb.InterruptException:
            raise Interrupted("The report was cancelled.", allowed="to ask again") from None
        except duckdb.IOException:
            raise Outdated("The lake was being rewritten.", allowed="another try") from None
        finally:
            cursor.close()

    def _connection(self) -> duckdb.DuckDBPyConnection:
        import duckdb  # noqa: PLC0415 a process that only stores statements stays small without it

        with self._lock:
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
    if files:
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        source = f"read_parquet([{listed}], hive_partitioning = true, hive_types_autocast = false)"
        cursor.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {source}")
        return
    empty = ", ".join(f"CAST(NULL AS {_KINDS[kind]}) AS {one}" for one, kind in columns.items())
    cursor.execute(f"CREATE TEMP VIEW {name} AS SELECT {empty} WHERE 1 = 0")
