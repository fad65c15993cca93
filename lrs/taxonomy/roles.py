"""What a statement means for reports, whoever sent it: roles, funnel stage, event and normalised score.

The tables are data: `vocabulary/verbs.toml` (verbs, their other names, and cases), `vocabulary/sources.toml` (systems
and their score scales), and `roles` and `funnel` of the events in `catalog/`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any, Literal

from lrs.taxonomy.events import FOLDER, own_tables
from lrs.taxonomy.scores import Score, score_of
from lrs.xapi import JsonObject

Funnel = Literal["click", "view", "completion", "withdraw"]

PROFILE_PATH = "profile/edtech-taxonomy/v1"
"""What the id of the category of our own events ends in; before it stands their vocabulary."""
_PROGRESS = (
    ("https://w3id.org/xapi/cmi5/result/extensions/progress", 100),
    ("https://w3id.org/xapi/video/extensions/progress", 1),
)
_NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a statement counts as."""

    verb: str
    """The verb's IRI in its canonical form, whatever other name for it was sent."""
    roles: frozenset[str]
    """All that it counts as, see verbs.toml; click, view, completion and withdraw among them."""
    funnel: Funnel | None
    """The one stage it counts for, or None: "other"."""
    event: str | None
    """The name of the event of the taxonomy that it was mapped from."""
    source: str
    """cmi5, moodle, open-edx, scorm, video, taxonomy or other."""
    score: float | None
    """The normalised score, 0..1."""
    score_basis: str | None
    """raw, scaled or signed: what the score was computed from; unusable if there was one that says nothing."""
    score_mismatch: bool
    """Whether the scaled score that came along says something else than the raw one that was used."""


@dataclass(frozen=True, slots=True)
class _Counts:
    roles: frozenset[str]
    funnel: Funnel | None
    whole: bool = True
    outcome: bool = False
    cases: tuple[tuple[tuple[tuple[str, Any], ...], _Counts], ...] = ()


@dataclass(frozen=True, slots=True)
class _Source:
    name: str
    signed: bool


_OTHER = _Counts(frozenset(), None)
_UNKNOWN = _Source("other", signed=False)
_TAXONOMY = _Source("taxonomy", signed=False)


class Roles:
    """Tells what statements mean; a pure function with its tables."""

    def __init__(
        self, verbs: JsonObject, sources: JsonObject, events: Mapping[str, JsonObject]
    ) -> None:
        """Take the parsed tables; `events` are those of the catalog, by name."""
        self.tables = verbs
        self.fingerprint = _fingerprint((verbs, sources, events))
        """Changes whenever a table does: what was told by other tables may be outdated."""
        self._canonical: dict[str, str] = {}
        self._verbs: dict[str, _Counts] = {}
        for iri, table in verbs["verb"].items():
            self._verbs[iri] = _counts(table)
            self._canonical[iri] = iri
            self._canonical.update(dict.fromkeys(table.get("aliases", ()), iri))
        self._prefixes: Mapping[str, str] = sources["alias"]
        tables = list(enumerate(sources["source"]))
        self._sources = tuple(
            _Source(table["name"], signed=table.get("scaled") == "signed") for _, table in tables
        )
        # What tells a source -> its place in the list, of which the first decides.
        self._categories = _marks(tables, "category")
        self._extensions = _marks(tables, "extension")
        self._platforms = _marks(tables, "platform")
        self._inside = tuple(
            (place, (table["inside"][0], table["inside"][1]))
            for place, table in tables
            if "inside" in table
        )
        self._events = {name: _counts(table) for name, table in events.items() if "roles" in table}

    def of(self, statement: JsonObject) -> Meaning:
        """Return what a valid statement means.

        A statement whose result says completion is a completion, but for answers and the like (`whole = false`); one
        with a duration, or with played segments, is evidence of a view.
        """
        context: Mapping[str, Any] = statement.get("context") or _NONE
        result: Mapping[str, Any] = statement.get("result") or _NONE
        verb = self.canonical(statement["verb"]["id"])
        event, source = self._origin(context)
        counts = self._events.get(event) if event is not None else None
        if counts is None:
            counts = self._verbs.get(verb, _OTHER)
            for conditions, case in counts.cases:
                if _holds(conditions, statement, result, source.name):
                    counts = case
                    break
        roles, funnel = counts.roles, counts.funnel
        if result:
            roles, funnel = _with_result(roles, funnel, counts, result)
        score = score_of(result["score"], signed=source.signed) if "score" in result else Score()
        return Meaning(
            verb, roles, funnel, event, source.name, score.value, score.basis, score.mismatch
        )

    def canonical(self, verb: str) -> str:
        """Return the IRI under which a verb stands in the table, or the IRI itself if it is in none."""
        known = self._canonical.get(verb)
        if known is not None:
            return known
        for prefix, meant in self._prefixes.items():
            if verb.startswith(prefix):
                known = self._canonical.get(meant + verb[len(prefix) :])
                if known is not None:
                    return known
        return verb

    def _origin(self, context: Mapping[str, Any]) -> tuple[str | None, _Source]:
        """Return the event of the taxonomy, if it is one, and the source."""
        if not context:
            return None, _UNKNOWN
        extensions: Mapping[str, Any] = context.get("extensions") or _NONE
        categories = _categories(context)
        for category in categories:
            if category.endswith(PROFILE_PATH):
                event = extensions.get(category[: -len(PROFILE_PATH)] + "event")
                return (event if isinstance(event, str) else None), _TAXONOMY
        places = [self._categories[one] for one in categories if one in self._categories]
        places += [self._extensions[one] for one in extensions if one in self._extensions]
        places += [place for place, inside in self._inside if _is_inside(inside, extensions)]
        if context.get("platform") in self._platforms:
            places.append(self._platforms[context["platform"]])
        return None, self._sources[min(places)] if places else _UNKNOWN


