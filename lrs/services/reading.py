"""Statements of a file, found one by one in bounded memory; what they say is nobody's business here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from lrs.errors import BadRequest

_CHUNK = 1 << 20
_MAX_ITEM = 64 << 20
_BOM = b"\xef\xbb\xbf"
# Possessive, as in xapi/text.py: no memory is spent on stepping back inside a string.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},"]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of a file: its number (of the line, or of the array's element, from 1) and its JSON text."""

    number: int
    text: bytes


def read_items(stream: IO[bytes]) -> Iterator[Item]:
    """Yield the statements of an NDJSON stream (one a line, blank lines skipped) or of one JSON array.

    Raises: BadRequest if an array breaks off, more follows it, or one statement is longer than 64 MB.
    """
    head = b""
    # A pipe may give the mark byte by byte.
    while _BOM.startswith(head) or not head.removeprefix(_BOM).strip():
        chunk = stream.read(_CHUNK)
        if not chunk:
            break
        head += chunk
    head = head.removeprefix(_BOM)
    return _elements(head, stream) if head.lstrip().startswith(b"[") else _lines(head, stream)


def _lines(head: bytes, stream: IO[bytes]) -> Iterator[Item]:
    number, rest = 0, head
    while True:
        *lines, rest = rest.split(b"\n")
        for line in lines:
            number += 1
            if line.strip():
                yield Item(number, line)
        _bound(rest, number + 1)
        chunk = stream.read(max(_CHUNK, len(rest)))
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
            # As much again as is pending, so that a long string is not looked through for every chunk of it.
            chunk = stream.read(max(_CHUNK, len(buffer) - start))
            if not chunk:
                if depth == 0 and buffer[start:].strip():
                    number += 1
                    yield Item(number, buffer[start:].strip())
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
                _demand_end(buffer[position:], stream)
                return
        elif sign in (b"{", b"["):
            depth += 1
        elif sign in (b"}", b"]"):
            depth = max(0, depth - 1)


def _demand_end(rest: bytes, stream: IO[bytes]) -> None:
    while not rest.strip():
        rest = stream.read(_CHUNK)
        if not rest:
            return
    raise BadRequest(
        "More follows the end of the array.", code="json-malformed", allowed="one array a file"
    )


def _bound(pending: bytes, number: int) -> None:
    if len(pending) > _MAX_ITEM:
        raise BadRequest(
            f"Statement {number} is too long.", code="too-large", allowed="at most 64 MB"
        )
