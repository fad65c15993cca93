"""Who stands above whom, and from when to when: the chains of managers of the people file, however long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A period in a person's history; days since 1970, `end` not included. `manager`: a person, or ""."""

    start: int
    end: int
    manager: str


@dataclass(frozen=True, slots=True)
class Link:
    """For how long somebody stood above a person."""

    boss: str
    start: int
    end: int


def chains(spans: Mapping[str, Sequence[Span]]) -> Iterator[tuple[str, Link]]:
    """Yield each person with each of those above: a manager's manager counts while both relations held.

    Who is above themselves, by a mistake in the file, is so no further than once around.
    """
    for person, history in spans.items():
        for span in history:
            for link in _above(span, spans, frozenset((person,))):
                yield person, link


def _above(
    span: Span, spans: Mapping[str, Sequence[Span]], below: frozenset[str]
) -> Iterator[Link]:
    if not span.manager or span.manager in below or span.start >= span.end:
        return
    yield Link(span.manager, span.start, span.end)
    for higher in spans.get(span.manager, ()):
        both = Span(max(span.start, higher.start), min(span.end, higher.end), higher.manager)
        yield from _above(both, spans, below | {span.manager})
