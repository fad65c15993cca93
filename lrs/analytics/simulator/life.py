"""A simulated learner, and all that one does, with the effects that are planted in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from lrs.analytics.simulator.courses import (
    COLOURS,
    LEADERSHIP,
    MODULES,
    ONBOARDING,
    POLICY,
    QUIZ,
    SAFETY,
    STORY,
    VIDEO,
)
from lrs.analytics.simulator.planted import (
    Planted,
    activity,
    answered,
    completed,
    graded,
    statement_of,
    video_statement,
)
from lrs.xapi import JsonObject

ITEMS = 10
_VIDEO_LENGTH = 480.0
"""Seconds."""


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


class Life:
    """What one learner does, the same for the same `seed`; `changed`: when the onboarding was."""

    def __init__(
        self, planted: Planted, seed: int | str, learner: Learner, changed: datetime
    ) -> None:
        self._changed = changed
        self._planted = planted
        self._learner = learner
        self._chance = Random(f"{seed} life {learner.number}")  # noqa: S311 not a secret
        self._now = learner.began

    def statements(self) -> Iterator[JsonObject]:
        """Yield what they do in every course but that of the certificate."""
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
