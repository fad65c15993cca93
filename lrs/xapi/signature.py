"""Signed statements: whether a signature is well formed and was made over just the statement that carries it.

Nothing is said about who signed: there is no store of trusted certificates, and no certificate is refused for its
dates, since one that has run out may well have signed an old statement. The specification means this check "to catch
mistakes in the signature, not as a security measure".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.attachments import Part
from lrs.xapi.quirks import repaired
from lrs.xapi.statement import equivalent
from lrs.xapi.terms import parse_timestamp
from lrs.xapi.text import read_json
from lrs.xapi.validation import validate
from lrs.xapi.version import Version

USAGE_TYPE = "http://adlnet.gov/expapi/attachments/signature"
ALGORITHMS = ("RS256", "RS384", "RS512")

_SECTION = "Data 2.6"
_MEDIA_TYPE = "application/octet-stream"
_COMPACT = re.compile(rb"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class _Jws:
    header: JsonObject
    payload: bytes
    signed: bytes
    """What the signature was made over."""
    signature: bytes


def check_signatures(
    statements: Sequence[tuple[str, JsonObject]],
    parts: Mapping[str, Part],
    version: Version,
    quirks: frozenset[str] = frozenset(),
) -> None:
    """Check every signature among the attachments of the valid `statements`, which are (pointer, statement).

    What was signed may have the faults that were repaired in the statements: `quirks` says which.

    A signature is verified only if its header brings the signer's certificate (x5c); without it there is no key to
    verify with, and its form and payload alone are checked. JWS JSON Serialization, which 1.0.3 discourages and was
    to forbid, is refused. A signature on a SubStatement, which is no statement yet, is kept like any attachment.
    Raises: BadRequest with the pointer of the attachment.
    Spec: Data 2.6 (1.0.3); 4.2.7 (2.0) for durations.
    """
    for prefix, statement in statements:
        for index, attachment in enumerate(statement.get("attachments", ())):
            if attachment["usageType"] != USAGE_TYPE:
                continue
            try:
                _check(statement, attachment, parts, version, quirks)
            except BadRequest as refusal:
                refusal.pointer = f"{prefix}/attachments/{index}"
                raise


def _check(
    statement: JsonObject,
    attachment: JsonObject,
    parts: Mapping[str, Part],
    version: Version,
    quirks: frozenset[str],
) -> None:
    if attachment["contentType"].lower() != _MEDIA_TYPE:
        _refuse(
            "signature-content-type",
            "The contentType of a signature is not application/octet-stream.",
            _MEDIA_TYPE,
        )
    part = parts.get(attachment["sha2"].lower())
    if part is None:
        # Nothing is fetched from a fileUrl: an address from a client is not to be called from here.
        _refuse(
            "signature-missing",
            "A signature comes without its data, so that it cannot be checked; a fileUrl is not enough.",
            "a multipart/mixed part that holds the signature",
        )
    jws = _read_jws(part.data)
    _check_payload(jws.payload, statement, attachment, version, quirks)
    if "x5c" in jws.header:
        # Some 8 MB in memory, for which only those who sign should pay.
        from lrs.xapi.certificate import verify  # noqa: PLC0415

        verify(
            jws.header["x5c"],
            algorithm=jws.header["alg"],
            signed=jws.signed,
            signature=jws.signature,
        )


def _read_jws(data: bytes) -> _Jws:
    """Return a JWS from its compact serialization. Spec: RFC 7515, 3.1 and 5.2."""
    found = _COMPACT.fullmatch(data)
    if found is None:
        _refuse_form("The signature is not a JWS in compact serialization.")
    try:
        head, payload, signature = (_decode(text) for text in found.groups())
    except binascii.Error:
        _refuse_form("A part of the signature is not base64url.")
    try:
        header = read_json(head).value
    except BadRequest:
        _refuse_form("The header of the signature is not well-formed JSON.")
    if not isinstance(header, dict) or "crit" in header:
        _refuse_form("The header of the signature is not an object, or demands extensions of JWS.")
    if header.get("alg") not in ALGORITHMS:
        _refuse(
            "signature-algorithm",
            "The signature does not use an algorithm that statements may be signed with.",
            ", ".join(ALGORITHMS),
        )
    return _Jws(header, payload, data[: found.end(2)], signature)


def _decode(text: bytes) -> bytes:
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def _check_payload(
    text: bytes,
    statement: JsonObject,
    signature: JsonObject,
    version: Version,
    quirks: frozenset[str],
) -> None:
    try:
        sent, _ = repaired(read_json(text).value, quirks if version.tolerates_quirks else ())
        payload = validate(sent, version)
    except BadRequest as refusal:
        where = f" At {refusal.pointer}:" if refusal.pointer else ""
        _refuse(
            "signature-payload",
            f"What was signed is not a valid statement.{where} {refusal.message}",
            "the JSON of the statement before the signature was added",
        )
    if not (
        equivalent(_unsigned(statement), _unsigned(payload))
        and _same_id(payload, statement)
        and _same_time(payload, statement)
        and _signatures(payload) <= _signatures(statement) - {signature["sha2"].lower()}
    ):
        _refuse(
            "signature-payload",
            "What was signed is not the statement that came with the signature.",
            "the statement as it was signed, with the signature added to its attachments",
        )


def _unsigned(statement: JsonObject) -> JsonObject:
    """Return the statement without signatures, and without its timestamp, which `_same_time` compares."""
    bare = {
        name: part for name, part in statement.items() if name not in ("attachments", "timestamp")
    }
    others = [
        attachment
        for attachment in statement.get("attachments", ())
        if attachment["usageType"] != USAGE_TYPE
    ]
    return {**bare, "attachments": others} if others else bare


def _same_id(payload: JsonObject, statement: JsonObject) -> bool:
    """Whether the ids are one; the statement may have been given its id after it was signed."""
    return "id" not in payload or payload["id"].lower() == statement.get("id", "").lower()


def _same_time(payload: JsonObject, statement: JsonObject) -> bool:
    """Whether the timestamps are one moment; an LRS may have added that of the statement after it was signed."""
    if "timestamp" not in payload:
        return True
    return "timestamp" in statement and (
        parse_timestamp(payload["timestamp"]) == parse_timestamp(statement["timestamp"])
    )


def _signatures(statement: JsonObject) -> set[str]:
    """Return the digests of the signatures: one who signs later may have signed those before as well."""
    return {
        attachment["sha2"].lower()
        for attachment in statement.get("attachments", ())
        if attachment["usageType"] == USAGE_TYPE
    }


def _refuse_form(message: str) -> NoReturn:
    _refuse(
        "signature-malformed", message, "a JWS in compact serialization: header.payload.signature"
    )


def _refuse(code: str, message: str, allowed: str) -> NoReturn:
    raise BadRequest(message, code=code, allowed=allowed, section=_SECTION) from None
