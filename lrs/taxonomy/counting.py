"""Counts of what was wrong with events, and of names that nobody planned; bounded, whatever senders make up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence

from lrs.stores.protocol import RecordStore
from lrs.taxonomy.problems import Problem
from lrs.taxonomy.values import looks_personal

_COUNTED = 500
"""How many different names are counted; what a sender makes up beyond it counts as "(others)"."""
_NAME = 100
PROBLEMS, UNKNOWN_EVENTS, UNKNOWN_PROPERTIES = "event-problem", "event-unknown", "event-extra"
"""Kinds of tallies: of "CODE event", and of names that are not in the catalog: "event" and "event property"."""


def count_problems(
    records: RecordStore, told: Sequence[tuple[str, Sequence[Problem]]], known: Container[str]
) -> None:
    """Count what was wrong and odd, by event, and the names that are not known."""
    codes: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    extra: Counter[str] = Counter()
    for event, problems in told:
        is_known = event in known
        for one in problems:
            codes[f"{one.code} {event if is_known else '-'}"] += 1
            if one.code == "E_UNKNOWN_EVENT":
                unknown[_named(event)] += 1
            elif one.code == "W_EXTRA_PROP":
                extra[f"{event} {_named(one.pointer.removeprefix('/properties/'))}"] += 1
    if codes:
        records.add_up(PROBLEMS, codes)
    for kind, counts in ((UNKNOWN_EVENTS, unknown), (UNKNOWN_PROPERTIES, extra)):
        if counts:
            records.add_up(kind, _bounded(counts, records.tallies(kind)))


def _named(name: str) -> str:
    return "(personal data)" if looks_personal(name) else name[:_NAME]


def _bounded(counts: Mapping[str, int], known: Mapping[str, int]) -> dict[str, int]:
    bounded: Counter[str] = Counter()
    room = _COUNTED - len(known)
    for name, times in counts.items():
        if name not in known and name not in bounded:
            room -= 1
        bounded[name if name in known or room >= 0 else "(others)"] += times
    return bounded
