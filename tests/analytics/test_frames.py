"""Reports that are finished from columns say the same, whichever engine made these, and of nothing."""

from __future__ import annotations

from typing import Any

import pytest
from pandas import DataFrame

from lrs.analytics.catalog import catalog
from lrs.analytics.frames import rows_of
from lrs.analytics.lake.engine import Query
from lrs.analytics.report import MAX_ROWS, Moment, Row
from tests.analytics.comparing import asked, folder_of, sources_of
from tests.analytics.places import TODAY, Place, duckdb_in

FRAMED = [name for name, report in catalog().items() if report.finish_frame is not None]


def finished(name: str, told: DataFrame) -> list[Row]:
    report = catalog()[name]
    assert report.finish_frame is not None
    parameters: dict[str, Any] = {one.name: one.default for one in report.parameters}
    return report.finish_frame(told, Moment(int(TODAY.timestamp()) // 86_400, parameters))


@pytest.mark.parametrize("name", FRAMED)
def test_columns_made_of_rows_give_the_same(name: str, worked: Place) -> None:
    sql, values = asked(catalog()[name])
    engine, query = duckdb_in(folder_of(worked).parent), Query(sql, values, sources_of(worked))
    frame, rows = engine.frame(query), engine.run(query)

    found = finished(name, frame)

    assert found
    assert finished(name, DataFrame(rows)) == found
    assert finished(name, frame.iloc[:0]) == []


def test_what_is_not_known_is_none_and_days_are_whole() -> None:
    frame = DataFrame({"day": [1.0, None], "who": ["a", None], "n": [1, 2], "share": [0.5, None]})

    assert rows_of(frame.astype({"share": object})) == [
        {"day": 1, "who": "a", "n": 1, "share": 0.5},
        {"day": None, "who": None, "n": 2, "share": None},
    ]


def test_no_more_rows_are_made_than_tell_that_there_are_more() -> None:
    assert len(rows_of(DataFrame({"n": range(MAX_ROWS + 5)}))) == MAX_ROWS + 1
