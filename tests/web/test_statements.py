"""The statements resource as a client sees it. Spec: Communication 2.1 (1.0.3); 4.1.6.1 (2.0)."""

from __future__ import annotations

import json
import uuid
from email.utils import parsedate_to_datetime

import pytest

from lrs.assembly import Services
from tests.build import statement
from tests.conftest import Client, headers

ANNA = {"account": {"homePage": "http://lms.example.org", "name": "anna"}}
BEN = {"mbox": "mailto:ben@example.org"}


def test_post_answers_200_with_the_ids_in_order(client: Client) -> None:
    first, second = statement(), statement()
    answer = client.post([first, second])
    assert (answer.status_code, answer.json) == (200, [first["id"], second["id"]])


def test_post_of_a_statement_without_an_id_makes_one(client: Client) -> None:
    sent = statement()
    del sent["id"]
    (made,) = client.post(sent).json
    assert client.get(statementId=made).json["id"] == made


def test_put_answers_204_and_the_statement_can_be_read(client: Client) -> None:
    sent = statement()
    assert client.put(sent, sent["id"]).status_code == 204
    assert client.get(statementId=sent["id"]).json["verb"] == sent["verb"]


def test_put_takes_the_id_from_the_parameter(client: Client) -> None:
    sent = statement()
    statement_id = sent.pop("id")
    assert client.put(sent, statement_id).status_code == 204
    assert client.get(statementId=statement_id).json["id"] == statement_id


def test_put_refuses_another_id_than_the_parameter(client: Client) -> None:
    answer = client.put(statement(), str(uuid.uuid4()))
    assert (answer.status_code, answer.json["code"]) == (400, "statement-id-mismatch")


def test_put_refuses_an_array(client: Client) -> None:
    sent = statement()
    answer = client.put([sent], sent["id"])
    assert (answer.status_code, answer.json["code"]) == (400, "put-one-statement")


def test_put_without_statement_id_is_refused(client: Client) -> None:
    answer = client.web.put("/xapi/statements", json=statement(), headers=client.headers)
    assert (answer.status_code, answer.json["code"]) == (400, "parameter-missing")


def test_a_statement_sent_again_is_accepted_and_changes_nothing(client: Client) -> None:
    sent = statement()
    client.post(sent)
    before = client.get(statementId=sent["id"]).data
    assert client.post(sent).json == [sent["id"]]
    assert client.put(sent, sent["id"]).status_code == 204
    assert client.get(statementId=sent["id"]).data == before


def test_another_statement_of_the_same_id_conflicts(client: Client) -> None:
    sent = statement()
    client.post(sent)
    answer = client.post([statement(), {**sent, "verb": {"id": "http://example.org/other"}}])
    assert (answer.status_code, answer.json["code"], answer.json["pointer"]) == (
        409,
        "statement-conflict",
        "/1",
    )


def test_one_bad_statement_refuses_the_whole_batch(client: Client) -> None:
    good = statement()
    answer = client.post([good, {**statement(), "actor": {"name": "nobody"}}])
    assert answer.status_code == 400
    assert answer.json["pointer"].startswith("/1/actor")
    assert client.get(statementId=good["id"]).status_code == 404


def test_the_same_id_twice_in_a_batch_is_refused(client: Client) -> None:
    sent = statement()
    answer = client.post([sent, {**sent, "id": sent["id"].upper()}])
    assert (answer.status_code, answer.json["code"]) == (400, "batch-duplicate-id")
    assert answer.json["pointer"] == "/1/id"


def test_the_lrs_sets_stored_authority_version_and_timestamp(client: Client) -> None:
    sent = statement()
    sent.pop("timestamp", None)
    client.post({**sent, "stored": "2001-01-01T00:00:00Z", "authority": BEN})
    kept = client.get(statementId=sent["id"]).json
    assert kept["stored"] == kept["timestamp"] > "2026"
    assert kept["authority"]["account"]["name"] == "key"
    assert kept["version"] == "1.0.0"


@pytest.mark.parametrize(
    ("version", "stamp"), [("1.0", "1.0.0"), ("1.0.9", "1.0.0"), ("2.0.0", "2.0.0")]
)
def test_the_version_of_the_request_stamps_the_statement(
    client: Client, version: str, stamp: str
) -> None:
    sent = statement()
    answer = client.post(sent, headers={"X-Experience-API-Version": version})
    assert (
        answer.headers["X-Experience-API-Version"]
        == f"{stamp[:3]}{'.3' if stamp[0] == '1' else '.0'}"
    )
    assert client.get(statementId=sent["id"]).json["version"] == stamp


