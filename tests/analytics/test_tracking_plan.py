"""The tracking plan: which events come, how lately, and which of them too often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from lrs.stores.sqlite import SqliteStore
from lrs.xapi import JsonObject
from tests.analytics.places import TODAY, Place, place_in, told
from tests.build import activity, voiding

BASE = "https://academy.example.org/vocab/"


class Days:
    """A clock that stands at some days before TODAY, for what is stored."""

    def __init__(self) -> None:
        self.before = 0.0
        self.count = 0

    def __call__(self) -> int:
        self.count += 1
        return int((TODAY - timedelta(days=self.before)).timestamp() * 1_000_000) + self.count


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def stored(tmp_path: Path, days: Days) -> Iterator[Place]:
    made = place_in(tmp_path, SqliteStore(tmp_path / "store.sqlite", days))
    yield made
    made.store.close()


def event(name: str, who: int = 1) -> JsonObject:
    return told(
        who,
        "experienced",
        days=400,
        context={
            "contextActivities": {"category": [activity(f"{BASE}profile/edtech-taxonomy/v1")]},
            "extensions": {f"{BASE}event": name},
        },
    )


def rows(place: Place, **asked: str) -> dict[str, dict[str, object]]:
    return {str(row["event"]): row for row in place.rows("tracking-plan", **asked)}


@pytest.mark.parametrize(
    ("before", "status", "recent"),
    [(0, "sent", 1), (6, "sent", 1), (8, "stale", 1), (27, "stale", 1), (29, "stale", 0)],
)
def test_an_event_is_sent_for_a_week_and_counts_for_four(
    stored: Place, days: Days, before: int, status: str, recent: int
) -> None:
    days.before = before
    stored.put(event("lesson.completed"))

    found = rows(stored)["lesson.completed"]

    assert (found["status"], found["recent"], found["n"]) == (status, recent, 1)
    # When it took place does not matter.
    assert found["last_seen"] == pytest.approx((TODAY.timestamp() - before * 86_400) * 1000, abs=50)


def test_events_that_never_came_are_missing_and_stages_add_up(stored: Place) -> None:
    stored.put(event("lesson.completed"), event("course.completed"), event("no.such"))

    found = rows(stored)

    assert found["referral.converted"]["status"] == "missing"
    assert found["referral.converted"]["last_seen"] is None
    assert (found["no.such"]["status"], found["no.such"]["n"]) == ("not planned", 1)
    assert {(row["stage"], row["stage_sent"]) for row in found.values() if row["stage_sent"]} == {
        ("engage", 2)
    }
    assert sum(row["stage"] != "" for row in found.values()) == 49


def test_the_sentence_names_those_of_the_nine_that_are_missing(stored: Place, days: Days) -> None:
    nine = [name for name, row in rows(stored).items() if row["starter"]]
    stored.put(*map(event, nine[:8]))
    days.before = -30
    told_now = stored.answer("tracking-plan").reading

    assert len(nine) == 9
    assert told_now == f"8 of 49 planned events came lately; begin with {nine[8]}."


@pytest.mark.parametrize(("administrative", "too_often"), [(5, 0), (6, 1)])
def test_an_administrative_event_above_one_per_cent_is_marked(
    stored: Place, administrative: int, too_often: int
) -> None:
    stored.put(
        *(event("lesson.started", who) for who in range(500 - administrative)),
        *(event("content.published") for _ in range(administrative)),
    )

    found = rows(stored)["content.published"]

    assert (found["expected"], found["share"]) == (0.01, administrative / 500)
    assert found["too_often"] == too_often


def test_of_few_events_shares_say_nothing(stored: Place) -> None:
    stored.put(*(event("content.published") for _ in range(499)))

    assert rows(stored)["content.published"]["too_often"] == 0


def test_a_voided_event_did_not_come(stored: Place) -> None:
    one = event("lesson.completed")
    stored.put(one, voiding(one["id"]))

    assert rows(stored)["lesson.completed"]["status"] == "missing"
