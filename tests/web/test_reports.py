from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pyarrow.parquet
import pytest

from lrs.analytics.catalog import catalog
from lrs.config import Config
from tests.analytics.places import COURSE, answer, attempt, played, told
from tests.conftest import Client, settled

SLICED = "/reports/slices.csv?by=device"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """It tells of one person as of many: what is hidden of few has tests of its own."""
    return Config(data=tmp_path, small_group=1)


@pytest.fixture
def filled(client: Client) -> Client:
    formula = told(1, "completed", context={"platform": "desktop"}, result={"completion": True})
    sent = [
        formula,
        told(2, "launched", "http://example.org/m"),
        played(3, "http://example.org/v", 100, "0[.]50"),
        attempt(1, 1, True, score={"scaled": 0.8}),
        answer(1, "item-1", True),
        told(4, "registered", days=400),
    ]
    assert client.post(sent).status_code == 200
    return client


def get(client: Client, path: str) -> object:
    return client.web.get(path, headers=client.headers)


@pytest.mark.parametrize("name", catalog())
def test_every_report_has_every_face(name: str, filled: Client) -> None:
    pictures = ("svg", "png") if catalog()[name].chart else ()
    for ending in (
        "",
        ".json",
        ".csv",
        ".parquet",
        ".txt",
        ".sql",
        *(f".{one}" for one in pictures),
    ):
        answer = filled.web.get(f"/reports/{name}{ending}", headers=filled.headers)
        assert answer.status_code == 200, ending
        assert answer.data


@pytest.mark.parametrize("name", catalog())
def test_every_report_tells_what_makes_it_repeatable(name: str, filled: Client) -> None:
    table = filled.web.get(f"/reports/{name}.json", headers=filled.headers).get_json()

    declared = {column.name for column in catalog()[name].columns}
    assert declared <= {column["name"] for column in table["columns"]}
    assert all(set(row) == {column["name"] for column in table["columns"]} for row in table["rows"])
    assert table["version"] >= 1
    assert table["data_through"].endswith("Z")
    assert "SELECT" in table["sql"]


def test_a_report_counts_what_was_stored_just_before(client: Client) -> None:
    for count in range(1, 4):
        client.post(told(count, "completed"))
        rows = client.web.get("/reports/verbs.json", headers=client.headers).get_json()["rows"]
        assert [row["statements"] for row in rows] == [count]


def test_the_page_shows_table_chart_definition_and_sql(filled: Client) -> None:
    page = settled(lambda: filled.web.get("/reports/engagement-funnel", headers=filled.headers))

    text = page.get_data(as_text=True)
    assert "data through" in text
    assert 'class="drawing" role="img" aria-label="Chart: Engagement funnel.' in text
    assert "WITH scoped AS" in text
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]


def test_every_report_is_listed(filled: Client) -> None:
    text = filled.web.get("/reports", headers=filled.headers).get_data(as_text=True)

    assert all(f'href="/reports/{name}"' in text for name in catalog())
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", text) == [
        "How do things stand?",
        "Where is it lost, and why?",
        "What is about to happen?",
        "What should be done?",
    ]
    assert "descriptive<" not in text


def test_reports_want_a_credential(client: Client) -> None:
    assert client.web.get("/reports").status_code == 303
    assert client.web.get("/reports/verbs.json").status_code == 401


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/reports/nope.json", 404, "report-unknown"),
        ("/reports/verbs.json?nope=1", 400, "parameter-unknown"),
        ("/reports/verbs.json?since=yesterday", 400, "parameter-value"),
        ("/reports/requests.json?course=http://example.org/c", 400, "filter-unused"),
        ("/reports/unactioned.json?course=http://example.org/c", 400, "filter-unused"),
        ("/reports/verbs.json?hour=x", 400, "parameter-value"),
        ("/reports/slices.json?by=shoes", 400, "parameter-value"),
        ("/reports/verbs.json?hour=1&hour=2", 400, "parameter-repeated"),
        ("/reports/verbs.exe", 400, "report-face"),
        ("/reports/verbs.json?department=%27%3B%20DROP%20TABLE%20facts--", 200, ""),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(
    path: str, status: int, code: str, filled: Client
) -> None:
    answer = filled.web.get(path, headers=filled.headers)

    assert answer.status_code == status
    assert answer.get_json().get("code", "") == code


def test_filters_narrow_what_is_counted(filled: Client) -> None:
    def statements(query: str) -> int:
        table = filled.web.get(f"/reports/verbs.json?{query}", headers=filled.headers).get_json()
        return sum(row["statements"] for row in table["rows"])

    assert statements("") == 6
    assert statements("since=2026-01-01") == 5
    assert statements("device=desktop") == 1
    assert statements(f"course={COURSE}") == 6
    assert statements("course=http://example.org/other") == 0


def test_csv_opens_right_in_a_spreadsheet(client: Client) -> None:
    client.post(told(1, "completed", context={"platform": "phone", "revision": "=1+1"}))

    plain = client.web.get("/reports/slices.csv?by=revision", headers=client.headers).data
    marked = client.web.get("/reports/slices.csv?by=revision&bom=true", headers=client.headers).data

    assert marked == b"\xef\xbb\xbf" + plain
    row = next(csv.DictReader(io.StringIO(plain.decode())))
    assert row["slice"] == "'=1+1"


def test_parquet_carries_its_own_story(filled: Client) -> None:
    data = filled.web.get("/reports/verbs.parquet", headers=filled.headers).data

    table = pyarrow.parquet.read_table(io.BytesIO(data))

    metadata = table.schema.metadata
    assert metadata[b"report"] == b"verbs"
    assert json.loads(metadata[b"filters"]) == {}
    assert table.num_rows == 6


def test_a_form_offers_what_narrows_its_report_alone(client: Client) -> None:
    def page(name: str) -> str:
        return client.web.get(f"/reports/{name}", headers=client.headers).get_data(as_text=True)

    assert 'id="f-period"' in page("verbs")
    assert 'id="filters"' not in page("requests")
    assert 'name="patience"' in page("unactioned")
    assert 'id="f-period"' not in page("unactioned")


def test_a_sentence_tells_names_and_leads_to_the_reports_that_it_names(client: Client) -> None:
    module = {"id": "http://example.org/m-1", "definition": {"name": {"en": "Knife <drill>"}}}
    sent = [told(who, "launched", "http://example.org/m-1") for who in range(9)]
    for one in sent:
        one["object"] = module
    assert client.post(sent).status_code == 200

    page = settled(lambda: client.web.get("/reports/verbs", headers=client.headers)).text

    assert "`" not in page.partition("How it is computed")[0]
    assert '<a href="/reports/purposes">Purposes</a>' in page
    said = client.web.get("/reports/view-dwell.json", headers=client.headers).get_json()
    assert said["reading"].startswith("“")
    assert "://" not in said["reading"]
