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


def _rows(found: Mapping[str, Answer], name: str) -> Sequence[Row]:
    return found[name].rows


def _total(rows: Sequence[Row], column: str) -> int:
    """Return the sum over the rows that are not hidden."""
    return sum(row[column] for row in rows if row[column] is not None)


def _told(rows: Sequence[Row], *columns: str) -> list[Row]:
    """Return the rows of which none of these numbers is hidden: only their sums go together."""
    return [row for row in rows if None not in [row[column] for column in columns]]


def _rate(rows: Sequence[Row], part: str, whole: str) -> str:
    told = _told(rows, part, whole)
    of = _total(told, whole)
    return f"{_total(told, part) / of:.0%}" if of else "-"


def _count(value: int, about: str) -> Figure:
    return Figure(f"{value:,}", about)


def _known(value: int | None, about: str) -> Figure:
    return Figure("hidden", about) if value is None else _count(value, about)


def _activity(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    tiles = {row["tile"]: row for row in _rows(found, "overview")}
    learners = tiles["Active learners"]
    return (
        _known(learners["last_28"], "active learners in the last 28 days"),
        _known(learners["before"], "in the 28 days before"),
        _known(tiles["Statements"]["last_28"], "statements in the last 28 days"),
    )


def _completion(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = _rows(found, "completion")
    bad = sum(row["verdict"] == "bad" for row in rows)
    rate = _rate(rows, "completed", "starters")
    return (
        Figure(rate, "of those who began have completed"),
        _count(bad, f"of {len(rows)} courses complete worse than their kind should"),
        _count(_total(rows, "running"), "began too lately to count"),
    )


def _compliance(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = [
        row for row in _rows(found, "completion") if row["class"] in ("mandatory", "certification")
    ]
    told = _told(rows, "completed", "enrolled")
    return (
        Figure(
            _rate(rows, "completed", "enrolled"),
            "of those enrolled in what is mandatory or certifies are done",
        ),
        _count(_total(told, "enrolled") - _total(told, "completed"), "are not"),
        _count(len(rows), "courses that are mandatory or certify"),
    )


def _assessment(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = _rows(found, "assessments")
    keys = sum(row["flag"] == "check the key" for row in _rows(found, "items"))
    return (
        Figure(_rate(rows, "first_passed", "graded"), "pass an assessment at the first attempt"),
        Figure(_rate(rows, "passed", "graded"), "pass in the end"),
        _count(keys, "questions whose key should be checked"),
    )


def _risk(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = _rows(found, "at-risk")
    learners = {row["learner"] for row in rows}
    never = len({row["learner"] for row in rows if "never came" in row["rules"]})
    failed = len({row["learner"] for row in rows if "failed twice" in row["rules"]})
    return (
        _count(len(learners), "learners may be leaving a course"),
        _count(never, "were enrolled and never came"),
        _count(failed, "failed twice and have not passed"),
    )


def _data(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = _rows(found, "freshness")
    late = max((row["p95"] or 0 for row in rows), default=0)
    return (
        _count(_total(rows, "statements"), "statements counted"),
        _count(len(rows), "senders"),
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
