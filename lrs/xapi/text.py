"""Reading and writing JSON text so that nothing a client sent is lost: strict in form, exact in numbers."""

from __future__ import annotations

import codecs
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from lrs.errors import BadRequest, TooLarge

MAX_DEPTH = 200
"""How deep arrays and objects may nest; the writer's own bound is 254."""

MAX_VALUES = 2_000_000
"""How many values one JSON text may hold: a list of empty lists takes thirty times its text in memory."""

# Numbers whose spelling a 64-bit float would not give back: an exponent, more digits than it holds,
# closing zeros, five zeros after the point (written as an exponent), minus nought. What looks like one inside a string
# costs a second reading and no more; the time of day in a timestamp must not, so closing zeros end with the value.
_DELICATE_NUMBER = re.compile(
    rb"[:\[,]\s*+(?:-?(?:\d++(?:\.\d++)?[eE]|[\d.]{16}|\d++\.\d+0\s*+[,\]}]|0\.0{5})|-0\s*+[,\]}])"
)
# Possessive (+), since the engine would keep 100 bytes a sign to step back by: gigabytes for a long string.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parsed:
    """JSON read twice over: `value` for checking, `literal` for keeping.

    `literal` is the same tree, but numbers that Python would spell differently are held as they were written.
    In nearly every case the two are one object.
    """

    value: Any
    literal: Any

    def items(self) -> tuple[Parsed, ...]:
        """Return the elements of an array, or this alone if it is not one."""
        if not isinstance(self.value, list):
            return (self,)
        return tuple(
            Parsed(value, literal) for value, literal in zip(self.value, self.literal, strict=True)
        )


def read_json(raw: bytes) -> Parsed:
    """Return the JSON in `raw` (UTF-8).

    Raises: BadRequest if it is not JSON, repeats a key in one object, nests deeper than MAX_DEPTH, holds NaN, an
    infinite number or half of a surrogate pair; TooLarge (413) if it holds more values than MAX_VALUES.
    Spec: Data 2.2; Communication 1.4.
    """
    # Editors on Windows put a byte order mark there, which says nothing (RFC 8259, 8.1).
    raw = raw.removeprefix(codecs.BOM_UTF8)
    _check_size(raw)
    _check_depth(raw)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        _refuse_malformed(
            problem, allowed="one JSON value in UTF-8, numbers finite, surrogates in pairs"
        )
    compact = orjson.dumps(value)
    if compact == raw:
        # As most programs write it: nothing was lost, and no number was spelled in another way.
        return Parsed(value, value)
    # A lost duplicate key takes its quotes along: equal counts mean that nothing was lost.
    if b"\\u0022" in raw or raw.count(b'"') != compact.count(b'"'):
        _check_keys(raw)
    if not _has_delicate_number(raw):
        return Parsed(value, value)
    return Parsed(value, read_literal(raw))


def demand_json(raw: bytes) -> None:
    """Return if `raw` is one JSON value in UTF-8: enough for what is kept byte for byte and not read here.

    RFC 8259 lets keys repeat, surrogates stand alone (a browser writes that of an emoji cut in two) and numbers grow
    beyond any float; depth is bounded, but never at or below MAX_DEPTH.
    Raises: BadRequest; TooLarge (413) if it holds more values than MAX_VALUES.
    """
    _check_size(raw)
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError as strict:
        try:
            # Integers as floats: Python refuses to read those of thousands of digits.
            json.loads(raw.decode(), parse_int=float, parse_constant=_refuse_constant)
        except RecursionError:
            _refuse_depth()
        except json.JSONDecodeError as problem:
            _refuse_malformed(problem, allowed="one JSON value in UTF-8")
        except ValueError:
            _refuse_malformed(strict, allowed="one JSON value in UTF-8")


def read_literal(raw: bytes) -> Any:
    """Return JSON that was accepted before, every number held just as it is spelled, for rewriting."""
    if not _has_delicate_number(raw):
        return orjson.loads(raw)
    return json.loads(raw, parse_float=_keep, parse_int=_keep)


def write_json(literal: Any) -> bytes:
    """Return the compact JSON text of a tree from `read_json(...).literal` or of plain values."""
    return orjson.dumps(literal)


def _has_delicate_number(raw: bytes) -> bool:
    if _DELICATE_NUMBER.search(raw) is not None:
        return True
    # A number alone, or behind white space.
    return raw[:1] not in (b"{", b"[") and raw.lstrip()[:1] not in (b"{", b"[", b'"')


def number_of(literal: Any) -> Any:
    """Return a number of a tree from `read_json(...).literal` as a number; any other value as it is."""
    return orjson.loads(orjson.dumps(literal)) if isinstance(literal, orjson.Fragment) else literal


def _keep(number: str) -> orjson.Fragment:
    return orjson.Fragment(number)


def _check_size(raw: bytes) -> None:
    if len(raw) <= MAX_VALUES or _values(raw) <= MAX_VALUES:
        return
    if _values(_STRING.sub(b"", raw)) > MAX_VALUES:
        raise TooLarge(
            "The JSON holds too many values.",
            code="json-too-large",
            allowed=f"at most {MAX_VALUES} values",
        )


def _values(raw: bytes) -> int:
    return raw.count(b",") + raw.count(b"[") + raw.count(b"{")


def _check_depth(raw: bytes) -> None:
    if raw.count(b"{") + raw.count(b"[") <= MAX_DEPTH:
        return
    depth = 0
    for byte in _STRING.sub(b"", raw):
        if byte in b"{[":
            depth += 1
            if depth > MAX_DEPTH:
                _refuse_depth()
        elif byte in b"}]":
            depth -= 1


def _refuse_depth() -> NoReturn:
    raise BadRequest(
        "The JSON nests too deep.",
        code="json-too-deep",
        allowed=f"at most {MAX_DEPTH} arrays and objects inside each other",
    ) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _refuse_malformed(problem: json.JSONDecodeError, *, allowed: str) -> NoReturn:
    reason = problem.msg if len(problem.msg) <= 80 else "malformed"  # noqa: PLR2004 a sentence, not a document
    raise BadRequest(
        f"The JSON is not well-formed: {reason} at line {problem.lineno}, column {problem.colno}.",
        code="json-malformed",
        allowed=allowed,
        section="Data 2.2",
    ) from None


def _check_keys(raw: bytes) -> None:
    repeated: list[tuple[dict[str, Any], str]] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs):
            counts = Counter(name for name, _ in pairs)
            repeated.append((built, next(name for name in counts if counts[name] > 1)))
        return built

    tree = json.loads(raw, object_pairs_hook=build)
    if repeated:
        holder, key = repeated[0]
        where = (pointer_to(holder, tree) or "") + pointer([key])
        raise BadRequest(
            "An object has the same key twice.",
            code="json-duplicate-key",
            pointer=where,
            allowed="each key once",
            section="Data 2.2",
        )


def pointer_to(sought: object, tree: Any) -> str | None:
    """Return the JSON pointer of the very object `sought` inside `tree`, or None."""
    if tree is sought:
        return ""
    parts = (
        enumerate(tree)
        if isinstance(tree, list)
        else tree.items()
        if isinstance(tree, dict)
        else ()
    )
    for part, child in parts:
        inner = pointer_to(sought, child)
        if inner is not None:
            return pointer([part]) + inner
    return None


def pointer(path: list[str | int]) -> str:
    """Return the RFC 6901 JSON pointer of a path of keys and indexes."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
