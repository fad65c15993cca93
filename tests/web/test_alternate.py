"""The alternate request syntax. Spec: Communication 1.3 (1.0.3)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.assembly import Services
from lrs.web.alternate import _unquoted
from tests.build import statement
from tests.conftest import Client, headers
from tests.web.test_documents import PLACES, send

FORM = "application/x-www-form-urlencoded"


def alternate(
    client: Client,
    method: str,
    fields: dict[str, Any] | None = None,
    *,
    path: str = "statements",
    sent: dict[str, str] | None = None,
    **options: Any,
) -> Any:
    """Send a request as a browser that may set no headers does: all is in the form."""
    form = {**headers(), **(fields or {})}
    content_type = options.pop("content_type", FORM)
    query = options.pop("query", f"method={method}")
    return client.web.post(
        f"/xapi/{path}?{query}", data=form, headers=sent or {}, content_type=content_type
    )


def test_a_statement_is_put_and_read(client: Client) -> None:
    sent = statement(actor={"mbox": "mailto:anna@example.org", "name": "Änna & Co"})
    fields = {"statementId": sent["id"], "content": json.dumps(sent, ensure_ascii=False)}
    assert alternate(client, "PUT", fields).status_code == 204
    answer = alternate(client, "GET", {"statementId": sent["id"]})
    assert answer.json["actor"] == sent["actor"]


def test_statements_are_posted_and_more_leads_on_without_the_form(client: Client) -> None:
    content = json.dumps([statement(), statement()])
    assert len(alternate(client, "POST", {"content": content}).json) == 2
    page = alternate(client, "GET", {"limit": "1"}).json
    assert len(page["statements"]) == 1
    assert "Authorization" not in page["more"]
    rest = client.web.get(page["more"], headers=client.headers).json
    assert (len(rest["statements"]), rest["more"]) == (1, "")


def test_a_document_is_put_with_its_own_headers_and_deleted(client: Client) -> None:
    path = "agents/profile"
    fields = {**PLACES[path], "content": "text", "Content-Type": "text/plain", "If-None-Match": "*"}
    assert alternate(client, "PUT", fields, path=path).status_code == 204
    assert alternate(client, "PUT", fields, path=path).status_code == 412
    answer = alternate(client, "GET", PLACES[path], path=path)
    assert (answer.data, answer.content_type) == (b"text", "text/plain")
    assert alternate(client, "DELETE", PLACES[path], path=path).status_code == 204
    assert send(client, "GET", path).status_code == 404


def test_fields_count_as_headers_whatever_their_case(client: Client) -> None:
    form = {name.lower(): value for name, value in headers().items()}
    assert client.web.post("/xapi/statements?method=GET", data=form).status_code == 200


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        ({"content": "{}"}, "method=PUT&statementId=1"),
        ({"content": "{}"}, "method=PATCH"),
        ({"content": "{}"}, "method=PUT&method=PUT"),
        ({"statementId": "9f1c2f1e-6a52-4b0e-8d3b-3f7a53d6a001"}, "method=PUT"),
        ({"limit": ["1", "2"]}, "method=GET"),
    ],
)
def test_a_wrong_form_is_refused(client: Client, fields: dict[str, Any], query: str) -> None:
    answer = alternate(client, "", fields, query=query)
    assert (answer.status_code, answer.json["code"]) == (400, "alternate-syntax")


def test_a_form_that_is_not_utf_8_is_refused(client: Client) -> None:
    answer = client.web.post("/xapi/statements?method=GET", data=b"a=\xff", content_type=FORM)
    assert (answer.status_code, answer.json["code"]) == (400, "alternate-syntax")


def test_a_form_that_is_too_large_is_refused(client: Client) -> None:
    answer = alternate(client, "PUT", {"content": "x" * 2_000_001})
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")


def test_a_wrong_version_in_the_form_is_refused(client: Client) -> None:
    answer = alternate(client, "GET", {"X-Experience-API-Version": "0.8"})
    assert (answer.status_code, answer.json["code"]) == (400, "version-unsupported")


def test_2_0_has_no_alternate_syntax(client: Client) -> None:
    answer = alternate(client, "GET", {"X-Experience-API-Version": "2.0.0"})
    assert (answer.status_code, answer.json["code"]) == (400, "alternate-syntax")


def test_a_refusal_carries_cors_headers(client: Client) -> None:
    answer = alternate(client, "", query="method=PATCH", sent={"Origin": "https://c.example.org"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://c.example.org"


def test_a_credential_is_needed_as_ever(client: Client) -> None:
    assert alternate(client, "GET", {"Authorization": "Basic eA=="}).status_code == 401


def test_text_plain_needs_the_tolerance(client: Client, services: Services) -> None:
    path = "activities/state"
    form = {**headers(), **PLACES[path], "content": "{}"}
    body = "&".join(f"{name}={value}" for name, value in form.items()).replace("+", "%2B")

    def storyline() -> Any:
        return client.web.post(
            f"/xapi/{path}?method=PUT", data=body, content_type="text/plain;charset=UTF-8"
        )

    assert (storyline().status_code, storyline().json["code"]) == (400, "content-type")
    services.credentials.tolerate("key", ["text-plain-alternate"])
    assert storyline().status_code == 204
    assert list(services.quirks.counts()) == [("text-plain-alternate", "key", 1)]


def test_a_head_does_not_announce_a_body_that_a_post_would_wait_for(client: Client) -> None:
    answer = client.web.post("/xapi/about?method=HEAD", data=headers())
    assert (answer.status_code, answer.data) == (200, b"")
    assert "Content-Length" not in answer.headers


def test_a_form_needs_no_content_type(client: Client) -> None:
    body = urlencode({**headers(), "limit": "1"}).encode()
    assert client.web.post("/xapi/statements?method=GET", data=body).status_code == 200


def test_the_length_in_the_form_may_be_that_of_something_else(client: Client) -> None:
    for name in ("Content-Length", "content-length"):
        fields = {"content": json.dumps(statement()), name: "7"}
        assert alternate(client, "POST", fields).status_code == 200


@given(st.text(max_size=40), st.integers(1, 8))
def test_any_text_is_read_whatever_the_slices(text: str, slice_: int) -> None:
    everything = "".join(f"%{byte:02x}" for byte in text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lrs.web.alternate._SLICE", slice_ + 2)
        for raw in (everything, quote_plus(text)):
            assert _unquoted(raw.encode()).decode() == text
