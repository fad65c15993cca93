"""Certificates, tickets and violations against what came of them: planted, and not."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Row
from lrs.analytics.simulator.courses import SAFETY
from lrs.analytics.simulator.work import Work
from tests.analytics.places import COURSE, TODAY, Place, place_in, told
from tests.analytics.working import alarms, of, outcomes

WORK = Work()


def certified(place: Place, effect: float, people: int = 400) -> Row:
    """Return the row of a certificate that half hold, of a measure that is higher by so much with it."""
    chance = random.Random(7)  # noqa: S311 not a secret
    lines, sent = [], []
    for who in range(people):
        holds = who % 2
        sent.append(told(who, "launched", days=90))
        if holds:
            sent.append(told(who, "http://id.tincanapi.com/verb/earned", days=80))
        value = 50 + effect * holds + chance.gauss(0, 4)
        lines.append(f"learner-{who}@example.org,,sales,{value:.3f},2026-05-31,")
    place.put(*sent)
    place.references.import_courses(["course,cost\n", f"{COURSE},20000\n"])
    outcomes(place, *lines)
    return place.row("certificate-value", margin="40")


def test_a_certificate_that_does_nothing_is_told_from_one_of_which_nothing_is_known(
    place: Place, tmp_path: Path
) -> None:
    idle = certified(place, 0.0)
    few = place_in(tmp_path / "few")
    unknown = certified(few, 0.0, people=60)
    few.store.close()

    assert (idle["verdict"], idle["n"], idle["completed"]) == ("no measurable effect", 400, 200)
    assert idle["p_equal"] < 0.05
    assert (idle["cost"], idle["per_person"]) == (20_000, 100)
    assert unknown["verdict"] == "unknown"


def test_a_certificate_that_goes_with_more_is_found(place: Place) -> None:
    row = certified(place, 3.0)

    assert row["verdict"] == "more"
    assert row["effect_low"] < 3.0 < row["effect_high"]
    assert row["p_equal"] > 0.05


def test_who_is_promoted_for_a_certificate_is_held_against_the_former_role(place: Place) -> None:
    """Were the role of today taken, it would say the same as the certificate."""
    lines = [f"P{who},learner-{who}@example.org,clerk,2020-01-01\n" for who in range(400)]
    moved = (TODAY - timedelta(days=79)).date()
    lines += [f"P{who},learner-{who}@example.org,boss,{moved}\n" for who in range(1, 400, 2)]
    place.references.import_people(["person,identifiers,role,valid_from\n", *lines])

    row = certified(place, 3.0)

    assert row["verdict"] == "more"
    assert row["effect_low"] < 3.0 < row["effect_high"]


def test_who_was_good_before_the_certificate_was_not_made_good_by_it(place: Place) -> None:
    """The good ones get certified: their value before tells, and one after the certificate would hide an effect."""
    chance = random.Random(5)  # noqa: S311 not a secret

    def put(course: str, effect: float, shift: float) -> Row:
        lines, sent = [], []
        for number in range(300):
            who = f"{course[-1]}{number}"
            holds, skill = number % 2, chance.gauss(50, 4)
            skill += shift * holds
            sent.append(told(who, "launched", course, course=course, days=90))
            if holds:
                earned = "http://id.tincanapi.com/verb/earned"
                sent.append(told(who, earned, course, course=course, days=60))
            for day, gain in (("2026-03-01", 0.0), ("2026-05-20", effect), ("2026-05-31", effect)):
                value = skill + gain * holds + chance.gauss(0, 1)
                lines.append(f"learner-{who}@example.org,,{course[-1]},{value:.3f},{day},")
        place.put(*sent)
        outcomes(place, *lines)
        return of(place.rows("certificate-value"), course=course)

    selected, useful = put("http://example.org/s", 0.0, 5.0), put("http://example.org/u", 3.0, 0.0)

    assert selected["with_it"] - selected["without"] > 4
    assert abs(selected["effect"]) < 0.6
    assert selected["verdict"] != "more"
    assert useful["verdict"] == "more"
    assert useful["effect_low"] < 3 < useful["effect_high"]


def test_a_certificate_is_idle_only_where_nothing_goes_with_it() -> None:
    def said(*verdicts: str) -> str:
        rows = [{"course": "c", "measure": str(n), "verdict": v} for n, v in enumerate(verdicts)]
        return catalog()["certificate-value"].reading(rows)

    none = "no measurable effect"
    assert "with nothing that is measured" in said(none, none)
    assert "Of no certificate" in said(none, "unknown")
    assert "Of no certificate" in said(none, "too few")
    assert "more or less" in said(none, "less")


def test_fewer_tickets_go_together_with_completing(worked: Place) -> None:
    rows = worked.rows("outcome-change", course=SAFETY, days="30")

    row = of(rows, measure="tickets")
    planted = 2 * WORK.ticket_rate * (WORK.tickets - 1)
    assert row["verdict"] == "less"
    assert row["change_low"] < planted < row["change_high"]
    assert row["others_after"] == pytest.approx(row["others_before"], abs=0.4)
    assert not worked.rows("outcome-change", course=SAFETY, days="300")


def improve(place: Place, *, silent: int = 0) -> None:
    """Put sixty people of whom each second one completes and scores 5 more from then on; some have no score after."""
    for who in range(60):
        place.put(told(who, "launched", days=120))
        if who % 2:
            place.put(told(who, "completed", days=60, result={"completion": True}))
    days = [(TODAY - timedelta(days=60 + gap)).date() for gap in (30, 20, -20, -29)]
    outcomes(
        place,
        *(
            f"learner-{who}@example.org,,score,{50 + who % 3 + 5 * (index > 1) * (who % 2)},{day},"
            for who in range(60)
            for index, day in enumerate(days)
            if index < 2 or who >= silent
        ),
    )


def test_values_that_are_no_counts_are_compared_by_their_means(place: Place) -> None:
    """Ten people have no line after: of a score that says nothing, of tickets that there were none."""
    improve(place, silent=10)

    by_mean = place.row("outcome-change", days="29", of="mean")
    by_sum = place.row("outcome-change", days="29")

    assert (by_mean["n"], by_sum["n"]) == (50, 60)
    assert by_mean["change"] == pytest.approx(5, abs=0.2)


def test_who_moves_on_completing_is_still_held_against_those_who_were_alike(place: Place) -> None:
    moved = (TODAY - timedelta(days=60)).date()
    lines = [f"P{who},learner-{who}@example.org,art,2020-01-01\n" for who in range(60)]
    lines += [f"P{who},learner-{who}@example.org,zoo,{moved}\n" for who in range(1, 60, 2)]
    place.references.import_people(["person,identifiers,department,valid_from\n", *lines])
    improve(place)

    row = place.row("outcome-change", days="29", of="mean")

    assert (row["n"], row["completed"]) == (60, 30)
    assert row["change"] == pytest.approx(5, abs=0.2)


def test_half_the_violations_are_found_for_each_day_at_work(worked: Place) -> None:
    rows = worked.rows("violation-rates", course=SAFETY)

    whole, pairs = rows
    assert {row["measure"] for row in rows} == {"violations"}
    assert (whole["verdict"], pairs["verdict"]) == ("less", "less")
    assert whole["ratio_low"] < WORK.violations < whole["ratio_high"]
    assert whole["rate_untrained"] == pytest.approx(WORK.violation_rate, rel=0.1)
    assert pairs["n"] < whole["n"]


def test_days_of_the_calendar_count_where_no_line_tells_any(place: Place) -> None:
    place.put(
        *(told(who, "launched", days=100) for who in range(40)),
        *(told(who, "completed", days=50, result={"completion": True}) for who in range(20)),
    )
    ends = [(TODAY - timedelta(days=day)).date() for day in (99, 0)]
    outcomes(
        place, *(f"learner-{who}@example.org,,slips,1,{day}," for who in range(40) for day in ends)
    )

    assert not place.rows("violation-rates")
    whole, pairs = place.rows("violation-rates", measure="slips")

    # 100 days of each; those after the 50th of the trained are 51, since the day itself is one of them.
    assert (whole["days_trained"], whole["days_untrained"]) == (20 * 51, 20 * 49 + 20 * 100)
    assert (whole["events_trained"], pairs["n"]) == (20, 20)


def test_training_that_changes_no_rate_gives_at_most_one_alarm_in_twenty() -> None:
    def rows(chance: random.Random) -> list[Row]:
        people = []
        for unit in range(80):
            # Some have many and some few: a plain Poisson test would see effects here.
            rate = chance.choice((0.2, 1.0, 4.0))
            events = [sum(chance.random() < rate / 20 for _ in range(20)) for _ in range(2)]
            people.append(
                {"measure": "m", "course": "c", "learner": unit, "start_day": None, "done": None,
                 "first_day": 0, "last_day": 1, "events_before": events[0] * 10_000,
                 "events_after": events[1] * 10_000 * (unit % 2), "exposure_before": 900_000,
                 "exposure_after": 900_000 * (unit % 2)}
            )  # fmt: skip
        return people

    assert alarms("violation-rates", rows) <= 0.05 + 0.03


def test_a_change_that_is_none_gives_at_most_one_alarm_in_twenty() -> None:
    def rows(chance: random.Random) -> list[Row]:
        return [
            {"measure": "m", "course": "c", "learner": unit, "department": chance.choice("ab"),
             "role": chance.choice("xy"), "done": int(chance.random() < 0.4),
             "sum_before": chance.randrange(6) * 10_000, "sum_after": chance.randrange(6) * 10_000,
             "n_before": 1, "n_after": 1}
            for unit in range(100)
        ]  # fmt: skip

    assert alarms("outcome-change", rows, seeds=200) <= 0.05 + 0.02
