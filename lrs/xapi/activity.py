"""Activity definitions: what all statements together say about one activity."""

from __future__ import annotations

from lrs.xapi import JsonObject
from lrs.xapi.keys import activities_of

_MAPS = ("name", "description", "extensions")


def definitions_of(statement: JsonObject) -> dict[str, JsonObject]:
    """Return activity id -> definition for each activity that the statement defines."""
    found: dict[str, JsonObject] = {}
    for activity in activities_of(statement):
        definition = activity.get("definition")
        if definition:
            found[activity["id"]] = merge_definitions(found.get(activity["id"], {}), definition)
    return found


def merge_definitions(known: JsonObject, heard: JsonObject) -> JsonObject:
    """Return `known` with what `heard` adds or says anew; languages and extensions are merged one by one.

    Spec: Data 2.4.4.1 (1.0.3); 4.1.6.4 (2.0).
    """
    merged = {**known, **heard}
    for name in _MAPS:
        if name in known and name in heard:
            merged[name] = {**known[name], **heard[name]}
    return merged
