"""Who has given up a course, and who has come back."""

from __future__ import annotations

from tests.analytics.certifying import earned
from tests.analytics.places import COURSE, Place, told
from tests.analytics.working import of

ONE, TWO = "http://example.org/one", "http://example.org/two"
LEAVE = "http://id.tincanapi.com/verb/unregistered"


def counts(place: Place, module: str) -> tuple[int, int, int, int]:
    row = of(place.rows("abandonment"), module=module)
    return row["unfinished"], row["abandoned"], row["first_only"], row["still_running"]


def test_who_came_back_after_the_gap_is_not_gone(place: Place) -> None:
    # One is gone; one came back to the module, one to the course itself, one to another module.
    for who in range(4):
        place.put(told(who, "launched", ONE, days=60))
    place.put(told(1, "launched", ONE, days=5), told(2, "launched", COURSE, days=5))
    place.put(told(3, "launched", TWO, days=5))

    assert counts(place, ONE) == (4, 1, 1, 2)
    assert counts(place, TWO) == (4, 0, 0, 1)


def test_who_came_back_and_went_again_is_gone_where_last_seen(place: Place) -> None:
    place.put(told(1, "launched", ONE, days=90), told(1, "launched", TWO, days=40))
    place.put(told(1, "launched", COURSE, days=39))

    assert counts(place, TWO) == (1, 1, 0, 0)


def test_who_was_enrolled_again_after_leaving_is_counted_again(place: Place) -> None:
    for who in (1, 2):
        place.put(told(who, "launched", ONE, days=60), told(who, LEAVE, days=50))
    place.put(told(1, "registered", days=10), told(1, "launched", ONE, days=9))

    assert counts(place, ONE) == (1, 0, 0, 1)


def test_who_is_done_has_not_given_up_however_long_ago(place: Place) -> None:
    place.put(told(1, "launched", ONE, days=60), told(2, "launched", ONE, days=60))
    place.put(told(1, "completed", COURSE, days=59, result={"completion": True}))

    assert counts(place, ONE) == (1, 1, 1, 0)


def test_who_abandons_a_session_or_leaves_a_part_has_not_left_the_course(place: Place) -> None:
    """A cmi5 LMS abandons the session before at each launch."""
    abandoned = "https://w3id.org/xapi/adl/verbs/abandoned"
    for who in ("session", "course"):
        place.put(told(who, "launched", ONE, days=60))
    place.put(told("session", abandoned, ONE, days=59), told("course", LEAVE, days=59))

    (row,) = place.rows("cancellations")

    assert row["persons"] == 1
    assert [row["learner"] for row in place.rows("at-risk")] == [
        "mbox|mailto:learner-session@example.org"
    ]


def test_who_has_earned_the_certificate_has_completed_the_course(place: Place) -> None:
    place.put(told(1, "launched", days=70), told(2, "launched", days=70), earned(1, 60))

    row = place.row("completion")

    assert (row["enrolled"], row["completed"]) == (2, 1)
    assert [row["learner"] for row in place.rows("at-risk")] == [
        "mbox|mailto:learner-2@example.org"
    ]
