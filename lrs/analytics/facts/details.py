"""What a statement's result and extensions tell, in whole numbers and short texts. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lrs.analytics.facts.context import by_suffix
from lrs.analytics.facts.days import day_of
from lrs.analytics.facts.digests import digest
from lrs.taxonomy.roles import Meaning
from lrs.xapi import JsonObject
from lrs.xapi.agent import ifi_of

SCALE = 10_000
"""Scores and other ratios are whole ten-thousandths: their sums are the same on every engine, in every order."""

_DURATION = re.compile(
    r"P(?:([\d.,]+)W)?(?:([\d.,]+)Y)?(?:([\d.,]+)M)?(?:([\d.,]+)D)?"
    r"(?:T(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?"
)
_UNITS = (7 * 86_400, 365 * 86_400, 30 * 86_400, 86_400, 3_600, 60, 1)
_LONGEST = 100 * 365 * 86_400
_CHOSEN = {"choice", "true-false", "likert", "sequencing", "numeric", "matching", "performance"}
_RESPONSE = 200
_UNTIL = ("valid-until", "expires", "expiry-date")
_LARGEST = 1e15
_NONE: Mapping[str, Any] = {}
VIDEO = "https://w3id.org/xapi/video/extensions/"
_VIDEO_TYPE = "https://w3id.org/xapi/video/activity-type/video"
_OPEN_EDX = "open-edx"
_PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"


def result_of(result: Mapping[str, Any], meaning: Meaning, target: JsonObject) -> dict[str, Any]:
    """Return the columns of a fact that the result tells."""
    success = result.get("success")
    if success is None and ("pass" in meaning.roles or "fail" in meaning.roles):
        success = "pass" in meaning.roles
    duration = milliseconds(result.get("duration"))
    if meaning.source == _OPEN_EDX:
        # It tells the length of a completed video as its duration, and success of nothing but full marks.
        if (target.get("definition") or _NONE).get("type") == _VIDEO_TYPE:
            duration = None
        if not success and meaning.score_basis and meaning.score != 0:
            success = None
    return {
        "score": None if meaning.score is None else round(meaning.score * SCALE),
        "score_basis": meaning.score_basis or "",
        "success": None if success is None else int(success),
        "completion": int("completion" in meaning.roles),
        "duration": duration,
    }


def milliseconds(duration: str | None) -> int | None:
    """Return an ISO 8601 duration in milliseconds: a month has 30 days, a year 365; None if over 100 years."""
    found = None if duration is None else _DURATION.fullmatch(duration)
    if found is None:
        return None
    seconds = sum(
        float(part.replace(",", ".")) * unit
        for part, unit in zip(found.groups(), _UNITS, strict=True)
        if part is not None
    )
    return round(seconds * 1000) if seconds <= _LONGEST else None


def details_of(
    result: Mapping[str, Any], context: Mapping[str, Any], target: JsonObject
) -> dict[str, Any]:
    """Return the columns of a fact that extensions, the response and the platform tell."""
    given = result.get("extensions") or _NONE
    around = context.get("extensions") or _NONE
    if not around and not given:
        return {**_NO_DETAILS, **_response(result, target), **_platform(context, _NONE)}
    named, told = by_suffix(around), by_suffix(given)
    length = seconds_of(around.get(VIDEO + "length", given.get(VIDEO + "length")))
    return {
        "session": digest("session", _text(named, "session-id", "sessionid")),
        "attempt": _count(_any(named, "attempt-id", "attempt", "attempt-number")),
        "position": seconds_of(given.get(VIDEO + "time")),
        "from_position": seconds_of(given.get(VIDEO + "time-from")),
        "to_position": seconds_of(given.get(VIDEO + "time-to")),
        "length": length,
        "progress": _progress(given),
        "threshold": _ratio(around.get(VIDEO + "completion-threshold")),
        "speed": _speed(around.get(VIDEO + "speed")),
        "muted": int(_number(around.get(VIDEO + "volume")) == 0),
        "captions": int(around.get(VIDEO + "cc-subtitle-enabled") is True),
        **_rated(_rating(_any(told, "quality-rating", "rating")), target),
        **_response(result, target),
        **_platform(context, named),
        "channel": _text(named, "channel"),
        "origin": _text(named, "utm-source", "source"),
        "referrer": _agent(named.get("referrer")),
        "valid_until": _day(_text(told, *_UNTIL) or _text(named, *_UNTIL)),
    }


def _agent(value: Any) -> int:
    """Return the key of an agent in an extension, where anything may stand; 0 if it is none."""
    if not isinstance(value, dict):
        return 0
    try:
        return digest("agent", ifi_of(value) or "")
    except (KeyError, TypeError, AttributeError, UnicodeError):
        return 0


def _day(text: str) -> int | None:
    """Return the day that a time is written in, wherever its zone is; days since 1970."""
    try:
        return day_of(text[:10])
    except ValueError:
        return None


def _progress(given: Mapping[str, Any]) -> int | None:
    found = given.get(_PROGRESS)
    if found is not None:
        number = _number(found)
        return None if number is None else _ratio(number / 100)
    return _ratio(given.get(VIDEO + "progress"))


def _response(result: Mapping[str, Any], target: JsonObject) -> dict[str, Any]:
    """Return the answer to a question of which the possible answers are known: never what people write."""
    definition = target.get("definition") or _NONE
    response = result.get("response")
    if response is None or definition.get("interactionType") not in _CHOSEN:
        return {"response": "", "correct": ""}
    patterns = definition.get("correctResponsesPattern") or ("",)
    return {"response": str(response)[:_RESPONSE], "correct": str(patterns[0])[:_RESPONSE]}


def _rating(value: Any) -> int | None:
    if isinstance(value, dict):
        low, high = _number(value.get("min")), _number(value.get("max"))
        rating = _number(value.get("value", value.get("rating", value.get("raw"))))
        if rating is None or low is None or high is None or high <= low:
            return None
        return _ratio((rating - low) / (high - low))
    rating = _number(value)
    return None if rating is None else _ratio((rating - 1) / 4)


def _rated(rating: int | None, target: JsonObject) -> dict[str, Any]:
    """Return the rating, and who is rated: an instructor, whom the statement has as its object."""
    is_person = rating is not None and target.get("objectType") in ("Agent", "Group")
    who = (ifi_of(target) or "") if is_person else ""
    return {"rating": rating, "rated": digest("agent", who), "rated_id": who}


_MOBILE = re.compile(r"mobile|android|iphone|ios|phone|tablet|ipad", re.IGNORECASE)
_DESKTOP = re.compile(r"desktop|windows|mac|linux|web|browser|laptop", re.IGNORECASE)


def _platform(context: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    told = _text(named, "device-type", "device", "user-agent") or str(context.get("platform", ""))
    return {"device": _device_class(told), "revision": str(context.get("revision", ""))}


_NO_DETAILS: Mapping[str, Any] = {
    "session": 0, "muted": 0, "captions": 0, "channel": "", "origin": "", "referrer": 0,
    "rated": 0, "rated_id": "",
}  # fmt: skip


@lru_cache(1024)
def _device_class(told: str) -> str:
    """Return only the class of a device: the whole of a user agent would single people out."""
    if _MOBILE.search(told):
        return "mobile"
    return "desktop" if _DESKTOP.search(told) else ""


def _any(named: Mapping[str, Any], *names: str) -> Any:
    for name in names:
        if name in named:
            return named[name]
    return None


def _text(named: Mapping[str, Any], *names: str) -> str:
    found = _any(named, *names)
    return found[:_RESPONSE] if isinstance(found, str) else ""


def _count(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and 0 <= number < 1_000_000 else None  # noqa: PLR2004


def _ratio(value: Any) -> int | None:
    number = _number(value)
    return round(number * SCALE) if number is not None and 0 <= number <= 1 else None


def _speed(value: Any) -> int | None:
    number = _number(value.rstrip("xX")) if isinstance(value, str) else _number(value)
    return round(number * 100) if number is not None and 0 < number <= 16 else None  # noqa: PLR2004


def seconds_of(value: Any) -> int | None:
    """Return a number of seconds in milliseconds, or None if it is none or not sensible."""
    number = _number(value)
    return round(number * 1000) if number is not None and 0 <= number <= _LONGEST else None


def _number(value: Any) -> float | None:
    if value is None or isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < _LARGEST else None