def test_a_single_statement_carries_last_modified(client: Client) -> None:
    sent = statement()
    client.post(sent)
    answer = client.get(statementId=sent["id"])
    modified = parsedate_to_datetime(answer.headers["Last-Modified"])
    assert modified.strftime("%Y-%m-%dT%H:%M:%S") == answer.json["stored"][:19]


def test_head_answers_as_get_without_a_body(client: Client) -> None:
    sent = statement()
    client.post(sent)
    query = {"statementId": sent["id"]}
    answer = client.web.head("/xapi/statements", query_string=query, headers=client.headers)
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Last-Modified"]


def test_get_lists_the_newest_first_and_more_leads_through_all(client: Client) -> None:
    ids = client.post([statement() for _ in range(7)]).json
    page = client.get(limit="3").json
    seen = [one["id"] for one in page["statements"]]
    while page["more"]:
        assert page["more"].startswith("/xapi/statements?")
        client.post(statement())
        page = client.web.get(page["more"], headers=client.headers).json
        seen += [one["id"] for one in page["statements"]]
    assert seen == ids[::-1]


def test_ascending_lists_the_oldest_first(client: Client) -> None:
    ids = client.post([statement() for _ in range(3)]).json
    assert [one["id"] for one in client.get(ascending="true").json["statements"]] == ids


def test_since_is_exclusive_and_until_is_inclusive(client: Client) -> None:
    ids = client.post([statement() for _ in range(3)]).json
    stored = [client.get(statementId=one).json["stored"] for one in ids]
    found = client.get(since=stored[0], until=stored[1]).json["statements"]
    assert [one["id"] for one in found] == [ids[1]]


def test_filters_find_by_agent_group_member_verb_activity_and_registration(client: Client) -> None:
    registration = str(uuid.uuid4())
    alone = statement(actor=ANNA, verb={"id": "http://example.org/did"})
    together = statement(
        actor={"objectType": "Group", "member": [ANNA, BEN]},
        object={"id": "http://example.org/a"},
        context={"registration": registration},
    )
    client.post([alone, together])

    def found(**params: str) -> set[str]:
        return {one["id"] for one in client.get(**params).json["statements"]}

    both = {alone["id"], together["id"]}
    assert found(agent=json.dumps(ANNA)) == both
    assert found(agent=json.dumps(BEN)) == {together["id"]}
    assert found(agent=json.dumps(ANNA), verb="http://example.org/did") == {alone["id"]}
    assert found(activity="http://example.org/a") == {together["id"]}
    assert found(registration=registration.upper()) == {together["id"]}
    assert found(verb="http://example.org/nobody-did") == set()


def test_related_filters_reach_context_and_sub_statements(client: Client) -> None:
    sent = statement(
        actor=ANNA,
        context={
            "instructor": BEN,
            "contextActivities": {"grouping": [{"id": "http://example.org/course"}]},
        },
    )
    client.post(sent)
    agent, activity = json.dumps(BEN), "http://example.org/course"
    assert client.get(agent=agent).json["statements"] == []
    assert client.get(activity=activity).json["statements"] == []
    assert len(client.get(agent=agent, related_agents="true").json["statements"]) == 1
    assert len(client.get(activity=activity, related_activities="True").json["statements"]) == 1


def test_a_voided_statement_is_found_by_voided_statement_id_alone(client: Client) -> None:
    target, voider = statement(), statement()
    voider["verb"] = {"id": "http://adlnet.gov/expapi/verbs/voided"}
    voider["object"] = {"objectType": "StatementRef", "id": target["id"]}
    client.post(voider)
    client.post(target)
    assert client.get(statementId=target["id"]).status_code == 404
    assert client.get(voidedStatementId=target["id"]).json["id"] == target["id"]
    assert client.get(voidedStatementId=voider["id"]).status_code == 404
    assert [one["id"] for one in client.get().json["statements"]] == [voider["id"]]


