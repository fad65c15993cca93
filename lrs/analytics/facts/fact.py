"""Facts: what reports need of a statement, in flat columns. Pure: the same statement always gives the same facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import Any

from lrs.analytics.facts.context import Places, places_of
from lrs.analytics.facts.details import VIDEO, details_of, result_of
from lrs.analytics.facts.digests import digest
from lrs.analytics.facts.telling import COLUMNS as TOLD
from lrs.analytics.facts.telling import told_of
from lrs.analytics.facts.times import times_of
from lrs.analytics.facts.video import played_segments
from lrs.taxonomy.roles import Meaning, meaning_of
from lrs.xapi import JsonObject
from lrs.xapi.agent import identities
from lrs.xapi.entry import Entry
from lrs.xapi.statement import is_voiding

FACTS_VERSION = 7
"""Raised whenever the facts of a statement change; a lake with older facts is rebuilt."""

COLUMNS: dict[str, str] = {
    "part": "text",  # "s": a statement; "p": a segment of a video that its statement says was played
    "month": "text",  # of the timestamp, UTC, "2026-01"
    "sequence": "long",
    "id": "text",
    "tie": "int",  # of the id: tells statements of one millisecond apart, in whatever order they came
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
    "course_done": "int",  # 1: the whole course is completed, or its certificate earned
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
    "rated": "long",  # the key, as in `learner`, of who is rated, if that is a person
    "rated_id": "text",  # that person, as in `actor`
    "response": "text",
    "correct": "text",
    "device": "text",
    "revision": "text",
    "channel": "text",
    "origin": "text",  # the utm source of a sign-up; the source that a lead or a trial tells
    "referrer": "long",  # the key, as in `learner`, of who brought the learner
    **TOLD,
    "valid_until": "int",  # the last day on which a certificate is valid
}
"""Name -> kind: text, int (32 bits) or long (64 bits). Empty texts and noughts stand for what a statement leaves out
where reports group by a column; None where they compute with it."""

_PART, _FROM, _TO = (list(COLUMNS).index(name) for name in ("part", "from_position", "to_position"))
_NONE: Mapping[str, Any] = {}

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
    segments = extensions.get(VIDEO + "played-segments")
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
    places = places_of(statement)
    return {
        "part": "s",
        "sequence": entry.sequence,
        "id": entry.id,
        "tie": int(entry.id[28:], 16) & 0x7FFFFFFF,
        **times_of(entry, statement["timestamp"], zone),
        **_who(statement),
        "verb": meaning.verb,
        "stage": meaning.funnel or "",
        "roles": _roles(meaning.roles),
        "event": meaning.event or "",
        "source": meaning.source,
        **_where(places),
        "course_done": int(_is_course_done(places, meaning.roles)),
        "registration": digest("registration", str(context.get("registration", "")).lower()),
        **result_of(result, meaning, target),
        **details_of(result, context, target),
        **told_of(result, context, meaning),
    }


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


def _is_course_done(places: Places, roles: frozenset[str]) -> bool:
    whole = places.activity == places.course != ""
    if "completion" in roles:
        return whole
    return "earn" in roles and (whole or places.type.endswith("certificate"))


@lru_cache(1024)
def _roles(roles: frozenset[str]) -> str:
    return f" {' '.join(sorted(roles))} " if roles else ""
