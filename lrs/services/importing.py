"""Statements from files: read one by one in bounded memory, stored in batches, the bad ones set aside."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import IO, Any

from lrs.errors import BadRequest, LrsError, StoreUnavailable
from lrs.services.statements import Batch, Sender, Statements, Stored
from lrs.xapi.attachments import Part, attachments_of
from lrs.xapi.text import Parsed, read_json
from lrs.xapi.version import Version, version_of_statement

BATCH = 500
_CHUNK = 1 << 20
_MAX_ITEM = 64 << 20
_NAMESPACE = uuid.UUID("6f1c9d5e-53f5-5d0c-9b57-6a0a9a1c7f3e")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},"]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of a file: its number (of the line, or of the array's element, from 1) and its JSON text."""

    number: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Reject:
    """A statement that was not stored, and why."""

    item: Item
    refusal: LrsError


@dataclass(slots=True)
class Tally:
    """How an import stands."""

    stored: int = 0
    already_there: int = 0
    rejected: int = 0

    @property
    def seen(self) -> int:
        """All statements read so far."""
        return self.stored + self.already_there + self.rejected


def read_items(stream: IO[bytes]) -> Iterator[Item]:
    """Yield the statements of an NDJSON stream (one a line, blank lines skipped) or of one JSON array.

    Raises: BadRequest if an array breaks off, or one statement is longer than 64 MB.
    """
    head = stream.read(_CHUNK)
    while head and not head.strip():
        head = stream.read(_CHUNK)
    head = head.removeprefix(b"\xef\xbb\xbf")
    return _elements(head, stream) if head.lstrip().startswith(b"[") else _lines(head, stream)


def parse_item(item: Item) -> Parsed:
    """Return the statement of an item, with an id made from its text and number if it has none.

    The id is the same at the next import of the same file, so nothing is stored twice.
    Raises: BadRequest if the text is not a JSON object.
    """
    parsed = read_json(item.text)
    if not isinstance(parsed.value, dict):
        raise BadRequest(
            "This is not a statement.", code="statement-expected", allowed="a JSON object"
        )
    if "id" in parsed.value:
        return parsed
    made = str(uuid.uuid5(_NAMESPACE, f"{item.number}:{item.text.hex()}"))
    value = {"id": made, **parsed.value}
    return Parsed(
        value, value if parsed.literal is parsed.value else {"id": made, **parsed.literal}
    )


class Importer:
    """Puts the statements of files through the one door."""

    def __init__(
        self,
        statements: Statements,
        sender: Sender,
        attachment: Callable[[str], bytes | None],
    ) -> None:
        """`attachment` returns the data of a lower-case sha2, or None."""
        self._statements = statements
        self._sender = sender
        self._attachment = attachment
        self.tally = Tally()

    def run(self, items: Iterator[Item]) -> Iterator[Reject]:
        """Store all statements that can be stored; yield the others as they turn up. `tally` tells how it stands.

        Raises: StoreUnavailable if the store goes away; what was stored until then stays.
        """
        batch: list[tuple[Item, Parsed]] = []
        for item in items:
            try:
                batch.append((item, parse_item(item)))
            except LrsError as refusal:
                yield self._reject(item, refusal)
            if len(batch) == BATCH:
                yield from self._store(batch)
                batch = []
        yield from self._store(batch)

    def _store(self, batch: Sequence[tuple[Item, Parsed]]) -> Iterator[Reject]:
        for version, group in groupby(
            batch, key=lambda pair: version_of_statement(pair[1].value.get("version"))
        ):
            yield from self._store_group(list(group), version)

    def _store_group(self, pairs: list[tuple[Item, Parsed]], version: Version) -> Iterator[Reject]:
        while pairs:
            try:
                stored = self._send([parsed for _, parsed in pairs], version)
            except StoreUnavailable:
                raise
            except LrsError as refusal:
                index = _index(refusal)
                if index is None:
                    raise
                # The ones before the first bad one are good: they go in alone, so that none is checked too often.
                bad = pairs[index][0]
                yield from self._store_group(pairs[:index], version)
                yield self._reject(bad, refusal)
                pairs = pairs[index + 1 :]
            else:
                self.tally.stored += stored.new
                self.tally.already_there += len(pairs) - stored.new
                return

    def _send(self, parsed: Sequence[Parsed], version: Version) -> Stored:
        body = Parsed([one.value for one in parsed], [one.literal for one in parsed])
        if all(one.literal is one.value for one in parsed):
            body = Parsed(body.value, body.value)
        batch = Batch(body, self._parts(body.value))
        return self._statements.store(batch, version=version, sender=self._sender)

    def _parts(self, statements: Sequence[Any]) -> Mapping[str, Part]:
        parts = {}
        for statement in statements:
            if not _may_hold_attachments(statement):
                continue
            for _, attachment in attachments_of(statement):
                sha2 = str(attachment.get("sha2", "")).lower()
                data = self._attachment(sha2)
                if data is not None:
                    parts[sha2] = Part(sha2, data)
        return parts

    def _reject(self, item: Item, refusal: LrsError) -> Reject:
        self.tally.rejected += 1
        return Reject(item, refusal)


def _may_hold_attachments(statement: Any) -> bool:
    # The statement is not validated yet: anything may be anything.
    inner = statement.get("object")
    holders = [one for one in (statement, inner) if isinstance(one, dict)]
    held = [one["attachments"] for one in holders if "attachments" in one]
    return (
        isinstance(inner, dict)
        and bool(held)
        and all(
            isinstance(one, list) and all(isinstance(part, dict) for part in one) for one in held
        )
    )


def _index(refusal: LrsError) -> int | None:
    found = re.match(r"/(\d+)", refusal.pointer or "")
    return int(found.group(1)) if found else None


def _lines(head: bytes, stream: IO[bytes]) -> Iterator[Item]:
    number, rest = 0, head
    while True:
        *lines, rest = rest.split(b"\n")
        for line in lines:
            number += 1
            if line.strip():
                yield Item(number, line)
        _bound(rest, number + 1)
        chunk = stream.read(_CHUNK)
        if not chunk:
            break
        rest += chunk
    if rest.strip():
        yield Item(number + 1, rest)


def _elements(head: bytes, stream: IO[bytes]) -> Iterator[Item]:
    """Yield the elements of an array by matching brackets only: each is parsed, and refused, on its own."""
    buffer = head.lstrip()[1:]
    depth, start, position, number = 0, 0, 0, 0
    while True:
        token = _TOKEN.search(buffer, position)
        # A lone quote opens a string whose end is not in the buffer yet.
        if token is None or token.group() == b'"':
            chunk = stream.read(_CHUNK)
            if not chunk:
                raise BadRequest(
                    f"The array breaks off after element {number}.",
                    code="json-malformed",
                    allowed="a closing ]",
                )
            position = (token.start() if token else len(buffer)) - start
            buffer, start = buffer[start:] + chunk, 0
            _bound(buffer[: -len(chunk)], number + 1)
            continue
        position = token.end()
        sign = token.group()
        if depth == 0 and sign in (b",", b"]"):
            text = buffer[start : token.start()].strip()
            if text:
                number += 1
                yield Item(number, text)
            start = position
            if sign == b"]":
                return
        elif sign in (b"{", b"["):
            depth += 1
        elif sign in (b"}", b"]"):
            depth -= 1


def _bound(pending: bytes, number: int) -> None:
    if len(pending) > _MAX_ITEM:
        raise BadRequest(
            f"Statement {number} is too long.", code="too-large", allowed="at most 64 MB"
        )
