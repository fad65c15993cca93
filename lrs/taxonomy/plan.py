"""The tracking plan: which events should come, which do, how lately, and what came that nobody planned.

What was sent is counted from the statements themselves, whenever somebody looks: storing pays nothing for it, and no
crash can make it wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lrs.clock import Clock, to_iso
from lrs.stores.protocol import Store
from lrs.taxonomy.counting import PROBLEMS, UNKNOWN_EVENTS, UNKNOWN_PROPERTIES
from lrs.taxonomy.events import STAGES, Event
from lrs.taxonomy.mapping import Mapper
from lrs.xapi import JsonObject

_KIND, _NAME = "plan", "coverage"
_DAY = 86_400_000_000
_WINDOW, _LIVE = 28, 7
"""Days over which shares are taken, and within which an event counts as being sent."""
_CHUNK = 5_000
_LARGEST_SHARE = {"admin": 0.01, "low": 0.05, "medium": 0.30}
"""What share of all events one of a volume class may have; more breaks the plan."""
_ENOUGH = 500
"""Events in the window from which on shares say something."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the plan says of one event."""

    event: str
    stage: str
    volume: str
    purpose: str
    starter: bool
    status: str
    """sent (within a week), stale (before that) or missing (never)."""
    total: int
    recent: int
    share: float
    """Of all events of the last 28 days, 0..1."""
    last_seen: str | None
    volume_exceeded: bool

    def as_json(self) -> JsonObject:
        """Return the line for the report."""
        return {
            "event": self.event,
            "stage": self.stage,
            "volume": self.volume,
            "purpose": self.purpose,
            "starter": self.starter,
            "status": self.status,
            "total": self.total,
            "last28Days": self.recent,
            "share": round(self.share, 6),
            "lastSeen": self.last_seen,
            "volumeExceeded": self.volume_exceeded,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The whole plan at one moment."""

    lines: tuple[Line, ...]
    starters: tuple[tuple[str, bool], ...]
    """The events to send first, and whether each has come within a week."""
    unknown_events: Mapping[str, int]
    unknown_properties: Mapping[str, int]
    problems: Mapping[str, int]
    """ "CODE event" -> how often."""
    data_through: str
    complete: bool
    """Whether all statements are counted; a page does not wait for a long backlog."""

    def as_json(self) -> JsonObject:
        """Return the report for machines."""
        return {
            "dataThrough": self.data_through,
            "complete": self.complete,
            "coverage": _coverage(self.lines),
            "starters": [{"event": name, "sent": sent} for name, sent in self.starters],
            "events": [line.as_json() for line in self.lines],
            "unknownEvents": dict(self.unknown_events),
            "unknownProperties": dict(self.unknown_properties),
            "problems": dict(self.problems),
        }


class Plan:
    """Reports on the plan."""

    def __init__(self, mapper: Mapper, store: Store, clock: Clock) -> None:
        self._mapper = mapper
        self._store = store
        self._clock = clock

    def report(self, *, at_most: int | None = None) -> Report:
        """Return the plan with all that was sent, or with `at_most` so many more statements than the last time."""
        counted, complete = self._catch_up(at_most)
        today = self._clock() // _DAY
        events = counted["events"]
        recent = {
            name: sum(times for day, times in one["days"].items() if int(day) > today - _WINDOW)
            for name, one in events.items()
        }
        total = sum(recent.values())
        lines = tuple(
            self._line(event, events.get(name), recent.get(name, 0), total)
            for name, event in self._mapper.catalog.events.items()
        )
        tallies = self._store.records.tallies
        return Report(
            lines=lines,
            starters=tuple((line.event, line.status == "sent") for line in lines if line.starter),
            unknown_events=tallies(UNKNOWN_EVENTS),
            unknown_properties=tallies(UNKNOWN_PROPERTIES),
            problems=tallies(PROBLEMS),
            data_through=to_iso(counted["through"]),
            complete=complete,
        )

    def _line(self, event: Event, seen: Mapping[str, Any] | None, recent: int, total: int) -> Line:
        share = recent / total if total else 0.0
        limit = _LARGEST_SHARE.get(event.table["volume"], 1.0)
        status = "missing"
        if seen is not None:
            is_live = self._clock() - seen["last"] < _LIVE * _DAY
            status = "sent" if is_live else "stale"
        return Line(
            event=event.name,
            stage=event.stage,
            volume=event.table["volume"],
            purpose=event.purpose,
            starter=event.table.get("starter", False),
            status=status,
            total=0 if seen is None else seen["total"],
            recent=recent,
            share=share,
            last_seen=None if seen is None else to_iso(seen["last"]),
            volume_exceeded=total >= _ENOUGH and share > limit,
        )

    def _catch_up(self, at_most: int | None) -> tuple[JsonObject, bool]:
        """Return {"through", "events"} with the statements stored since the last look counted in.

        Processes may do so at once: counts and the place up to which they go are kept as one record.
        """
        fresh: JsonObject = {"through": 0, "base": self._mapper.catalog.base, "events": {}}
        counted = self._store.records.get(_KIND, _NAME) or fresh
        if counted["base"] != self._mapper.catalog.base:
            counted = fresh
        # What may still appear before this moment is left for the next time.
        limit = self._store.statements.consistent_through()
        before, left = counted["through"], at_most
        while left is None or left > 0:
            entries = self._store.statements.scan(after=counted["through"], limit=_CHUNK)
            settled = [entry for entry in entries if entry.sequence <= limit]
            for entry in settled:
                if not entry.voided:
                    self._count(counted["events"], entry.statement, entry.sequence)
            if settled:
                counted["through"] = settled[-1].sequence
            if not settled or len(settled) < len(entries):
                counted["through"] = max(counted["through"], limit)
                break
            left = None if left is None else left - len(settled)
        if counted["through"] > before:
            self._forget_old(counted["events"])
            self._store.records.put(_KIND, _NAME, counted)
        return counted, left is None or left > 0

    def _count(self, events: JsonObject, statement: JsonObject, stored: int) -> None:
        name = self._mapper.event_of(statement)
        if name is None:
            return
        one = events.setdefault(name, {"total": 0, "last": 0, "days": {}})
        one["total"] += 1
        one["last"] = max(one["last"], stored)
        day = str(stored // _DAY)
        one["days"][day] = one["days"].get(day, 0) + 1

    def _forget_old(self, events: JsonObject) -> None:
        oldest = self._clock() // _DAY - _WINDOW
        for one in events.values():
            one["days"] = {day: times for day, times in one["days"].items() if int(day) > oldest}


def _coverage(lines: tuple[Line, ...]) -> JsonObject:
    """Return how many events of each stage are being sent."""
    planned = Counter(line.stage for line in lines)
    sent = Counter(line.stage for line in lines if line.status == "sent")
    stages = [*STAGES, *sorted(planned.keys() - set(STAGES))]
    return {stage: {"planned": planned[stage], "sent": sent[stage]} for stage in stages}
