"""Content-Encoding in both directions, and ETags under it. Spec: Communication 3.1 (1.0.3)."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.build import statement
from tests.conftest import Client
from tests.web.test_documents import send

PACKED = {"Content-Encoding": "gzip"}
UNPACKS = {"Accept-Encoding": "gzip"}


def test_a_gzipped_statement_is_stored(client: Client) -> None:
    sent = statement()
    body = gzip.compress(json.dumps(sent).encode())
    assert client.post(body, headers=PACKED).json == [sent["id"]]


def test_a_gzipped_document_is_kept_unpacked(client: Client) -> None:
    head = {**PACKED, "Content-Type": "text/plain"}
    body = gzip.compress(b"text")
    assert send(client, "PUT", "activities/state", body, headers=head).status_code == 204
    answer = send(client, "GET", "activities/state")
    assert (answer.data, "Content-Encoding" in answer.headers) == (b"text", False)


WRONG = {
    "plain": b"{}",
    "cut off": gzip.compress(b"{}")[:-4],
    "more behind": gzip.compress(b"{}") + b"x",
    "too short": b"\x1f\x8b",
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_gzip_is_refused(client: Client, case: str) -> None:
    answer = client.post(WRONG[case], headers=PACKED)
    assert (answer.status_code, answer.json["code"]) == (400, "content-encoding")


def test_a_bomb_is_refused(client: Client) -> None:
    answer = client.post(gzip.compress(b" " * 50_000_000), headers=PACKED)
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")


def test_an_unknown_encoding_is_refused(client: Client) -> None:
    answer = client.post(b"{}", headers={"Content-Encoding": "br"})
    assert (answer.status_code, answer.json["code"]) == (400, "content-encoding")


def test_a_gzipped_form_is_read_too(client: Client) -> None:
    form = "&".join(f"{name}={value}" for name, value in client.headers.items())
    answer = client.web.post(
        "/xapi/statements?method=GET",
        data=gzip.compress(form.encode()),
        headers=PACKED,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200


def test_a_long_answer_is_gzipped_for_those_who_can_read_it(client: Client) -> None:
    client.post([statement() for _ in range(20)])
    plain = client.get()
    packed = client.web.get("/xapi/statements", headers={**client.headers, **UNPACKS})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_a_short_answer_is_not(client: Client) -> None:
    answer = client.web.get("/xapi/statements", headers={**client.headers, **UNPACKS})
    assert "Content-Encoding" not in answer.headers


def test_a_gzipped_document_has_an_etag_of_its_own_that_guards_the_same(client: Client) -> None:
    path, document = "agents/profile", {"text": "x" * 5_000}
    send(client, "PUT", path, document, headers={"If-None-Match": "*"})
    plain = send(client, "GET", path)
    packed = send(client, "GET", path, headers=UNPACKS)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"] == plain.headers["ETag"][:-1] + '-gzip"'
    head = {"If-None-Match": packed.headers["ETag"], **UNPACKS}
    again = send(client, "GET", path, headers=head)
    assert (again.status_code, again.headers["ETag"]) == (304, packed.headers["ETag"])
    assert "Accept-Encoding" in again.headers["Vary"]
    head = {"If-Match": packed.headers["ETag"]}
    assert send(client, "PUT", path, {"new": 1}, headers=head).status_code == 204
