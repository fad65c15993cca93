"""Where a statement took place: its activity, and the module and course around it, whoever sent it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lrs.xapi import JsonObject

_COURSES = {"course", "program", "curriculum"}
_MODULES = {"module", "lesson", "unit", "block", "section", "chapter"}
_OBJECTIVES = {"objective"}
_NONE: Mapping[str, Any] = {}

Near = tuple[str, str]
"""The id of an activity around a statement, and its type."""


@dataclass(frozen=True, slots=True)
class Places:
    """Activity ids; "" where there is none."""

    activity: str
    type: str
    module: str
    course: str
    objective: str


def places_of(statement: JsonObject) -> Places:
    """Return the places of a statement.

    The course is the first activity of that type among object, parents and grouping; without one the first grouping,
    else the first parent, else the activity alone. The module is the first of its types in the same order, else the
    parent, else the activity, unless that is the course.
    """
    target = statement["object"]
    if target.get("objectType") == "SubStatement":
        target = target["object"]
    activity = target["id"] if target.get("objectType", "Activity") == "Activity" else ""
    own_type = _type(target) if activity else ""
    around = (statement.get("context") or _NONE).get("contextActivities") or _NONE
    parents = tuple(_listed(around, "parent")) if "parent" in around else ()
    groupings = tuple(_listed(around, "grouping")) if "grouping" in around else ()
    near = (((activity, own_type),) if activity else ()) + parents + groupings
    others = tuple(_listed(around, "other")) if "other" in around else ()
    course, module, objective = _placed(near, others)
    course = course or (groupings or parents or ((activity, ""),))[0][0]
    if not module:
        module = next((one for one, _ in parents if one != course), activity)
    return Places(activity, own_type, "" if module == course else module, course, objective)


def by_suffix(extensions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the extensions by what their IRIs end in; of two that end alike, the first."""
    found: dict[str, Any] = {}
    for iri, value in extensions.items():
        found.setdefault(last_part(iri), value)
    return found


@lru_cache(4096)
def last_part(iri: str) -> str:
    """Return what follows the last / or # of an IRI."""
    return iri.rstrip("/").replace("#", "/").rpartition("/")[2].replace("_", "-").lower()


def _listed(around: Mapping[str, Any], name: str) -> Iterator[Near]:
    found = around.get(name) or ()
    for activity in (found,) if isinstance(found, dict) else found:
        yield activity["id"], _type(activity)


def _type(activity: JsonObject) -> str:
    return str((activity.get("definition") or _NONE).get("type", ""))


@lru_cache(4096)
def _placed(near: tuple[Near, ...], others: tuple[Near, ...]) -> tuple[str, str, str]:
    """Return the first course, module and objective. Remembered: most statements stand where others do."""
    return (
        _first(near, _COURSES),
        _first(near, _MODULES),
        _first((*near, *others), _OBJECTIVES),
    )


def _first(near: tuple[Near, ...], kinds: set[str]) -> str:
    return next((one for one, kind in near if last_part(kind) in kinds), "")
