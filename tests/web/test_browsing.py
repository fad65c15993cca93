"""The statement browser: filters, pages, words and JSON, hostile content, and whose statements one sees."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.build import activity, agent, new_id, reference, statement, verb, voiding
from tests.conftest import Client, Visitor

Visit = Callable[..., Visitor]
SCRIPT = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>{{7*7}}"
ANNA, BEN = agent("anna"), agent("ben")


def ids(text: str) -> list[str]:
    """Return the ids of the statements that a page lists, in its order."""
    return re.findall(r'<td><a href="/statements/([0-9a-f-]{36})"><time', text)


def hostile() -> dict[str, Any]:
    """Return a statement whose every text is markup."""
    iri = "http://example.org/%3Cscript%3E"
    texts = {"en": SCRIPT}
    return statement(
        actor={"objectType": "Agent", "name": SCRIPT, "account": {"homePage": iri, "name": SCRIPT}},
        verb={"id": iri, "display": texts},
        object=activity(iri, name=texts, description=texts, extensions={iri: SCRIPT}),
        result={"response": SCRIPT, "extensions": {iri: SCRIPT}},
        context={
            "platform": SCRIPT,
            "revision": SCRIPT,
            "instructor": {**BEN, "name": SCRIPT},
            "contextActivities": {"parent": [activity(iri, name=texts)]},
            "extensions": {iri: SCRIPT},
        },
        attachments=[
            {
                "usageType": iri,
                "display": texts,
                "contentType": f'text/html; x="{SCRIPT}"',
                "length": 1,
                "sha2": "0" * 64,
                "fileUrl": iri,
            }
        ],
    )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "d c b a"),
        ({"agent": "anna@example.org"}, "c a"),
        ({"agent": "mailto:anna@example.org"}, "c a"),
        ({"agent": '{"mbox": "mailto:anna@example.org"}'}, "c a"),
        ({"agent": "https://lms.example.org d d"}, "d"),
        ({"agent": "anna@example.org", "related_agents": "true"}, "d c a"),
        ({"verb": "http://example.org/verbs/read"}, "c"),
        ({"activity": "http://example.org/course"}, "b"),
        ({"activity": "http://example.org/course", "related_activities": "true"}, "c b"),
        ({"registration": "11111111-1111-4111-8111-111111111111"}, "a"),
        ({"ascending": "true"}, "a b c d"),
        ({"ascending": "true", "limit": "2"}, "a b"),
        ({"since": "2100-01-01"}, ""),
        ({"until": "2000-01-01T12:00"}, ""),
        ({"until": "2100-01-01T12:00:00", "verb": ""}, "d c b a"),
    ],
)
def test_every_filter_of_get_statements(
    client: Client, visit: Visit, filters: dict[str, str], found: str
) -> None:
    course = activity("http://example.org/course")
    account = {"account": {"homePage": "https://lms.example.org", "name": "d d"}}
    registration = {"registration": "11111111-1111-4111-8111-111111111111"}
    sent = {
        "a": statement(actor=ANNA, context=registration),
        "b": statement(actor=BEN, object=course),
        "c": statement(verb=verb("read"), context={"contextActivities": {"parent": [course]}}),
        "d": statement(actor=account, context={"instructor": ANNA}),
    }
    for one in sent.values():
        assert client.post(one).status_code == 200
    answer = visit().web.get("/statements", query_string=filters)
    assert answer.status_code == 200
    assert ids(answer.text) == [sent[name]["id"] for name in found.split()]


def test_voided_statements_are_found_by_their_own_filter(client: Client, visit: Visit) -> None:
    sent = statement()
    client.post(sent)
    client.post(voiding(sent["id"]))
    boss = visit()
    assert ids(boss.get(f"/statements?statementId={sent['id']}").text) == []
    shown = boss.get(f"/statements?voidedStatementId={sent['id']}").text
    assert ids(shown) == [sent["id"]]
    assert "voided</span>" in shown
    assert "voided</span>" in boss.get(f"/statements/{sent['id']}").text


def test_more_leads_through_every_statement_once(client: Client, visit: Visit) -> None:
    sent = [statement() for _ in range(7)]
    client.post(sent)
    boss, path, seen = visit(), "/statements?limit=3&verb=", list[str]()
    for _ in range(3):
        text = boss.get(path).text
        seen += ids(text)
        path = html.unescape("".join(re.findall(r'href="([^"]+)" rel="next"', text)))
    assert seen == [one["id"] for one in reversed(sent)]
    assert path == ""


def test_the_api_call_shown_finds_the_same(client: Client, visit: Visit) -> None:
    client.post([statement(), statement(actor=BEN)])
    text = visit().get("/statements?agent=ben@example.org").text
    (call,) = re.findall(r"http://127.0.0.1:8080(/xapi/statements\?\S+?)'", text)
    answer = client.web.get(html.unescape(call), headers=client.headers).json
    assert [one["id"] for one in answer["statements"]] == ids(text)


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("verb=read", "The verb parameter is refused. It is not an IRI."),
        ("agent=anna", "The agent parameter is refused."),
        ("since=yesterday", "The since parameter is refused."),
        ("statementId=1", "The statementId parameter is refused."),
        ("limit=many", "The limit parameter is refused."),
        ("colour=red", "The parameter &#34;colour&#34; is not known here."),
        ("view=upside-down", "There is no such view."),
        ("verb=a:a&verb=a:b", "The parameter &#34;verb&#34; is given twice."),
        ("cursor=x", "The cursor parameter is refused."),
    ],
)
def test_a_filter_that_makes_no_sense_gets_a_sentence_and_the_form(
    visit: Visit, query: str, problem: str
) -> None:
    answer = visit().get(f"/statements?{query}")
    assert (answer.status_code, problem in answer.text) == (400, True)
    assert 'role="search"' in answer.text


def test_an_empty_store_says_what_to_send_first(visit: Visit) -> None:
    assert "/xapi/statements</pre>" in visit().get("/statements").text


@pytest.mark.parametrize("path", ["/statements", "/statements?view=raw", "/statements/{id}"])
def test_hostile_content_is_shown_as_text(client: Client, visit: Visit, path: str) -> None:
    sent = hostile()
    assert client.post(sent).status_code == 200
    text = visit().get(path.format(id=sent["id"])).text
    assert "&lt;script&gt;alert" in text
    assert text.count("<script") == 1  # our own
    assert "<img" not in text
    assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", text)


def test_numbers_are_shown_as_they_were_spelled(client: Client, visit: Visit) -> None:
    sent = b'{"actor":{"mbox":"mailto:a@x.example"},"verb":{"id":"v:v"},"object":{"id":"o:o"},'
    sent += b'"result":{"score":{"raw":1.50}}}'
    (statement_id,) = client.post(sent).json
    assert "&#34;raw&#34;: 1.50\n" in visit().get(f"/statements/{statement_id}").text


def test_ids_and_canonical_are_formats_of_the_json(client: Client, visit: Visit) -> None:
    client.post(statement(actor={**ANNA, "name": "Anna Adler"}))
    boss = visit()
    assert "Anna Adler" in boss.get("/statements?view=raw").text
    assert "Anna Adler" not in boss.get("/statements?view=raw&format=ids").text
    assert "Anna Adler" in boss.get("/statements?view=raw&format=canonical").text


def test_an_attachment_is_saved_never_opened(client: Client, visit: Visit) -> None:
    data = b"<script>alert(1)</script>"
    digest = hashlib.sha256(data).hexdigest()
    described = {
        "usageType": "http://example.org/u",
        "display": {"en": "x"},
        "contentType": "text/html",
        "length": len(data),
        "sha2": digest,
    }
    sent = statement(attachments=[described])
    boundary = "b"
    body = (
        f"--b\r\nContent-Type: application/json\r\n\r\n{json.dumps(sent)}\r\n"
        f"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: binary\r\n"
        f"X-Experience-API-Hash: {digest}\r\n\r\n"
    ).encode() + data + b"\r\n--b--\r\n"  # fmt: skip
    kind = {"Content-Type": f"multipart/mixed; boundary={boundary}"}
    assert client.post(body, headers=kind).status_code == 200
    boss = visit()
    assert f"attachments/{digest}" in boss.get(f"/statements/{sent['id']}").text
    answer = boss.get(f"/statements/{sent['id']}/attachments/{digest}")
    assert answer.data == data
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.mimetype == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    other = statement()
    client.post(other)
    assert boss.get(f"/statements/{other['id']}/attachments/{digest}").status_code == 404


def test_a_learner_sees_what_is_about_oneself_alone(client: Client, visit: Visit) -> None:
    mine, others = statement(actor=ANNA), statement(actor=BEN)
    comment = statement(actor=BEN, object=reference(mine["id"]))
    client.post([mine, others, comment])
    anna = visit("learner", agent=ANNA)
    assert ids(anna.get("/statements").text) == [comment["id"], mine["id"]]
    assert ids(anna.get("/statements?agent=ben@example.org").text) == [comment["id"]]
    for path in (f"?statementId={others['id']}", f"?statementId={new_id()}"):
        assert ids(anna.get(f"/statements{path}").text) == []
    assert anna.get(f"/statements/{mine['id']}").status_code == 200
    assert anna.get(f"/statements/{comment['id']}").status_code == 200
    unknown = anna.get(f"/statements/{new_id()}")
    assert anna.get(f"/statements/{others['id']}").text == unknown.text
    assert unknown.status_code == 404


def test_a_learner_whom_nobody_has_named_sees_nothing(client: Client, visit: Visit) -> None:
    sent = statement()
    client.post(sent)
    nobody = visit("learner")
    for path in ("/statements", f"/statements/{sent['id']}"):
        answer = nobody.get(path)
        assert (answer.status_code, "Nobody has said yet who you are" in answer.text) == (403, True)


def test_an_id_that_is_none_is_a_sentence(visit: Visit) -> None:
    assert visit().get("/statements/nonsense").status_code == 400
