"""Signatures as pure functions: the example of the specification, who may sign what when, and hostile input."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.attachments import Part
from lrs.xapi.certificate import MAX_CHAIN
from lrs.xapi.signature import USAGE_TYPE, check_signatures
from lrs.xapi.version import V1_0_3
from tests.build import statement

# Appendix D of Data (1.0.3): two certificates signed with SHA-1, both long expired.
APPENDIX_D = (
    b"ew0KICAgICJhbGciOiAiUlMyNTYiLA0KICAgICJ4NWMiOiBbDQogICAgICAgICJNSUlEQVRDQ0FtcWdBd0lCQWdJSkFNQjFj"
    b"c051QTYra01BMEdDU3FHU0liM0RRRUJCUVVBTUhFeEN6QUpCZ05WQkFZVEFsVlRNUkl3RUFZRFZRUUlFd2xVWlc1dVpYTnpa"
    b"V1V4R0RBV0JnTlZCQW9URDBWNFlXMXdiR1VnUTI5dGNHRnVlVEVRTUE0R0ExVUVBeE1IUlhoaGJYQnNaVEVpTUNBR0NTcUdT"
    b"SWIzRFFFSkFSWVRaWGhoYlhCc1pVQmxlR0Z0Y0d4bExtTnZiVEFlRncweE16QTBNRFF4TlRJNE16QmFGdzB4TkRBME1EUXhO"
    b"VEk0TXpCYU1JR1dNUXN3Q1FZRFZRUUdFd0pWVXpFU01CQUdBMVVFQ0JNSlZHVnVibVZ6YzJWbE1SRXdEd1lEVlFRSEV3aEdj"
    b"bUZ1YTJ4cGJqRVlNQllHQTFVRUNoTVBSWGhoYlhCc1pTQkRiMjF3WVc1NU1SQXdEZ1lEVlFRTEV3ZEZlR0Z0Y0d4bE1SQXdE"
    b"Z1lEVlFRREV3ZEZlR0Z0Y0d4bE1TSXdJQVlKS29aSWh2Y05BUWtCRmhObGVHRnRjR3hsUUdWNFlXMXdiR1V1WTI5dE1JR2ZN"
    b"QTBHQ1NxR1NJYjNEUUVCQVFVQUE0R05BRENCaVFLQmdRRGp4dlpYRjMwV0w0b0tqWllYZ1IwWnlhWCt1M3k2K0pxVHFpTmtG"
    b"YS9WVG5ldDZMeTJPVDZabW1jSkVQbnEzVW5ld3BIb09RK0dmaGhUa1cxM2owNmo1aU5uNG9iY0NWV1RMOXlYTnZKSCtLbyt4"
    b"dTRZbC95U1BScklQeVRqdEhkRzBNMlh6SWxtbUxxbStDQVMrS0NiSmVINHRmNTQza0lXQzVwQzVwM2NWUUlEQVFBQm8zc3dl"
    b"VEFKQmdOVkhSTUVBakFBTUN3R0NXQ0dTQUdHK0VJQkRRUWZGaDFQY0dWdVUxTk1JRWRsYm1WeVlYUmxaQ0JEWlhKMGFXWnBZ"
    b"MkYwWlRBZEJnTlZIUTRFRmdRVVZzM3Y1YWZFZE9lb1llVmFqQVFFNHYwV1MxUXdId1lEVlIwakJCZ3dGb0FVeVZJYzN5dnJh"
    b"NEVCejIwSTRCRjM5SUFpeEJrd0RRWUpLb1pJaHZjTkFRRUZCUUFEZ1lFQWdTL0ZGNUQwSG5qNDRydlQ2a2duM2tKQXZ2Mmxq"
    b"L2Z5anp0S0lyWVMzM2xqWEduNmdHeUE0cXRiWEEyM1ByTzR1Yy93WUNTRElDRHBQb2JoNjJ4VENkOXFPYktoZ3dXT2kwNVBT"
    b"QkxxVXUzbXdmQWUxNUxKQkpCcVBWWjRLMGtwcGVQQlU4bTZhSVpvSDU3TC85dDRPb2FMOHlLcy9xaktGZUkxT0ZXWnh2QT0i"
    b"LA0KICAgICAgICAiTUlJRE56Q0NBcUNnQXdJQkFnSUpBTUIxY3NOdUE2K2pNQTBHQ1NxR1NJYjNEUUVCQlFVQU1IRXhDekFK"
    b"QmdOVkJBWVRBbFZUTVJJd0VBWURWUVFJRXdsVVpXNXVaWE56WldVeEdEQVdCZ05WQkFvVEQwVjRZVzF3YkdVZ1EyOXRjR0Z1"
    b"ZVRFUU1BNEdBMVVFQXhNSFJYaGhiWEJzWlRFaU1DQUdDU3FHU0liM0RRRUpBUllUWlhoaGJYQnNaVUJsZUdGdGNHeGxMbU52"
    b"YlRBZUZ3MHhNekEwTURReE5USTFOVE5hRncweU16QTBNREl4TlRJMU5UTmFNSEV4Q3pBSkJnTlZCQVlUQWxWVE1SSXdFQVlE"
    b"VlFRSUV3bFVaVzV1WlhOelpXVXhHREFXQmdOVkJBb1REMFY0WVcxd2JHVWdRMjl0Y0dGdWVURVFNQTRHQTFVRUF4TUhSWGho"
    b"YlhCc1pURWlNQ0FHQ1NxR1NJYjNEUUVKQVJZVFpYaGhiWEJzWlVCbGVHRnRjR3hsTG1OdmJUQ0JuekFOQmdrcWhraUc5dzBC"
    b"QVFFRkFBT0JqUUF3Z1lrQ2dZRUExc0JuQldQWjBmN1dKVUZUSnk1KzAxU2xTNVo2RERENlV5ZTl2SzlBeWNnVjVCMytXQzhI"
    b"QzV1NWg5MU11akFDMUFSUFZVT3RzdlBSczQ1cUtORklnSUdSWEtQQXdaamF3RUkyc0NKUlNLVjQ3aTZCOGJEdjRXa3VHdlFh"
    b"dmVaR0kwcWxtTjVSMUVpbTJnVUl0UmoxaGdjQzlyUWF2amxuRktEWTJybFhHdWtDQXdFQUFhT0IxakNCMHpBZEJnTlZIUTRF"
    b"RmdRVXlWSWMzeXZyYTRFQnoyMEk0QkYzOUlBaXhCa3dnYU1HQTFVZEl3U0JtekNCbUlBVXlWSWMzeXZyYTRFQnoyMEk0QkYz"
    b"OUlBaXhCbWhkYVJ6TUhFeEN6QUpCZ05WQkFZVEFsVlRNUkl3RUFZRFZRUUlFd2xVWlc1dVpYTnpaV1V4R0RBV0JnTlZCQW9U"
    b"RDBWNFlXMXdiR1VnUTI5dGNHRnVlVEVRTUE0R0ExVUVBeE1IUlhoaGJYQnNaVEVpTUNBR0NTcUdTSWIzRFFFSkFSWVRaWGho"
    b"YlhCc1pVQmxlR0Z0Y0d4bExtTnZiWUlKQU1CMWNzTnVBNitqTUF3R0ExVWRFd1FGTUFNQkFmOHdEUVlKS29aSWh2Y05BUUVG"
    b"QlFBRGdZRUFEaHdUZWJHazczNXlLaG04RHFDeHZObkVaME54c1lFWU9qZ1JHMXlYVGxXNXBFNjkxZlNINUFaK1Q2ZnB3cFpj"
    b"V1k1UVlrb042RG53ak94R2tTZlFDMy95R21jVURLQlB3aVo1TzJzOUMrZkUxa1VFbnJYMlhlYTRhZ1ZuZ016UjhEUTZvT2F1"
    b"TFdxZWhEQitnMkVOV1JMb1ZnUyttYTUvWWNzMEdUeXJFQ1k9Ig0KICAgIF0NCn0.ew0KICAgICJ2ZXJzaW9uIjogIjEuMC4w"
    b"IiwNCiAgICAiaWQiOiAiMzNjZmY0MTYtZTMzMS00YzlkLTk2OWUtNTM3M2ExNzU2MTIwIiwNCiAgICAiYWN0b3IiOiB7DQog"
    b"ICAgICAgICJtYm94IjogIm1haWx0bzpleGFtcGxlQGV4YW1wbGUuY29tIiwNCiAgICAgICAgIm5hbWUiOiAiRXhhbXBsZSBM"
    b"ZWFybmVyIiwNCiAgICAgICAgIm9iamVjdFR5cGUiOiAiQWdlbnQiDQogICAgfSwNCiAgICAidmVyYiI6IHsNCiAgICAgICAg"
    b"ImlkIjogImh0dHA6Ly9hZGxuZXQuZ292L2V4cGFwaS92ZXJicy9leHBlcmllbmNlZCIsDQogICAgICAgICJkaXNwbGF5Ijog"
    b"ew0KICAgICAgICAgICAgImVuLVVTIjogImV4cGVyaWVuY2VkIg0KICAgICAgICB9DQogICAgfSwNCiAgICAib2JqZWN0Ijog"
    b"ew0KICAgICAgICAiaWQiOiAiaHR0cHM6Ly93d3cueW91dHViZS5jb20vd2F0Y2g_dj14aDRrSWlIM1NtOCIsDQogICAgICAg"
    b"ICJvYmplY3RUeXBlIjogIkFjdGl2aXR5IiwNCiAgICAgICAgImRlZmluaXRpb24iOiB7DQogICAgICAgICAgICAibmFtZSI6"
    b"IHsNCiAgICAgICAgICAgICAgICAiZW4tVVMiOiAiVGF4IFRpcHMgJiBJbmZvcm1hdGlvbiA6IEhvdyB0byBGaWxlIGEgVGF4"
    b"IFJldHVybiAiDQogICAgICAgICAgICB9LA0KICAgICAgICAgICAgImRlc2NyaXB0aW9uIjogew0KICAgICAgICAgICAgICAg"
    b"ICJlbi1VUyI6ICJGaWxpbmcgYSB0YXggcmV0dXJuIHdpbGwgcmVxdWlyZSBmaWxsaW5nIG91dCBlaXRoZXIgYSAxMDQwLCAx"
    b"MDQwQSBvciAxMDQwRVogZm9ybSINCiAgICAgICAgICAgIH0NCiAgICAgICAgfQ0KICAgIH0sDQogICAgInRpbWVzdGFtcCI6"
    b"ICIyMDEzLTA0LTAxVDEyOjAwOjAwWiINCn0.FWuwaPhwUbkk7h9sKW5zSvjsYNugvxJ-"
    b"TrVaEgt_DCUT0bmKhQScRrjMB6P9O50uznPwT66oF1NnU_G0HVhRzS5voiXE-y7tT3z0M3-8A6YK009Bk_digVUul-"
    b"HA4Fpd5IjoBBGe3yzaQ2ZvzarvRuipvNEQCI0onpfuZZJQ0d8"
)


def encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def decoded(text: bytes) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4)))


def unverifiable(payload: JsonObject, **header: Any) -> bytes:
    """Return a JWS whose signature is none; without x5c nobody can tell."""
    head = json.dumps({"alg": "RS256", **header}).encode()
    return b".".join([encoded(head), encoded(json.dumps(payload).encode()), b"c2ln"])


def signed(sent: JsonObject, *signatures: bytes) -> JsonObject:
    added = [
        {
            "usageType": USAGE_TYPE,
            "display": {"en": "Signature"},
            "contentType": "application/octet-stream",
            "length": len(data),
            "sha2": hashlib.sha256(data).hexdigest(),
        }
        for data in signatures
    ]
    return {**sent, "attachments": [*sent.get("attachments", []), *added]}


def check(sent: JsonObject, *signatures: bytes) -> None:
    parts = [Part(hashlib.sha256(data).hexdigest(), data) for data in signatures]
    check_signatures([("/3", sent)], {part.sha2: part for part in parts}, V1_0_3)


def code_of(sent: JsonObject, *signatures: bytes) -> str:
    with pytest.raises(BadRequest) as refused:
        check(sent, *signatures)
    assert refused.value.section == "Data 2.6"
    return refused.value.code


def test_the_example_of_the_specification_is_accepted() -> None:
    check(signed(decoded(APPENDIX_D.split(b".")[1]), APPENDIX_D), APPENDIX_D)


def test_one_changed_bit_of_the_example_is_refused() -> None:
    head, payload, signature = APPENDIX_D.split(b".")
    changed = b".".join([head, payload, b"A" + signature[1:]])
    assert code_of(signed(decoded(payload), changed), changed) == "signature-invalid"


def test_the_certificates_of_the_example_in_the_wrong_order_are_refused() -> None:
    head, payload, signature = APPENDIX_D.split(b".")
    header = decoded(head)
    turned = encoded(json.dumps({**header, "x5c": header["x5c"][::-1]}).encode())
    changed = b".".join([turned, payload, signature])
    assert code_of(signed(decoded(payload), changed), changed) == "signature-certificate"


def test_a_chain_without_end_is_refused() -> None:
    root = decoded(APPENDIX_D.split(b".")[0])["x5c"][1]
    sent = statement()
    for length, code in (
        (MAX_CHAIN, "signature-invalid"),
        (MAX_CHAIN + 1, "signature-certificate"),
    ):
        data = unverifiable(sent, x5c=[root] * length)
        assert code_of(signed(sent, data), data) == code


def test_two_may_sign_the_same_or_one_after_the_other() -> None:
    sent = statement()
    first, beside = unverifiable(sent), unverifiable(sent, kid="second")
    after = unverifiable(signed(sent, first))
    check(signed(sent, first, beside), first, beside)
    check(signed(sent, first, after), first, after)


def test_an_earlier_signature_that_was_signed_must_still_be_there() -> None:
    sent = statement()
    after = unverifiable(signed(sent, unverifiable(sent)))
    assert code_of(signed(sent, after), after) == "signature-payload"


@pytest.mark.parametrize("name", ["id", "timestamp"])
def test_what_an_lrs_adds_may_be_missing_in_the_payload_but_not_in_the_statement(name: str) -> None:
    whole = statement(timestamp="2026-01-31T12:00:00Z")
    bare = {key: part for key, part in whole.items() if key != name}
    data = unverifiable(bare)
    check(signed(whole, data), data)
    data = unverifiable(whole)
    assert code_of(signed(bare, data), data) == "signature-payload"


def test_the_pointer_names_the_attachment() -> None:
    sent, bad = statement(), b"x"
    good = unverifiable(sent)
    with pytest.raises(BadRequest) as refused:
        check(signed(sent, good, bad), good, bad)
    assert refused.value.pointer == "/3/attachments/1"


def test_attachments_of_another_usage_are_not_read() -> None:
    other = signed(statement(), b"x")
    other["attachments"][0]["usageType"] = USAGE_TYPE + "s"
    check(other, b"x")


@given(st.binary(max_size=60))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert code_of(signed(statement(), data), data) == "signature-malformed"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["alg", "x5c", "crit", "b64"]) | st.text(max_size=3), inner
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_as_header_or_payload_is_refused(value: Any) -> None:
    sent = statement()
    text = encoded(json.dumps(value).encode("utf-8", "replace"))
    for data in (text + b"." + encoded(json.dumps(sent).encode()) + b".c2ln",):
        code = code_of(signed(sent, data), data)
        assert code in ("signature-malformed", "signature-algorithm")
    data = encoded(b'{"alg":"RS256"}') + b"." + text + b".c2ln"
    assert code_of(signed(sent, data), data) == "signature-payload"


def with_certificate(certificate: bytes) -> str:
    """Return the code by which the statement of appendix D is refused with another first certificate."""
    head, payload, signature = APPENDIX_D.split(b".")
    header = decoded(head)
    header["x5c"][0] = base64.b64encode(certificate).decode()
    changed = b".".join([encoded(json.dumps(header).encode()), payload, signature])
    return code_of(signed(decoded(payload), changed), changed)


def first_certificate() -> bytes:
    return base64.b64decode(decoded(APPENDIX_D.split(b".")[0])["x5c"][0])


# By the library, which takes such a certificate still; that its issuer signed another one is what refuses it.
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@example(place=15, damage=128)
@given(place=st.integers(0, len(first_certificate()) - 1), damage=st.integers(1, 255))
def test_any_damaged_certificate_is_refused(place: int, damage: int) -> None:
    raw = bytearray(first_certificate())
    raw[place] ^= damage
    assert with_certificate(raw) in ("signature-certificate", "signature-invalid")


def test_a_certificate_of_a_version_that_is_not_is_refused() -> None:
    version = b"\xa0\x03\x02\x01"
    raw = first_certificate()
    assert raw.count(version + b"\x02") == 1
    strange = raw.replace(version + b"\x02", version + b"\x07")
    assert with_certificate(strange) == "signature-certificate"
