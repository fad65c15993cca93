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


def shown(card: Card, found: Mapping[str, Answer]) -> ShownCard:
    """Return a card as it can be shown by now; without data it has no figures."""
    own = [found[name] for name in card.reports]
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


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _count(value: int, about: str) -> Figure:
    return Figure(f"{value:,}", about)


def _activity(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    tiles = {row["tile"]: row for row in _rows(found, "overview")}
    learners = tiles["Active learners"]
    return (
        _count(learners["last_28"], "active learners in the last 28 days"),
        _count(learners["before"], "in the 28 days before"),
        _count(tiles["Statements"]["last_28"], "statements in the last 28 days"),
    )


def _completion(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = _rows(found, "completion")
    bad = sum(row["verdict"] == "bad" for row in rows)
    rate = _rate(_total(rows, "completed"), _total(rows, "starters"))
    return (
        Figure(rate, "of those who began have completed"),
        _count(bad, f"of {len(rows)} courses complete worse than their kind should"),
        _count(_total(rows, "running"), "began too lately to count"),
    )


def _compliance(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = [
        row for row in _rows(found, "completion") if row["class"] in ("mandatory", "certification")
    ]
    done, enrolled = _total(rows, "completed"), _total(rows, "enrolled")
    return (
        Figure(
            _rate(done, enrolled), "of those enrolled in what is mandatory or certifies are done"
        ),
        _count(enrolled - done, "are not"),
        _count(len(rows), "courses that are mandatory or certify"),
    )


def _assessment(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = _rows(found, "assessments")
    keys = sum(row["flag"] == "check the key" for row in _rows(found, "items"))
    graded = _total(rows, "graded")
    return (
        Figure(
            _rate(_total(rows, "first_passed"), graded), "pass an assessment at the first attempt"
        ),
        Figure(_rate(_total(rows, "passed"), graded), "pass in the end"),
        _count(keys, "questions whose key should be checked"),
    )


def _risk(found: Mapping[str, Answer]) -> tuple[Figure, Figure, Figure]:
    rows = _rows(found, "at-risk")
    never = sum("never came" in row["rules"] for row in rows)
    failed = sum("failed twice" in row["rules"] for row in rows)
    return (
        _count(len(rows), "learners may be leaving a course"),
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
