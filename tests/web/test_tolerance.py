"""Tolerances over HTTP: off by default, on for a credential, for 1.0.x alone, and counted."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from lrs.assembly import Services
from tests.build import statement
from tests.conftest import Client
from tests.web.test_documents import send

SCORE = {"result": {"score": {"raw": 0, "min": 0, "max": 0}}}
Tolerant = Callable[..., Client]


@pytest.fixture
def tolerant(client: Client, services: Services) -> Tolerant:
    """Give a function that lets the client's credential have quirks."""

    def tolerate(*quirks: str) -> Client:
        services.credentials.tolerate("key", quirks)
        return client

    return tolerate


def counts(services: Services) -> list[tuple[str, str, int]]:
    return list(services.quirks.counts())


def test_without_a_quirk_the_fault_is_refused(client: Client, services: Services) -> None:
    assert client.post(statement(**SCORE)).json["code"] == "score-range"
    assert counts(services) == []


def test_with_it_the_statement_is_stored_as_it_should_have_been(
    tolerant: Tolerant, services: Services
) -> None:
    client, sent = tolerant("empty-score-range", "group-activity"), statement(**SCORE)
    assert client.post([sent, statement()]).status_code == 200
    assert client.put(sent, sent["id"]).status_code == 204
    assert client.get(statementId=sent["id"]).json["result"] == {"score": {"raw": 0}}
    assert counts(services) == [("empty-score-range", "key", 2)]


def test_a_repair_keeps_the_spelling_of_the_other_numbers(tolerant: Tolerant) -> None:
    client = tolerant("empty-score-range")
    number = "123456789012345678901234567890"
    sent = statement(result={**SCORE["result"], "extensions": {"http://example.org/n": 1}})
    text = json.dumps(sent).replace('/n": 1', f'/n": {number}')
    assert client.post(text.encode()).status_code == 200
    assert f'/n":{number}' in client.get(statementId=sent["id"]).text


def test_a_quirk_does_not_hold_in_2_0(tolerant: Tolerant) -> None:
    client = tolerant("empty-score-range")
    answer = client.post(statement(**SCORE), headers={"X-Experience-API-Version": "2.0.0"})
    assert answer.status_code == 400


def test_a_refused_request_counts_nothing(tolerant: Tolerant, services: Services) -> None:
    client = tolerant("empty-score-range")
    assert client.post([statement(**SCORE), {}]).status_code == 400
    assert counts(services) == []


def test_put_without_an_id_takes_the_statements_own_or_a_new_one(
    tolerant: Tolerant, services: Services
) -> None:
    client, sent = tolerant("put-without-id"), statement()
    for one in (sent, {name: part for name, part in statement().items() if name != "id"}):
        answer = client.web.put("/xapi/statements", json=one, headers=client.headers)
        assert answer.status_code == 204
    assert client.get(statementId=sent["id"]).status_code == 200
    assert len(client.get().json["statements"]) == 2
    assert counts(services) == [("put-without-id", "key", 2)]


def test_a_document_that_is_not_json_is_kept_byte_for_byte(
    tolerant: Tolerant, services: Services
) -> None:
    client = tolerant("non-json-document")
    head = {"Content-Type": "application/json"}
    assert send(client, "PUT", "activities/state", b"2Z1a{", headers=head).status_code == 204
    assert send(client, "GET", "activities/state").data == b"2Z1a{"
    assert counts(services) == [("non-json-document", "key", 1)]


def test_a_new_profile_needs_no_header(tolerant: Tolerant, services: Services) -> None:
    client = tolerant("unguarded-profile")
    assert send(client, "PUT", "agents/profile", {"a": 1}).status_code == 204
    assert send(client, "PUT", "agents/profile", {"a": 2}).status_code == 409
    assert counts(services) == [("unguarded-profile", "key", 1)]


def test_a_bare_uuid_is_found_by_what_it_was_sent_as(tolerant: Tolerant) -> None:
    bare, client = "9F1C2F1E-6a52-4b0e-8d3b-3f7a53d6a001", tolerant("bare-uuid-activity")
    client.post(statement(object={"id": bare}))
    assert len(client.get(activity=bare).json["statements"]) == 1
    assert len(client.get(activity=f"urn:uuid:{bare.lower()}").json["statements"]) == 1
    assert tolerant().get(activity=bare).json["code"] == "iri"


def test_an_agent_parameter_may_hold_arrays(tolerant: Tolerant, services: Services) -> None:
    agent = json.dumps({"name": ["Anna"], "mbox": ["mailto:anna@example.org"]})
    client = tolerant()
    params = {"agent": agent}
    assert send(client, "PUT", "activities/state", {"a": 1}, params=params).status_code == 400
    client = tolerant("array-valued-agent")
    assert send(client, "PUT", "activities/state", {"a": 1}, params=params).status_code == 204
    assert send(client, "GET", "activities/state").json == {"a": 1}
    assert counts(services) == [("array-valued-agent", "key", 1)]
