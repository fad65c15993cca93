"""Cards of the overview: one figure each, with two companions, since a figure alone misleads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lrs.analytics.report import Row
from lrs.web.answers import Answer


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as people read it, and what it is."""

    value: str
    about: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card; `of` are the answers that it is made of."""

    name: str
    title: str
    asks: str
    """For whom it is there first, and what they want to know."""
    href: str
    reports: tuple[str, ...]
    make: Callable[[Mapping[str, Answer]], tuple[Figure, Figure, Figure]]


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card with its figures, if they are there."""

    card: Card
    figures: tuple[Figure, ...] = ()
    pending: bool = False
    problem: str = ""
    """Why it has none."""


def shown(card: Card, found: Mapping[str, Answer]) -> ShownCard:
    """Return a card as it can be shown by now; without data it has no figures."""
    own = [found[name] for name in card.reports]
    problem = next((one.problem for one in own if one.problem), None)
    if problem is not None:
        return ShownCard(card, problem=problem.message)
    if any(one.pending for one in own):
        return ShownCard(card, pending=True)
    if not own[0].rows:
        return ShownCard(card)
    return ShownCard(card, card.make(found))


def rows_of(found: Mapping[str, Answer], name: str) -> Sequence[Row]:
    return found[name].rows


def total(rows: Sequence[Row], column: str) -> int:
    """Return the sum over the rows that are not hidden."""
    return sum(row[column] for row in rows if row[column] is not None)


def rows_told(rows: Sequence[Row], *columns: str) -> list[Row]:
    """Return the rows of which none of these numbers is hidden: only their sums go together."""
    return [row for row in rows if None not in [row[column] for column in columns]]


def rate(rows: Sequence[Row], part: str, whole: str) -> str:
    told = rows_told(rows, part, whole)
    of = total(told, whole)
    return f"{total(told, part) / of:.0%}" if of else "-"


def count(value: int, about: str) -> Figure:
    return Figure(f"{value:,}", about)


def _known(value: int | None, about: str) -> Figure:
    return Figure("hidden", about) if value is None else count(value, about)


def _activity(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    tiles = {row["tile"]: row for row in rows_of(found, "overview")}
    learners = tiles["Active learners"]
    return (
        _known(learners["last_28"], "active learners in the last 28 days"),
        _known(learners["before"], "in the 28 days before"),
        _known(tiles["Statements"]["last_28"], "statements in the last 28 days"),
    )


def _completion(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = rows_of(found, "completion")
    bad = sum(row["verdict"] == "bad" for row in rows)
    return (
        Figure(rate(rows, "completed", "starters"), "of those who began have completed"),
        count(bad, f"of {len(rows)} courses complete worse than their kind should"),
        count(total(rows, "running"), "began too lately to count"),
    )


def _compliance(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = [
        row
        for row in rows_of(found, "completion")
        if row["class"] in ("mandatory", "certification")
    ]
    told = rows_told(rows, "completed", "enrolled")
    return (
        Figure(
            rate(rows, "completed", "enrolled"),
            "of those enrolled in what is mandatory or certifies are done",
        ),
        count(total(told, "enrolled") - total(told, "completed"), "are not"),
        count(len(rows), "courses that are mandatory or certify"),
    )


def _assessment(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = rows_of(found, "assessments")
    keys = sum(row["flag"] == "check the key" for row in rows_of(found, "items"))
    return (
        Figure(rate(rows, "first_passed", "graded"), "pass an assessment at the first attempt"),
        Figure(rate(rows, "passed", "graded"), "pass in the end"),
        count(keys, "questions whose key should be checked"),
    )


def _risk(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = rows_of(found, "at-risk")
    learners = {row["learner"] for row in rows}
    never = len({row["learner"] for row in rows if "never came" in row["rules"]})
    failed = len({row["learner"] for row in rows if "failed twice" in row["rules"]})
    return (
        count(len(learners), "learners may be leaving a course"),
        count(never, "were enrolled and never came"),
        count(failed, "failed twice and have not passed"),
    )


def _data(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = rows_of(found, "freshness")
    late = max((row["p95"] or 0 for row in rows), default=0)
    return (
        count(total(rows, "statements"), "statements counted"),
        count(len(rows), "sender" if len(rows) == 1 else "senders"),
        Figure(_span(late), "is how late 5 % come at the slowest sender, or later"),
    )


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


CARDS = (
    Card(
        "activity",
        "Activity",
        "HR: are people learning?",
        "/reports/overview",
        ("overview",),
        _activity,
    ),
    Card(
        "completion",
        "Completion",
        "Training lead: do they finish?",
        "/reports/completion",
        ("completion",),
        _completion,
    ),
    Card(
        "compliance",
        "Compliance",
        "Compliance: who is not done?",
        "/reports/completion",
        ("completion",),
        _compliance,
    ),
    Card(
        "assessment",
        "Assessment",
        "Training lead: do they know it?",
        "/reports/assessments",
        ("assessments", "items"),
        _assessment,
    ),
    Card(
        "risk",
        "At risk",
        "Training lead and HR: who needs help?",
        "/reports/at-risk",
        ("at-risk",),
        _risk,
    ),
    Card(
        "data",
        "Data",
        "Administrator: can the numbers be trusted?",
        "/reports/freshness",
        ("freshness",),
        _data,
    ),
)
"""In their order."""
