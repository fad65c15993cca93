"""Every report's SQL is read by five dialects."""

from __future__ import annotations

import re

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

from lrs.analytics.catalog import catalog
from lrs.analytics.sql.scope import FILTERS, with_scope

DIALECTS = ("duckdb", "trino", "spark", "clickhouse", "postgres")


def literal(sql: str) -> str:
    return re.sub(r"(?<![:\w]):[a-z_]+", "1", sql)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", catalog())
def test_sql_is_read_by_each_dialect(name: str, dialect: str) -> None:
    report = catalog()[name]
    sql = with_scope(
        report.sql, dict.fromkeys(FILTERS, 0), people=True, own="team", now=report.as_of_now
    )

    assert len(sqlglot.parse(literal(sql), read=dialect, error_level=ErrorLevel.RAISE)) == 1


@pytest.mark.parametrize("name", catalog())
def test_quotients_are_doubles(name: str) -> None:
    """Of two integers some engines leave no remainder, and of decimals Trino as many digits as the divisor has."""
    for quotient in sqlglot.parse_one(literal(catalog()[name].sql), read="duckdb").find_all(
        exp.Div
    ):
        assert any(one.to.is_type("double") for one in quotient.find_all(exp.Cast)), quotient.sql()


@pytest.mark.parametrize("name", catalog())
def test_only_declared_values_are_bound(name: str) -> None:
    report = catalog()[name]
    known = {"today", "now", *(parameter.name for parameter in report.parameters)}

    assert set(re.findall(r"(?<![:\w]):([a-z_]+)", report.sql)) <= known
