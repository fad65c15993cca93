"""Costs, hints, pairs of measures, and whether there is enough history."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lrs.analytics.audience import Audience
from lrs.analytics.report import Moment
from lrs.analytics.reports.companions import REPORT as COMPANIONS
from lrs.analytics.simulator.courses import MODULES, SAFETY, VIDEO
from tests.analytics.places import COURSE, Place, attempt, told
from tests.analytics.working import of

SECOND = "http://example.org/second"


def test_what_a_completion_costs_and_who_wasted_hours(place: Place) -> None:
    """Ten learners of an hour each: six complete, four of them pass; one began yesterday."""
    for who in range(10):
        days = 1 if who == 9 else 60
        place.put(told(who, "experienced", COURSE + "/m", days=days, result={"duration": "PT1H"}))
        if who < 6:
            place.put(told(who, "completed", days=50, result={"completion": True}))
        if who < 4:
            place.put(attempt(who, 1, True, days=49))
    place.put(told("enrolled", "registered", days=60))
    place.references.import_courses(
        ["course,class,cost,cost_per_hour\n", f"{COURSE},mandatory,500.50,20\n"]
    )

    row = place.row("costs")

    spent = 500.5 + 20 * row["hours"]
    assert (row["learners"], row["completed"], row["competent"]) == (10, 6, 4)
    assert row["hours"] == pytest.approx(10, abs=0.5)
    assert row["spent"] == pytest.approx(spent)
    assert row["per_completion"] == pytest.approx(spent / 6)
    assert row["per_competent"] == pytest.approx(spent / 4)
    assert (row["unfinished"], row["exposed"]) == (3, 3)
    assert (row["wasted_hours"], row["wasted"]) == (3, 60)


def test_without_costs_only_hours_are_told(place: Place) -> None:
    place.put(told(1, "experienced", COURSE + "/m", result={"duration": "PT1H"}))

    row = place.row("costs")

    assert (row["spent"], row["per_completion"], row["wasted"]) == (None, None, None)
    assert (row["wasted_hours"], row["exposed"]) == (1, 0)
    hidden = place.reports.answer("costs", {}, audience=Audience(least=5)).rows[0]
    assert (hidden["learners"], hidden["hours"]) == (None, None)


def test_the_simulated_costs(worked: Place) -> None:
    row = of(worked.rows("costs"), course=SAFETY)

    assert row["spent"] == pytest.approx(9000 + 40 * row["hours"])
    assert row["per_competent"] > 9000 / row["competent"]


def test_each_flagged_module_says_what_why_and_what_next(worked: Place) -> None:
    rows = [row for row in worked.rows("module-hints", course=SAFETY) if row["flag"]]

    found = {row["module"]: row for row in rows}
    # The film has no content facts.
    assert set(found) == {MODULES[1], MODULES[2], VIDEO}
    second, third = found[MODULES[1]], found[MODULES[2]]
    assert second["flag"] == "opening"
    assert "4,200 words" in second["why"]
    assert "no examples" in second["why"]
    assert (third["flag"], third["why"]) == ("promise", "a video of 25 minutes without a break")
    assert "10 minutes" in third["next"]


def test_a_title_that_nobody_clicks_is_held_against_other_courses(place: Place) -> None:
    sent = []
    for number in range(4):
        course = f"http://example.org/c{number}"
        for who in range(40):
            sent.append(told(who, "registered", course, course=course, days=90))
            if who < (10 if number == 0 else 36):
                module = f"{course}/m"
                for verb, day in (("launched", 80.0), ("completed", 79.0)):
                    done = {"completion": True, "duration": "PT1M"} if verb == "completed" else None
                    sent.append(told(who, verb, module, course=course, days=day, result=done))
    place.put(*sent)

    rows = place.rows("module-hints")

    assert [row["course"] for row in rows if row["flag"]] == ["http://example.org/c0"]
    assert (rows[0]["flag"], rows[0]["why"]) == ("title", "not known: see `lrs content import`")
    assert rows[0]["peer_median"] == 0.9
    assert "title" in rows[0]["next"]


def test_few_learners_raise_no_flag(place: Place) -> None:
    place.put(*(told(who, "launched", COURSE + "/m", days=90) for who in range(10)))

    assert place.row("module-hints")["flag"] == ""


def cohort(place: Place, name: str, begun: float, completed: int, retained: int) -> None:
    """Put 60 who begin, of whom so many complete; all pass, and so many do so again."""
    sent = []
    for number in range(60):
        who = f"{name}-{number}"
        sent.append(told(who, "launched", days=begun))
        sent.append(attempt(who, 1, True, days=begun - 1, score={"scaled": 0.9}))
        sent.append(attempt(who, 2, number < retained, days=begun - 20, score={"scaled": 0.5}))
        if number < completed:
            sent.append(told(who, "completed", days=begun - 3, result={"completion": True}))
    place.put(*sent)


@pytest.mark.parametrize(
    ("completed", "retained", "expected"),
    [(55, 20, "completion up, retention down"), (55, 40, ""), (30, 20, ""), (34, 36, "watch")],
)
def test_completion_that_rises_while_retention_falls_is_a_warning(
    completed: int, retained: int, expected: str, place: Place
) -> None:
    cohort(place, "old", 150, 30, 40)
    cohort(place, "new", 60, completed, retained)

    row = place.row("companions")

    assert row["warning"] == expected
    assert row["completion_change"] == pytest.approx((completed - 30) / 60)
    assert row["retention_change"] == pytest.approx((retained - 40) / 60)
    assert row["forgot"] == 0 + max(0, completed - retained)


def test_rates_that_do_not_change_give_no_warnings() -> None:
    warnings = 0
    for seed in range(300):
        chance = random.Random(seed)  # noqa: S311 not a secret
        row: dict[str, Any] = {"course": "c"}
        for part, whole in (("completed", "starters"), ("retained", "tested")):
            for when in ("", "_before"):
                row[whole + when] = 80
                row[part + when] = sum(chance.random() < 0.6 for _ in range(80))
        (row,) = COMPANIONS.finish([row], Moment(0, {}))
        warnings += row["warning"].startswith("completion")
    assert warnings / 300 <= 0.05


def test_few_tell_nothing_of_both(place: Place) -> None:
    place.put(told(1, "launched", days=60), attempt(1, 1, True, score={"scaled": 0.9}, days=59))
    place.put(attempt(1, 2, True, score={"scaled": 0.9}, days=40))

    assert place.row("companions")["warning"] == "too few"


def rated(who: int, course: str, stars: int) -> dict[str, Any]:
    return told(
        who,
        "http://id.tincanapi.com/verb/rated",
        course,
        course=course,
        days=70,
        result={"extensions": {"http://example.org/rating": stars}},
    )


def test_dull_courses_that_stay_are_kept(place: Place) -> None:
    for who in range(20):
        place.put(told(who, "launched", days=90), rated(who, COURSE, 2))
        place.put(attempt(who, 1, True, days=89, score={"scaled": 0.9}))
        place.put(attempt(who, 2, who < 18, days=70, score={"scaled": 0.5}))
        place.put(rated(who, SECOND, 5))

    dull = of(place.rows("engagement-quadrant"), course=COURSE)
    unknown = of(place.rows("engagement-quadrant"), course=SECOND)

    assert (dull["quadrant"], dull["by"], dull["engagement"]) == (
        "dull, but it stays: keep",
        "ratings",
        0.25,
    )
    assert dull["retention"] == 0.9
    assert unknown["quadrant"] == "too few"


def test_what_stays_of_a_course_is_the_same_in_every_report(place: Place) -> None:
    """Without objectives, 20 tested again of whom 8 pass; of 3 more the days are not over."""
    for who in range(23):
        days = 60 if who < 20 else 20
        place.put(told(who, "launched", days=days))
        place.put(attempt(who, 1, True, days=days, score={"scaled": 0.9}))
        place.put(attempt(who, 2, who < 8, days=days - 16, score={"scaled": 0.5}))

    reports = ("retention", "engagement-quadrant", "companions")
    kept, liked, paired = (place.row(name) for name in reports)

    assert kept["objective"] == COURSE
    assert (kept["tested"], kept["retained"]) == (20, 8)
    assert (liked["tested"], liked["retained"]) == (20, 8)
    assert (paired["tested"], paired["retained"]) == (20, 8)


def test_what_is_liked_and_forgotten_is_found(worked: Place) -> None:
    row = of(worked.rows("engagement-quadrant"), course=SAFETY)

    assert (row["quadrant"], row["by"]) == ("liked, and forgotten", "views")


def test_a_model_needs_a_year_and_a_hundred_of_each(place: Place) -> None:
    place.put(*(told(who, "launched", days=380) for who in range(220)))
    place.put(*(told(who, "completed", days=370, result={"completion": True}) for who in range(99)))

    whole = of(place.rows("history"), course="")
    assert (whole["allowed"], whole["missing"]) == (
        0,
        f"{11 / 30.44:.1f} of 12 months, 99 of 100 of each outcome",
    )

    place.put(told(99, "completed", days=5, result={"completion": True}))

    whole = of(place.rows("history"), course="")
    assert (whole["allowed"], whole["completed"], whole["unfinished"]) == (1, 100, 120)
