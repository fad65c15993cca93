"""Spark reads the same lake and finds the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from pyspark.sql import SparkSession
from sqlglot import expressions as sql_parts

from lrs.analytics.catalog import catalog
from lrs.analytics.engine import TABLES, DuckDB, Sources
from lrs.analytics.report import Report
from lrs.analytics.scope import with_scope
from lrs.analytics.simulator import CONTENT_CSV, COURSES_CSV, Simulation
from tests.analytics.places import TODAY, Place, place_in, played

pytestmark = [
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

_DELTA = "io.delta:delta-spark_2.13:4.0.0"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = place_in(tmp_path_factory.mktemp("spark"))
    simulation = Simulation(learners=60, seed=11, last=TODAY.date())
    place.put(*simulation.statements())
    place.put(
        *(played(who, "http://example.org/v", 90.5, f"0[.]{who}.25[,]40[.]50") for who in range(30))
    )
    place.references.import_people(simulation.people_csv())
    place.references.import_courses(COURSES_CSV.splitlines(keepends=True))
    place.references.import_content(CONTENT_CSV.splitlines(keepends=True))
    place.references.import_outcomes(simulation.outcomes_csv())
    yield place
    place.store.close()


@pytest.fixture(scope="module")
def spark(simulated: Place) -> Iterator[SparkSession]:
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.jars.packages", _DELTA)
        .config("spark.jars.excludes", "org.scala-lang:scala-library")
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog"
        )
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    simulated.lake.catch_up()
    simulated.references.files()
    folder = simulated.lake.uri.rpartition("/")[0]
    for table in TABLES:
        session.read.format("delta").load(f"{folder}/{table}").createOrReplaceTempView(table)
    yield session
    session.stop()


def bound(report: Report) -> dict[str, Any]:
    now = int(TODAY.timestamp())
    values: dict[str, Any] = {"today": now // 86_400, "now": now * 1000}
    values |= {parameter.name: parameter.default for parameter in report.parameters}
    if report.name == "timeline":
        values["learner"] = "mbox|mailto:learner-1@example.org"
    return values


def for_spark(sql: str, values: dict[str, Any]) -> str:
    """Return the SQL as Spark spells it, with the values of the test in it."""
    tree = sqlglot.parse_one(sql)
    for place in list(tree.find_all(sql_parts.Placeholder)):
        value = values[place.name]
        place.replace(
            sql_parts.Literal.number(value)
            if isinstance(value, int)
            else sql_parts.Literal.string(value)
        )
    return tree.sql(dialect="spark")


def plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal | float) else value


@pytest.mark.parametrize("name", {report.sql: name for name, report in catalog().items()}.values())
def test_spark_finds_the_same_rows(name: str, simulated: Place, spark: SparkSession) -> None:
    report = catalog()[name]
    sql, values = with_scope(report.sql, {}, people=True), bound(report)
    sources = Sources(simulated.lake.catch_up(), dict(simulated.references.files()))
    engine = DuckDB(Path(simulated.lake.uri).parent / "scratch")

    expected = [
        {column: plain(value) for column, value in row.items()}
        for row in engine.run(sql, values, sources)
    ]

    found = [
        {column: plain(value) for column, value in row.asDict().items()}
        for row in spark.sql(for_spark(sql, values)).collect()
    ]
    assert found == expected
    assert expected or name in ("cmi5-progress", "reviews", "people-match")
