"""The types that a property of an event can have: what is allowed, as a check and as JSON Schema."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lrs.errors import BadRequest
from lrs.taxonomy.problems import Problem, problem
from lrs.xapi import JsonObject
from lrs.xapi.terms import parse_timestamp

MAX_ID = 512
_LENGTHS = {"word": 200, "title": 500, "text": 2_000}
_MAX_WORDS = 100
_MAX_SEGMENTS = 20_000
_MAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\".]{1,63}\.[^\W\d_]")
_DATE = re.compile(r"(?<!\d)[0-3]?\d([./-])[01]?\d\1\d{4}(?![./-]?\d)")
# As people of North America write numbers, then as others do: nine digits or more with signs between them.
_NORTH_AMERICAN = re.compile(
    r"(?<![\w.-])(?:1[ .-])?(?:[2-9]\d{2}[ .-]|\([2-9]\d{2}\) ?)\d{3}[ .-]\d{4}(?![\w-])"
)
_PHONE = re.compile(r"(?<![\w.-])(?:\+\d|\(\d|0\d)[\d ()/.-]{6,20}\d(?![\w-])")
_PHONE_DIGITS = 9
_SEGMENTS = re.compile(r"(?:\d+(?:\.\d+)?\[\.\]\d+(?:\.\d+)?(?:\[,\](?=\d)|$))*")


@dataclass(frozen=True, slots=True)
class Kind:
    """What the values of a property must be."""

    type: str
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    values: frozenset[str] | None = None
    null: bool = False

    def problem(self, value: Any, pointer: str) -> Problem | None:
        """Return what is wrong with a value, or None."""
        if value is None:
            return None if self.null else problem("E_TYPE", pointer, allowed=self.allowed)
        code = _CHECKS[self.type](self, value)
        return None if code is None else problem(code, pointer, allowed=self.allowed)

    @property
    def allowed(self) -> str:
        """What would be right, in words."""
        words = _NAMES[self.type]
        if self.values is not None:
            return f"one of {', '.join(sorted(self.values))}" if len(self.values) < 30 else words  # noqa: PLR2004
        if self.minimum is not None:
            words += f", at least {self.minimum:g}"
        if self.above is not None:
            words += f", above {self.above:g}"
        if self.maximum is not None:
            words += f", at most {self.maximum:g}"
        return words + (", or null" if self.null else "")

    def schema(self) -> JsonObject:
        """Return the JSON Schema of the values; what looks like personal data is refused beyond it."""
        schema: JsonObject = {**_SCHEMAS[self.type]}
        bounds = {
            "minimum": self.minimum,
            "maximum": self.maximum,
            "exclusiveMinimum": self.above,
        }
        schema |= {name: bound for name, bound in bounds.items() if bound is not None}
        if self.values is not None:
            schema = {"enum": sorted(self.values) + ([None] if self.null else [])}
        elif self.null:
            named = schema["type"]
            schema["type"] = [*(named if isinstance(named, list) else [named]), "null"]
        return schema


def looks_personal(text: str) -> bool:
    """Whether a text holds what looks like an e-mail address or a telephone number."""
    return holds_mail(text) or bool(_phones(text))


def holds_mail(text: str) -> bool:
    """Whether a text holds what looks like an e-mail address, however it is spelled."""
    text = _plain(text)
    return "@" in text and _MAIL.search(text) is not None


def names_person(text: str) -> bool:
    """Whether an id is an e-mail address or a telephone number; digits alone may be any number."""
    return holds_mail(text) or any(not one.isdigit() for one in _phones(text))


def _phones(text: str) -> list[str]:
    text = _DATE.sub("x", _plain(text))
    found = [one[0] for one in _NORTH_AMERICAN.finditer(text)]
    return found + [
        one[0]
        for one in _PHONE.finditer(text)
        if sum(sign.isdigit() for sign in one[0]) >= _PHONE_DIGITS
    ]


def _plain(text: str) -> str:
    """Return the text as it reads: nothing escaped as in an address, no wide letters."""
    if "%" in text:
        text = unquote(text)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _text(kind: Kind, value: Any) -> str | None:
    if not isinstance(value, str):
        return "E_TYPE"
    if kind.values is not None:
        return None if value in kind.values else "E_ENUM"
    if len(value) > _LENGTHS[kind.type]:
        return "E_RANGE"
    return "E_PII" if looks_personal(value) else None


def _id(_: Kind, value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return None
    if not isinstance(value, str):
        return "E_TYPE"
    if not value.strip() or len(value.encode()) > MAX_ID:
        return "E_ID"
    return "E_PII" if holds_mail(value) else None


def _one_of(kind: Kind, value: Any) -> str | None:
    if not isinstance(value, str):
        return "E_TYPE"
    return None if kind.values is not None and value in kind.values else "E_ENUM"


def _number(kind: Kind, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "E_TYPE"
    if isinstance(value, float) and not math.isfinite(value):
        return "E_TYPE"
    low = (kind.minimum is not None and value < kind.minimum) or (
        kind.above is not None and value <= kind.above
    )
    return "E_RANGE" if low or (kind.maximum is not None and value > kind.maximum) else None


def _integer(kind: Kind, value: Any) -> str | None:
    if isinstance(value, float) and not value.is_integer():
        return "E_TYPE"
    return _number(kind, value)


def _boolean(_: Kind, value: Any) -> str | None:
    return None if isinstance(value, bool) else "E_TYPE"


def _words(_: Kind, value: Any) -> str | None:
    if not isinstance(value, list):
        return "E_TYPE"
    if len(value) > _MAX_WORDS:
        return "E_RANGE"
    word = Kind("word")
    return next((code for one in value if (code := _text(word, one)) is not None), None)


def _time(_: Kind, value: Any) -> str | None:
    if not isinstance(value, str):
        return "E_TYPE"
    try:
        parse_timestamp(value)
    except BadRequest:
        return "E_TYPE"
    return None


def _segments(_: Kind, value: Any) -> str | None:
    if not isinstance(value, str):
        return "E_TYPE"
    if len(value) > _MAX_SEGMENTS:
        return "E_RANGE"
    return None if _SEGMENTS.fullmatch(value) is not None else "E_TYPE"


_CHECKS: dict[str, Callable[[Kind, Any], str | None]] = {
    "id": _id,
    "word": _text,
    "title": _text,
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "words": _words,
    "currency": _one_of,
    "content": _one_of,
    "time": _time,
    "segments": _segments,
}
TYPES = tuple(_CHECKS)
_NAMES = {
    "id": f"a string of 1 to {MAX_ID} bytes, no e-mail address",
    "word": "a short string",
    "title": "a string",
    "text": "a string without personal data",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "words": "an array of short strings",
    "currency": "an ISO 4217 code",
    "content": "a content type",
    "time": "an ISO 8601 timestamp",
    "segments": "played segments as the video profile writes them, such as 0[.]12.5[,]20[.]31",
}
_SCHEMAS: dict[str, JsonObject] = {
    "id": {"type": ["string", "integer"], "minLength": 1, "maxLength": MAX_ID, "pattern": "\\S"},
    **{name: {"type": "string", "maxLength": length} for name, length in _LENGTHS.items()},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "words": {
        "type": "array",
        "maxItems": _MAX_WORDS,
        "items": {"type": "string", "maxLength": _LENGTHS["word"]},
    },
    "currency": {"type": "string"},
    "content": {"type": "string"},
    "time": {"type": "string", "format": "date-time"},
    "segments": {"type": "string", "maxLength": _MAX_SEGMENTS},
}
