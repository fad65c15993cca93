"""Ratings of courses and of instructors, against what is learnt."""

from __future__ import annotations

from typing import Any

import pytest

from lrs.analytics.audience import Audience
from lrs.errors import Forbidden
from tests.analytics.places import COURSE, Place, attempt, told
from tests.analytics.working import of
from tests.build import activity, agent

RATING = "http://id.tincanapi.com/extension/quality-rating"
RATED = "http://id.tincanapi.com/verb/rated"


def stars(number: int) -> dict[str, Any]:
    return {"extensions": {RATING: {"rating": number, "min": 1, "max": 5}}}


def rates(who: int, instructor: str, number: int, days: float = 50) -> dict[str, Any]:
    """Return a rating of an instructor in the course."""
    parent = [activity(COURSE, type="http://adlnet.gov/expapi/activities/course")]
    statement = told(who, RATED, days=days, result=stars(number))
    statement["object"] = {**agent(instructor), "objectType": "Agent"}
    return {**statement, "context": {"contextActivities": {"parent": parent}}}


def likes(who: int, number: int, days: float = 50) -> dict[str, Any]:
    return told(who, RATED, days=days, result=stars(number))


def scores(who: int, scaled: float) -> dict[str, Any]:
    return attempt(who, 1, scaled >= 0.5, days=55, score={"scaled": scaled})


def named(name: str) -> str:
    return f"mbox|mailto:{name}@example.org"


def test_instructors_are_held_against_what_their_raters_learnt(place: Place) -> None:
    for who in range(12):
        place.put(scores(who, 0.4), rates(who, "showman", 5))
    for who in range(12, 24):
        place.put(scores(who, 0.9), rates(who, "dry", 2))

    rows = place.rows("liked-learned")

    showman, dry = (of(rows, instructor=named(one)) for one in ("showman", "dry"))
    assert (showman["quadrant"], showman["raters"], showman["rating"]) == (
        "liked, not learnt", 12, 1.0,
    )  # fmt: skip
    assert (showman["by"], showman["learned"]) == ("score", 0.4)
    assert (dry["quadrant"], dry["rating"], dry["learned"]) == ("disliked, learnt", 0.25, 0.9)
    # Nobody has rated the course itself.
    assert len(rows) == 2


def test_a_course_is_held_against_what_stays_if_that_is_known(place: Place) -> None:
    for who in range(20):
        place.put(likes(who, 4 + who % 2), scores(who, 0.9))
        place.put(attempt(who, 2, who < 5, days=35, score={"scaled": 0.4}))

    row = place.row("liked-learned")

    assert (row["course"], row["instructor"], row["raters"]) == (COURSE, "", 20)
    assert (row["by"], row["learned"], row["score"]) == ("retention", 0.25, 0.9)
    assert row["quadrant"] == "liked, not learnt"
    assert row["rating"] == pytest.approx(0.875)
    # Student's t of ten ratings of 0.75 and ten of 1.
    assert (row["rating_low"], row["rating_high"]) == pytest.approx((0.8150, 0.9350), abs=0.0002)


def test_of_few_raters_an_instructor_is_not_in_it(place: Place) -> None:
    place.put(*(rates(who, "few", 1) for who in range(4)), *(likes(who, 5) for who in range(4)))
    place.put(*(rates(who, "some", 1) for who in range(5)))

    rows = place.rows("liked-learned")

    assert [row["instructor"] for row in rows] == ["", named("some")]
    assert {row["quadrant"] for row in rows} == {"too few"}


def test_somebody_who_rates_again_counts_once(place: Place) -> None:
    for who in range(5):
        place.put(rates(who, "some", 1, days=50), rates(who, "some", 5, days=40))

    row = place.row("liked-learned")

    assert (row["raters"], row["rating"]) == (5, 0.5)


def test_an_instructor_is_one_person_whatever_they_log_in_with(place: Place) -> None:
    place.references.import_people(
        ["person,identifiers,name\n", "T1,t@example.org;teacher@example.org,Tee\n"]
    )
    place.put(*(rates(who, "t" if who < 3 else "teacher", 5) for who in range(6)))

    assert place.row("liked-learned")["raters"] == 6


def test_ratings_of_persons_are_none_of_the_course(place: Place) -> None:
    for who in range(10):
        place.put(likes(who, 5), rates(who, "some", 1), scores(who, 0.9))

    assert place.row("reviews")["rating"] == 1.0
    assert place.row("engagement-quadrant")["engagement"] == 1.0


def test_whoever_may_not_see_names_sees_no_instructor_by_name(place: Place) -> None:
    place.put(*(rates(who, "some", 5) for who in range(12)))

    (row,) = place.answer("liked-learned", audience=Audience(names=False, least=10)).rows
    hidden = place.answer("liked-learned", audience=Audience(least=13)).rows[0]

    assert row["instructor"].startswith("learner-")
    assert (row["raters"], hidden["raters"], hidden["rating"]) == (12, None, None)


def test_it_is_not_for_a_manager_or_a_learner(place: Place) -> None:
    for own in ("team", "self"):
        with pytest.raises(Forbidden):
            place.answer("liked-learned", audience=Audience(own, 1))  # type: ignore[arg-type]
