"""Documents: state and profiles, kept byte for byte, and the rules for changing one that others may change too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from lrs.errors import BadRequest, Conflict, LrsError, PreconditionFailed
from lrs.xapi.text import demand_json, read_json, write_json

Resource = Literal["state", "activity-profile", "agent-profile"]

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a set of documents belongs to; "" where a resource does not have that part, or nothing was said of it."""

    resource: Resource
    activity: str = ""
    agent: str = ""
    """The inverse functional identifier of an Agent or Group, see agent.ifi_of."""
    registration: str = ""


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """The one place of a document."""

    scope: Scope
    id: str
    """stateId or profileId."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is kept. `updated` is in microseconds since the epoch; the store sets it."""

    content: bytes
    content_type: str
    updated: int = 0

    @property
    def etag(self) -> str:
        """The SHA-1 of the content in lower-case hexadecimal. Spec: Communication 3.1 (1.0.3)."""
        return hashlib.sha1(self.content, usedforsecurity=False).hexdigest()

    @property
    def is_json(self) -> bool:
        """Whether the content calls itself JSON."""
        return self.content_type.partition(";")[0].strip().lower() == JSON


@dataclass(frozen=True, slots=True)
class Precondition:
    """What If-Match and If-None-Match ask of the document that is there.

    `match` and `none_match` hold ETags without quotes, or "*" alone; None if the header was not sent.
    """

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None

    @property
    def is_given(self) -> bool:
        """Whether either header was sent."""
        return self.match is not None or self.none_match is not None

    def demand(self, current: Document | None) -> None:
        """Return if the current document (None: there is none) is as the client expects.

        Raises: PreconditionFailed (412).
        Spec: Communication 3.1 (1.0.3); 4.1.4 (2.0); RFC 7232.
        """
        self._demand_match(current)
        if self.none_match is not None and _matches(current, self.none_match):
            raise _failed(
                "The document is there already.", "a document that If-None-Match does not name"
            )

    def held_already(self, current: Document) -> bool:
        """Whether the client that wants to read this document names it as one that it has.

        Raises: PreconditionFailed (412) if If-Match does not name it. Spec: RFC 9110, 13.2.2.
        """
        self._demand_match(current)
        return self.none_match is not None and _matches(current, self.none_match)

    def _demand_match(self, current: Document | None) -> None:
        if self.match is not None and not _matches(current, self.match):
            raise _failed(
                "The document is not the one that If-Match names.", "If-Match with the current ETag"
            )


def refuse_unguarded(current: Document | None, *, may_create: bool) -> None:
    """Refuse a PUT that came with neither header, unless it makes a new document and may.

    Raises: Conflict (409), saying what to do, if there is a document; BadRequest if even a new one needs a header.
    Spec: Communication 3.1 (1.0.3); 4.1.4 (2.0).
    """
    if current is not None:
        raise Conflict(
            "The document exists: check its current state, and set the If-Match header to its current ETag.",
            code="document-exists",
            allowed="If-Match with the current ETag",
            section="Communication 3.1",
        )
    if not may_create:
        raise BadRequest(
            "A PUT to a profile says which document it expects to find.",
            code="precondition-missing",
            allowed='If-Match with an ETag, or "If-None-Match: *" for a new document',
            section="Communication 3.1",
        )


def merged(current: Document | None, posted: Document) -> Document:
    """Return the document that a POST leaves: the properties of `posted` put into those of `current`.

    Where there is none, nothing is merged: any document may be posted, as with PUT.
    Raises: BadRequest if there is one, and either is not a JSON object; or if the posted calls itself JSON and is not.
    Spec: Communication 2.2 (1.0.3).
    """
    if current is None:
        demand_honest(posted)
        return posted
    sent = _object(posted)
    if sent is None:
        raise _unmergeable("The posted document is not a JSON object.")
    try:
        held = _object(current)
    except LrsError:
        # What the reader of JSON says would be taken for the body of the request.
        held = None
    if held is None:
        raise _unmergeable("The document that is there is not a JSON object to merge into.")
    return Document(write_json({**held, **sent}), posted.content_type)


def demand_honest(document: Document) -> None:
    """Return if a document that calls itself JSON is JSON. Spec: Communication 3.2 (1.0.3).

    Raises: BadRequest; TooLarge (413).
    """
    if document.is_json:
        demand_json(document.content)


def _object(document: Document) -> dict[str, object] | None:
    """Return the JSON object that a document holds, or None if it is something else.

    Raises: BadRequest if it calls itself JSON and cannot be read; TooLarge (413).
    """
    literal = _read(document) if document.is_json else None
    return literal if isinstance(literal, dict) else None


def _unmergeable(message: str) -> BadRequest:
    return BadRequest(
        message,
        code="document-merge",
        allowed="a JSON object with Content-Type application/json, or PUT",
        section="Communication 2.2",
    )


def _read(document: Document) -> object:
    try:
        return read_json(document.content).literal
    except LrsError as refusal:
        refusal.section = "Communication 2.2"
        raise


def _matches(current: Document | None, etags: frozenset[str]) -> bool:
    return current is not None and ("*" in etags or current.etag in etags)


def _failed(message: str, allowed: str) -> PreconditionFailed:
    return PreconditionFailed(message, allowed=allowed, section="Communication 3.1")
