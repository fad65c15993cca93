"""Spark reads the same lake and finds the same rows: others by Delta's own reader, the engine by a snapshot's files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from lrs.analytics.catalog import catalog
from lrs.analytics.lake.engine import TABLES, Outdated, Query, Sources
from lrs.analytics.lake.small_tables import SmallTables
from lrs.analytics.lake.spark import Spark
from lrs.analytics.lake.state import Snapshot
from tests.analytics.comparing import REPORTS, asked, by_duckdb, folder_of, plain, sources_of
from tests.analytics.places import COURSE, Place, place_in, played, reports_of, told

pytestmark = [
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

_DELTA = (
    "--packages io.delta:delta-spark_2.13:4.0.1"
    " --conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension"
    " --conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog"
)
"""As in the README."""
_SMALL = (
    "--conf spark.databricks.delta.snapshotPartitions=1 --conf spark.sql.shuffle.partitions=4"
    " --driver-java-options -XX:TieredStopAtLevel=1"
)
"""Else few rows are spread over fifty pieces, and Java takes longer to make a query fast than to run it."""
_REPORTS = ("completion", "engagement-funnel", "people-match", "top-courses", "changes", "items")
_NOTHING = Snapshot(0, (), 0)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spark]:
    """The engine, in a Java that has Delta's jars as well; Spark fetches them itself, once on a machine."""
    engine = Spark("local[2]")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"{_DELTA} {_SMALL} pyspark-shell")
        # Two that fetch at once get in each other's way.
        with (tmp_path_factory.getbasetemp().parent / "fetching").open("w") as lock:
            flock(lock, LOCK_EX)
            engine.run(
                Query("WITH a AS (SELECT 1 AS n) SELECT n FROM a", {}, Sources(_NOTHING, {}))
            )
    yield engine
    session = SparkSession.getActiveSession()
    assert session is not None
    session.stop()


@pytest.fixture(scope="module")
def opened(filled: Place, spark: Spark) -> SparkSession:
    """What somebody has who knows only the folder, and the README."""
    folder = folder_of(filled)
    session = SparkSession.builder.getOrCreate().newSession()
    session.conf.unset("spark.sql.sources.partitionColumnTypeInference.enabled")
    for one in folder.iterdir():
        session.read.format("delta").load(str(one)).createOrReplaceTempView(one.name)
    assert {one.name for one in folder.iterdir()} == set(TABLES)
    return session


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_finds_the_same_rows_by_deltas_own_reader(
    name: str, filled: Place, opened: SparkSession
) -> None:
    sql, values = asked(catalog()[name])
    spelled = sql.replace("AS VARCHAR)", "AS STRING)")

    found = opened.sql(spelled, values).collect()

    expected = by_duckdb(sql, values, filled)
    assert [plain(row.asDict()) for row in found] == expected
    assert expected


@pytest.mark.parametrize("name", TABLES)
def test_the_engine_reads_what_deltas_own_reader_does(
    name: str, filled: Place, spark: Spark, opened: SparkSession
) -> None:
    theirs = opened.table(name)
    kinds = ", ".join(f"'{kind}'" for _, kind in theirs.dtypes)
    ours = f"SELECT *, ARRAY({kinds}) = ARRAY({{}}) AS alike FROM {name}".format(
        ", ".join(f"TYPEOF({column})" for column in theirs.columns)
    )

    rows = spark.run(Query(ours, {}, sources_of(filled)))

    assert {row.pop("alike") for row in rows} == {True}
    assert Counter(tuple(row[column] for column in theirs.columns) for row in rows) == Counter(
        map(tuple, theirs.collect())
    )


@pytest.mark.parametrize("name", _REPORTS)
def test_the_engine_finds_the_same_rows(name: str, filled: Place, spark: Spark) -> None:
    sql, values = asked(catalog()[name])

    found = spark.run(Query(sql, values, sources_of(filled)))

    assert found == by_duckdb(sql, values, filled)
    assert found


def test_spark_answers_over_an_empty_lake(tmp_path: Path, spark: Spark) -> None:
    place = place_in(tmp_path)
    sql = "WITH a AS (SELECT * FROM facts) SELECT day FROM a"

    assert spark.run(Query(sql, {}, sources_of(place))) == []
    place.store.close()


def test_files_that_are_gone_are_told_whenever_it_is_noticed(tmp_path: Path, spark: Spark) -> None:
    place = place_in(tmp_path)
    place.put(*(played(who, "http://example.org/v", 90, "0[.]9") for who in range(3)))
    sources = sources_of(place)
    sql = "WITH a AS (SELECT * FROM facts) SELECT COUNT(*) AS n, MIN(day) AS day FROM a"
    assert spark.run(Query(sql, {}, sources))[0]["n"] == 6

    def vacuum(interrupt: object) -> None:
        for file in sources.snapshot.files:
            Path(file.removeprefix("file://")).unlink()

    for watch in (vacuum, lambda interrupt: None):
        with pytest.raises(Outdated):
            spark.run(Query(sql, {}, sources), watch)
    place.store.close()


def test_a_report_is_asked_again_when_tables_were_made_anew(tmp_path: Path, spark: Spark) -> None:
    place = place_in(tmp_path)
    place.put(told(1, "completed", result={"completion": True}))
    place.references.import_courses(["course,minutes\n", f"{COURSE},20\n"])
    reports = reports_of(place.store, place.lake, place.tables, spark)
    other = SmallTables(str(tmp_path / "lake"), place.store.records, place.references)
    imports = iter([["course,minutes\n", f"{COURSE},30\n"]])

    def import_once(interrupt: object) -> None:
        for lines in imports:
            place.references.import_courses(lines)
            other.files()

    (row,) = reports.answer("completion", {}, watch=import_once).rows

    assert row["minutes"] == 30
    place.store.close()
