"""Where a statement took place: its activity, and the module and course around it, whoever sent it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lrs.xapi import JsonObject

_COURSES = {"course", "program", "curriculum"}
_MODULES = {"module", "lesson", "unit", "block", "section", "chapter"}
_NONE: Mapping[str, Any] = {}


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
    parents, groupings = list(_listed(around, "parent")), list(_listed(around, "grouping"))
    near = ([(activity, own_type)] if activity else []) + parents + groupings
    course = _first(near, _COURSES) or _fallback(groupings, parents, activity)
    module = _first(near, _MODULES)
    if not module:
        module = next((one for one, _ in parents if one != course), activity)
    objective = _first(near + list(_listed(around, "other")), {"objective"})
    return Places(activity, own_type, "" if module == course else module, course, objective)


def same_suffix(extensions: Mapping[str, Any], *names: str) -> Any:
    """Return the value of the first extension whose IRI ends in one of the names, or None."""
    for iri, value in extensions.items():
        if last_part(iri) in names:
            return value
    return None


@lru_cache(4096)
def last_part(iri: str) -> str:
    """Return what follows the last / or # of an IRI."""
    return iri.rstrip("/").replace("#", "/").rpartition("/")[2].replace("_", "-").lower()


def _listed(around: Mapping[str, Any], name: str) -> Iterator[tuple[str, str]]:
    found = around.get(name) or ()
    for activity in (found,) if isinstance(found, dict) else found:
        yield activity["id"], _type(activity)


def _type(activity: JsonObject) -> str:
    return str((activity.get("definition") or _NONE).get("type", ""))


def _first(near: list[tuple[str, str]], kinds: set[str]) -> str:
    return next((one for one, kind in near if last_part(kind) in kinds), "")


def _fallback(
    groupings: list[tuple[str, str]], parents: list[tuple[str, str]], activity: str
) -> str:
    return (groupings or parents or [(activity, "")])[0][0]
