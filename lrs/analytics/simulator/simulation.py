"""Learners who never were: statements with effects planted in them, to see whether reports find these.

The same seed, number of learners and last day always give the same statements.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from lrs.analytics.simulator.planted import (
    BASE,
    Planted,
    activity,
    answered,
    completed,
    graded,
    statement_of,
    video_statement,
)
from lrs.analytics.simulator.work import FIRST_AID, Work, certificate, lived, outcomes_csv
from lrs.xapi import JsonObject

SAFETY, LEADERSHIP, POLICY = (
    f"{BASE}/course/{name}" for name in ("safety", "leadership", "policy")
)
QUIZ = f"{BASE}/assessment/safety-quiz"
VIDEO = f"{BASE}/video/safety-film"
MODULES = tuple(f"{BASE}/module/safety-{number}" for number in (1, 2, 3, 4))
ONBOARDING = f"{BASE}/course/onboarding"
STORY, COLOURS = (f"{BASE}/module/onboarding-{name}" for name in ("story", "colours"))
DEPARTMENTS = ("nursing", "kitchen", "sales", "it")
ITEMS = 10
_SPAN = 120
_VIDEO_LENGTH = 480.0

COURSES_CSV = (
    "course,title,minutes,class,target,owner,modules,valid_months,due_days,cost,cost_per_hour\n"
    f"{SAFETY},Safety at work,30,mandatory,,Kim,{' '.join(MODULES)},24,60,9000,40\n"
    f"{LEADERSHIP},Leadership,50,elective,,Ari,,,,5000,60\n"
    f"{POLICY},Policies,720,certification,,Ari,,,,2500,40\n"
    f"{FIRST_AID},First aid,480,certification,,Kim,,12,30,20000,40\n"
)
CONTENT_CSV = (
    "activity,video_seconds,chapters,words,reading_grade,examples\n"
    f"{MODULES[0]},300,3,900,8,4\n"
    f"{MODULES[1]},,,4200,16,0\n"
    f"{MODULES[2]},1500,0,600,9,2\n"
    f"{MODULES[3]},240,,700,8,3\n"
)


@dataclass(frozen=True, slots=True)
class Learner:
    """One of them; `ability` is about 0, with a spread of 1."""

    number: int
    ability: float
    department: str
    manager: bool
    night: bool
    mobile: bool
    began: datetime

    @property
    def email(self) -> str:
        return f"learner-{self.number}@example.org"


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
            yield from _Life(self.planted, self._seed, learner, self._changed()).statements()
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
                statements=_Life(self.planted, self._seed, one, self._changed()).statements(),
            )
            for one in self.learners()
        )
        return outcomes_csv(lives, self.work, self._seed, self._last, MODULES[1])

    def _changed(self) -> datetime:
        return self._last - timedelta(days=self.planted.changed)

    def _certificate(self, learner: Learner) -> Iterator[JsonObject]:
        chance = Random(f"{self._seed} certificate {learner.number}")  # noqa: S311 not a secret
        life = _Life(self.planted, f"{self._seed} certificate", learner, self._changed())
        yield from certificate(self.work, chance, self._last, life.tell_at)


class _Life:
    """What one learner does."""

    def __init__(
        self, planted: Planted, seed: int | str, learner: Learner, changed: datetime
    ) -> None:
        self._changed = changed
        self._planted = planted
        self._learner = learner
        self._chance = Random(f"{seed} life {learner.number}")  # noqa: S311 not a secret
        self._now = learner.began

    def statements(self) -> Iterator[JsonObject]:
        yield self._tell("registered", activity(SAFETY, "course", "Safety at work"))
        if self._happens(self._planted.never_came):
            return
        yield from self._modules()
        yield from self._film()
        yield from self._quiz()
        yield from self._finish()
        yield from self._revised(LEADERSHIP, "Leadership", self._planted.leadership)
        yield from self._revised(POLICY, "Policies", self._planted.policy)
        yield from self._onboarding()

    def _modules(self) -> Iterator[JsonObject]:
        for number, module in enumerate(MODULES):
            if not self._happens(self._planted.returns[number]):
                return
            place = activity(module, "module", f"Module {number + 1}")
            yield self._tell("initialized", place, course=SAFETY)
            if self._happens(self._planted.views[number]):
                self._pass(seconds=120 + self._chance.randrange(240))
                yield self._tell("experienced", place, course=SAFETY, duration="PT2M")
                if self._happens(self._planted.finishes):
                    self._pass(seconds=60)
                    yield completed(self._tell("completed", place, course=SAFETY))
            else:
                self._pass(seconds=4)
                yield self._tell("exited", place, course=SAFETY)
            self._pass(hours=20)

    def _film(self) -> Iterator[JsonObject]:
        """At minute 3 a planted share leaves; the others see it through."""
        leaves = self._happens(self._planted.leaves_at_3)
        seen = 178.0 + self._chance.random() * 6 if leaves else _VIDEO_LENGTH
        session = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        muted = self._happens(self._planted.muted)
        yield self._play(video_statement("initialized", session, VIDEO, _VIDEO_LENGTH))
        self._now += timedelta(milliseconds=500)
        yield self._play(
            video_statement("played", session, VIDEO, _VIDEO_LENGTH, at=0.0, muted=muted)
        )
        self._pass(seconds=int(seen))
        verb = "terminated" if leaves else "completed"
        yield self._play(
            video_statement(
                verb, session, VIDEO, _VIDEO_LENGTH, at=seen, segments=f"0[.]{seen:.3f}"
            )
        )
        self._pass(hours=2)

    def _quiz(self) -> Iterator[JsonObject]:
        yield from self._attempt(1, gain=0.0)
        if self._happens(self._planted.retried):
            self._pass(hours=24)
            yield from self._attempt(2, gain=self._planted.gain)
        if self._happens(self._planted.tested_later):
            self._now += timedelta(days=21)
            yield from self._attempt(3, gain=-self._planted.forgotten)
            self._now -= timedelta(days=21)

    def _attempt(self, number: int, gain: float) -> Iterator[JsonObject]:
        right = 0
        for item in range(1, ITEMS + 1):
            knows = self._chance.random() < self._planted.knows(self._learner.ability + gain, item)
            # Of the miskeyed item those who know it choose what the key calls wrong.
            scored = knows if item != self._planted.miskeyed else not knows
            right += scored
            if number == 1:
                self._pass(seconds=30)
                yield answered(
                    self._tell("answered", _item(item), course=SAFETY), QUIZ, item, scored
                )
        self._pass(seconds=30)
        quiz = activity(QUIZ, "assessment", "Safety quiz")
        passed = right >= self._planted.mark
        yield graded(
            self._tell("passed" if passed else "failed", quiz, course=SAFETY), right, ITEMS, number
        )

    def _finish(self) -> Iterator[JsonObject]:
        share = self._planted.completes(night=self._learner.night, mobile=self._learner.mobile)
        if not self._happens(share):
            return
        days = self._planted.days - (self._planted.manager_days if self._learner.manager else 0)
        self._now = self._learner.began + timedelta(days=days + self._chance.randrange(-2, 3))
        yield completed(self._tell("completed", activity(SAFETY, "course", "Safety at work")))

    def _revised(self, course: str, title: str, rates: tuple[float, float]) -> Iterator[JsonObject]:
        second = self._learner.number % 2
        place = activity(course, "course", title)
        self._pass(hours=30)
        yield self._tell("initialized", place, revision=str(second + 1))
        if self._happens(rates[second]):
            self._pass(hours=5)
            yield completed(self._tell("completed", place, revision=str(second + 1)))

    def _onboarding(self) -> Iterator[JsonObject]:
        # Before all else, so that it takes no time from what is measured elsewhere.
        self._now = self._learner.began - timedelta(hours=2)
        for module, rates in ((STORY, self._planted.story), (COLOURS, self._planted.colours)):
            place = activity(module, "module", module.rpartition("-")[2].capitalize())
            late = self._now >= self._changed
            yield self._tell("initialized", place, course=ONBOARDING)
            self._pass(seconds=300)
            if self._happens(rates[late]):
                yield completed(self._tell("completed", place, course=ONBOARDING))

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _pass(self, *, seconds: int = 0, hours: int = 0) -> None:
        self._now += timedelta(seconds=seconds, hours=hours)

    def _play(self, statement: JsonObject) -> JsonObject:
        told = self._tell("played", statement["object"], course=SAFETY)
        context = {**told["context"], **statement["context"]}
        return {**told, "verb": statement["verb"], "context": context, **_result(statement)}

    def tell_at(self, verb: str, place: JsonObject, moment: datetime, course: str) -> JsonObject:
        """Return a statement of any moment."""
        self._now = moment
        return self._tell(verb, place, course=course)

    def _tell(
        self,
        verb: str,
        place: JsonObject,
        *,
        course: str = "",
        duration: str = "",
        revision: str = "",
    ) -> JsonObject:
        return statement_of(
            str(uuid.UUID(int=self._chance.getrandbits(128), version=4)),
            self._learner.email,
            verb,
            place,
            self._now,
            device="mobile" if self._learner.mobile else "desktop",
            course=course,
            duration=duration,
            revision=revision,
        )


def _item(number: int) -> JsonObject:
    return activity(f"{QUIZ}/item-{number}", "cmi.interaction", f"Question {number}")


def _result(statement: JsonObject) -> JsonObject:
    return {"result": statement["result"]} if "result" in statement else {}
