"""What the faces of a report do when it takes long, and what a browser may do with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from lrs.analytics.catalog import catalog
from lrs.analytics.lake.engine import Engine, Query, Sources, Watch, unwatched
from lrs.analytics.lake.lake import Snapshot
from lrs.analytics.simulator.academy import Academy
from lrs.analytics.sql.scope import obeyed
from lrs.assembly import Services
from tests.analytics.places import told
from tests.analytics.test_runs import ENDLESS
from tests.conftest import Client, Visitor, settled

Visit = Callable[..., Visitor]
FACES = ("json", "csv", "parquet", "txt", "svg", "png")


class Endless:
    """An engine that counts to a very high number, whatever report it is asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.asked = 0

    def run(self, query: Query, watch: Watch = unwatched) -> list[dict[str, Any]]:
        if "scoped" not in query.sql:
            # What is loaded when somebody signs in.
            return self._engine.run(query, watch)
        self.asked += 1
        return self._engine.run(Query(ENDLESS, {}, Sources(Snapshot(0, (), 0), {})), watch)


@pytest.fixture
def endless(client: Client, services: Services) -> Endless:
    assert client.post([told(1, "launched")]).status_code == 200
    engine = Endless(services.reports._engine)
    services.reports._engine = engine
    services.runs._limit = 0.3
    return engine


@pytest.mark.parametrize("face", FACES)
def test_a_face_that_takes_too_long_is_one_sentence(
    endless: Endless, visit: Visit, face: str
) -> None:
    found = visit().get(f"/reports/engagement-funnel.{face}")

    assert (found.status_code, found.get_json()["code"]) == (504, "too-slow")
    assert found.get_json()["message"] == "The report took longer than 0.3 seconds and was stopped."


def test_a_page_that_takes_too_long_is_one_sentence(endless: Endless, visit: Visit) -> None:
    visitor = visit()
    page = settled(lambda: visitor.get("/reports/verbs"))

    assert page.status_code == 504
    assert "The report took longer than 0.3 seconds" in page.text
    assert "Ask again" in page.text


def test_the_sql_of_a_report_is_shown_without_running_it(endless: Endless, visit: Visit) -> None:
    visitor = visit()
    for name, report in catalog().items():
        found = visitor.get(f"/reports/{name}.sql?department=nursing")
        if "department" not in obeyed(report.sql):
            assert (found.status_code, found.get_json()["code"]) == (400, "filter-unused")
            continue
        assert found.status_code == 200
        assert "p.department = :department" in found.text, name
    assert endless.asked == 0


def test_pictures_of_reports_need_no_style_of_their_own(
    client: Client, services: Services, visit: Visit
) -> None:
    academy = Academy(learners=40, seed=1, today=datetime.now(UTC).date())
    sent = list(academy.statements())
    for start in range(0, len(sent), 500):
        assert client.post(sent[start : start + 500]).status_code == 200
    services.references.import_people(academy.people_csv())
    services.references.import_courses(academy.courses_csv())
    visitor, kinds = visit(), set()
    for name, report in catalog().items():
        if report.chart is None:
            continue
        found = visitor.get(f"/reports/{name}.svg")
        assert found.headers["Content-Security-Policy"] == "default-src 'none'"
        tree = ElementTree.fromstring(found.data)  # noqa: S314 our own drawing
        assert not any("style" in one.attrib or one.tag.endswith("}style") for one in tree.iter())
        kinds |= {report.chart.kind} if len(list(tree.iter())) > 40 else set()
    assert kinds == {"bar", "line", "step", "point", "heat"}
