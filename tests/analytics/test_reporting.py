from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from lrs.analytics.catalog import catalog
from lrs.analytics.faces import charts, render
from lrs.analytics.lake.small_tables import SmallTables
from lrs.analytics.ledgers.kinds import TABLES
from lrs.errors import NotFound
from tests.analytics.places import COURSE, Place, place_in, told
from tests.conftest import Server, headers

LEDGERS = set(TABLES)


def test_activities_are_shown_by_their_names(place: Place) -> None:
    statement = told(1, "completed")
    statement["object"]["definition"]["name"] = {"en": "Safety at work"}
    place.put(statement)

    text = render.as_text(place.answer("completion"))

    assert "Safety at work" in text
    assert COURSE not in text
    assert place.row("completion")["course"] == COURSE


def test_an_answer_is_remembered_until_something_new_comes(place: Place) -> None:
    place.put(told(1, "launched"))
    first = place.answer("verbs")
    assert place.answer("verbs").rows is first.rows

    place.put(told(2, "launched"))

    assert place.row("verbs")["learners"] == 2


def test_a_period_may_end_before_1970(place: Place) -> None:
    place.put(told(1, "completed"))

    assert place.rows("verbs", until="1969-12-31") == ()


def test_charts_carry_intervals(place: Place) -> None:
    place.put(told(1, "completed", result={"completion": True}))

    drawn = json.dumps(charts.specification(place.answer("completion")))

    assert "rate_of_starters_low" in drawn
    with pytest.raises(NotFound):
        charts.draw(place.answer("overview"), "svg")


def test_every_report_is_declared_whole() -> None:
    for name, report in catalog().items():
        assert report.name == name
        assert report.question.endswith("?")
        assert report.covers
        read = set(re.findall(r"\w+", report.sql)) - set(re.findall(r"(\w+) AS \(", report.sql))
        assert report.organisational or not LEDGERS & read, name
        # Filters and audiences are obeyed by views alone.
        assert not re.search(r"(FROM|JOIN) (courses|people|facts|chains)\b", report.sql), name
        names = [column.name for column in report.columns]
        assert len(set(names)) == len(names)
        for column in report.columns:
            assert not column.part or {column.part, column.whole} <= set(names), (name, column.name)
        chart = report.chart
        if chart is not None:
            assert {chart.x, chart.y} | ({chart.series} - {""}) <= set(names), name


def test_the_server_feeds_the_lake_by_itself(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve()
    request = urllib.request.Request(  # noqa: S310 our own server
        f"{server.url}/xapi/statements",
        data=json.dumps(told(1, "completed")).encode(),
        headers=headers(**{"Content-Type": "application/json"}),
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 our own server

    facts = str(tmp_path / "data" / "lake" / "facts")
    deadline = time.monotonic() + 60
    while not DeltaTable.is_deltatable(facts) or not DeltaTable(facts).file_uris():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_lake_can_be_named_by_a_url(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    place.lake.uri = (tmp_path / "elsewhere").as_uri()
    place.put(told(1, "completed"))

    assert place.row("verbs")["learners"] == 1
    place.store.close()


def test_tables_that_another_process_made_anew_are_found(place: Place) -> None:
    person = "person,identifiers,department\nP1,learner-1@example.org,nursing\n"
    place.put(told(1, "launched"))
    place.references.import_people(person.splitlines(keepends=True))
    assert place.row("slices")["slice"] == "nursing"

    # It had begun before, and writes them once more.
    other = SmallTables(place.tables._uri, place.store.records, place.references)
    for name in ("people", "chains", "courses", "modules"):
        other._make(name, 1)

    assert place.row("slices", since="2000-01-01")["slice"] == "nursing"


def test_signs_that_no_picture_may_hold_do_not_stop_it(place: Place) -> None:
    for who in range(3):
        statement = told(who, "completed")
        statement["object"]["definition"]["name"] = {"en": "a\x01b\x0c\ufffe"}
        place.put(statement)

    drawn = charts.draw(place.answer("top-courses"), "svg").decode()

    assert "a\ufffdb" in drawn


def test_to_be_enrolled_is_no_sitting(place: Place) -> None:
    for who in range(4):
        place.put(told(who, "registered", days=20), told(who, "launched", days=10))
        place.put(told(who, "completed", days=10, result={"completion": True}))

    row = place.row("one-sitting")

    assert (row["learners"], row["in_one"], row["returned"]) == (4, 4, 0)
