"""The statements and questions of a believable academy, the same for the same seed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

LEARNERS, COURSES, ITEMS = 5_000, 20, 10
_VERBS = tuple(
    f"http://adlnet.gov/expapi/verbs/{name}"
    for name in (
        *("launched", "initialized", "experienced", "interacted", "answered", "attempted"),
        *("progressed", "scored", "passed", "failed", "completed", "terminated"),
    )
)
_SITE = "https://academy.example.org"
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Workload:
    """Makes statements and filters; `seed` decides all of it but the ids, which never repeat between runs."""

    seed: int
    ids: list[str] = field(default_factory=list)
    """Of one statement in a hundred that were made."""

    def __post_init__(self) -> None:
        self._random = Random(self.seed)  # noqa: S311 nothing here is a secret
        self._made = 0
        self._begun = datetime.now(UTC).isoformat(timespec="milliseconds")

    def statement(self) -> dict[str, Any]:
        """Return a statement of about 1.1 KB as JSON: a learner did something with an item of a course."""
        pick = self._random.randrange
        learner, course, item, raw = pick(LEARNERS), pick(COURSES), pick(ITEMS), pick(101)
        verb = self._random.choice(_VERBS)
        statement_id = str(uuid.uuid4())
        if self._made % 100 == 0:
            self.ids.append(statement_id)
        self._made += 1
        return {
            "id": statement_id,
            "actor": {"name": f"Learner {learner}", **self.agent(learner)},
            "verb": {"id": verb, "display": {"en-US": verb.rpartition("/")[2]}},
            "object": {
                "objectType": "Activity",
                "id": self.item(course, item),
                "definition": {
                    "type": "http://adlnet.gov/expapi/activities/assessment",
                    "name": {"en-US": f"Item {item} of course {course}"},
                    "description": {"en-US": "A graded item of the academy's catalogue."},
                },
            },
            "result": {
                "score": {"scaled": raw / 100, "raw": raw, "min": 0, "max": 100},
                "success": raw >= 60,  # noqa: PLR2004 a pass mark
                "completion": True,
                "duration": f"PT{pick(3600)}S",
            },
            "context": {
                "registration": self.registration(learner, course),
                "platform": "bench",
                "language": "en-US",
                "contextActivities": {
                    "parent": [{"id": f"{_SITE}/course/{course}/module/{item // 3}"}],
                    "grouping": [{"id": self.course(course)}],
                    "category": [{"id": f"{_SITE}/profile/v1"}],
                },
                "extensions": {f"{_SITE}/device": self._random.choice(("mobile", "desktop"))},
            },
            "timestamp": (_START + timedelta(seconds=pick(31_536_000), milliseconds=pick(1000)))
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
        }

    def agent(self, learner: int | None = None) -> dict[str, Any]:
        """Return a learner as an Agent."""
        number = self._random.randrange(LEARNERS) if learner is None else learner
        return {"objectType": "Agent", "account": {"homePage": _SITE, "name": f"learner-{number}"}}

    def verb(self) -> str:
        """Return the IRI of a verb."""
        return self._random.choice(_VERBS)

    def course(self, course: int | None = None) -> str:
        """Return the IRI of a course, which statements hold as grouping."""
        return f"{_SITE}/course/{self._random.randrange(COURSES) if course is None else course}"

    def item(self, course: int | None = None, item: int | None = None) -> str:
        """Return the IRI of an item, the object of statements."""
        number = self._random.randrange(ITEMS) if item is None else item
        return f"{self.course(course)}/item/{number}"

    def registration(self, learner: int | None = None, course: int | None = None) -> str:
        """Return the registration of a learner for a course."""
        who = self._random.randrange(LEARNERS) if learner is None else learner
        what = self._random.randrange(COURSES) if course is None else course
        return str(uuid.UUID(int=(who << 64) | what, version=4))

    @property
    def made(self) -> int:
        """How many statements were made."""
        return self._made

    def since(self) -> str:
        """Return the moment when this run began."""
        return self._begun

    def known_id(self) -> str:
        """Return the id of a statement that was made in this run."""
        return self._random.choice(self.ids)
