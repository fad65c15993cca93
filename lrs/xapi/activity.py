"""Activity definitions: what all statements together say about one activity."""

from __future__ import annotations

import orjson

from lrs.xapi import JsonObject
from lrs.xapi.keys import activities_of
from lrs.xapi.text import read_literal, write_json

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


def merge_into_text(known: bytes | None, heard: JsonObject) -> bytes:
    """Return the JSON text of a definition, given its text so far and what is heard of it, numbers as in read_literal.

    The very same text is returned if nothing new is heard.
    """
    text = write_json(heard)
    # Nearly every statement says just what was said before: that is seen without reading what is known.
    if known is None or text == known:
        return text
    # Nothing but extensions holds numbers, for which read_literal has to look.
    read = read_literal if b'"extensions"' in known else orjson.loads
    return write_json(merge_definitions(read(known), heard))


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
