"""Signed statements. Spec: Data 2.6 (1.0.3)."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs.assembly import Services
from lrs.xapi.signature import USAGE_TYPE
from tests.build import statement
from tests.conftest import Client
from tests.web.test_attachments import attachment, multipart, part

HASHES = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(subject: str, key: Any, issuer: str, issuer_key: rsa.RSAPrivateKey) -> str:
    """Return a certificate (long expired) as x5c has it."""
    name = [
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, one)]) for one in (subject, issuer)
    ]
    start = dt.datetime(2001, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name[0])
        .issuer_name(name[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=1))
        .sign(issuer_key, hashes.SHA256())
    )
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


def encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def jws(payload: Any, *, algorithm: Any = "RS256", **header: Any) -> bytes:
    head = json.dumps({"alg": algorithm, **header}).encode()
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signed = encoded(head) + b"." + encoded(body)
    kind = HASHES.get(str(algorithm), hashes.SHA256())
    return signed + b"." + encoded(rsa_key().sign(signed, padding.PKCS1v15(), kind))


def send(client: Client, sent: dict[str, Any], signature: bytes, **changes: Any) -> Any:
    held = attachment(signature, **{"usageType": USAGE_TYPE, **changes})
    whole = {**sent, "attachments": [*sent.get("attachments", []), held]}
    body, head = multipart(whole, part(signature))
    return client.post(body, headers=head)


@pytest.mark.parametrize("algorithm", HASHES)
def test_a_signed_statement_is_accepted(client: Client, algorithm: str) -> None:
    sent = statement()
    assert send(client, sent, jws(sent, algorithm=algorithm)).status_code == 200


def test_a_statement_is_repaired_as_it_was_signed(client: Client, services: Services) -> None:
    sent = statement(result={"response": None})
    assert send(client, sent, jws(sent)).status_code == 400
    services.credentials.tolerate("key", ["null-properties"])
    assert send(client, sent, jws(sent)).status_code == 200
    assert send(client, sent, jws(statement(result={"success": True}))).status_code == 400


def test_what_comparing_ignores_may_differ_from_the_payload(client: Client) -> None:
    sent = statement(result={"duration": "PT1.2345S"}, timestamp="2026-01-31T12:00:00Z")
    signed = {
        **sent,
        "result": {"duration": "PT1.23S"},
        "timestamp": "2026-01-31T13:00:00.000+01:00",
        "verb": {**sent["verb"], "display": {"en": "did"}},
    }
    assert send(client, sent, jws(signed)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"verb": {"id": "http://example.org/other"}},
        {"timestamp": "2026-01-31T12:00:00Z"},
        {"id": "9f1c2f1e-6a52-4b0e-8d3b-3f7a53d6a001"},
        {"result": {"success": True}},
    ],
)
def test_a_payload_that_says_something_else_is_refused(
    client: Client, change: dict[str, Any]
) -> None:
    sent = statement()
    answer = send(client, sent, jws({**sent, **change}))
    assert (answer.status_code, answer.json["code"]) == (400, "signature-payload")
    assert answer.json["pointer"] == "/attachments/0"


def test_other_attachments_belong_to_what_is_signed(client: Client) -> None:
    other = attachment(b"x", fileUrl="http://example.org/x")
    sent = statement(attachments=[other])
    assert send(client, sent, jws(sent)).status_code == 200
    bare = {name: value for name, value in sent.items() if name != "attachments"}
    assert send(client, {**sent, "id": statement()["id"]}, jws(bare)).status_code == 400


NONE: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "malformed"),
    "two parts": (lambda: b"a.b", "malformed"),
    "no JSON": (lambda: b"a.b.c", "malformed"),
    "JSON serialization": (lambda: b"{}", "malformed"),
    "no statement": (lambda: jws({"not": "a statement"}), "payload"),
    "broken payload": (lambda: jws(b"{"), "payload"),
    "critical extension": (lambda: jws({}, crit=["b64"]), "malformed"),
    "symmetric": (lambda: jws({}, algorithm="HS256"), "algorithm"),
    "unsigned": (lambda: jws({}, algorithm="none"), "algorithm"),
    "odd algorithm": (lambda: jws({}, algorithm=["RS256"]), "algorithm"),
}


@pytest.mark.parametrize("case", NONE)
def test_what_is_no_signature_is_refused(client: Client, case: str) -> None:
    make, code = NONE[case]
    answer = send(client, statement(), make())
    assert (answer.status_code, answer.json["code"]) == (400, f"signature-{code}")


def test_a_signature_has_its_own_content_type_and_data(client: Client) -> None:
    sent = statement()
    answer = send(client, sent, jws(sent), contentType="text/plain")
    assert answer.json["code"] == "signature-content-type"
    held = attachment(b"x", usageType=USAGE_TYPE, fileUrl="http://example.org/x")
    assert client.post({**sent, "attachments": [held]}).json["code"] == "signature-missing"


def test_a_chain_of_certificates_is_followed(client: Client) -> None:
    chain = [
        certificate("signer", rsa_key(), "root", rsa_key(1)),
        certificate("root", rsa_key(1), "root", rsa_key(1)),
    ]
    sent = statement()
    assert send(client, sent, jws(sent, x5c=chain)).status_code == 200
    another = statement()
    assert send(client, another, jws(another, x5c=chain[:1])).status_code == 200


@pytest.mark.parametrize("chain", [[], "abc", ["abc"], [1], None, [None], {"a": 1}, ["AAAA"]])
def test_certificates_that_are_none_are_refused(client: Client, chain: Any) -> None:
    sent = statement()
    answer = send(client, sent, jws(sent, x5c=chain))
    assert (answer.status_code, answer.json["code"]) == (400, "signature-certificate")


def test_a_certificate_that_does_not_fit_is_refused(client: Client) -> None:
    sent = statement()
    another = certificate("another", rsa_key(1), "another", rsa_key(1))
    elliptic = certificate("ec", ec.generate_private_key(ec.SECP256R1()), "another", rsa_key(1))
    unrelated = certificate("signer", rsa_key(), "signer", rsa_key())
    for chain, code in (
        ([another], "invalid"),
        ([elliptic], "certificate"),
        ([unrelated, another], "certificate"),
    ):
        assert send(client, sent, jws(sent, x5c=chain)).json["code"] == f"signature-{code}"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50
)
@given(
    header=st.dictionaries(
        st.sampled_from(["alg", "x5c", "crit", "typ"]),
        st.none() | st.text(max_size=4) | st.lists(st.text(max_size=4)) | st.just("RS256"),
    ),
    payload=st.binary(max_size=20),
)
def test_no_signature_whatever_makes_the_lrs_fail(
    client: Client, header: dict[str, Any], payload: bytes
) -> None:
    signature = encoded(json.dumps(header).encode()) + b"." + encoded(payload) + b".c2ln"
    assert send(client, statement(), signature).status_code == 400
