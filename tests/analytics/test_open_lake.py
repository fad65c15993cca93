"""The lake is open: who knows its folders as tables runs the SQL that reports show, and finds the same rows."""

from __future__ import annotations

import re
from pathlib import Path

import deltalake
import duckdb
import pytest

from lrs.analytics.lake.engine import TABLES, Query, named_in
from lrs.analytics.report import Table
from tests.analytics.comparing import sources_of
from tests.analytics.places import TODAY, Place, duckdb_in, place_in, told
from tests.command import Command, ndjson

_REPORTS = ("completion", "engagement-funnel", "people-match", "top-courses", "changes", "requests")


def bound(table: Table) -> dict[str, object]:
    now = int(TODAY.timestamp())
    values: dict[str, object] = {"today": now // 86_400, "now": now * 1000}
    values |= {parameter.name: parameter.default for parameter in table.report.parameters}
    return {name: values[name] for name in named_in(table.sql)}


def asked(folder: Path, table: Table) -> list[tuple[object, ...]]:
    """Return the rows of a report's SQL, as somebody finds them who has only the folder."""
    with duckdb.connect() as connection:
        for one in folder.iterdir():
            connection.register(one.name, deltalake.DeltaTable(one).to_pyarrow_dataset())
        sql = re.sub(r"(?<![:\w]):([a-z_]+)", r"$\1", table.sql)
        return connection.execute(sql, bound(table)).fetchall()


@pytest.mark.parametrize("name", _REPORTS)
def test_the_sql_that_a_report_shows_runs_over_the_folders(
    name: str, worked: Place, tmp_path: Path
) -> None:
    worked.tables.write()
    table = worked.answer(name)
    folder = Path(worked.lake.uri).parent
    query = Query(table.sql, bound(table), sources_of(worked))

    rows = duckdb_in(tmp_path).run(query)

    assert {one.name for one in folder.iterdir()} == set(TABLES)
    assert asked(folder, table) == [tuple(row.values()) for row in rows]


def test_they_ask_of_a_reader_what_each_can(worked: Place) -> None:
    worked.tables.write()
    worked.lake.catch_up()

    for one in Path(worked.lake.uri).parent.iterdir():
        assert deltalake.DeltaTable(one).protocol().min_reader_version == 1


def test_where_nothing_was_imported_the_tables_are_empty(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    place.put(told(1, "completed"))
    place.lake.catch_up()
    place.tables.write()

    folder = Path(place.lake.uri).parent

    assert {one.name for one in folder.iterdir()} == set(TABLES)
    rows = asked(folder, place.answer("people-match"))
    assert [row[1] for row in rows] == [0, 1]
    place.references.import_people(["person,identifiers\n", "P1,learner-1@example.org\n"])
    assert place.row("people-match")["matched"] == 1
    place.store.close()


def test_lake_update_writes_them(tmp_path: Path) -> None:
    command = Command(tmp_path)
    command.run("init")
    assert command.take(ndjson(told(1, "completed"))).exit_code == 0

    assert command.run("lake", "update").exit_code == 0

    assert {one.name for one in (tmp_path / "data" / "lake").iterdir()} == set(TABLES)
