"""Flags: what reports find wrong with a place, gathered so that they have an age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lrs.analytics.ledgers.ledgers import Ledgers
from lrs.analytics.report import Row
from lrs.analytics.reporting import Reports

_LEDGER = "flag"
_LOST = 0.4
"""Share of those who click, lost before they view, that is flagged."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """A report whose rows may flag the place in column `place`, by what `says` returns; "" is no flag."""

    report: str
    place: str
    says: Callable[[Row], str]


_RULES = (
    _Rule("completion", "course", lambda row: "restructure" * (row["advice"] == "restructure")),
    _Rule(
        "click-view-drop",
        "module",
        lambda row: (
            f"{row['lost']} of {row['clickers']} clicked and did not stay"
            if row["lost_rate_low"] is not None and row["lost_rate_low"] >= _LOST
            else ""
        ),
    ),
    _Rule(
        "module-return",
        "module",
        lambda row: "learners do not come back for the next module" * row["flag"],
    ),
    _Rule(
        "video-exits",
        "video",
        lambda row: f"viewers leave at {row['second']} s" * bool(row["flag"]),
    ),
    _Rule(
        "assessments",
        "assessment",
        lambda row: "40 % or more fail the first attempt" * row["flag"],
    ),
    _Rule("items", "item", lambda row: "" if row["flag"] == "too few" else row["flag"]),
)


def collect(reports: Reports, ledgers: Ledgers) -> tuple[int, int]:
    """Write down what reports flag now, close what they flag no more; returns (new, gone)."""
    known = {
        (record["report"], record["place"]): entry
        for entry, record in ledgers.all(_LEDGER).items()
        if not record["closed"]
    }
    seen: dict[tuple[str, str], str] = {}
    for rule in _RULES:
        for row in reports.answer(rule.report, {}).rows:
            said = rule.says(row)
            if said and row[rule.place]:
                seen.setdefault((rule.report, row[rule.place]), said)
    for (report, place), said in seen.items():
        if (report, place) not in known:
            ledgers.add(_LEDGER, {"place": place, "report": report, "what": said})
    gone = [entry for key, entry in known.items() if key not in seen]
    for entry in gone:
        ledgers.close(_LEDGER, entry, note="no longer flagged")
    return len(seen.keys() - known.keys()), len(gone)
