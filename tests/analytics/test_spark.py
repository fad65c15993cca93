"""Spark reads the same lake and finds the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from lrs.analytics.catalog import catalog
from lrs.analytics.lake.engine import Outdated, Sources
from lrs.analytics.lake.small_tables import SmallTables
from lrs.analytics.lake.spark import Spark
from lrs.analytics.report import Report
from lrs.analytics.simulator.simulation import Simulation
from lrs.analytics.sql.scope import with_scope
from tests.analytics.examples import put_everything
from tests.analytics.places import (
    COURSE,
    TODAY,
    Place,
    duckdb_in,
    place_in,
    played,
    reports_of,
    told,
)

pytestmark = [
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = place_in(tmp_path_factory.mktemp("spark"))
    simulation = Simulation(learners=60, seed=11, last=TODAY.date())
    put_everything(place, simulation)
    place.put(
        *(played(who, "http://example.org/v", 90.5, f"0[.]{who}.25[,]40[.]50") for who in range(30))
    )
    yield place
    place.store.close()


@pytest.fixture(scope="module")
def spark() -> Iterator[Spark]:
    engine = Spark("local[2]")
    yield engine
    session = SparkSession.getActiveSession()
    assert session is not None
    session.stop()


def bound(report: Report) -> dict[str, Any]:
    now = int(TODAY.timestamp())
    values: dict[str, Any] = {"today": now // 86_400, "now": now * 1000}
    values |= {parameter.name: parameter.default for parameter in report.parameters}
    return values


@pytest.mark.parametrize("name", {report.sql: name for name, report in catalog().items()}.values())
def test_spark_finds_the_same_rows(name: str, simulated: Place, spark: Spark) -> None:
    report = catalog()[name]
    sql, values = with_scope(report.sql, {}, people=True, now=report.as_of_now), bound(report)
    sources = Sources(simulated.lake.catch_up(), dict(simulated.tables.files()))
    engine = duckdb_in(Path(simulated.lake.uri).parent)

    expected = [
        {column: plain(value) for column, value in row.items()}
        for row in engine.run(sql, values, sources)
    ]

    assert spark.run(sql, values, sources) == expected
    assert expected


def test_spark_answers_over_an_empty_lake(tmp_path: Path, spark: Spark) -> None:
    place = place_in(tmp_path)
    sources = Sources(place.lake.catch_up(), dict(place.tables.files()))

    assert spark.run("WITH a AS (SELECT * FROM facts) SELECT day FROM a", {}, sources) == []
    place.store.close()


def test_files_that_are_gone_are_told_whenever_it_is_noticed(tmp_path: Path, spark: Spark) -> None:
    place = place_in(tmp_path)
    place.put(*(played(who, "http://example.org/v", 90, "0[.]9") for who in range(3)))
    sources = Sources(place.lake.catch_up(), dict(place.tables.files()))
    sql = "WITH a AS (SELECT * FROM facts) SELECT COUNT(*) AS n, MIN(day) AS day FROM a"
    assert spark.run(sql, {}, sources)[0]["n"] == 6

    def vacuum(interrupt: object) -> None:
        for file in sources.snapshot.files:
            Path(file.removeprefix("file://")).unlink()

    for watch in (vacuum, lambda interrupt: None):
        with pytest.raises(Outdated):
            spark.run(sql, {}, sources, watch)
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


def plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
