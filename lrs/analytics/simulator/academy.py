"""An academy that never was: a year of learners in several programmes, for showing what reports say.

What is planted in it is that of the simulator: the same seed, size and day always give the same academy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from lrs.analytics.simulator.courses import COLOURS, MODULES, ONBOARDING, STORY
from lrs.analytics.simulator.life import Learner
from lrs.analytics.simulator.planted import BASE, Planted
from lrs.analytics.simulator.simulation import DEPARTMENTS, Simulation
from lrs.xapi import JsonObject

COHORTS = (-45, 40, 125, 210)
"""Days before today at which each cohort had all begun 60 days before; the first one is still at it."""
_FIRST = "Ada Amir Anna Bao Carla Chidi Dana Elias Emre Fatou Greta Hana Igor Ines Jonas Kai Lena Malik Mira Noor Olga Pavel Rosa Sami Tara Uma Viktor Wen Yara Zoe".split()  # noqa: E501, SIM905
_LAST = "Adeyemi Berg Costa Dahl Eriksen Fischer Garcia Haas Ito Jansen Keller Lopez Meyer Novak Okafor Petrov Quinn Rossi Silva Tanaka Urban Vogel Weber Yilmaz Zhang".split()  # noqa: E501, SIM905
_ROLES = {"nursing": "nurse", "kitchen": "cook", "sales": "adviser", "it": "engineer"}


@dataclass(frozen=True, slots=True)
class Programme:
    """Three courses of the simulator under names of their own: `names` and `titles` take the place of its own."""

    names: dict[str, str]
    titles: dict[str, str]
    planted: Planted
    classes: tuple[str, str, str]
    minutes: tuple[int, int, int]


PROGRAMMES = (
    Programme({}, {}, Planted(), ("mandatory", "elective", "certification"), (30, 50, 720)),
    Programme(
        {"safety": "privacy", "leadership": "selling", "policy": "first-aid"},
        {
            "Safety at work": "Data protection",
            "Safety quiz": "Data protection quiz",
            "Leadership": "Selling with care",
            "Policies": "First aid certificate",
        },
        Planted(
            returns=(1.0, 0.96, 0.93, 0.9),
            views=(0.92, 0.9, 0.88, 0.9),
            leaves_at_3=0.15,
            miskeyed=0,
            by_day=0.85,
            at_night=(0.85, 0.8),
            leadership=(0.6, 0.62),
            policy=(0.75, 0.75),
        ),
        ("mandatory", "elective", "certification"),
        (25, 90, 480),
    ),
)


class Academy:
    """Learners of a seed in the year before `today`."""

    def __init__(self, *, learners: int, seed: int, today: date) -> None:
        self._size = max(1, learners // len(COHORTS))
        self._seed = seed
        self._today = today
        self._now = datetime(today.year, today.month, today.day, tzinfo=UTC)

    def statements(self) -> Iterator[JsonObject]:
        """Yield every statement that had been made by `today`."""
        for number, programme in enumerate(PROGRAMMES):
            for simulation in self._cohorts(number, programme):
                for statement in simulation.statements():
                    if datetime.fromisoformat(statement["timestamp"]) < self._now:
                        yield _renamed(statement, programme)

    def people_csv(self) -> Iterator[str]:
        """Yield the lines of the people file: learners, their managers, and who is above these."""
        yield "person,identifiers,name,department,manager,role,location,start_date,valid_from\n"
        yield "head,head@example.org,Maria Head,board,,director,Wellington,2015-01-01,\n"
        for place, department in enumerate(DEPARTMENTS):
            yield (
                f"{manager_of(department)},{manager_of(department)}@example.org,{name_of(1_000 + place)},"
                f"{department},head,manager,Wellington,2016-03-01,\n"
            )
        for simulation in self._cohorts(0, PROGRAMMES[0]):
            for learner in simulation.learners():
                yield _person(learner)

    def courses_csv(self) -> Iterator[str]:
        """Yield the lines of the course file."""
        yield "course,title,minutes,class,target,owner,modules\n"
        titles = ("Safety at work", "Leadership", "Policies")
        for programme in PROGRAMMES:
            for place, name in enumerate(("safety", "leadership", "policy")):
                modules = " ".join(MODULES) if name == "safety" else ""
                course = f"{BASE}/course/{programme.names.get(name, name)}"
                title = programme.titles.get(titles[place], titles[place])
                told = f"{programme.minutes[place]},{programme.classes[place]},,Kim Owner"
                yield f"{course},{title},{told},{_spelled(modules, programme.names)}\n"
        yield f"{ONBOARDING},Welcome,20,onboarding,,Kim Owner,{STORY} {COLOURS}\n"

    def _cohorts(self, programme: int, of: Programme) -> Iterator[Simulation]:
        for place, days in enumerate(COHORTS):
            yield Simulation(
                learners=self._size,
                seed=self._seed * 100 + programme * 10,
                last=self._today - timedelta(days=days),
                planted=of.planted,
                first=place * self._size,
            )


def manager_of(department: str) -> str:
    """Return the person who manages a department."""
    return f"lead-{department}"


def name_of(number: int) -> str:
    """Return the name of a learner."""
    chance = Random(f"name {number}")  # noqa: S311 not a secret
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"


def _person(learner: Learner) -> str:
    start = (learner.began - timedelta(days=5)).date()
    role = "manager" if learner.manager else _ROLES[learner.department]
    return (
        f"P{learner.number},{learner.email},{name_of(learner.number)},{learner.department},"
        f"{manager_of(learner.department)},{role},{'Auckland' if learner.night else 'Wellington'},{start},\n"
    )


def _renamed(statement: JsonObject, programme: Programme) -> JsonObject:
    if not programme.names:
        return statement
    text = _spelled(json.dumps(statement), {**programme.titles, **programme.names})
    renamed: JsonObject = json.loads(text)
    return renamed


def _spelled(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text
