"""multipart/mixed: statements first, then the raw data of their attachments.

Standard form parsers expect named form fields, and mail parsers rewrite line ends; attachments must stay byte for
byte, and some clients leave out the line end before a boundary.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from werkzeug.http import parse_options_header

from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.attachments import Part, has_digest

_SECTION = "Communication 1.5.2"


@dataclass(frozen=True, slots=True)
class _RawPart:
    headers: dict[str, str]
    """Names in lower case."""
    data: bytes


def read_multipart(body: bytes, content_type: str) -> tuple[bytes, dict[str, Part]]:
    """Return (the statements' JSON text, attachment data by sha2).

    Raises: BadRequest if the body is not multipart/mixed as the specification lays it out, or data does not have
    the digest it claims.
    Spec: Communication 1.5.2 (1.0.3).
    """
    boundary = parse_options_header(content_type)[1].get("boundary")
    if not boundary:
        _refuse("The Content-Type header names no boundary.", "a boundary parameter")
    parts = list(_split(body, boundary.encode()))
    if not parts or _media_type(parts[0]) != "application/json":
        _refuse(
            "The first part of the request does not hold JSON.",
            "statements as application/json in the first part",
        )
    attachments = [_attachment(part) for part in parts[1:]]
    return parts[0].data, {attachment.sha2: attachment for attachment in attachments}


def write_multipart(
    text: bytes, attachments: Sequence[tuple[JsonObject, bytes]]
) -> tuple[bytes, str]:
    """Return (body, content type) of a response that gives statements with their attachments' data."""
    pieces = [b"Content-Type: application/json\r\n\r\n" + text]
    for attachment, data in attachments:
        head = (
            f"Content-Type: {attachment['contentType']}\r\nContent-Transfer-Encoding: binary\r\n"
            f"X-Experience-API-Hash: {attachment['sha2']}\r\n\r\n"
        )
        pieces.append(head.encode() + data)
    # At random, so that no attachment can be made to hold it; tincanjs takes quotes in the header for part of it.
    boundary = secrets.token_hex(24)
    opening = f"--{boundary}\r\n".encode()
    body = b"".join(opening + piece + b"\r\n" for piece in pieces)
    return body + f"--{boundary}--\r\n".encode(), f"multipart/mixed; boundary={boundary}"


def _split(body: bytes, boundary: bytes) -> Iterator[_RawPart]:
    """Yield the parts; a boundary counts with or without a line end before it."""
    delimiter = re.compile(rb"--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|$)")
    start: int | None = None
    for found in delimiter.finditer(body):
        if start is not None:
            yield _part(body[start : found.start()])
        start = found.end()
        if found.group(1):
            return
    _refuse(
        "The body of the request does not end with its boundary.",
        "parts set apart by the boundary of the Content-Type header",
    )


def _part(raw: bytes) -> _RawPart:
    blank = re.search(rb"\r?\n\r?\n", raw)
    head, data = (raw[: blank.start()], raw[blank.end() :]) if blank else (raw, b"")
    headers = {}
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return _RawPart(headers, data)


def _attachment(part: _RawPart) -> Part:
    sha2 = part.headers.get("x-experience-api-hash", "").lower()
    if not sha2:
        _refuse("A part has no X-Experience-API-Hash header.", "the sha2 of its attachment")
    if part.headers.get("content-transfer-encoding", "").lower() != "binary":
        _refuse("A part is not marked as binary.", "Content-Transfer-Encoding: binary")
    # The line end before a boundary belongs to the boundary, unless the client left it out: the digest tells.
    candidates = (part.data.removesuffix(b"\r\n"), part.data.removesuffix(b"\n"), part.data)
    data = next((data for data in candidates if has_digest(data, sha2)), None)
    if data is None:
        _refuse(
            "The data of a part does not have the digest that its X-Experience-API-Hash header gives.",
            "the hexadecimal SHA-224, SHA-256, SHA-384 or SHA-512 of the data",
        )
    return Part(sha2, data)


def _media_type(part: _RawPart) -> str:
    return parse_options_header(part.headers.get("content-type", ""))[0].lower()


def _refuse(message: str, allowed: str) -> NoReturn:
    raise BadRequest(message, code="multipart", allowed=allowed, section=_SECTION)
