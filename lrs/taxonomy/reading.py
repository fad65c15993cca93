"""From a statement back to the event that it was mapped from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lrs.taxonomy.codecs import Codec
from lrs.taxonomy.events import Catalog, Event, Property, Template
from lrs.xapi import JsonObject


@dataclass(frozen=True, slots=True)
class Tracked:
    """An event and its properties, as they were sent."""

    event: str
    properties: JsonObject


class Reader:
    """Reads the mapped statements of one catalog."""

    def __init__(self, catalog: Catalog, codecs: Mapping[str, Codec]) -> None:
        self._events = catalog.events
        self._codecs = codecs
        self._event_key = f"{catalog.vocabulary}event"
        self._kept = f"{catalog.vocabulary}property/"

    def tracked(self, statement: JsonObject) -> Tracked | None:
        """Return the event that a statement was mapped from, or None if it was not."""
        name = self.event_of(statement)
        if name is None:
            return None
        event, extensions = self._events[name], statement["context"]["extensions"]
        properties = {}
        for one in event.properties:
            if self._kept + one.name in extensions:
                properties[one.name] = extensions[self._kept + one.name]
            else:
                value = self.value(event, one, statement)
                if value is not None:
                    properties[one.name] = value
        return Tracked(event.name, properties)

    def event_of(self, statement: JsonObject) -> str | None:
        """Return the name of the event that a statement was mapped from, if it is in the catalog."""
        extensions = (statement.get("context") or {}).get("extensions") or {}
        name = extensions.get(self._event_key)
        return name if isinstance(name, str) and name in self._events else None

    def value(self, event: Event, one: Property, statement: JsonObject) -> Any:
        """Return the value of a property from its place in the statement, or None if there is none to be read."""
        if one.to is None:
            return self._from_id(event, one.name, statement)
        place: Any
        match one.to:
            case "actor":
                return self._codecs["person"].decode(statement["actor"])
            case "name":
                names = (statement["object"].get("definition") or {}).get("name") or {}
                return next(iter(names.values()), None)
            case "instructor":
                return self._codecs["person"].decode(statement["context"].get("instructor"))
            case "revision":
                place = statement["context"].get("revision")
            case "success" | "score" | "duration" as name:
                place = statement.get("result", {}).get(name)
            case to:
                where, _, iri = to.partition(":")
                place = (statement.get(where, {}).get("extensions") or {}).get(iri)
        return None if place is None else self._codecs[one.codec].decode(place)

    def _from_id(self, event: Event, name: str, statement: JsonObject) -> Any:
        if event.agent == name:
            return self._codecs["person"].decode(statement["object"])
        around = statement["context"].get("contextActivities", {})
        places: list[tuple[Sequence[Template], Sequence[JsonObject]]] = [
            (() if event.object is None else (event.object,), (statement["object"],)),
            (event.parent, around.get("parent", ())),
            (event.grouping, around.get("grouping", ())),
        ]
        for templates, activities in places:
            for template in templates:
                if name in template.slots:
                    for activity in activities:
                        found = template.pattern.fullmatch(activity.get("id", ""))
                        if found is not None:
                            return unquote(found[template.slots.index(name) + 1])
        return None
