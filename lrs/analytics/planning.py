"""The tracking plan as its page, program and command show it: the report, and what came that nobody planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lrs.analytics.report import Row, Table
from lrs.analytics.reporting import Reports
from lrs.clock import to_iso
from lrs.stores.protocol import RecordStore
from lrs.taxonomy.counting import PROBLEMS, UNKNOWN_EVENTS, UNKNOWN_PROPERTIES
from lrs.xapi import JsonObject

REPORT = "tracking-plan"


@dataclass(frozen=True, slots=True)
class PlanReport:
    """The whole plan at one moment."""

    rows: tuple[Row, ...]
    """Those of the report `tracking-plan`."""
    unknown_events: Mapping[str, int]
    unknown_properties: Mapping[str, int]
    problems: Mapping[str, int]
    """ "CODE event" -> how often."""
    through: int
    """Every statement stored up to this moment, in microseconds, is counted."""

    @property
    def planned(self) -> list[Row]:
        """The rows of events that are planned, stage by stage."""
        return [row for row in self.rows if row["stage"]]

    @property
    def stages(self) -> list[str]:
        """The stages of the life cycle, in their order; those of your own events are the last."""
        return list(dict.fromkeys(row["stage"] for row in self.planned))

    @property
    def starters(self) -> list[Row]:
        """The rows of the events to send first."""
        return [row for row in self.planned if row["starter"]]

    @property
    def data_through(self) -> str:
        return to_iso(self.through)

    def as_json(self) -> JsonObject:
        """Return the plan for machines."""
        return {
            "dataThrough": self.data_through,
            "coverage": {
                row["stage"]: {"planned": row["stage_planned"], "sent": row["stage_sent"]}
                for row in self.planned
            },
            "starters": [
                {"event": row["event"], "sent": row["status"] == "sent", "lastSeen": seen(row)}
                for row in self.starters
            ],
            "events": [_line(row) for row in self.rows],
            "unknownEvents": dict(self.unknown_events),
            "unknownProperties": dict(self.unknown_properties),
            "problems": dict(self.problems),
        }


class Plan:
    """Tells of the plan; what was sent is counted by the report alone."""

    def __init__(self, reports: Reports, records: RecordStore) -> None:
        self._reports = reports
        self._records = records

    def report(self) -> PlanReport:
        """Return the plan with all that was sent before the call."""
        return self.of(self._reports.answer(REPORT, {}))

    def of(self, table: Table) -> PlanReport:
        """Return the plan with what the answered report counts."""
        tallies = self._records.tallies
        return PlanReport(
            rows=table.rows,
            unknown_events=tallies(UNKNOWN_EVENTS),
            unknown_properties=tallies(UNKNOWN_PROPERTIES),
            problems=tallies(PROBLEMS),
            through=table.through,
        )


def seen(row: Row) -> str | None:
    """Return when the event of a row was stored last, as ISO 8601; None: never."""
    return None if row["last_seen"] is None else to_iso(row["last_seen"] * 1000)


def _line(row: Row) -> JsonObject:
    return {
        "event": row["event"],
        "stage": row["stage"],
        "volume": row["volume"],
        "starter": bool(row["starter"]),
        "status": row["status"],
        "total": row["n"],
        "last28Days": row["recent"],
        "share": round(row["share"], 6),
        "expectedShare": row["expected"],
        "lastSeen": seen(row),
        "volumeExceeded": bool(row["too_often"]),
    }
