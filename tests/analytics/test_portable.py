"""Every report's SQL is read by five dialects."""

from __future__ import annotations

import re

import pytest
import sqlglot
from sqlglot.errors import ErrorLevel

from lrs.analytics.catalog import catalog
from lrs.analytics.sql.scope import FILTERS, with_scope

DIALECTS = ("duckdb", "trino", "spark", "clickhouse", "postgres")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", catalog())
def test_sql_is_read_by_each_dialect(name: str, dialect: str) -> None:
    report = catalog()[name]
    sql = with_scope(
        report.sql, dict.fromkeys(FILTERS, 0), people=True, own="team", now=report.as_of_now
    )
    literal = re.sub(r"(?<![:\w]):[a-z_]+", "1", sql)

    assert len(sqlglot.parse(literal, read=dialect, error_level=ErrorLevel.RAISE)) == 1


@pytest.mark.parametrize("name", catalog())
def test_only_declared_values_are_bound(name: str) -> None:
    report = catalog()[name]
    known = {"today", "now", *(parameter.name for parameter in report.parameters)}

    assert set(re.findall(r"(?<![:\w]):([a-z_]+)", report.sql)) <= known
