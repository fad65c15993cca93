"""Conditions of the catalog on the properties of an event: which case of mapping, which rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lrs.taxonomy.events import Event


def outcome(event: Event, properties: Mapping[str, Any]) -> tuple[str, str, bool | None]:
    """Return the verb, what it is called, and the completion, as the first case that holds says."""
    completion = event.table.get("completion")
    for conditions, changes in event.cases:
        if holds(conditions, properties):
            return (
                changes.get("verb", event.verb),
                changes.get("display", event.display),
                changes.get("completion", completion),
            )
    return event.verb, event.display, completion


def holds(conditions: Sequence[Any], properties: Mapping[str, Any]) -> bool:
    """Whether all of [property, operator, value, factor, summand] hold; "@name" stands for a property's value."""
    for name, operator, demanded, *stretch in conditions:
        value = properties.get(name)
        if operator == "missing":
            if (value is None) is not demanded:
                return False
            continue
        other = demanded
        if isinstance(demanded, str) and demanded.startswith("@"):
            other = properties.get(demanded[1:])
        if value is None or other is None:
            return False
        if stretch:
            other = other * stretch[0] + (stretch[1] if len(stretch) > 1 else 0)
        held = (
            value == other
            if operator == "="
            else (value < other if operator == "<" else value > other)
        )
        if not held:
            return False
    return True
