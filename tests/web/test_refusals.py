"""Bad input: always a 4xx in the one shape, never a 500, nothing stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs.app import create_app
from lrs.assembly import Services
from lrs.errors import BadRequest, StoreUnavailable, TooLarge
from lrs.services.statements import Sender
from lrs.xapi.entry import Draft
from lrs.xapi.text import MAX_DEPTH, MAX_VALUES, read_json
from tests.build import statement
from tests.conftest import Client, headers

TEXT = json.dumps(statement())


def with_extension(value: str) -> bytes:
    whole = json.dumps(statement(context={"extensions": {"http://example.org/x": "HERE"}}))
    return whole.replace('"HERE"', value).encode()


BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "json-malformed"),
    "not JSON": (b"actor=anna", "json-malformed"),
    "cut off": (TEXT[:-1].encode(), "json-malformed"),
    "two values": (TEXT.encode() * 2, "json-malformed"),
    "not UTF-8": (TEXT.encode().replace(b"mailto:anna", b"mailto:\xff"), "json-malformed"),
    "UTF-16": (TEXT.encode("utf-16"), "json-malformed"),
    "NaN": (with_extension("NaN"), "json-malformed"),
    "infinity": (with_extension("1e999"), "json-malformed"),
    "lone surrogate": (with_extension('"\\ud800"'), "json-malformed"),
    "duplicate key": (with_extension('{"a":1,"a":2}'), "json-duplicate-key"),
    "escaped duplicate key": (with_extension('{"a":1,"\\u0061":2}'), "json-duplicate-key"),
    "duplicate key with a quote": (with_extension('{"\\u0022":1,"\\"":2}'), "json-duplicate-key"),
    "nested too deep": (with_extension("[" * MAX_DEPTH + "]" * MAX_DEPTH), "json-too-deep"),
    "a string": (b'"statement"', "statement-expected"),
    "a number": (b"12", "statement-expected"),
    "null": (b"null", "statement-expected"),
    "an array of numbers": (b"[1]", "wrong-type"),
    "an array of arrays": (b"[[]]", "wrong-type"),
    "an empty object": (b"{}", "missing-property"),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_bad_body_is_refused(client: Client, case: str) -> None:
    body, code = BODIES[case]
    answer = client.post(body)
    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert client.get().json["statements"] == []


PARAMETERS: dict[str, tuple[dict[str, str], str]] = {
    "unknown": ({"foo": "1"}, "parameter-unknown"),
    "wrong case": ({"StatementId": "x"}, "parameter-unknown"),
    "bad UUID": ({"statementId": "x"}, "uuid"),
    "two ids": ({"statementId": "A", "voidedStatementId": "A"}, "parameter-clash"),
    "id with a filter": ({"statementId": "A", "limit": "1"}, "parameter-clash"),
    "agent is not JSON": ({"agent": "{'mbox': 'mailto:a@b.c'}"}, "json-malformed"),
    "agent without an identifier": ({"agent": "{}"}, "agent-ifi"),
    "anonymous group": ({"agent": '{"objectType":"Group","member":[]}'}, "agent-ifi"),
    "verb is not an IRI": ({"verb": "did"}, "iri"),
    "activity is not an IRI": ({"activity": "a b"}, "iri"),
    "registration": ({"registration": "1"}, "uuid"),
    "boolean": ({"ascending": "yes"}, "boolean"),
    "negative limit": ({"limit": "-1"}, "limit"),
    "limit is not a number": ({"limit": "ten"}, "limit"),
    "since": ({"since": "yesterday"}, "timestamp"),
    "until": ({"until": "2026-02-30T00:00:00Z"}, "timestamp"),
    "format": ({"format": "short"}, "format"),
    "cursor": ({"cursor": "abc"}, "cursor"),
}


@pytest.mark.parametrize("case", PARAMETERS)
def test_a_bad_parameter_is_refused(client: Client, case: str) -> None:
    params, code = PARAMETERS[case]
    sent = {name: value.replace("A", statement()["id"]) for name, value in params.items()}
    answer = client.get(**sent)
    assert (answer.status_code, answer.json["code"]) == (400, code)
    assert answer.json["message"].endswith(".")


def test_a_parameter_given_twice_is_refused(client: Client) -> None:
    answer = client.web.get("/xapi/statements?limit=1&limit=2", headers=client.headers)
    assert (answer.status_code, answer.json["code"]) == (400, "parameter-repeated")
    assert answer.json["message"] == 'The parameter "limit" is given twice.'


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("statements?Limit=1", 'The parameter "Limit" is not known here.'),
        ("statements?" + "x" * 99, f'The parameter "{"x" * 50}" is not known here.'),
        ("activities", 'The parameter "activityId" is missing.'),
    ],
)
def test_a_refusal_names_the_parameter(client: Client, address: str, message: str) -> None:
    answer = client.web.get(f"/xapi/{address}", headers=client.headers)
    assert (answer.status_code, answer.json["message"]) == (400, message)


def test_a_plus_that_was_not_escaped_is_told(client: Client) -> None:
    path = "/xapi/statements?since=2026-01-31T12:00:00"
    answer = client.web.get(f"{path}+01:00", headers=client.headers)
    assert answer.status_code == 400
    assert "%2B" in answer.json["allowed"]
    assert client.web.get(f"{path}%2B01:00", headers=client.headers).status_code == 200


def test_a_query_that_is_not_utf_8_is_refused(client: Client) -> None:
    answer = client.web.get("/xapi/statements?verb=http://x.y/%ff%fe", headers=client.headers)
    assert (answer.status_code, answer.json["code"]) == (400, "charset")


@pytest.mark.parametrize("limit", ["0000000001", "1"])
def test_a_limit_may_have_leading_noughts(client: Client, limit: str) -> None:
    client.post([statement(), statement()])
    assert len(client.get(limit=limit).json["statements"]) == 1


def test_a_limit_beyond_the_bound_is_the_bound(client: Client) -> None:
    assert client.get(limit="9" * 40).status_code == 200


@pytest.mark.parametrize("path", ["/xapi//statements", "//xapi/statements", "/xapi/statements//"])
def test_a_doubled_slash_counts_as_one(client: Client, path: str) -> None:
    # By its own words werkzeug's client takes the first of them for a host.
    sent = {"PATH_INFO": path}
    answer = client.web.post("/", json=statement(), headers=client.headers, environ_overrides=sent)
    assert answer.status_code == 200


def test_what_is_wrong_with_a_parameter_is_not_said_of_the_body(client: Client) -> None:
    answer = client.get(agent="{'mbox': 'mailto:a@b.org'}")
    assert answer.json["message"].startswith("The agent parameter is refused. The JSON is not")


def test_a_byte_order_mark_is_passed_over(client: Client) -> None:
    assert client.post(b"\xef\xbb\xbf" + TEXT.encode()).status_code == 200


def test_too_many_values_are_refused_before_they_take_memory(client: Client) -> None:
    body = b"[" + b"[]," * 660_000 + b"[]]"
    assert len(body) < 2_000_000
    assert client.post(body).json["code"] == "wrong-type"
    with pytest.raises(TooLarge, match="too many values"):
        read_json(b"[" + b"[]," * MAX_VALUES + b"[]]")
    assert read_json(b'["' + b"," * (MAX_VALUES + 1) + b'"]').value


def test_a_repeated_key_among_many_is_found_in_linear_time() -> None:
    keys = ",".join(f'"k{number}":0' for number in range(200_000))
    with pytest.raises(BadRequest, match="same key twice"):
        read_json(f'{{{keys},"k199999":1}}'.encode())


def test_post_with_a_parameter_is_refused(client: Client) -> None:
    answer = client.post(statement(), query_string={"statementId": statement()["id"]})
    assert (answer.status_code, answer.json["code"]) == (400, "parameter-unknown")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "application/jsonx"],
)
def test_another_content_type_is_refused(client: Client, content_type: str) -> None:
    answer = client.post(TEXT.encode(), headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json["code"]) == (400, "content-type")


@pytest.mark.parametrize("charset", ["UTF-8", "utf-8", '"utf8"'])
def test_json_may_name_its_charset(client: Client, charset: str) -> None:
    sent = {"Content-Type": f"application/json; charset={charset}"}
    assert client.post(json.dumps(statement()).encode(), headers=sent).status_code == 200


def test_another_charset_is_refused(client: Client) -> None:
    sent = {"Content-Type": "application/json; charset=latin-1"}
    assert client.post(TEXT.encode(), headers=sent).json["code"] == "charset"


@pytest.mark.parametrize("version", ["0.95", "1.1", "1.0.x", "3.0", "2.1.0", "", "1.0.3.1"])
def test_an_unknown_version_is_refused(client: Client, version: str) -> None:
    answer = client.post(statement(), headers={"X-Experience-API-Version": version})
    assert (answer.status_code, answer.json["code"]) == (400, "version-unsupported")


def test_a_missing_version_is_refused(client: Client) -> None:
    sent = headers()
    del sent["X-Experience-API-Version"]
    answer = client.web.get("/xapi/statements", headers=sent)
    assert (answer.status_code, answer.json["code"]) == (400, "version-missing")


def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    answer = client.post(b" " * 2_000_001)
    assert (answer.status_code, answer.json["code"]) == (413, "too-large")
    assert "2000000" in answer.json["allowed"]


def test_an_unknown_resource_is_refused_in_the_same_shape(client: Client) -> None:
    answer = client.web.get("/xapi/nothing", headers=client.headers)
    assert (answer.status_code, answer.json["code"]) == (404, "not-found")


def test_another_method_is_refused_and_told_what_is_allowed(client: Client) -> None:
    answer = client.web.delete("/xapi/statements", headers=client.headers)
    assert (answer.status_code, answer.json["code"]) == (405, "method-not-allowed")
    assert "PUT" in answer.headers["Allow"]


def test_a_refusal_has_all_its_parts(client: Client) -> None:
    answer = client.post([statement(), statement(actor={"mbox": "anna"})])
    assert answer.json == {
        "status": 400,
        "code": "mbox",
        "message": 'The value of "actor.mbox" is not ' + answer.json["allowed"] + ".",
        "pointer": "/1/actor/mbox",
        "allowed": answer.json["allowed"],
        "section": "Data 2.4.2.3",
    }


def test_a_store_that_is_away_answers_503_with_retry_after(
    services: Services, client: Client
) -> None:
    services.close()
    answer = client.post(statement())
    assert (answer.status_code, answer.json["code"]) == (503, "store-unavailable")
    assert int(answer.headers["Retry-After"]) == StoreUnavailable.retry_after


@pytest.mark.parametrize("body", [b"{", b"[]", b"{}"])
def test_a_store_that_goes_away_under_a_known_sender_answers_503_too(
    services: Services, client: Client, body: bytes
) -> None:
    client.post(statement())
    services.close()
    answer = client.post(body)
    assert (answer.status_code, answer.json["code"]) == (503, "store-unavailable")


def test_what_is_stored_is_acknowledged_though_the_store_goes_away_after(
    services: Services, client: Client
) -> None:
    services.statements.watch(listener=lambda drafts, sender: services.close())
    assert client.post(statement()).status_code == 200


def test_what_is_stored_is_acknowledged_whatever_a_watcher_does(
    services: Services, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(drafts: Sequence[Draft], sender: Sender) -> None:
        raise KeyError("anna@example.org")

    services.statements.watch(listener=fail)
    assert client.post(statement()).status_code == 200
    assert services.store.statements.count() == 1
    assert "KeyError" in caplog.text
    assert "anna" not in caplog.text


def test_a_fault_of_our_own_shows_and_logs_no_data(
    services: Services, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(services)

    @app.get("/xapi/broken")
    def broken() -> str:
        raise KeyError("anna@example.org")

    answer = app.test_client().get("/xapi/broken")
    assert (answer.status_code, answer.json["code"]) == (500, "internal")  # type: ignore[index]
    assert "KeyError" in caplog.text
    assert "anna" not in caplog.text + answer.text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
property_names = st.sampled_from(
    ["actor", "verb", "object", "result", "context", "attachments", "id", "timestamp", "version"]
)


def never_a_500(send: Callable[[], Any]) -> None:
    answer = send()
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert {"status", "code", "message"} <= answer.json.keys()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_no_body_whatever_makes_the_lrs_fail(client: Client, body: bytes) -> None:
    never_a_500(lambda: client.post(body))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=property_names, value=json_values)
def test_no_property_whatever_makes_the_lrs_fail(client: Client, name: str, value: Any) -> None:
    body = json.dumps({**statement(), name: value}).encode()
    never_a_500(lambda: client.post(body))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(params=st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=3))
def test_no_query_whatever_makes_the_lrs_fail(client: Client, params: dict[str, str]) -> None:
    never_a_500(lambda: client.get(**params))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=st.text(max_size=40), name=st.sampled_from(["agent", "since", "limit", "verb"]))
def test_no_parameter_value_whatever_makes_the_lrs_fail(
    client: Client, name: str, value: str
) -> None:
    never_a_500(lambda: client.get(**{name: value}))
