"""A trial of events: one made-up event of each is mapped, so that a table that passes its check also works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lrs.errors import LrsError
from lrs.taxonomy.envelope import Envelope
from lrs.taxonomy.events import Catalog, Event, Property
from lrs.taxonomy.mapping import Mapper
from lrs.taxonomy.values import Kind
from lrs.xapi import JsonObject
from lrs.xapi.validation import validate
from lrs.xapi.version import VERSIONS

_SAMPLES: dict[str, Any] = {
    "id": "x1", "word": "x", "title": "x", "text": "x", "boolean": True, "words": ["x"],
    "time": "2026-01-01T00:00:00Z", "segments": "0[.]1",
}  # fmt: skip


def failures(tables: Mapping[str, JsonObject]) -> Iterator[str]:
    """Yield a sentence for each event whose sample does not become a statement, or cannot be read back."""
    mapper = Mapper(Catalog(tables, "https://lrs.example.org"))
    for name, event in mapper.catalog.events.items():
        for properties in ([one for one in event.properties if not one.optional], event.properties):
            fault = _fault(mapper, event, properties)
            if fault is not None:
                yield f"event.{name}: {fault}"
                break


def _fault(
    mapper: Mapper, event: Event, properties: tuple[Property, ...] | list[Property]
) -> str | None:
    sample = {one.name: _value(one.kind) for one in properties}
    sent = Envelope("track", event.name, sample, user_id="u1", message_id="m1", session_id="s1")
    mapper.check(event, sent)
    statement = mapper.statement_of(event, sent, source="check")
    try:
        for version in VERSIONS:
            validate(statement, version)
    except LrsError as refusal:
        return f"its statement is refused at {refusal.pointer}: {refusal.message}"
    tracked = mapper.tracked(statement)
    if tracked is None or tracked.properties != sample:
        return "its properties cannot be read back from its statement."
    return None


def _value(kind: Kind) -> Any:
    if kind.values is not None:
        return min(kind.values)
    if kind.type in ("integer", "number"):
        low = kind.minimum if kind.minimum is not None else kind.above
        if low is None:
            return 0 if kind.maximum is None else int(kind.maximum)
        if kind.above is None:
            return low
        return low + 1 if kind.maximum is None else min(low + 1, kind.maximum)
    return _SAMPLES[kind.type]
