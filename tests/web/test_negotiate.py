"""Versions, credentials, scopes and CORS on the way to a resource."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lrs.app import create_app
from lrs.assembly import Services
from tests.build import reference, statement
from tests.conftest import Client, headers

ORIGIN = "https://content.example.org"
EXPOSED = {
    "ETag",
    "Last-Modified",
    "X-Experience-API-Consistent-Through",
    "X-Experience-API-Version",
}


def test_a_preflight_is_answered_without_a_credential(client: Client) -> None:
    answer = client.web.options(
        "/xapi/statements",
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization, content-type, if-match,"
            " if-none-match, x-experience-api-version",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "if-match", "if-none-match", "x-experience-api-version"} <= set(
        allowed
    )


def test_origins_can_be_named(services: Services) -> None:
    config = replace(services.config, origins="https://a.example.org, https://b.example.org")
    web = create_app(replace(services, config=config)).test_client()
    for origin, allowed in (("https://b.example.org", True), (ORIGIN, False)):
        answer = web.get("/xapi/about", headers={"Origin": origin})
        assert ("Access-Control-Allow-Origin" in answer.headers) == allowed


@pytest.mark.parametrize("path", ["/xapi/statements", "/xapi/nothing", "/xapi/about"])
def test_cors_headers_are_on_every_answer(client: Client, path: str) -> None:
    answer = client.web.get(path, headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert set(answer.headers["Access-Control-Expose-Headers"].split(", ")) >= EXPOSED


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Bearer x"},
        {"Authorization": headers(secret="wrong")["Authorization"]},
        {"Authorization": headers(key="nobody")["Authorization"]},
        {"Authorization": headers(key="", secret="")["Authorization"]},
    ],
)
def test_no_valid_credential_is_401_with_a_challenge(client: Client, sent: dict[str, str]) -> None:
    answer = client.web.get(
        "/xapi/statements", headers={"X-Experience-API-Version": "1.0.3", **sent}
    )
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_a_revoked_credential_is_refused(client: Client, services: Services) -> None:
    services.credentials.revoke("key")
    assert client.get().status_code == 401


@pytest.mark.parametrize(
    ("scope", "post", "void", "get"),
    [
        ("all", 200, 200, 200),
        ("all/read", 403, 403, 200),
        ("statements/write", 200, 403, 403),
        ("statements/read", 403, 403, 200),
        ("statements/read/mine", 403, 403, 200),
        ("statements/void", 403, 403, 403),
    ],
)
def test_a_scope_lets_a_credential_do_just_what_it_names(
    client: Client, services: Services, scope: str, post: int, void: int, get: int
) -> None:
    services.credentials.add(
        home_page="http://lrs.example.org", key="other", secret="s", scopes=[scope]
    )
    client.headers = headers(key="other", secret="s")
    voider = statement(
        verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object=reference(statement()["id"])
    )
    assert client.post(statement()).status_code == post
    assert client.post(voider).status_code == void
    assert client.get().status_code == get


def test_write_and_void_together_may_void(client: Client, services: Services) -> None:
    scopes = ["statements/write", "statements/void"]
    services.credentials.add(home_page="http://lrs.example.org", key="v", secret="s", scopes=scopes)
    client.headers = headers(key="v", secret="s")
    voider = statement(
        verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object=reference(statement()["id"])
    )
    assert client.post(voider).status_code == 200


def test_about_needs_neither_credential_nor_version(client: Client) -> None:
    answer = client.web.get("/xapi/about")
    assert answer.status_code == 200
    assert {"1.0.3", "2.0.0"} <= set(answer.json["version"])
    assert answer.headers["X-Experience-API-Version"]


@pytest.mark.parametrize(
    ("asked", "answered"), [("1.0", "1.0.3"), ("2.0.0", "2.0.0"), ("3.0", "1.0.3")]
)
def test_about_answers_in_the_version_of_the_request_if_that_is_known(
    client: Client, asked: str, answered: str
) -> None:
    answer = client.web.get("/xapi/about", headers={"X-Experience-API-Version": asked})
    assert answer.status_code == 200
    assert answer.headers["X-Experience-API-Version"] == answered


def test_about_takes_no_parameters(client: Client) -> None:
    answer = client.web.get("/xapi/about?foo=1")
    assert (answer.status_code, answer.json["code"]) == (400, "parameter-unknown")


@pytest.mark.parametrize("path", ["/xapi/about", "/xapi/statements", "/xapi/nothing"])
def test_no_answer_is_kept_without_asking_or_taken_for_what_it_is_not(
    client: Client, path: str
) -> None:
    answer = client.web.get(path, headers=client.headers)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_context_agents_are_known_in_2_0_alone(client: Client) -> None:
    context = {
        "contextAgents": [
            {
                "objectType": "contextAgent",
                "agent": {"objectType": "Agent", "mbox": "mailto:coach@example.org"},
                "relevantTypes": ["http://example.org/coach"],
            }
        ]
    }
    old = client.post(statement(context=context))
    assert (old.status_code, old.json["pointer"]) == (400, "/context/contextAgents")
    new = client.post(statement(context=context), headers={"X-Experience-API-Version": "2.0.0"})
    assert new.status_code == 200
    found = client.get(agent='{"mbox":"mailto:coach@example.org"}', related_agents="true")
    assert len(found.json["statements"]) == 1


def test_a_trailing_slash_is_no_other_resource(client: Client) -> None:
    assert client.web.get("/xapi/statements/", headers=client.headers).status_code == 200
