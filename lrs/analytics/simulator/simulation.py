"""Learners who never were: statements with effects planted in them, to see whether reports find these.

The same seed, number of learners and last day always give the same statements.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

from lrs.analytics.references.references import References
from lrs.analytics.simulator.courses import (
    COLOURS,
    CONTENT_CSV,
    COURSES_CSV,
    MODULES,
    SAFETY,
    STORY,
)
from lrs.analytics.simulator.life import Learner, Life
from lrs.analytics.simulator.planted import Planted
from lrs.analytics.simulator.work import Work, certificate, lived, outcomes_csv
from lrs.xapi import JsonObject

DEPARTMENTS = ("nursing", "kitchen", "sales", "it")
_SPAN = 120


class Simulation:
    """Learners of a seed, numbered from `first` on, all begun in the 120 days before `last`."""

    def __init__(
        self,
        *,
        learners: int,
        seed: int,
        last: date,
        planted: Planted | None = None,
        first: int = 0,
        work: Work | None = None,
    ) -> None:
        self.planted = planted or Planted()
        self.work = work or Work()
        self._seed = seed
        self._last = datetime(last.year, last.month, last.day, tzinfo=UTC)
        self._numbers = range(first, first + learners)

    def learners(self) -> Iterator[Learner]:
        """Yield the learners."""
        for number in self._numbers:
            chance = Random(f"{self._seed} learner {number}")  # noqa: S311 not a secret
            night = chance.random() < self.planted.night_share
            began = self._last - timedelta(days=chance.randrange(60, _SPAN))
            hour = chance.choice((22, 23, 0, 1, 2, 3)) if night else chance.randrange(8, 18)
            yield Learner(
                number=number,
                ability=chance.gauss(0, 1),
                department=chance.choice(DEPARTMENTS),
                manager=chance.random() < self.planted.manager_share,
                night=night,
                mobile=chance.random() < self.planted.mobile_share,
                began=began + timedelta(hours=hour, minutes=chance.randrange(60)),
            )

    def people_csv(self) -> Iterator[str]:
        """Yield the lines of the people file."""
        yield "person,identifiers,name,department,manager,role,location,start_date,valid_from\n"
        for learner in self.learners():
            start = (learner.began - timedelta(days=5)).date()
            role = "manager" if learner.manager else "frontline"
            yield (
                f"P{learner.number},{learner.email},Learner {learner.number},"
                f"{learner.department},boss-{learner.department},{role},Wellington,{start},\n"
            )

    def statements(self) -> Iterator[JsonObject]:
        """Yield every statement, learner by learner."""
        for learner in self.learners():
            yield from Life(self.planted, self._seed, learner, self._changed()).statements()
            yield from self._certificate(learner)

    def changes(self) -> Iterator[dict[str, str]]:
        """Yield the changes that were made, as the ledger of changes takes them."""
        day = self._changed().date().isoformat()
        for place, kind, what in (
            (STORY, "opening", "opens with a story"),
            (COLOURS, "other", "other colours"),
        ):
            yield {"place": place, "kind": kind, "what": what, "why": "completion", "day": day}

    def outcomes_csv(self) -> Iterator[str]:
        """Yield the lines of the outcome file."""
        lives = (
            lived(
                one.number,
                manager=one.manager,
                department=one.department,
                began=one.began,
                course=SAFETY,
                statements=Life(self.planted, self._seed, one, self._changed()).statements(),
            )
            for one in self.learners()
        )
        return outcomes_csv(lives, self.work, self._seed, self._last, MODULES[1])

    def import_files(self, references: References) -> None:
        """Keep the people, courses, content and outcomes of these learners."""
        references.import_people(self.people_csv())
        references.import_courses(COURSES_CSV.splitlines(keepends=True))
        references.import_content(CONTENT_CSV.splitlines(keepends=True))
        references.import_outcomes(self.outcomes_csv())

    def _changed(self) -> datetime:
        return self._last - timedelta(days=self.planted.changed)

    def _certificate(self, learner: Learner) -> Iterator[JsonObject]:
        chance = Random(f"{self._seed} certificate {learner.number}")  # noqa: S311 not a secret
        life = Life(self.planted, f"{self._seed} certificate", learner, self._changed())
        hour = 23 if learner.night else 9
        yield from certificate(self.work, chance, self._last, hour, life.tell_at)
