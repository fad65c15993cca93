"""What goes wrong is a page of the same look for a browser, and JSON for a program."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from lrs.app import create_app
from lrs.assembly import Services
from tests.conftest import Client, Visitor

Visit = Callable[..., Visitor]
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_way_that_leads_nowhere_is_a_page(visit: Visit) -> None:
    found = visit().get("/nowhere", headers=BROWSER)

    assert (found.status_code, found.mimetype) == (404, "text/html")
    assert "There is no page at this address." in found.text
    assert 'aria-label="Places"' in found.text


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "sentence"),
    [
        ("POST", "/reports", b"", 405, "does not know that method"),
        ("DELETE", "/learners", b"", 405, "does not know that method"),
        ("POST", "/sign-in", b"x" * 3_000_000, 413, "too large"),
    ],
)
def test_what_cannot_be_understood_is_a_page(
    client: Client, method: str, path: str, body: bytes, status: int, sentence: str
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for headers, kind in ((BROWSER, "text/html"), ({}, "application/json")):
        found = client.web.open(path, method=method, data=body, headers={**headers, **form})

        assert (found.status_code, found.mimetype) == (status, kind)
        assert sentence in found.text
        assert kind != "text/html" or "style-src 'self'" in found.headers["Content-Security-Policy"]


def test_a_failure_is_a_page(services: Services, visit: Visit) -> None:
    visitor = visit()
    object.__setattr__(services, "ledgers", None)

    for headers, kind in ((BROWSER, "text/html"), ({}, "application/json")):
        found = visitor.get("/ledgers", headers=headers)
        assert (found.status_code, found.mimetype) == (500, kind)
        assert "The LRS failed on this request" in found.text
        assert "AttributeError" not in found.text


@pytest.mark.parametrize("path", ["/xapi/nowhere", "/events/nowhere", "/cmi5/v1/nowhere"])
def test_what_programs_ask_for_stays_json(services: Services, path: str) -> None:
    found = create_app(services).test_client().get(path, headers=BROWSER)

    assert (found.status_code, found.mimetype) == (404, "application/json")


@pytest.mark.parametrize(
    "path", ["/reports/verbs.csv?since=2026-01-01", "/ledgers/change.json", "/reports/verbs"]
)
def test_a_browser_without_a_session_is_shown_the_way_in(client: Client, path: str) -> None:
    answer = client.web.get(path, headers=BROWSER)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sign-in?{urlencode({'next': path})}"
    assert "WWW-Authenticate" not in answer.headers
    program = client.web.get(path, headers={"Accept": "application/json"})
    assert (program.status_code, program.get_json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/verbs.csv?since=yesterday", 400),
        ("/reports/nope", 404),
        ("/reports/nope.csv", 404),
        ("/ledgers/nope", 404),
        ("/ledgers/nope.json", 404),
    ],
)
def test_what_is_wrong_is_said_as_it_is_asked_for(visit: Visit, path: str, status: int) -> None:
    visitor = visit()
    page = visitor.get(path, headers=BROWSER)
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]

    program = visitor.get(path, headers={"Accept": "application/json"})

    assert program.status_code == program.get_json()["status"] == status


def test_what_programs_take_is_not_kept_and_not_guessed_at(visit: Visit) -> None:
    visitor = visit()
    for path in ("/ledgers/change.json", "/reports/verbs.json"):
        headers = visitor.get(path, headers=BROWSER).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'"


def test_looking_at_the_health_writes_nothing(visit: Visit, services: Services) -> None:
    assert visit().get("/system").status_code == 200

    assert not services.store.records.all("meta")
