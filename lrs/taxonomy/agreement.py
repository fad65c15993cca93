"""Whether the parts of one event's table go together, once each by itself is well formed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from lrs.taxonomy.problems import CODES
from lrs.xapi import JsonObject

_SLOT = re.compile(r"\{(\w+)\}")
_WORDS = ("word", "title", "text")
_NUMBERS = ("integer", "number")
_IN_IDS = ("id", "word", "title", "text", "integer", "currency", "content", "time")
_OURS = re.compile(r"V:(event|session-id|property/.*)")
"""Context extensions that the LRS writes itself."""
_STRETCH = 2


def disagreements(table: JsonObject) -> Iterator[str]:
    """Yield what does not go together, a sentence with its place each."""
    yield from _ids(table)
    for name, about in table["properties"].items():
        yield from (f"properties.{name}.{one}" for one in _bounds(about))
    yield from _places(table)
    for key in ("result", "context"):
        for short, value in table.get(key, {}).items():
            if not _is_json(value):
                yield f"{key}.{short}: is not what JSON can hold."
    for number, case in enumerate(table.get("when", ())):
        yield from (f"when.{number}.{one}" for one in _case(case, table["properties"]))
    for number, rule in enumerate(table.get("rules", ())):
        known = {**table["properties"], "user_id": {"type": "id"}}
        yield from (f"rules.{number}.{one}" for one in _case(rule, known))
        if rule.get("at") not in table["properties"]:
            yield f"rules.{number}.at: names no property."
        if rule.get("code") not in CODES:
            yield f"rules.{number}.code: is not one of {', '.join(CODES)}."
    for role in table.get("roles", ()):
        if not isinstance(role, str):
            yield "roles: is not a list of names."
    if not table["stage"].strip():
        yield "stage: is empty."


def _ids(table: JsonObject) -> Iterator[str]:
    properties, target = table["properties"], table["object"]
    demanded = [*_SLOT.findall(target.get("id", "")), target.get("agent"), target.get("type_by")]
    for name in demanded:
        about = properties.get(name)
        if about is not None and (about.get("optional") or about.get("null")):
            yield f"object: needs {name}, which may be missing or null."
    if "agent" in target and properties[target["agent"]]["type"] != "id":
        yield "object.agent: names no property of the type id."
    for place in ("parent", "grouping"):
        for one in table.get(place, ()):
            about = properties.get(one.get("type_by"), {})
            if about.get("optional") or about.get("null"):
                yield f"{place}: needs {one['type_by']}, which may be missing or null."
    for place in ("object", "parent", "grouping"):
        for one in [target] if place == "object" else table.get(place, ()):
            for name in _SLOT.findall(one.get("id", "")):
                if properties[name]["type"] not in _IN_IDS:
                    yield f"{place}.id: {name} is not of one of the types {', '.join(_IN_IDS)}."
            if ".." in one.get("id", ""):
                yield f"{place}.id: holds two dots."


def _bounds(about: JsonObject) -> Iterator[str]:
    limits = {key: about[key] for key in ("min", "max", "above") if key in about}
    for key, limit in limits.items():
        if isinstance(limit, bool) or not math.isfinite(limit):
            yield f"{key}: is not a finite number."
    if limits and about["type"] not in _NUMBERS:
        yield f"type: only {' and '.join(_NUMBERS)} have min, max and above."
    if about.get("min", -math.inf) > about.get("max", math.inf):
        yield "min: is above max."
    if about.get("above", -math.inf) >= about.get("max", math.inf):
        yield "above: is not below max."
    values = about.get("values")
    if values is None:
        return
    if about["type"] not in _WORDS:
        yield f"values: only {', '.join(_WORDS)} have them."
    if not values or not all(isinstance(one, str) for one in values):
        yield "values: is not a list of texts."


def _places(table: JsonObject) -> Iterator[str]:
    taken: dict[str, str] = {}
    for name, about in table["properties"].items():
        to = about.get("to")
        if to in taken:
            yield f"properties.{name}.to: is where {taken[to]} goes already."
        if to is not None:
            taken[to] = name
    constants = [f"{key}:{short}" for key in ("result", "context") for short in table.get(key, {})]
    for place in [*constants, *filter(None, [table.get("about_user")])]:
        if place in taken:
            yield f"{place}: is where {taken[place]} goes already."
    for place in [*taken, *constants, table.get("about_user", "")]:
        where, _, short = place.partition(":")
        if where == "context" and _OURS.fullmatch(short):
            yield f"{place}: is written by the LRS itself."


def _is_json(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_json, value))
    if isinstance(value, dict):
        return all(map(_is_json, value.values()))
    return isinstance(value, bool | str | int) or (
        isinstance(value, float) and math.isfinite(value)
    )


def _case(case: JsonObject, properties: JsonObject) -> Iterator[str]:
    """Yield what is wrong with the conditions: what they compare must be of one kind."""
    for name, operator, demanded, *stretch in case["if"]:
        if name not in properties:
            yield f"if: {name} is no property."
            continue
        if operator == "missing":
            if not isinstance(demanded, bool):
                yield f"if: {name} is missing, or not: true or false."
            continue
        kind = _family(properties[name]["type"])
        other = type(demanded).__name__
        if isinstance(demanded, str):
            other = "text"
            if demanded.startswith("@"):
                if demanded[1:] not in properties:
                    yield f"if: {demanded[1:]} is no property."
                    continue
                other = _family(properties[demanded[1:]]["type"])
        elif isinstance(demanded, int | float) and not isinstance(demanded, bool):
            other = "number"
        elif isinstance(demanded, bool):
            other = "boolean"
        if kind != other:
            yield f"if: {name} is a {kind} and is compared with a {other}."
        elif kind != "number" and (operator != "=" or stretch):
            yield f"if: {name} is a {kind}, which is only = or missing."
        if len(stretch) > _STRETCH or not all(_is_number(one) for one in stretch):
            yield f"if: {name}: what follows the value is a factor and a summand."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _family(kind: str) -> str:
    if kind in _NUMBERS:
        return "number"
    return kind if kind in ("boolean", "words") else "text"
