"""Recertification: who must begin when, and who can no longer make it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.analytics.certifying import before, courses, earned
from tests.analytics.places import TODAY, Place, told


def peers(place: Place, days: int) -> None:
    """Thirty who took from 1 to 30 days, and were certified a long time ago, for ever."""
    far = (TODAY + timedelta(days=4000)).date().isoformat()
    for number in range(1, 31):
        who = f"peer-{number}"
        place.put(told(who, "launched", days=400), earned(who, 400 - number * days / 30, far))


def test_lead_times_and_who_can_no_longer_make_it(place: Place) -> None:
    courses(place, "certification,,60,,,")
    peers(place, 30)
    place.put(
        *(told(f"due-{left}", "registered", days=60 - left) for left in (-1, 0, 3, 8, 20, 45, 60)),
    )

    rows = {row["learner"][20:].partition("@")[0]: row for row in place.rows("recertification")}

    alerts = {name: row["alert"] for name, row in rows.items()}
    assert alerts == {
        "due--1": "late",
        "due-0": "too late to make it",
        "due-3": "7 days",
        "due-8": "14 days",
        "due-20": "30 days",
        "due-45": "60 days",
        "due-60": "60 days",
    }
    assert rows["due-20"]["needs"] == 27
    assert rows["due-20"]["safe_start"] == before(-20) - 27 - 7
    assert rows["due-20"]["p_on_time"] == pytest.approx(20 / 30)
    assert rows["due-3"]["p_on_time"] == pytest.approx(3 / 30)
    assert place.rows("recertification")[0]["alert"] == "late"


def test_who_needs_long_must_begin_before_the_ninety_days(place: Place) -> None:
    courses(place, "certification,,200,,,")
    peers(place, 120)
    place.put(told("due-1", "registered", days=95), told("due-2", "registered", days=30))

    (row,) = place.rows("recertification")

    assert (row["alert"], row["days_left"], row["needs"]) == ("start", 105, 108)


def test_few_peers_tell_no_chance(place: Place) -> None:
    courses(place, "certification,,60,,,")
    place.put(told("due-1", "registered", days=50), earned(5, 10))

    (row,) = place.rows("recertification", needs="21")

    assert (row["alert"], row["p_on_time"], row["needs"]) == ("14 days", None, 21)
