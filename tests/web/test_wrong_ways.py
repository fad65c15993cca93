"""What goes wrong is a page of the same look for a browser, and JSON for a program."""

from __future__ import annotations

from collections.abc import Callable

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
