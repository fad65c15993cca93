"""Attachments in both directions. Spec: Communication 1.5.2; Data 2.4.11 (1.0.3)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs.web.multipart import read_multipart
from tests.build import statement
from tests.conftest import Client


def attachment(data: bytes, **changes: Any) -> dict[str, Any]:
    return {
        "usageType": "http://example.org/certificate",
        "display": {"en": "Certificate"},
        "contentType": "application/octet-stream",
        "length": len(data),
        "sha2": hashlib.sha256(data).hexdigest(),
        **changes,
    }


def part(data: bytes, **changes: str) -> tuple[dict[str, str], bytes]:
    head = {
        "Content-Type": "application/octet-stream",
        "Content-Transfer-Encoding": "binary",
        "X-Experience-API-Hash": hashlib.sha256(data).hexdigest(),
        **changes,
    }
    return {name: value for name, value in head.items() if value}, data


def multipart(
    statements: Any, *parts: tuple[dict[str, str], bytes], end: bytes = b"\r\n"
) -> tuple[bytes, dict[str, str]]:
    pieces = [({"Content-Type": "application/json"}, json.dumps(statements).encode()), *parts]
    body = b""
    for head, data in pieces:
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        body += b"--b0und\r\n" + lines.encode() + b"\r\n" + data + end
    return body + b"--b0und--\r\n", {"Content-Type": "multipart/mixed; boundary=b0und"}


def send(client: Client, statements: Any, *parts: tuple[dict[str, str], bytes]) -> Any:
    body, head = multipart(statements, *parts)
    return client.post(body, headers=head)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"line\n",
        b"line\r\n",
        b"\r\n\r\n",
        bytes(range(256)),
        b"--b0un",
        "ü😀".encode(),
    ],
)
def test_data_comes_back_byte_for_byte(client: Client, data: bytes) -> None:
    sent = statement(attachments=[attachment(data)])
    assert send(client, sent, part(data)).status_code == 200
    answer = client.get(statementId=sent["id"], attachments="true")
    # Without quotes: tincanjs takes them for a part of the boundary.
    assert '"' not in answer.headers["Content-Type"]
    text, parts = read_multipart(answer.data, answer.headers["Content-Type"])
    assert json.loads(text)["id"] == sent["id"]
    assert [one.data for one in parts.values()] == [data]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    first=st.binary(max_size=200),
    second=st.binary(max_size=200),
    end=st.sampled_from([b"\r\n", b"", b"\n"]),
)
def test_any_data_is_read_however_its_boundary_is_set_off(
    first: bytes, second: bytes, end: bytes
) -> None:
    body, head = multipart([], part(first), part(second), end=end)
    _, parts = read_multipart(body, head["Content-Type"])
    assert {one.data for one in parts.values()} == {first, second}


def test_one_part_serves_several_statements(client: Client) -> None:
    both = [statement(attachments=[attachment(b"x")]) for _ in range(2)]
    assert send(client, both, part(b"x")).status_code == 200
    answer = client.get(attachments="true")
    _, parts = read_multipart(answer.data, answer.headers["Content-Type"])
    assert len(parts) == 1


def test_without_attachments_true_the_answer_is_json(client: Client) -> None:
    sent = statement(attachments=[attachment(b"x")])
    send(client, sent, part(b"x"))
    answer = client.get(statementId=sent["id"], attachments="false")
    assert answer.content_type == "application/json"


def test_a_file_url_needs_no_data(client: Client) -> None:
    sent = statement(attachments=[attachment(b"x", fileUrl="http://example.org/x")])
    assert client.post(sent).status_code == 200
    assert send(client, {**sent, "id": statement()["id"]}).status_code == 200


def test_multipart_without_attachments_is_accepted(client: Client) -> None:
    assert send(client, statement()).status_code == 200


def test_an_attachment_of_a_sub_statement_needs_its_data_too(client: Client) -> None:
    inner = statement(objectType="SubStatement", attachments=[attachment(b"x")])
    del inner["id"]
    answer = client.post(statement(object=inner))
    assert (answer.status_code, answer.json["code"]) == (400, "attachment-missing")
    assert answer.json["pointer"] == "/object/attachments/0"


REFUSED: dict[str, tuple[str, list[tuple[dict[str, str], bytes]]]] = {
    "missing data": ("attachment-missing", []),
    "excess part": ("attachment-excess", [part(b"x"), part(b"y")]),
    "other data": ("multipart", [({**part(b"x")[0]}, b"y")]),
    "no hash": ("multipart", [part(b"x", **{"X-Experience-API-Hash": ""})]),
    "not binary": ("multipart", [part(b"x", **{"Content-Transfer-Encoding": "base64"})]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_parts_that_do_not_fit_are_refused(client: Client, case: str) -> None:
    code, parts = REFUSED[case]
    answer = send(client, statement(attachments=[attachment(b"x")]), *parts)
    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert client.get().json["statements"] == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/mixed; boundary=b"),
        (b"--b\r\n", "multipart/mixed; boundary=b"),
        (b"--b\r\nContent-Type: application/json\r\n\r\n{}\r\n", "multipart/mixed; boundary=b"),
        (b"--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b--", "multipart/mixed"),
        (b"--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b--", "multipart/mixed; boundary=b"),
        (
            b"--c\r\nContent-Type: application/json\r\n\r\n{}\r\n--c--",
            "multipart/mixed; boundary=b",
        ),
    ],
)
def test_a_broken_multipart_is_refused(client: Client, body: bytes, content_type: str) -> None:
    answer = client.post(body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json["code"]) == (400, "multipart")


def test_a_hostile_multipart_is_read_in_linear_time(client: Client) -> None:
    body = b"--b\r\n" * 300_000
    answer = client.post(body, headers={"Content-Type": "multipart/mixed; boundary=b"})
    assert answer.status_code == 400


def test_an_answer_kept_as_an_attachment_does_not_break_the_next_one(client: Client) -> None:
    first = statement(attachments=[attachment(b"x")])
    send(client, first, part(b"x"))
    answer = client.get(statementId=first["id"], attachments="true").data
    second = statement(attachments=[attachment(answer)])
    send(client, second, part(answer))
    again = client.get(statementId=second["id"], attachments="true")
    _, parts = read_multipart(again.data, again.headers["Content-Type"])
    assert [one.data for one in parts.values()] == [answer]


@pytest.mark.parametrize("length", [1_000, 0, 10**9])
def test_a_page_of_many_bytes_ends_early_and_more_leads_on(
    client: Client, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    monkeypatch.setattr("lrs.xapi.query.MAX_PAGE", 3_900)
    sent = [
        statement(attachments=[attachment(bytes([n]) * 1_000, length=length)]) for n in range(5)
    ]
    send(client, sent, *[part(bytes([n]) * 1_000) for n in range(5)])
    assert client.get(limit="2").json["more"]
    seen, path = 0, "/xapi/statements?attachments=true"
    while path:
        answer = client.web.get(path, headers=client.headers)
        text, parts = read_multipart(answer.data, answer.headers["Content-Type"])
        assert len(parts) == min(2, 5 - seen)
        seen += len(parts)
        path = json.loads(text)["more"]
    assert seen == 5


def test_data_that_several_statements_share_counts_once(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.xapi.query.MAX_PAGE", 6_000)
    sent = [statement(attachments=[attachment(b"x" * 1_000)]) for _ in range(5)]
    send(client, sent, part(b"x" * 1_000))
    answer = client.get(attachments="true")
    text, _ = read_multipart(answer.data, answer.headers["Content-Type"])
    assert len(json.loads(text)["statements"]) == 5
