"""Which completion rate is good, for which kind of course: a table with an order, since its sources disagree."""

from __future__ import annotations

from dataclasses import dataclass

_HOUR, _LONG = 60, 480


@dataclass(frozen=True, slots=True)
class Band:
    """A rule: below `low` is bad, from `good` on good, between them as `between` says; rates 0..1."""

    id: str
    about: str
    low: float
    good: float
    between: str = "fair"

    def verdict(self, rate: float) -> str:
        """Return bad, fair (or acceptable, average) or good."""
        if rate < self.low:
            return "bad"
        return "good" if rate >= self.good else self.between


TARGET = "T0"
BANDS: dict[str, Band] = {
    band.id: band
    for band in (
        Band("T1", "under 1 hour: below 50 % restructure", 0.5, 0.7),
        Band("T2", "mandatory, under 1 hour: 50 % is average", 0.4, 0.7, "average"),
        Band("T3", "elective, self-paced: 50 % is strong", 0.4, 0.5),
        Band("T4", "corporate: 40 % is acceptable", 0.4, 0.7, "acceptable"),
        Band("T5", "needed for certification: aim for 70 %", 0.4, 0.7),
        Band("T6", "certification of 8 hours or more: 40 % is strong", 0.25, 0.4),
        Band("T7", "onboarding under 1 hour: 40 % is a disaster", 0.5, 0.7),
        Band("T8", "elective: 40 % is a crisis", 0.5, 0.7),
    )
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says, and what the next rule in the order would have said."""

    rule: str
    verdict: str
    runner_up: str
    other: str


def verdict_of(rate: float, *, kind: str, minutes: int | None, target: float | None) -> Verdict:
    """Return the verdict on a completion rate (0..1) of a course of a class and planned length."""
    bands = [BANDS[rule] for rule in _order(kind, minutes)]
    if target is not None:
        bands.insert(0, Band(TARGET, "the course's own target", target, target))
    first, second = bands[0], bands[1] if len(bands) > 1 else bands[0]
    return Verdict(first.id, first.verdict(rate), second.id, second.verdict(rate))


def _order(kind: str, minutes: int | None) -> list[str]:
    """Return the rules that fit, in order: certification, length, elective, corporate."""
    short = minutes is not None and minutes < _HOUR
    rules = []
    if kind == "certification":
        rules += ["T6", "T5"] if minutes is not None and minutes >= _LONG else ["T5", "T6"]
    if short:
        rules += {"onboarding": ["T7"], "mandatory": ["T2", "T1"]}.get(kind, ["T1"])
    if kind == "elective":
        rules += ["T3", "T8"]
    return [*rules, "T4"]
