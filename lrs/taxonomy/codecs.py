"""From the value of a property to its place in a statement, and back: one pair of functions for each form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Encode = Callable[[Any], Any]

_SECONDS = re.compile(r"PT([0-9]+(?:\.[0-9]+)?)S")
_DAYS = re.compile(r"P([0-9]+)D")
_FINEST = 1000
"""Durations are whole milliseconds."""
LONGEST = {"seconds": 3_155_760_000, "minutes": 52_596_000, "hours": 876_600, "days": 36_525}
"""The longest duration that is taken, a hundred years, in the unit of each codec."""


@dataclass(frozen=True, slots=True)
class Codec:
    """Both ways. `decode` may be given anything that a statement can hold there: it then returns None."""

    encode: Encode
    decode: Encode


def duration(unit: float) -> Codec:
    """Return the codec of an ISO 8601 duration in seconds; `unit` is how many seconds one of the values lasts."""

    def encode(value: Any) -> str:
        milliseconds = round(value * unit * _FINEST)
        whole, rest = divmod(milliseconds, _FINEST)
        fraction = f".{rest:03d}".rstrip("0") if rest else ""
        return f"PT{whole}{fraction}S"

    def decode(value: Any) -> float | int | None:
        found = _SECONDS.fullmatch(value) if isinstance(value, str) else None
        return None if found is None else _plain(float(found[1]) / unit)

    return Codec(encode, decode)


def _plain(number: float) -> float | int:
    """Return a whole number as an int: that is how senders write it."""
    return int(number) if number.is_integer() else number


def _encode_days(value: Any) -> str:
    return f"P{int(value)}D"


def _decode_days(value: Any) -> int | None:
    found = _DAYS.fullmatch(value) if isinstance(value, str) else None
    return None if found is None else int(found[1])


def _encode_score(value: Any) -> dict[str, Any]:
    return {"scaled": value / 100, "raw": value, "min": 0, "max": 100}


def _encode_speed(value: Any) -> str:
    return f"{value}x"


def _decode_speed(value: Any) -> float | int | None:
    if not isinstance(value, str):
        return None
    try:
        number = float(value.removesuffix("x"))
    except ValueError:
        return None
    return _plain(number)


def _encode_rating(value: Any) -> dict[str, Any]:
    return {"rating": value, "min": 1, "max": 5}


def _encode_ratio(value: Any) -> float:
    return float(value) / 100


def _decode_ratio(value: Any) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _plain(round(value * 100, 10))


def _same(value: Any) -> Any:
    return value


def _member(name: str) -> Encode:
    return lambda value: value.get(name) if isinstance(value, dict) else None


CODECS: dict[str, Codec] = {
    "as-is": Codec(_same, _same),
    "seconds": duration(1),
    "minutes": duration(60),
    "hours": duration(3600),
    "days": Codec(_encode_days, _decode_days),
    "speed": Codec(_encode_speed, _decode_speed),
    "ratio": Codec(_encode_ratio, _decode_ratio),
    "rating": Codec(_encode_rating, _member("rating")),
    "score": Codec(_encode_score, _member("raw")),
    "revision": Codec(str, _same),
}


def person(home_page: str) -> Codec:
    """Return the codec of a person: an Agent with an account at `home_page`."""

    def encode(value: Any) -> dict[str, Any]:
        account = {"homePage": home_page, "name": str(value)}
        return {"objectType": "Agent", "account": account}

    def decode(value: Any) -> Any:
        account = value.get("account") if isinstance(value, dict) else None
        return account.get("name") if isinstance(account, dict) else None

    return Codec(encode, decode)
