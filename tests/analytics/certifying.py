"""What tests of certificates share: days, certificates earned, the course file, the states of obligations."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.analytics.places import COURSE, TODAY, Place, told
from tests.build import activity

UNTIL = "http://id.tincanapi.com/extension/valid-until"
EPOCH = date(1970, 1, 1).toordinal()
FILE = "course,class,valid_months,due_days,grace_days,renewal_days,required_of\n"


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH


def before(days: float) -> int:
    return (TODAY - timedelta(days=days)).date().toordinal() - EPOCH


def earned(who: int | str, days: float, until: str = "") -> dict[str, Any]:
    return told(
        who,
        "http://id.tincanapi.com/verb/earned",
        f"http://example.org/certificate/{who}",
        kind="certificate",
        days=days,
        context={"contextActivities": {"parent": [activity(COURSE)]}},
        result={"extensions": {UNTIL: until}} if until else None,
    )


def courses(place: Place, rest: str) -> None:
    place.references.import_courses((FILE + f"{COURSE},{rest}\n").splitlines(keepends=True))


def states(place: Place, **asked: str) -> dict[str, str]:
    return {
        row["learner"].removeprefix("mbox|mailto:learner-").partition("@")[0]: row["state"]
        for row in place.rows("obligations", **asked)
    }
