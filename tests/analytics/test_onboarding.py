"""Onboarding against what came of it: hours and modules, planted, and not."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Moment, Row
from tests.analytics.places import COURSE, TODAY, Place, told
from tests.analytics.working import outcomes


def onboarded(place: Place, per_hour: float, people: int = 120) -> Row:
    """Return the row of people whose score on day 90 is higher by so much for each hour before it."""
    chance = random.Random(2)  # noqa: S311 not a secret
    start = (TODAY - timedelta(days=200)).date()
    lines = ["person,identifiers,role,start_date\n"]
    scores, sent = [], []
    for who in range(people):
        hours = chance.randrange(1, 9)
        lines.append(f"P{who},learner-{who}@example.org,r{who % 2},{start}\n")
        sent += [
            told(who, "experienced", COURSE + "/m", days=180, result={"duration": f"PT{hours}H"}),
            # After the 90 days: does not count.
            told(who, "experienced", COURSE + "/n", days=90, result={"duration": "PT50H"}),
        ]
        day = start + timedelta(days=95)
        scores.append(f"P{who},,score,{60 + per_hour * hours + chance.gauss(0, 3):.3f},{day},")
        scores.append(f"P{who},,score,0,{start + timedelta(days=30)},")
    place.put(*sent)
    place.references.import_people(lines)
    outcomes(place, *scores)
    return place.row("onboarding-minutes")


def test_an_hour_of_onboarding_goes_with_what_is_planted(place: Place) -> None:
    row = onboarded(place, 2.0)

    assert (row["n"], row["verdict"]) == (120, "more")
    assert row["slope_low"] < 2 < row["slope_high"]
    assert row["hours"] == pytest.approx(4.5, abs=0.5)
    assert row["rho_low"] > 0.5


def test_onboarding_that_does_nothing_is_not_praised(place: Place) -> None:
    assert onboarded(place, 0.0)["verdict"] in ("unknown", "no measurable effect")


def test_few_newcomers_tell_nothing(place: Place) -> None:
    row = onboarded(place, 2.0, people=29)

    assert (row["verdict"], row["rho"], row["slope"]) == ("too few", None, None)


def newcomers(chance: random.Random, ratio: float, people: int = 200) -> list[Row]:
    """Return rows of people of whom those who completed the module meet the standard so much more often."""
    waiting, done = [], []
    for who in range(people):
        did = chance.random() < 0.5
        days = 31 + int(chance.expovariate((ratio if did else 1) / 30))
        row = {"course": "", "module": "", "completed": 0, "learner": who, "start_day": 0}
        waiting.append({**row, "done": days, "role": chance.choice("ab")})
        if did:
            done.append({**row, "completed": 1, "course": "c", "module": "m"})
    return [*waiting, *done]


def test_the_module_that_speeds_up_is_found() -> None:
    report = catalog()["onboarding-modules"]
    moment = Moment(20_000, {"landmark": 30, "horizon": 90})

    (row,) = report.finish(newcomers(random.Random(4), 2.0), moment)  # noqa: S311 not a secret

    assert row["verdict"] == "sooner"
    assert row["ratio_low"] < 2 < row["ratio_high"]


def test_a_module_that_does_not_speed_up_gives_at_most_one_alarm_in_twenty() -> None:
    report = catalog()["onboarding-modules"]
    moment = Moment(20_000, {"landmark": 30, "horizon": 90})

    seen = sum(
        report.finish(newcomers(random.Random(seed), 1.0), moment)[0]["verdict"] != "unknown"  # noqa: S311
        for seed in range(100)
    )

    assert seen / 100 <= 0.05 + 0.03


def test_who_got_there_before_the_landmark_is_not_compared(place: Place) -> None:
    people, start = ["person,identifiers,start_date\n"], (TODAY - timedelta(days=100)).date()
    for who in range(60):
        people.append(f"P{who},learner-{who}@example.org,{start}\n")
        place.put(told(who, "launched", days=99))
        if who % 2:
            place.put(told(who, "completed", COURSE + "/m", days=95, result={"completion": True}))
        if who < 10:
            place.put(told(who, "completed", days=90, result={"completion": True}))
        elif who < 40:
            place.put(told(who, "completed", days=60, result={"completion": True}))
    place.references.import_people(people)

    row = place.row("onboarding-modules")

    assert (row["n"], row["completed"], row["met"]) == (50, 25, 30)
