"""Spark over a snapshot of the lake: for lakes that outgrow one machine. The reports' SQL stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lrs.analytics.lake.engine import TABLES, Interrupted, Outdated, Query, Watch, unwatched
from lrs.analytics.lake.mirror import table_of
from lrs.analytics.report import Row

if TYPE_CHECKING:
    from pandas import DataFrame
    from pyspark.sql import SparkSession

_KINDS = {"text": "string", "int": "int", "long": "bigint"}
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    # Months such as 2026-01 are texts, not numbers or days.
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_GONE = ("PATH_NOT_FOUND", "FILE_NOT_EXIST", "FileNotFoundException")
"""What it says of a file that is gone: when a view is made, or later, when one is read."""


class Spark:
    """See Engine."""

    def __init__(self, master: str) -> None:
        """`master` is an address such as spark://host:7077, or local[2]."""
        self._master = master
        self._session: SparkSession | None = None

    def run(self, query: Query, watch: Watch = unwatched) -> list[Row]:
        names, rows = self._answer(query, watch)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def frame(self, query: Query, watch: Watch = unwatched) -> DataFrame:
        from pandas import DataFrame  # noqa: PLC0415 heavy

        names, rows = self._answer(query, watch)
        return DataFrame(rows, columns=names)

    def _answer(self, query: Query, watch: Watch) -> tuple[list[str], list[list[Any]]]:
        # A session has temporary views of its own: two requests may read two versions of the lake.
        session = self._started().newSession()
        stopped = False

        def interrupt() -> None:
            nonlocal stopped
            stopped = True
            session.interruptAll()

        try:
            for name, files in query.tables:
                _view(session, name, files)
            watch(interrupt)
            # Its VARCHAR wants a length.
            spelled = query.sql.replace("AS VARCHAR)", "AS STRING)")
            found = session.sql(spelled, query.bound)
            return found.columns, [[_plain(value) for value in row] for row in found.collect()]
        except Exception as problem:
            # Which one it is differs between a local and a remote Spark, and with when it is noticed.
            if stopped:
                raise Interrupted("The report was cancelled.", allowed="to ask again") from None
            if any(words in str(problem) for words in _GONE):
                raise Outdated("The lake was being rewritten.", allowed="another try") from None
            raise

    def _started(self) -> SparkSession:
        from pyspark.sql import SparkSession  # noqa: PLC0415 heavy, and installed only where it is wanted

        if self._session is None:
            building = SparkSession.builder.master(self._master).appName("lrs")
            for name, value in _SETTINGS.items():
                building = building.config(name, value)
            self._session = building.getOrCreate()
        return self._session


def _view(session: SparkSession, name: str, files: Sequence[str]) -> None:
    columns = TABLES[name]
    if not files:
        empty = ", ".join(f"{one} {_KINDS[kind]}" for one, kind in columns.items())
        session.createDataFrame([], empty).createOrReplaceTempView(name)
        return
    # Hadoop's name for the same.
    named = [file.replace("s3://", "s3a://", 1) for file in files]
    session.read.option("basePath", table_of(named[0])).parquet(*named).createOrReplaceTempView(
        name
    )


def _plain(value: Any) -> Any:
    """Return decimals, which Spark gives for sums and quotients, as other engines give them."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
