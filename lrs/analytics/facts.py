"""Facts: what reports need of a statement, in flat columns. Pure: the same statement always gives the same facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

from lrs.analytics.context import Places, places_of, same_suffix
from lrs.analytics.digests import digest
from lrs.analytics.video import played_segments
from lrs.taxonomy.roles import Meaning, meaning_of
from lrs.xapi import JsonObject
from lrs.xapi.agent import identities
from lrs.xapi.entry import Entry
from lrs.xapi.statement import is_voiding
from lrs.xapi.terms import parse_timestamp

FACTS_VERSION = 1
"""Raised whenever the facts of a statement change; a lake with older facts is rebuilt."""

SCALE = 10_000
"""Scores and other ratios are whole ten-thousandths: their sums are the same on every engine, in every order."""

COLUMNS: dict[str, str] = {
    "part": "text",  # "s": a statement; "p": a segment of a video that its statement says was played
    "month": "text",  # of the timestamp, UTC, "2026-01"
    "sequence": "long",
    "id": "text",
    "tie": "long",  # of the id: tells statements of one millisecond apart, in whatever order they came
    "moment": "long",  # the timestamp in milliseconds since 1970, UTC
    "day": "int",  # days since 1970 where the learner was
    "week": "int",  # the day on which that week's Monday fell
    "weekday": "int",  # 1 = Monday
    "hour": "int",
    "lag": "long",  # milliseconds from timestamp to stored
    "learner": "long",  # the key of the actor
    "actor": "text",
    "verb": "text",
    "stage": "text",  # click, view, completion, withdraw or ""
    "roles": "text",  # all roles, each between spaces
    "event": "text",
    "source": "text",
    "sender": "text",
    "activity": "long",
    "activity_id": "text",
    "activity_type": "text",
    "module": "long",
    "module_id": "text",
    "course": "long",
    "course_id": "text",
    "objective": "long",
    "registration": "long",
    "session": "long",
    "attempt": "int",
    "score": "int",
    "score_basis": "text",
    "success": "int",
    "completion": "int",
    "duration": "long",  # milliseconds
    "position": "long",  # milliseconds into the video
    "from_position": "long",
    "to_position": "long",
    "length": "long",  # milliseconds
    "progress": "int",
    "threshold": "int",
    "speed": "int",  # per cent
    "muted": "int",
    "captions": "int",
    "rating": "int",
    "response": "text",
    "correct": "text",
    "device": "text",
    "revision": "text",
    "channel": "text",
}
"""Name -> kind: text, int (32 bits) or long (64 bits). Empty texts and noughts stand for what a statement leaves out
where reports group by a column; None where they compute with it."""

_PART, _FROM, _TO = (list(COLUMNS).index(name) for name in ("part", "from_position", "to_position"))
_DURATION = re.compile(
    r"P(?:([\d.,]+)W)?(?:([\d.,]+)Y)?(?:([\d.,]+)M)?(?:([\d.,]+)D)?"
    r"(?:T(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?"
)
_UNITS = (7 * 86_400, 365 * 86_400, 30 * 86_400, 86_400, 3_600, 60, 1)
_LONGEST = 100 * 365 * 86_400
_DAY = 86_400_000
_CHOSEN = {"choice", "true-false", "likert", "sequencing", "numeric", "matching", "performance"}
_RESPONSE = 200
_LARGEST = 1e15
_NONE: Mapping[str, Any] = {}
_VIDEO = "https://w3id.org/xapi/video/extensions/"
_LOCAL = re.compile(r"([+-])(\d\d):?(\d\d)?$")
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday

Fact = tuple[Any, ...]
"""The values of COLUMNS, in their order."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of a batch of statements, and the ids of the statements that it voids."""

    rows: Sequence[Fact]
    voids: Sequence[str]


def facts_of(
    entries: Sequence[Entry],
    zone: tzinfo = UTC,
    meaning: Callable[[JsonObject], Meaning] = meaning_of,
) -> Facts:
    """Return the facts of statements; `zone` is the local time of those that tell none, `meaning` what they count as.

    Voided and voiding statements have no facts.
    """
    rows: list[Fact] = []
    voids = []
    for entry in entries:
        statement = entry.statement
        if is_voiding(statement):
            voids.append(statement["object"]["id"].lower())
        elif not entry.voided:
            rows.extend(_facts(entry, statement, zone, meaning(statement)))
    return Facts(rows, voids)


def _facts(entry: Entry, statement: JsonObject, zone: tzinfo, meaning: Meaning) -> list[Fact]:
    values = _values(entry, statement, zone, meaning)
    fact = tuple(map(values.get, COLUMNS))
    extensions = (statement.get("result") or _NONE).get("extensions") or _NONE
    segments = extensions.get(_VIDEO + "played-segments")
    if not isinstance(segments, str) or not segments:
        return [fact]
    played = list(fact)
    facts = [fact]
    for start, end in played_segments(segments, values["length"]):
        played[_PART], played[_FROM], played[_TO] = "p", start, end
        facts.append(tuple(played))
    return facts


def _values(entry: Entry, statement: JsonObject, zone: tzinfo, meaning: Meaning) -> dict[str, Any]:
    result = statement.get("result") or _NONE
    context = statement.get("context") or _NONE
    target = statement["object"]
    return {
        "part": "s",
        "sequence": entry.sequence,
        "id": entry.id,
        "tie": int(entry.id[24:], 16),
        **_time(entry, statement["timestamp"], zone),
        **_who(statement),
        "verb": meaning.verb,
        "stage": meaning.funnel or "",
        "roles": _roles(meaning.roles),
        "event": meaning.event or "",
        "source": meaning.source,
        **_where(places_of(statement)),
        "registration": digest("registration", str(context.get("registration", "")).lower()),
        **_result(result, meaning),
        **_details(result, context, target),
    }


