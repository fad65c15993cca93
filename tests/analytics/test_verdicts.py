"""What is said of numbers: nothing of those that are not whole yet, nothing of few, nothing that chance would do."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Moment
from lrs.analytics.statistics.estimates import break_in
from tests.analytics.places import COURSE, TODAY, Place, answer, attempt, told
from tests.analytics.working import of

DONE = {"completion": True}
EPOCH = TODAY.fromtimestamp(0, TODAY.tzinfo)


def monday(days: float) -> int:
    """Return the week, as reports tell it, of so many days before TODAY."""
    then = TODAY - timedelta(days=days)
    return (then - timedelta(days=then.weekday()) - EPOCH).days


def test_weeks_whose_learners_may_still_complete_have_no_rate(place: Place) -> None:
    """Each week 40 begin; 20 of them complete after 20 days, and so not yet in the last three weeks."""
    for week in range(12):
        begun = 7 * week + 3
        for number in range(40):
            place.put(told(f"{week}-{number}", "launched", days=begun))
            if number < 20 and begun > 20:
                done = told(f"{week}-{number}", "completed", days=begun - 20, result=DONE)
                place.put(done)

    rows = place.rows("trend")

    assert {row["rate"] for row in rows} == {0.5, None}
    assert {row["rate_4"] for row in rows} == {0.5, None}
    known = [row["week"] for row in rows if row["rate"] is not None]
    assert max(known) + 7 + 28 <= monday(0) + 7
    assert [row["over"] for row in rows] == [1] * (len(rows) - 1) + [int(monday(0) > monday(3))]
    assert all(row["started"] == 40 for row in rows if row["started"])
    assert all(row["shift"] is None for row in rows)
    assert "by more than chance" in place.answer("trend").reading


def test_the_week_since_which_more_complete_is_found(place: Place) -> None:
    for week in range(6, 18):
        for number in range(40):
            who = f"{week}-{number}"
            place.put(told(who, "launched", days=7 * week + 3))
            if number < (28 if week < 12 else 16):
                place.put(told(who, "completed", days=7 * week, result=DONE))

    (row,) = [row for row in place.rows("trend") if row["shift"] is not None]

    assert row["week"] == monday(7 * 11 + 3)
    assert row["shift"] == pytest.approx(0.3)
    assert row["shift_p"] < 0.001


def test_rates_that_only_swing_have_no_break() -> None:
    found = 0
    for seed in range(300):
        chance = random.Random(seed)  # noqa: S311 not a secret
        parts = [sum(chance.random() < 0.5 for _ in range(30)) for _ in range(20)]
        broken = break_in(parts, [30] * 20, fewest=30)
        found += broken is not None and broken.p < 0.05
    assert found / 300 <= 0.05
    assert break_in([1, 2], [5, 5], fewest=30) is None
    assert break_in([30, 30], [30, 30], fewest=30).p == 1  # type: ignore[union-attr]


def test_who_was_hired_and_did_nothing_is_not_left_out(place: Place) -> None:
    """Ten hired 100 days ago: three competent after 20 days, one at work on it, six never seen."""
    start = (TODAY - timedelta(days=100)).date().isoformat()
    lines = [f"P{who},learner-{who}@example.org,{start}\n" for who in range(10)]
    later = (TODAY + timedelta(days=5)).date().isoformat()
    place.references.import_people(
        ["person,identifiers,start_date\n", *lines, f"P99,learner-99@example.org,{later}\n"]
    )
    place.put(
        told(22, "launched", days=150),
        *(told(who, "completed", days=80, result=DONE) for who in range(3)),
        told(3, "launched", days=50),
        # Not in the people file: one enrolled, one just seen.
        told(20, "registered", days=60), attempt(20, 1, True, days=30),
        told(21, "launched", days=10),
    )  # fmt: skip

    rows = {row["counted_from"]: row for row in place.rows("time-to-competency")}

    hired = rows["start date"]
    assert (hired["learners"], hired["completed"]) == (10, 3)
    assert (hired["median"], hired["by_30"]) == (None, 0.3)
    assert (rows["enrolment"]["learners"], rows["enrolment"]["median"]) == (1, 30)
    seen = rows["first statement"]
    assert (seen["learners"], seen["completed"]) == (1, 0)
    assert place.answer("time-to-competency").reading.startswith("Counted from the start date:")


def test_a_right_answer_is_no_competency(place: Place) -> None:
    answered = told(1, "answered", "http://example.org/q", kind="cmi.interaction", days=50)
    place.put({**answered, "result": {"success": True}})

    assert place.row("time-to-competency")["completed"] == 0


def durations(name: str, chance: random.Random, people: int, mean: float) -> list[dict[str, Any]]:
    return [
        {
            "slice": name,
            "days": round(chance.expovariate(1 / mean)),
            "finished": 1,
            "learners": 1,
            "first": 1,
        }
        for _ in range(people)
    ]


def test_nobody_is_fastest_by_chance() -> None:
    report = catalog()["completion-time"]
    chance = random.Random(4)  # noqa: S311 not a secret

    def said(second: float) -> str:
        rows = [*durations("a", chance, 60, 20), *durations("b", chance, 60, second)]
        return report.reading(report.finish(rows, Moment(0, {})))

    assert "no clear difference" in said(20)
    assert said(60).startswith("a is fastest")


def bands(*buyers: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        {"currency": "EUR", "band": band, "purchases": n, "cents": n, "buyers": n, "started": n,
         "completed": done}
        for band, (n, done) in enumerate(buyers)
    ]  # fmt: skip


def test_a_price_is_named_only_where_enough_paid_it() -> None:
    report = catalog()["sales"]

    def said(*buyers: tuple[int, int]) -> str:
        return report.reading(report.finish(bands(*buyers), Moment(0, {})))

    # One buyer of one finished: that says nothing.
    assert "by more than chance" in said((1, 1), (200, 80))
    assert "by more than chance" in said((100, 52), (100, 48), (100, 50))
    assert said((100, 30), (100, 70)) == (
        "Who paid up to 20 EUR finishes more often than other buyers;"
        " who paid 0 EUR finishes less often than other buyers."
    )


def test_a_price_is_held_against_those_of_its_currency() -> None:
    rows = bands((100, 30), (100, 70))
    rows += [{**row, "currency": "NZD", "completed": 90} for row in bands((100, 90))]

    found = catalog()["sales"].finish(rows, Moment(0, {}))

    assert of(tuple(found), currency="NZD")["difference"] is None
    assert of(tuple(found), currency="EUR", band=1)["difference"] == pytest.approx(0.4)


def revised(who: str, verb: str, revision: str, days: float, **more: Any) -> dict[str, Any]:
    statement = told(who, verb, days=days, **more)
    statement.setdefault("context", {})["revision"] = revision
    return statement


def test_a_new_version_is_not_worse_for_being_young(place: Place) -> None:
    """60 of 100 complete either version after 20 days; the new one came out 10 days ago, or 40."""
    for who in range(100):
        place.put(revised(f"{who}", "launched", "1", 200))
        place.put(revised(f"{who}-3", "launched", "3", 10))
        place.put(revised(f"{who}-2", "launched", "2", 60))
        if who < 60:
            place.put(revised(f"{who}", "completed", "1", 180, result=DONE))
            place.put(revised(f"{who}-2", "completed", "2", 40, result=DONE))

    rows = {row["revision"]: row for row in place.rows("revisions")}

    assert [(rows[name]["learners"], rows[name]["completed"]) for name in "123"] == [
        (100, 60), (100, 60), (0, 0)
    ]  # fmt: skip
    assert [rows[name]["verdict"] for name in "123"] == ["first", "no clear change", "too few"]
    assert of(place.rows("revisions", since=day(100)), revision="2")["learners"] == 100


def test_who_has_not_finished_when_another_version_comes_out_is_not_left_out_alone(
    place: Place,
) -> None:
    """40 began the old one 10 days before; those who had not finished come back and meet the new one."""
    for who in range(40):
        place.put(revised(f"{who}", "launched", "1", 110))
        if who < 20:
            place.put(revised(f"{who}", "completed", "1", 105, result=DONE))
        else:
            place.put(revised(f"{who}", "launched", "2", 99))
        place.put(revised(f"n{who}", "launched", "2", 100))

    rows = {row["revision"]: row["learners"] for row in place.rows("revisions")}

    assert rows == {"1": 0, "2": 40}


def day(days: float) -> str:
    """Return the day, as a filter says it, of so many days before TODAY."""
    return (TODAY - timedelta(days=days)).date().isoformat()


def test_since_chooses_who_began_and_cuts_nothing(place: Place) -> None:
    """Each week 30 begin and half complete a week later; they go on looking things up for months."""
    for week in range(30):
        begun = 7 * week + 3
        for number in range(30):
            who = f"{week}-{number}"
            statements = [told(who, "launched", days=begun)]
            if number < 15 and begun > 10:
                statements.append(told(who, "completed", days=begun - 8, result=DONE))
            looked = {"result": {"duration": "PT1M"}}
            statements += [
                told(who, "experienced", COURSE + "/m", days=begun - later, **looked)
                for later in (30, 60, 90)
                if begun > later
            ]
            place.put(*statements)

    assert "by more than chance" in place.answer("trend").reading
    rows = place.rows("trend", since=day(100), until=day(40))
    assert {row["rate"] for row in rows if row["begun"]} == {0.5}
    assert all(row["shift"] is None for row in rows)
    assert min(row["week"] for row in rows) >= monday(100)
    (row,) = place.rows("completion-time", since=day(100), until=day(40))
    assert (row["learners"], row["completed"], row["by_30"]) == (30 * 8, 15 * 8, 0.5)


def test_who_was_hired_before_the_period_is_not_of_it_and_who_was_in_it_keeps_what_came_after(
    place: Place,
) -> None:
    lines = [f"P{who},learner-{who}@example.org,{day(100)}\n" for who in range(40)]
    place.references.import_people(["person,identifiers,start_date\n", *lines])
    place.put(told(99, "launched", days=150))
    place.put(*(told(who, "completed", days=80, result=DONE) for who in range(40)))

    def hired(**asked: str) -> list[tuple[int, int]]:
        return [
            (row["completed"], row["median"])
            for row in place.rows("time-to-competency", **asked)
            if row["counted_from"] == "start date"
        ]

    assert hired() == [(40, 20)]
    assert hired(since=day(60)) == []
    assert hired(until=day(90)) == [(40, 20)]


def test_who_was_hired_before_there_were_statements_is_left_out(place: Place) -> None:
    lines = [f"P{who},learner-{who}@example.org,2010-01-04\n" for who in range(40)]
    place.references.import_people(["person,identifiers,start_date\n", *lines])
    place.put(*(told(who, "completed", days=80, result=DONE) for who in range(40)))

    assert place.rows("time-to-competency") == ()


def test_who_left_and_came_back_has_not_left(place: Place) -> None:
    """One leaves and is enrolled again; another is enrolled, and leaves."""
    left = "http://id.tincanapi.com/verb/unregistered"
    place.put(
        told(1, "registered", days=80), told(1, left, days=70), told(1, "registered", days=60),
        told(1, "launched", days=2),
        told(2, "registered", days=80), told(2, left, days=1),
    )  # fmt: skip

    (cancelled,) = place.rows("cancellations")

    assert (cancelled["persons"], cancelled["leavers"]) == (1, 1)
    assert place.row("top-courses", days="90")["active"] == 1
    assert place.row("lead-time")["dropped"] == 1


def test_answers_to_single_questions_are_not_too_fast(place: Place) -> None:
    for item in range(3):
        quick = answer(1, item, right=True)
        quick["result"]["duration"] = "PT8S"
        place.put(quick)
    place.put(attempt(1, 1, True, duration="PT20M"), attempt(2, 1, True, duration="PT5S"))

    rows = place.rows("data-quality")

    assert (sum(row["timed"] for row in rows), sum(row["too_fast"] for row in rows)) == (2, 1)
