"""Pages: who may see them, what a browser may load, and that they hold together."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from lrs.assembly import Services
from lrs.auth.roles import ROLES
from lrs.auth.scopes import ADMINISTER, READ
from lrs.web.pages import ANYBODY, PLACES
from tests.build import agent, statement
from tests.conftest import Client, Visitor, headers

Visit = Callable[..., Visitor]


def test_the_start_page_shows_the_endpoint_and_how_much_is_kept(
    client: Client, visit: Visit
) -> None:
    client.post(statement())
    answer = visit().get("/")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "/xapi/</code>" in answer.text
    assert "<b>1</b> statements" in answer.text


@pytest.mark.parametrize("path", [place.path for place in PLACES])
def test_a_page_asks_to_sign_in(client: Client, path: str) -> None:
    answer = client.web.get(f"{path}?a=b")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=%2F")
    assert answer.headers["Location"].endswith("%3Fa%3Db")
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.path)
def test_a_role_sees_the_places_that_it_has_the_right_for(
    visit: Visit, role: str, place: object
) -> None:
    assert place in PLACES
    right, path = place.right, place.path  # type: ignore[attr-defined]
    allowed = right == ANYBODY or right in ROLES[role].rights
    allowed = allowed and ROLES[role].reach in place.reaches  # type: ignore[attr-defined]
    visitor = visit(role, agent=agent("anna"))
    assert visitor.get(path).status_code == (200 if allowed else 403)
    assert (f'<a href="{path}"' in visitor.get("/").text) == allowed


def test_only_an_administrator_administers_and_reads_everything() -> None:
    for right in (ADMINISTER, READ):
        assert [name for name, role in ROLES.items() if right in role.rights] == ["administrator"]


def test_an_api_credential_reads_pages_that_its_scopes_allow(client: Client) -> None:
    assert client.web.get("/", headers=client.headers).status_code == 200


@pytest.mark.parametrize("path", [place.path for place in PLACES if place.right == ADMINISTER])
def test_no_api_credential_administers(client: Client, path: str) -> None:
    assert client.web.get(path, headers=client.headers).status_code == 403


def test_no_form_takes_an_api_credential(client: Client) -> None:
    answer = client.web.post("/sign-out", headers=client.headers)
    assert answer.status_code == 403


def test_a_wrong_secret_is_refused_as_such(client: Client) -> None:
    answer = client.web.get("/", headers=headers(secret="wrong"))
    assert (answer.status_code, answer.mimetype) == (401, "text/html")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_header_that_is_no_credential_is_refused_as_such(client: Client) -> None:
    token = base64.b64encode(b"no colon").decode()
    for value in (f"Basic {token}", "Bearer x", "Basic"):
        answer = client.web.get("/", headers={"Authorization": value})
        assert answer.status_code in (303, 401)


def test_a_credential_that_only_writes_sees_no_page(client: Client, services: Services) -> None:
    services.credentials.add(
        home_page="http://x.example", key="w", secret="w", scopes=["statements/write"]
    )
    answer = client.web.get("/", headers=headers(key="w", secret="w"))
    assert (answer.status_code, answer.mimetype) == (403, "text/html")


def test_a_session_is_no_way_into_the_api(visit: Visit) -> None:
    answer = visit().get("/xapi/statements", headers={"X-Experience-API-Version": "1.0.3"})
    assert answer.status_code == 401


def test_a_page_loads_nothing_from_elsewhere(client: Client) -> None:
    policy = client.web.get("/sign-in").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_shared_style_is_served(client: Client) -> None:
    answer = client.web.get("/static/lrs.css")
    assert (answer.status_code, answer.mimetype) == (200, "text/css")
    answer.close()


@pytest.mark.parametrize("origin", ["http://[bad", "null", "", "x", "http://elsewhere.example"])
def test_a_script_from_an_odd_origin_counts_as_nobody(visit: Visit, origin: str) -> None:
    answer = visit("administrator").get("/", headers={"Origin": origin})
    assert answer.status_code in (302, 303, 401, 403)


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nowhere", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "text/html"),
        ("/nowhere", "*/*", "application/json"),
        ("/nowhere", "application/json", "application/json"),
        ("/xapi/nowhere", "text/html", "application/json"),
    ],
)
def test_a_path_that_leads_nowhere_is_a_page_for_who_wants_pages(
    client: Client, path: str, accept: str, kind: str
) -> None:
    answer = client.web.get(path, headers={"Accept": accept})

    assert (answer.status_code, answer.mimetype) == (404, kind)
    if kind == "text/html":
        assert "no page at this address" in answer.text
