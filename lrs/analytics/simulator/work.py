"""What simulated learners are certified in, and what comes of their learning at work: with planted effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from lrs.analytics.simulator.planted import BASE, activity
from lrs.xapi import JsonObject

FIRST_AID = f"{BASE}/course/first-aid"
_UNTIL = "http://id.tincanapi.com/extension/valid-until"
_EARNED = "http://id.tincanapi.com/verb/earned"
_BLOCK, _BLOCKS = 15, 16
"""Days that tickets and the like are counted by, and how many of them."""


@dataclass(frozen=True, slots=True)
class Work:
    """The truth that reports should find; shares 0..1."""

    certified: tuple[float, float, float, float] = (0.15, 0.2, 0.1, 0.55)
    """Never (and late), lapsed, due within 30 days, valid for longer."""
    close_rate: float = 4.0
    """Points more for those who completed module 2; nothing else goes with it but being a manager."""
    manager: float = 5.0
    performance: float = 1.0
    """Points more at day 90 for each minute in modules before it."""
    tickets: float = 0.5
    """Tickets after completing the safety course, as a share of those before."""
    violations: float = 0.5
    ticket_rate: float = 1.5
    """Tickets in 15 days."""
    violation_rate: float = 8.0
    """Violations in 1,000 days."""


@dataclass(frozen=True, slots=True)
class Lived:
    """What a learner did, as far as it matters at work."""

    number: int
    manager: bool
    department: str
    began: datetime
    modules: frozenset[str]
    minutes: float
    """In modules."""
    finished: datetime | None


def lived(
    number: int,
    *,
    manager: bool,
    department: str,
    began: datetime,
    course: str,
    statements: Iterable[JsonObject],
) -> Lived:
    """Return what the statements of a learner say of a course."""
    modules, minutes, finished = set(), 0.0, None
    for one in statements:
        target, result = one["object"]["id"], one.get("result", {})
        if result.get("duration") == "PT2M":
            minutes += 2
        if result.get("completion") and target == course:
            finished = datetime.fromisoformat(one["timestamp"])
        elif result.get("completion"):
            modules.add(target)
    return Lived(number, manager, department, began, frozenset(modules), minutes, finished)


def certificate(
    work: Work,
    chance: Random,
    last: datetime,
    hour: int,
    tell: Callable[[str, JsonObject, datetime, str], JsonObject],
) -> Iterator[JsonObject]:
    """Yield how a learner is certified in first aid.

    `hour`: of the day, when the learner works; `tell` takes verb, activity, moment and course.
    """
    course = activity(FIRST_AID, "course", "First aid")
    kind = chance.choices(("never", "lapsed", "due", "valid"), work.certified)[0]
    days, until = {"never": (70, 0), "lapsed": (400, -35), "due": (345, 20), "valid": (90, 275)}[
        kind
    ]
    began = last - timedelta(days=days) + timedelta(hours=hour)
    yield tell("registered", course, began, "")
    if kind == "never":
        return
    yield tell("initialized", course, began + timedelta(days=2), "")
    earned = began + timedelta(days=3 + chance.randrange(20))
    paper = activity(f"{FIRST_AID}/certificate", "certificate", "First aid certificate")
    told = tell("completed", paper, earned, FIRST_AID)
    valid_until = (last + timedelta(days=until)).date().isoformat()
    yield {**told, "verb": {"id": _EARNED}, "result": {"extensions": {_UNTIL: valid_until}}}


def outcomes_csv(
    lives: Iterable[Lived], work: Work, seed: int, last: datetime, helps: str
) -> Iterator[str]:
    """Yield the lines of the outcome file; `helps` is the module that the close rate goes with."""
    yield "person,group,measure,value,date,exposure\n"
    departments: set[str] = set()
    for one in lives:
        chance = Random(f"{seed} work {one.number}")  # noqa: S311 not a secret
        departments.add(one.department)
        for measure, value, day, exposure in _person(one, work, chance, last, helps):
            yield f"P{one.number},,{measure},{value:.4f},{day.date().isoformat()},{exposure}\n"
    for department in sorted(departments):
        chance = Random(f"{seed} {department}")  # noqa: S311 not a secret
        yield f",{department},csat,{chance.gauss(75, 8):.2f},{last.date().isoformat()},\n"


def _person(
    one: Lived, work: Work, chance: Random, last: datetime, helps: str
) -> Iterator[tuple[str, float, datetime, str]]:
    sold = 30 + work.close_rate * (helps in one.modules) + work.manager * one.manager
    yield "close_rate", sold + chance.gauss(0, 5), last, ""
    yield "audit_score", 70 + chance.gauss(0, 8), last, ""
    day_90 = one.began + timedelta(days=85)
    scored = 60 + work.performance * one.minutes + chance.gauss(0, 3)
    if day_90 <= last:
        yield "performance", scored, day_90, ""
    for block in range(_BLOCKS):
        day = last - timedelta(days=_BLOCK * (_BLOCKS - block))
        after = one.finished is not None and day >= one.finished
        rate = work.ticket_rate * (work.tickets if after else 1)
        yield "tickets", _count(chance, rate), day, ""
        rate = work.violation_rate * _BLOCK / 1000 * (work.violations if after else 1)
        yield "violations", _count(chance, rate), day, str(_BLOCK)


def _count(chance: Random, rate: float) -> int:
    """Return a count that is `rate` on average."""
    return sum(chance.random() < rate / 20 for _ in range(20))
