"""The events that are planned to be sent: a table from the catalog of the taxonomy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lrs.taxonomy.events import STAGES
from lrs.xapi import JsonObject

PLANNED_EVENTS = {
    "event": "text",
    "stage": "text",
    "volume": "text",
    "starter": "int",
    "place": "int",
}
"""One row for each event; `place` is its place among all, by stages as learners pass them."""


def planned_rows(events: Mapping[str, JsonObject]) -> Iterator[dict[str, Any]]:
    """Yield the rows of PLANNED_EVENTS; `events`: name -> table of the catalog."""
    stages = [*STAGES, *sorted({table["stage"] for table in events.values()} - set(STAGES))]
    ordered = sorted(events.items(), key=lambda one: stages.index(one[1]["stage"]))
    for place, (name, table) in enumerate(ordered):
        yield {
            "event": name,
            "stage": table["stage"],
            "volume": table["volume"],
            "starter": int(table.get("starter", False)),
            "place": place,
        }
