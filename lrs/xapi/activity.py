"""Activity definitions: what all statements together say about one activity."""

from __future__ import annotations

from lrs.xapi import JsonObject
from lrs.xapi.keys import activities_of

COMPONENT_LISTS = ("choices", "scale", "source", "target", "steps")
"""The properties of a definition that list interaction components."""

_MAPS = ("name", "description", "extensions")
_OF_AN_INTERACTION_TYPE = ("correctResponsesPattern", *COMPONENT_LISTS)


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

    An activity that is heard to be an interaction of another type keeps nothing that only its old type could have.
    Spec: Data 2.4.4.1 (1.0.3); 4.1.6.4 (2.0).
    """
    interaction_type = heard.get("interactionType")
    if interaction_type is not None and known.get("interactionType") not in (
        None,
        interaction_type,
    ):
        known = {name: part for name, part in known.items() if name not in _OF_AN_INTERACTION_TYPE}
    merged = {**known, **heard}
    for name in _MAPS:
        if name in known and name in heard:
            merged[name] = {**known[name], **heard[name]}
    return merged
