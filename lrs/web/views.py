"""Points of view of the overview: the cards that matter to an HR manager, a training lead, a compliance officer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lrs.web.answers import Answer
from lrs.web.attention import CONTENT
from lrs.web.cards import CARDS, Card, Figure, count, rate, rows_of, rows_told, total

Figures = tuple[Figure, Figure, Figure]
Make = Callable[[Mapping[str, Answer]], Figures]
_NONE = "-"


@dataclass(frozen=True, slots=True)
class View:
    """A point of view."""

    name: str
    title: str
    cards: tuple[Card, ...]
    looks: tuple[str, ...]
    """The reports that are looked through for what needs attention; see lrs.web.attention."""


def _competency(found: Mapping[str, Answer]) -> Figures:
    rows = rows_of(found, "time-to-competency")
    known = [row for row in rows if row["median"] is not None]
    latest = known[-1] if known else None
    soon = None if latest is None else latest["by_90"]
    return (
        Figure(_NONE if latest is None else f"{latest['median']:.0f} days", _until(latest)),
        Figure(_NONE if soon is None else f"{soon:.0%}", "of these within 90 days"),
        count(total(rows, "learners"), f"persons in {len(rows)} cohorts"),
    )


def _until(latest: Mapping[str, object] | None) -> str:
    return "until half of a cohort is competent" + (f" ({latest['cohort']})" if latest else "")


def _outcomes(found: Mapping[str, Answer]) -> Figures:
    rows = rows_of(found, "outcome-change")
    moved = sum(row["verdict"] in ("more", "less") for row in rows)
    return (
        count(moved, "measures at work have moved more than those of others"),
        count(len(rows), "pairs of a measure and a course looked at"),
        count(total(rows, "completed"), "persons who completed, with a measure before and after"),
    )


def _costs(found: Mapping[str, Answer]) -> Figures:
    rows = rows_told(rows_of(found, "costs"), "spent", "completed")
    spent, completed = sum(row["spent"] for row in rows), total(rows, "completed")
    return (
        Figure(f"{spent:,.0f}" if rows else _NONE, "spent on courses"),
        Figure(f"{spent / completed:,.0f}" if completed else _NONE, "for each completion"),
        Figure(f"{sum(row['wasted'] or 0 for row in rows):,.0f}", "of it on what nobody finished"),
    )


def _funnel(found: Mapping[str, Answer]) -> Figures:
    rows = [row for row in rows_of(found, "engagement-funnel") if row["module"]]
    return (
        Figure(rate(rows, "completers", "clickers"), "of those who open a module complete it"),
        Figure(rate(rows, "viewers", "clickers"), "of those who open it stay"),
        count(sum(bool(row["advice"]) for row in rows), f"of {len(rows)} modules have an advice"),
    )


def _drop(found: Mapping[str, Answer]) -> Figures:
    rows = [row for row in rows_of(found, "click-view-drop") if row["module"]]
    worst = max((row["lost_rate"] for row in rows if row["lost_rate"] is not None), default=None)
    return (
        Figure(rate(rows, "lost", "clickers"), "are lost between click and view"),
        Figure(_NONE if worst is None else f"{worst:.0%}", "in the worst module"),
        count(len(rows), "modules"),
    )


def _items(found: Mapping[str, Answer]) -> Figures:
    rows = rows_of(found, "items")
    keys = sum(row["flag"] == "check the key" for row in rows)
    return (
        count(keys, "questions whose key should be checked"),
        count(sum(bool(row["flag"]) for row in rows) - keys, "others too easy, hard or weak"),
        count(len(rows), "questions looked at"),
    )


def _obligations(found: Mapping[str, Answer]) -> Figures:
    rows = rows_of(found, "certifications")
    late = sum(total(rows, name) for name in ("lapsed", "overdue", "revoked"))
    return (
        Figure(rate(rows, "held", "obliged"), "of those who must hold a certificate do"),
        count(late, "are late"),
        count(total(rows, "due_soon") + total(rows, "critical"), "run out within 30 days"),
    )


def _calendar(found: Mapping[str, Answer]) -> Figures:
    rows = rows_of(found, "certificate-calendar")
    ahead = [row for row in rows if not row["past"]]
    return (
        count(total(ahead, "expiring"), "certificates expire in the months ahead"),
        count(total(ahead, "due"), "are due for the first time"),
        count(len({row["course"] for row in rows}), "courses that certify"),
    )


def _lead(found: Mapping[str, Answer]) -> Figures:
    rows = rows_of(found, "lead-time")
    days = [row["lead_days_p50"] for row in rows if row["lead_days_p50"] is not None]
    return (
        Figure(rate(rows, "in_time", "dropped"), "of those who dropped out had been asked in time"),
        Figure(f"{min(days):.0f} days", "ahead, in the worst course")
        if days
        else Figure("Nobody", "who dropped out had been asked before"),
        count(total(rows, "dropped"), "dropped out"),
    )


def _notices(found: Mapping[str, Answer]) -> Figures:
    rows = rows_of(found, "notices")
    return (
        Figure(rate(rows, "told_before", "learners"), "were told before their first statement"),
        count(total(rows, "told_late"), "were told late"),
        count(sum(not row["version"] for row in rows), f"of {len(rows)} courses have no notice"),
    )


def _card(name: str, title: str, asks: str, report: str, make: Make) -> Card:
    return Card(name, title, asks, f"/reports/{report}", (report,), make)


_BY_NAME = {card.name: card for card in CARDS}
VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        View("", "Everything", CARDS, (*CONTENT, "certifications")),
        View(
            "hr",
            "HR manager",
            (
                _BY_NAME["activity"],
                _card("competency", "Time to competency", "How soon are they able?", "time-to-competency", _competency),
                _card("outcomes", "Outcomes", "Does it show at work?", "outcome-change", _outcomes),
                _card("costs", "Costs", "What does it cost?", "costs", _costs),
            ),
            ("time-to-competency", "certifications", "completion"),
        ),
        View(
            "training",
            "Training lead",
            (
                _BY_NAME["completion"],
                _card("funnel", "Funnel", "Who opens, stays, completes?", "engagement-funnel", _funnel),
                _card("drop", "Drop", "Where are they lost?", "click-view-drop", _drop),
                _card("items", "Questions", "Which questions are wrong?", "items", _items),
                _BY_NAME["risk"],
            ),
            CONTENT,
        ),
        View(
            "compliance",
            "Compliance officer",
            (
                _card("obligations", "Obligations", "Is everybody certified?", "certifications", _obligations),
                _card("calendar", "Certificates", "What runs out when?", "certificate-calendar", _calendar),
                _card("lead", "Lead time", "Were those asked in time who dropped out?", "lead-time", _lead),
                _card("notices", "Notices", "Were learners told what is collected?", "notices", _notices),
            ),
            ("certifications", "notices"),
        ),
    )
}  # fmt: skip
"""Name, as the address has it -> point of view; the first is for who has not chosen."""
COVERS = ("B2",)
"""The rows of the requirements that the three answer."""