def test_single_context_activities_come_back_as_arrays(client: Client) -> None:
    sent = statement(context={"contextActivities": {"parent": {"id": "http://example.org/p"}}})
    client.post(sent)
    context = client.get(statementId=sent["id"]).json["context"]
    assert context["contextActivities"]["parent"] == [{"id": "http://example.org/p"}]


def test_format_ids_keeps_what_identifies(client: Client) -> None:
    sent = statement(
        actor={**ANNA, "name": "Anna"},
        verb={"id": "http://example.org/did", "display": {"en": "did"}},
        object={"id": "http://example.org/a", "definition": {"name": {"en": "A"}}},
    )
    client.post(sent)
    shown = client.get(statementId=sent["id"], format="ids").json
    assert shown["actor"] == ANNA
    assert shown["verb"] == {"id": "http://example.org/did"}
    assert shown["object"] == {"id": "http://example.org/a"}


def test_format_canonical_merges_definitions_and_picks_a_language_per_map(client: Client) -> None:
    activity = "http://example.org/a"
    first = statement(object={"id": activity, "definition": {"name": {"en": "A", "de": "Ä"}}})
    second = statement(object={"id": activity, "definition": {"description": {"fr": "un"}}})
    client.post([first, second])
    answer = client.web.get(
        "/xapi/statements",
        query_string={"statementId": first["id"], "format": "canonical"},
        headers={**client.headers, "Accept-Language": "de, en;q=0.5"},
    )
    assert answer.json["object"]["definition"] == {"name": {"de": "Ä"}, "description": {"fr": "un"}}
    assert "Accept-Language" in answer.headers["Vary"]
    assert "Accept-Language" not in client.get(statementId=first["id"]).headers.get("Vary", "")


def test_canonical_and_activities_give_the_numbers_of_extensions_as_they_were_written(
    client: Client,
) -> None:
    activity = "http://example.org/n"
    definition = {"extensions": {"http://example.org/x": "HERE"}}
    first, second = (
        statement(object={"id": activity, "definition": one})
        for one in (definition, {"name": {"en": "N"}})
    )
    number = b"[12345678901234567890123,1.10,1E2,-0]"
    body = json.dumps([first, second]).encode().replace(b'"HERE"', number)
    assert client.post(body).status_code == 200
    expected = b'"extensions":{"http://example.org/x":' + number + b"}"
    for sent in (first, second):
        assert expected in client.get(statementId=sent["id"], format="canonical").data
    query = {"activityId": activity}
    answer = client.web.get("/xapi/activities", query_string=query, headers=client.headers)
    assert expected in answer.data


def test_what_is_unusual_is_kept_exactly(client: Client) -> None:
    extension = (
        '{"a.b":1.0,"$set":1,"c":12345678901234567890123,"d":1.10,"e":1E400,"f":{},"g":"\\u0000",'
        '"h":"😀 مرحبا","i":[[[[{"x":null}]]]],"j":-0,"k":9223372036854775807}'
    ).replace("1E400", "1E40")
    sent = json.dumps(statement(context={"extensions": {"http://example.org/x": "HERE"}}))
    statement_id = json.loads(sent)["id"]
    assert client.post(sent.replace('"HERE"', extension).encode()).status_code == 200
    assert extension.encode() in client.get(statementId=statement_id).data


def test_consistent_through_is_on_every_answer(client: Client) -> None:
    sent = statement()
    answers = [
        client.post(sent),
        client.get(),
        client.get(statementId=sent["id"]),
        client.get(statementId=str(uuid.uuid4())),
        client.get(nonsense="1"),
        client.post(b"{"),
    ]
    values = [answer.headers["X-Experience-API-Consistent-Through"] for answer in answers]
    assert values == sorted(values)
    assert values[1] >= client.get(statementId=sent["id"]).json["stored"]


def test_a_credential_that_reads_its_own_sees_nothing_else(
    client: Client, services: Services
) -> None:
    scopes = ["statements/write", "statements/read/mine"]
    services.credentials.add(
        home_page="http://lrs.example.org", key="own", secret="s", scopes=scopes
    )
    theirs, mine = statement(), statement()
    client.post(theirs)
    client.headers = headers(key="own", secret="s")
    assert client.post(mine).status_code == 200
    assert [one["id"] for one in client.get().json["statements"]] == [mine["id"]]
    assert client.get(statementId=mine["id"]).status_code == 200
    assert client.get(statementId=theirs["id"]).status_code == 404
