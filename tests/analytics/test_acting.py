"""Rules ask for what is due, rest as long as they should, and stop; reports say what came of it."""

from __future__ import annotations

from datetime import timedelta

from lrs.analytics.acting import RULES, Actions
from lrs.analytics.ledgers.ledgers import Ledgers
from lrs.analytics.simulator.courses import COURSES_CSV, MODULES, VIDEO
from lrs.analytics.simulator.simulation import Simulation
from tests.analytics.places import COURSE, TODAY, Place, told
from tests.build import new_id

MODULE = "http://example.org/module"
PEOPLE = ("person,identifiers,manager\n", "P1,learner-1@example.org,Kim\n")


def acting(place: Place, days: int = 0) -> Actions:
    """Return the actions as they are some days after TODAY."""
    now = int((TODAY + timedelta(days=days)).timestamp()) * 1_000_000
    ledgers = Ledgers(place.store.records, lambda: now, new_id)
    return Actions(place.reports, ledgers, place.references)


def quiet_learner(place: Place) -> None:
    """Put a learner who came on two days and has been gone for a month."""
    place.put(*(told(1, "initialized", f"{MODULE}/{days}", days=days) for days in (32, 31, 30)))
    place.references.import_people(PEOPLE)


def run(place: Place, days: int) -> list[str]:
    """Do what is due some days later, and return the rules that fired."""
    actions = acting(place, days)
    due = [one for one in actions.due() if one.learner]
    for one in due:
        actions.log(one)
    return [one.rule.name for one in due]


def test_a_learner_is_asked_then_the_manager_and_at_most_three_times(place: Place) -> None:
    quiet_learner(place)

    fired = {days: names for days in range(40) if (names := run(place, days))}

    assert fired == {
        0: ["reminder"],
        3: ["manager-after-reminders"],
        7: ["reminder"],
        14: ["reminder"],
        17: ["manager-after-reminders"],
        31: ["manager-after-reminders"],
    }


def test_who_is_back_is_left_alone(place: Place) -> None:
    quiet_learner(place)
    assert run(place, 0) == ["reminder"]

    place.put(told(1, "initialized", f"{MODULE}/31", days=0))

    assert run(place, 8) == []


def test_the_managers_name_goes_with_the_action(place: Place) -> None:
    quiet_learner(place)

    (due,) = [one for one in acting(place).due() if one.learner]

    assert (due.learner, due.owner) == ("mbox|mailto:learner-1@example.org", "Kim")
    assert (due.place, due.evidence) == (COURSE, "gone quiet")


def test_content_is_given_to_its_owner_and_rests_for_four_weeks(place: Place) -> None:
    simulation = Simulation(learners=200, seed=3, last=TODAY.date())
    place.put(*simulation.statements())
    place.references.import_courses(COURSES_CSV.splitlines(keepends=True))
    actions = acting(place)

    due = [one for one in actions.due() if not one.learner]
    found = {(one.rule.name, one.place): one.owner for one in due}
    for one in due:
        actions.log(one)

    # Planted: few stay in module 2, and 40 % play the film muted.
    assert found["worst-stage", MODULES[1]] == "Kim"
    assert ("captions", VIDEO) in found
    assert [one for one in acting(place, 27).due() if not one.learner] == []
    assert len([one for one in acting(place, 28).due() if not one.learner]) == len(due)


def test_every_rule_reads_a_report_and_says_when_it_stops() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.stop and rule.action and rule.cooldown > 0 for rule in RULES)


def asked(place: Place, who: int, days: float) -> None:
    day = (TODAY - timedelta(days=days)).date().isoformat()
    learner = f"learner-{who}@example.org"
    place.ledgers.add(
        "action",
        {"action": "remind", "rule": "reminder", "place": COURSE, "learner": learner, "day": day},
    )


def test_what_came_of_actions_is_told_of_those_who_had_time(place: Place) -> None:
    for who in range(4):
        place.put(told(who, "initialized", f"{MODULE}/1", days=60))
        asked(place, who, 40)
    asked(place, 9, 3)
    place.put(
        told(0, "initialized", f"{MODULE}/2", days=38),
        told(1, "initialized", f"{MODULE}/2", days=36),
        told(1, "completed", days=35, result={"completion": True}),
        told(2, "initialized", f"{MODULE}/2", days=20),
        told(3, "initialized", f"{MODULE}/2", days=40),
    )

    row = place.row("actions")

    assert (row["taken"], row["learners"], row["mature"]) == (5, 5, 4)
    assert (row["returned"], row["finished"], row["days_to_return"]) == (2, 1, 3)
    assert row["return_rate"] == 0.5


def test_lead_days_run_from_the_action_to_the_day_of_being_gone(place: Place) -> None:
    for who in range(4):
        place.put(told(who, "initialized", f"{MODULE}/1", days=44))
    place.put(
        told(5, "completed", days=44, result={"completion": True}), told(6, "launched", days=5)
    )
    for who, days in ((0, 40), (1, 34), (2, 20)):
        asked(place, who, days)

    row = place.row("lead-time")

    # Gone 14 days after the last statement, 30 days ago.
    assert (row["dropped"], row["asked"], row["in_time"]) == (4, 3, 2)
    assert (row["lead_days_p50"], row["lead_days_least"]) == (4, -10)


def test_an_erased_person_is_forgotten_by_the_ledger(place: Place) -> None:
    asked(place, 1, 1)
    asked(place, 2, 1)

    assert place.ledgers.forget(["mbox|mailto:learner-1@example.org"]) == 1
    assert len(place.ledgers.all("action")) == 1


def test_deadlines_of_certificates_are_for_learners_and_then_for_managers(place: Place) -> None:
    place.references.import_people(
        [*PEOPLE, "P2,learner-2@example.org,Kim\n", "P3,learner-3@example.org,Kim\n"]
    )
    place.references.import_courses(["course,class,due_days\n", f"{COURSE},certification,60\n"])
    place.put(told(1, "registered", days=58), told(2, "registered", days=35), told(3, "registered"))
    place.put(told(3, "completed", days=5, result={"completion": True}))

    due = {
        one.learner.rpartition("-")[2]: one
        for one in acting(place).due()
        if "certificate" in one.rule.name
    }

    assert {who: one.rule.name for who, one in due.items()} == {
        "1@example.org": "certificate-lost",
        "2@example.org": "certificate-due",
    }
    assert due["1@example.org"].rule.recipient == "manager"
    assert (due["1@example.org"].owner, due["1@example.org"].evidence) == (
        "Kim",
        "7 days, due 2026-06-03",
    )