def _time(entry: Entry, timestamp: str, zone: tzinfo) -> dict[str, Any]:
    microseconds = parse_timestamp(timestamp)
    at = microseconds // 1000
    local = at + _offset(timestamp, at, zone)
    day = local // _DAY
    weekday = (day + _EPOCH_WEEKDAY) % 7
    return {
        "month": _month(at // _DAY),
        "moment": at,
        "day": day,
        "week": day - weekday,
        "weekday": weekday + 1,
        "hour": local % _DAY // 3_600_000,
        "lag": entry.sequence // 1000 - at,
    }


def _offset(timestamp: str, at: int, zone: tzinfo) -> int:
    """Return by how many milliseconds local time is ahead: as the timestamp says, else that of the zone.

    A timestamp in UTC tells nothing of where the learner was: most senders write no other.
    """
    found = _LOCAL.search(timestamp, 11)
    if found is not None:
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        if minutes:
            return (minutes if found[1] == "+" else -minutes) * 60_000
    if str(zone) == "UTC":
        return 0
    return _zone_offset(at // 900_000, zone)


@lru_cache(4096)
def _zone_offset(quarter: int, zone: tzinfo) -> int:
    offset = zone.utcoffset(datetime.fromtimestamp(quarter * 900, UTC).astimezone(zone))
    return 0 if offset is None else int(offset.total_seconds()) * 1000


@lru_cache(4096)
def _month(day: int) -> str:
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m")


def _who(statement: JsonObject) -> dict[str, Any]:
    actor = "&".join(sorted(identities(statement["actor"])))
    authority = statement["authority"]
    account = authority.get("account") or _NONE
    return {
        "learner": digest("agent", actor),
        "actor": actor,
        "sender": str(account.get("name", "")),
    }


def _where(places: Places) -> dict[str, Any]:
    return {
        "activity": digest("activity", places.activity),
        "activity_id": places.activity,
        "activity_type": places.type,
        "module": digest("activity", places.module),
        "module_id": places.module,
        "course": digest("activity", places.course),
        "course_id": places.course,
        "objective": digest("activity", places.objective or places.course),
    }


@lru_cache(1024)
def _roles(roles: frozenset[str]) -> str:
    return f" {' '.join(sorted(roles))} " if roles else ""


def _result(result: Mapping[str, Any], meaning: Meaning) -> dict[str, Any]:
    success = result.get("success")
    if success is None and ("pass" in meaning.roles or "fail" in meaning.roles):
        success = "pass" in meaning.roles
    return {
        "score": None if meaning.score is None else round(meaning.score * SCALE),
        "score_basis": meaning.score_basis or "",
        "success": None if success is None else int(success),
        "completion": int("completion" in meaning.roles),
        "duration": milliseconds(result.get("duration")),
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


def _details(
    result: Mapping[str, Any], context: Mapping[str, Any], target: JsonObject
) -> dict[str, Any]:
    given = result.get("extensions") or _NONE
    around = context.get("extensions") or _NONE
    if not around and not given:
        return {**_NO_DETAILS, **_response(result, target), **_platform(context)}
    length = seconds_of(around.get(_VIDEO + "length", given.get(_VIDEO + "length")))
    return {
        "session": digest("session", _text(around, "session-id", "sessionid")),
        "attempt": _count(same_suffix(around, "attempt-id", "attempt", "attempt-number")),
        "position": seconds_of(given.get(_VIDEO + "time")),
        "from_position": seconds_of(given.get(_VIDEO + "time-from")),
        "to_position": seconds_of(given.get(_VIDEO + "time-to")),
        "length": length,
        "progress": _progress(given),
        "threshold": _ratio(around.get(_VIDEO + "completion-threshold")),
        "speed": _speed(around.get(_VIDEO + "speed")),
        "muted": int(_number(around.get(_VIDEO + "volume")) == 0),
        "captions": int(around.get(_VIDEO + "cc-subtitle-enabled") is True),
        "rating": _rating(same_suffix(given, "quality-rating", "rating")),
        **_response(result, target),
        **_platform(context, around),
        "channel": _text(around, "channel"),
    }


def _progress(given: Mapping[str, Any]) -> int | None:
    found = given.get("https://w3id.org/xapi/cmi5/result/extensions/progress")
    if found is not None:
        number = _number(found)
        return None if number is None else _ratio(number / 100)
    return _ratio(given.get(_VIDEO + "progress"))


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


_MOBILE = re.compile(r"mobile|android|iphone|ios|phone|tablet|ipad", re.IGNORECASE)
_DESKTOP = re.compile(r"desktop|windows|mac|linux|web|browser|laptop", re.IGNORECASE)


def _platform(context: Mapping[str, Any], around: Mapping[str, Any] = _NONE) -> dict[str, Any]:
    told = _text(around, "device-type", "device", "user-agent") or str(context.get("platform", ""))
    return {"device": _device_class(told), "revision": str(context.get("revision", ""))}


_NO_DETAILS: Mapping[str, Any] = {"session": 0, "muted": 0, "captions": 0, "channel": ""}


@lru_cache(1024)
def _device_class(told: str) -> str:
    """Return only the class of a device: the whole of a user agent would single people out."""
    if _MOBILE.search(told):
        return "mobile"
    return "desktop" if _DESKTOP.search(told) else ""


def _text(extensions: Mapping[str, Any], *names: str) -> str:
    found = same_suffix(extensions, *names)
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
