"""Attachments: which raw data a batch of statements must, may and must not bring along."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lrs.errors import BadRequest
from lrs.xapi import JsonObject

_SECTION = "Communication 1.5.2"
_SHA2_BY_LENGTH = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}


@dataclass(frozen=True, slots=True)
class Part:
    """The raw data of one attachment as it travels: `sha2` is the hex digest in lower case."""

    sha2: str
    data: bytes


def has_digest(data: bytes, sha2: str) -> bool:
    """Whether `sha2`, the hex digest of any member of the SHA-2 family, is that of `data`."""
    name = _SHA2_BY_LENGTH.get(len(sha2))
    return name is not None and hashlib.new(name, data).hexdigest() == sha2.lower()


def attachments_of(statement: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield (JSON pointer, attachment) for the statement and its SubStatement."""
    for index, attachment in enumerate(statement.get("attachments", ())):
        yield f"/attachments/{index}", attachment
    inner = statement["object"]
    if inner.get("objectType") == "SubStatement":
        for pointer, attachment in attachments_of(inner):
            yield "/object" + pointer, attachment


def check_parts(statements: Sequence[tuple[str, JsonObject]], parts: Mapping[str, Part]) -> None:
    """Check that the parts are just those that the statements declare; `statements` are (pointer, statement).

    Raises: BadRequest if an attachment has neither a fileUrl nor a part with its sha2, or a part has no attachment.
    Spec: Communication 1.5.2; Data 2.4.11 (1.0.3).
    """
    declared: set[str] = set()
    for prefix, statement in statements:
        for pointer, attachment in attachments_of(statement):
            sha2 = attachment["sha2"].lower()
            declared.add(sha2)
            if sha2 not in parts and "fileUrl" not in attachment:
                raise BadRequest(
                    "An attachment comes with neither its data nor a fileUrl.",
                    code="attachment-missing",
                    pointer=prefix + pointer,
                    allowed="a multipart/mixed part whose X-Experience-API-Hash is the sha2, or a fileUrl",
                    section=_SECTION,
                )
    if parts.keys() - declared:
        raise BadRequest(
            "A part of the request belongs to no attachment of its statements.",
            code="attachment-excess",
            allowed="one part for each sha2 that the statements declare",
            section=_SECTION,
        )
