"""Groups and first weeks: who passes less, who forgets what they must know, who misses the first assignments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.analytics.examples import DONE, first_weeks
from tests.analytics.places import COURSE, Place, answer, attempt, told
from tests.analytics.working import of
from tests.build import activity

LOGIN = "https://w3id.org/xapi/adl/verbs/logged-in"


def people(place: Place, roles: Iterator[str] | list[str]) -> None:
    lines = [f"P{who},learner-{who}@example.org,{role}\n" for who, role in enumerate(roles)]
    place.references.import_people(["person,identifiers,role\n", *lines])


def test_the_role_that_passes_less_is_found_among_compliance_courses(place: Place) -> None:
    people(place, ["cook", "nurse"] * 60)
    place.references.import_courses(["course,class\n", f"{COURSE},mandatory\n"])
    for who in range(120):
        place.put(attempt(who, 1, who % 2 == 1 and who < 110, days=50))
        place.put(attempt(who, 2, who % 2 == 1 or who < 40, days=40))

    rows = {row["slice"]: row for row in place.rows("pass-rates", **{"class": "mandatory"})}

    cook, nurse = rows["cook"], rows["nurse"]
    assert (cook["graded"], cook["first_passed"], cook["passed"]) == (60, 0, 20)
    assert (nurse["first_passed"], nurse["passed"]) == (55, 60)
    assert (cook["differs"], nurse["differs"]) == (1, 1)
    assert place.answer("pass-rates").reading.startswith("Less often than the others passes: cook.")
    assert place.rows("pass-rates", **{"class": "elective"}) == ()


def test_roles_that_must_know_it_and_have_lost_it_are_named(place: Place) -> None:
    people(place, ["nurse"] * 30 + ["cook"] * 30 + ["clerk"] * 30)
    required = f"{COURSE},nurse;cook\n"
    place.references.import_courses(["course,required_of\n", required])
    for who in range(90):
        place.put(attempt(who, 1, True, days=60, score={"scaled": 0.9}))
        kept = who % 30 < (12 if who < 30 else 29)
        place.put(attempt(who, 2, kept, days=44, score={"scaled": 0.7 if kept else 0.3}))

    rows = {row["role"]: row for row in place.rows("critical-roles")}

    assert set(rows) == {"nurse", "cook"}
    nurse = rows["nurse"]
    assert (nurse["tested"], nurse["retained"], nurse["below"], nurse["alert"]) == (
        30,
        12,
        18,
        "alert",
    )
    assert rows["cook"]["alert"] == ""
    assert "18 persons in roles that must know it" in place.answer("critical-roles").reading


def test_missing_the_first_two_assignments_is_held_against_what_came_of_it(place: Place) -> None:
    place.put(*first_weeks())

    rows = {row["missed"]: row for row in place.rows("first-assignments")}

    both = rows[2]
    assert (both["learners"], both["over"], both["dropped"], both["running"]) == (13, 10, 8, 3)
    assert both["drop_rate"] == 0.8
    assert both["drop_rate_low"] < 0.8 < both["drop_rate_high"]
    assert (both["first"][-3:], both["first_days"], both["second_days"]) == ("one", 5, 12)
    assert (rows[1]["learners"], rows[1]["dropped"]) == (5, 0)
    assert (rows[0]["learners"], rows[0]["dropped"]) == (25, 0)
    assert "3 have missed them now" in place.answer("first-assignments").reading


def test_who_missed_both_is_at_risk_though_not_quiet(place: Place) -> None:
    place.put(*first_weeks())

    rows = {row["learner"]: row["rules"] for row in place.rows("at-risk")}

    assert rows["mbox|mailto:learner-50@example.org"] == "missed the first two assignments"
    assert "mbox|mailto:learner-60@example.org" not in rows


def test_who_fails_two_tests_is_at_risk_whatever_single_questions_say(place: Place) -> None:
    place.put(attempt(1, 1, False, days=2), attempt(1, 2, False, days=1))
    place.put(answer(1, 1, True), answer(2, 1, False), answer(2, 2, False))
    place.put(told(2, "launched", days=1))

    (row,) = place.rows("at-risk")

    assert (row["learner"], row["rules"]) == ("mbox|mailto:learner-1@example.org", "failed twice")


def test_questions_are_held_against_the_content_before_them(place: Place) -> None:
    """Item 1: who saw the module does better; item 2: all miss it, whether they saw it or not."""
    for who in range(60):
        saw = who < 30
        if saw:
            place.put(
                told(
                    who, "experienced", "http://example.org/m", result={"duration": "PT5M"}, days=61
                )
            )
        place.put(
            answer(who, 1, (saw and who < 27) or who in (30, 31, 32)), answer(who, 2, who % 10 == 0)
        )
        # After the question: too late.
        place.put(
            told(who, "experienced", "http://example.org/m", result={"duration": "PT5M"}, days=50)
        )

    rows = {row["item"][-1]: row for row in place.rows("content-before")}

    one, two = rows["1"], rows["2"]
    assert (one["n"], one["missed"], one["missed_seen"], one["seen"]) == (60, 30, 3, 30)
    assert (one["right_if_seen"], one["right_if_not"]) == (0.9, 0.1)
    assert one["gain"] == pytest.approx(0.8)
    assert one["hint"].startswith("who saw the content")
    assert (two["missed"], two["hint"][:15]) == (54, "missed in spite")


def test_only_content_of_the_same_objective_counts_where_any_is_told(place: Place) -> None:
    def objective(name: str) -> dict[str, Any]:
        about = activity(
            f"http://example.org/{name}", type="http://adlnet.gov/expapi/activities/objective"
        )
        return {"contextActivities": {"other": [about]}}

    for who in range(20):
        name = "right" if who < 10 else "wrong"
        place.put(
            told(who, "experienced", f"http://example.org/{name}-m", days=61, context=objective(name),
                 result={"duration": "PT5M"})
        )  # fmt: skip
        question = answer(who, 1, True)
        question["context"]["contextActivities"] |= objective("right")["contextActivities"]
        place.put(question)

    assert place.row("content-before")["seen"] == 10


def test_the_base_is_sound_or_says_what_is_missing(place: Place) -> None:
    place.put(*(told(who, "launched", COURSE + "/m", days=400) for who in range(20)))
    place.put(*(told(who, "completed", COURSE + "/m", days=399, result=DONE) for who in range(20)))
    place.put(told(30, "completed", COURSE + "/m", days=399, result=DONE))

    first = {row["check"]: row for row in place.rows("baseline")}

    assert len(first) == 9
    failed = {check for check, row in first.items() if not row["pass"]}
    assert failed == {"learners are in the people file", "courses are in the course file"}
    assert first["learners click before they view"]["value"] == pytest.approx(1 / 21, abs=1e-4)
    assert "2 of 9 checks fail" in place.answer("baseline").reading

    people(place, ["nurse"] * 31)
    place.references.import_courses(["course,class\n", f"{COURSE},mandatory\n"])

    assert place.answer("baseline").reading == "The base is sound: build on it."


def test_minutes_and_logins_of_each_learner(place: Place) -> None:
    for days in (50, 49, 43):
        place.put(
            told(1, "experienced", f"{COURSE}/m{days}", days=days, result={"duration": "PT20M"})
        )
        place.put(
            told(
                1,
                LOGIN,
                "http://example.org/lms",
                days=days + 0.01,
                course="http://example.org/lms",
            )
        )

    row = of(place.rows("learner-time"), course=COURSE)

    assert (row["minutes"], row["modules"], row["days"], row["weeks"]) == (60, 3, 3, 2)
    assert (row["logins"], row["logins_a_week"], row["days_a_week"]) == (3, 1.5, 1.5)


def test_pinned_courses_come_first_then_those_with_most_at_work_on_them(place: Place) -> None:
    for name, active, done in (("a", 5, 9), ("b", 7, 0), ("c", 1, 0)):
        course = f"http://example.org/{name}"
        place.put(
            *(told(f"{name}{n}", "launched", course, course=course, days=9) for n in range(active))
        )
        place.put(
            *(
                told(f"{name}{n}x", "completed", course, course=course, days=9, result=DONE)
                for n in range(done)
            )
        )
    place.references.import_courses(["course,pinned\n", "http://example.org/c,yes\n"])

    rows = place.rows("top-courses")

    assert [(row["rank"], row["course"][-1], row["active"]) for row in rows] == [
        (1, "c", 1), (2, "b", 7), (3, "a", 5),
    ]  # fmt: skip


def test_attempts_and_ratings_have_their_spread(place: Place) -> None:
    for who in range(20):
        for number in range(1, 5 if who == 0 else 4 if who < 3 else 2):
            place.put(attempt(who, number, number > 1, days=60 - number))
        rating = {"extensions": {"http://example.org/rating": 2 if who % 2 else 1}}
        place.put(told(who, "http://id.tincanapi.com/verb/rated", days=30, result=rating))

    row = place.row("assessments")
    assert (row["attempts_mean"], row["attempts_p90"]) == (1.35, 3)

    liked = place.row("reviews")
    assert liked["rating"] == 0.125
    assert liked["rating_low"] < 0.125 < liked["rating_high"] < 0.2
    assert "below the middle" in place.answer("reviews").reading