def load_roles(events: Mapping[str, JsonObject]) -> Roles:
    """Return the roles with the tables that travel with the code and these events of a catalog, by name."""
    return Roles(_read("vocabulary/verbs.toml"), _read("vocabulary/sources.toml"), events)


@cache
def roles() -> Roles:
    """Return the roles with all tables that travel with the code, read at the first call."""
    return load_roles(own_tables())


def meaning_of(statement: JsonObject) -> Meaning:
    """Return what a valid statement means, by the tables that travel with the code."""
    return roles().of(statement)


def _read(name: str) -> JsonObject:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))


def _counts(table: JsonObject) -> _Counts:
    cases = []
    for case in table.get("when", ()):
        conditions = {
            name: demanded for name, demanded in case.items() if name not in ("roles", "funnel")
        }
        cases.append((tuple(conditions.items()), _counts({**table, **case, "when": ()})))
    whole, outcome = table.get("whole", True), table.get("outcome", False)
    funnel = table.get("funnel")
    return _Counts(frozenset(table["roles"]), funnel, whole, outcome, tuple(cases))


def _fingerprint(tables: Any) -> str:
    return blake2b(
        json.dumps(tables, sort_keys=True, default=str).encode(), digest_size=8
    ).hexdigest()


def _marks(tables: list[tuple[int, JsonObject]], kind: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, table in tables:
        for mark in table.get(kind, ()):
            found.setdefault(mark, place)
    return found


def _categories(context: Mapping[str, Any]) -> list[str]:
    found = (context.get("contextActivities") or _NONE).get("category", ())
    return [found["id"]] if isinstance(found, dict) else [activity["id"] for activity in found]


def _is_inside(place: tuple[str, str], extensions: Mapping[str, Any]) -> bool:
    holder = extensions.get(place[0])
    return isinstance(holder, dict) and place[1] in holder


def _holds(
    conditions: Iterable[tuple[str, Any]],
    statement: JsonObject,
    result: Mapping[str, Any],
    source: str,
) -> bool:
    for name, demanded in conditions:
        if name == "duration":
            held = ("duration" in result) is demanded
        elif name == "type":
            held = _is_one(
                (statement["object"].get("definition") or _NONE).get("type", ""), demanded
            )
        elif name == "source":
            held = _is_one(source, demanded)
        elif name == "progress":
            held = _progress(result) >= demanded
        else:
            held = result.get(name) is demanded
        if not held:
            return False
    return True


def _is_one(value: str, demanded: str | list[str]) -> bool:
    return value == demanded if isinstance(demanded, str) else value in demanded


def _progress(result: Mapping[str, Any]) -> float:
    """Return the progress that the result tells, as a ratio; -1 if none."""
    extensions: Mapping[str, Any] = result.get("extensions") or _NONE
    for key, whole in _PROGRESS:
        value = extensions.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return min(value, whole) / whole
    return -1


_PLAYED = "https://w3id.org/xapi/video/extensions/played-segments"
_COMPLETION, _VIEW = frozenset({"completion"}), frozenset({"view"})
_PASS, _FAIL = frozenset({"pass"}), frozenset({"fail"})


def _with_result(
    roles: frozenset[str], funnel: Funnel | None, counts: _Counts, result: Mapping[str, Any]
) -> tuple[frozenset[str], Funnel | None]:
    """Return the roles and the stage with what the result adds to them."""
    if counts.outcome and "success" in result:
        roles |= _PASS if result["success"] is True else _FAIL
    if counts.whole:
        if result.get("completion") is True and "withdraw" not in roles:
            roles |= _COMPLETION
            funnel = "completion"
        elif "view" not in roles and (
            "duration" in result or _PLAYED in (result.get("extensions") or _NONE)
        ):
            roles |= _VIEW
            funnel = funnel if funnel in ("completion", "withdraw") else "view"
    return roles, funnel
