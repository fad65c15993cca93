"""Pages: who may see them, what a browser may load, and that they hold together."""

from __future__ import annotations

from lrs.assembly import Services
from tests.build import statement
from tests.conftest import Client, headers


def test_the_start_page_shows_the_endpoint_and_how_much_is_kept(client: Client) -> None:
    client.post(statement())
    answer = client.web.get("/", headers=client.headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "/xapi/</code>" in answer.text
    assert '<p class="figure">1</p>' in answer.text


def test_a_page_asks_for_a_credential(client: Client) -> None:
    answer = client.web.get("/")
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert "Please sign in" in answer.text


def test_a_credential_that_only_writes_sees_no_page(client: Client, services: Services) -> None:
    services.credentials.add(
        home_page="http://x.example", key="w", secret="w", scopes=["statements/write"]
    )
    answer = client.web.get("/", headers=headers(key="w", secret="w"))
    assert (answer.status_code, answer.mimetype) == (403, "text/html")


def test_a_page_loads_nothing_from_elsewhere(client: Client) -> None:
    policy = client.web.get("/", headers=client.headers).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_shared_style_is_served(client: Client) -> None:
    answer = client.web.get("/static/lrs.css")
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    answer.close()
