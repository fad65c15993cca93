"""ClickHouse opens the folders of the lake, as the README says, and finds the same rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
import sqlglot
from chdb.session import Session
from deltalake import DeltaTable
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from lrs.analytics.catalog import catalog
from lrs.analytics.lake.engine import TABLES
from tests.analytics.comparing import REPORTS, asked, by_duckdb, folder_of
from tests.analytics.places import Place

_SETTINGS = (
    "join_use_nulls",
    "cast_keep_nullable",
    "data_type_default_nullable",
    "aggregate_functions_null_for_empty",
)


@pytest.fixture(scope="module")
def clickhouse(filled: Place) -> Iterator[Session]:
    folder = folder_of(filled)
    with pytest.MonkeyPatch.context() as patch, Session() as session:
        # Its user_files_path.
        patch.chdir(folder)
        for one in folder.iterdir():
            session.query(f"CREATE TABLE {one.name} ENGINE = DeltaLakeLocal('{one}')")
        for setting in _SETTINGS:
            session.query(f"SET {setting} = 1")
        session.query("SET output_format_json_quote_64bit_integers = 0")
        yield session


@pytest.fixture(scope="module")
def columns(filled: Place) -> dict[str, dict[str, str]]:
    """Return table -> column -> kind."""
    return {
        one.name: {field.name: field.type.type for field in DeltaTable(one).schema().fields}
        for one in folder_of(filled).iterdir()
    }


@pytest.mark.parametrize("name", REPORTS)
def test_clickhouse_finds_the_same_rows(
    name: str, filled: Place, clickhouse: Session, columns: dict[str, dict[str, str]]
) -> None:
    sql, values = asked(catalog()[name])
    literal = re.sub(r"(?<![:\w]):([a-z_]+)", lambda name: exp.convert(values[name[1]]).sql(), sql)
    tree = sqlglot.parse_one(literal, read="duckdb")
    spelled = qualify(tree, schema=columns, quote_identifiers=False).sql("clickhouse")

    found = clickhouse.query(spelled, "JSONEachRow").bytes().splitlines()

    assert set(columns) == set(TABLES)
    assert [json.loads(row) for row in found] == by_duckdb(sql, values, filled)
