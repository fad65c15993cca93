"""Where nothing differs, reports raise at most one false alarm in twenty."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from scipy.stats import binom

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Moment, Row
from lrs.analytics.simulator.planted import Planted
from lrs.analytics.simulator.simulation import Simulation
from lrs.analytics.statistics.estimates import SURE, difference, log_rank
from tests.analytics.chance import MOMENT, allowed, drawn
from tests.analytics.places import TODAY, Place, place_in, told

NOTHING = Planted(
    at_night=(0.5, 0.5), by_day=0.5, manager_days=0, leadership=(0.5, 0.5), policy=(0.5, 0.5)
)


@pytest.mark.parametrize("sizes", [(20, 20), (30, 40)])
def test_one_comparison_is_wrong_at_most_once_in_twenty_whatever_the_rate(
    sizes: tuple[int, int],
) -> None:
    """Not drawn, but summed over all outcomes that there are."""
    one, other = sizes
    alarms = [
        (x, y)
        for x in range(one + 1)
        for y in range(other + 1)
        if difference(x, one, y, other)[3] < SURE
    ]
    for percent in range(1, 100):
        rate = percent / 100
        left, right = (binom.pmf(range(size + 1), size, rate) for size in sizes)
        assert sum(left[x] * right[y] for x, y in alarms) <= 0.05


def test_a_report_of_ten_revisions_is_wrong_at_most_once_in_twenty() -> None:
    chance = random.Random(6)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(60):
        rows: list[Row] = [
            {"activity": f"a{n // 2}", "learners": size, "completed": drawn(chance, size, 0.5)}
            for n, size in enumerate([chance.randrange(30, 400) for _ in range(20)])
        ]
        found = catalog()["revisions"].finish(rows, MOMENT)
        alarms += any(row["verdict"] in ("better", "worse") for row in found)
    assert alarms <= allowed(60)


def test_groups_that_are_equally_fast_differ_at_most_once_in_twenty() -> None:
    chance = random.Random(8)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(100):
        rows: list[Row] = [
            {"slice": f"s{n % 3}", "days": chance.randrange(1, 60), "finished": 1, "learners": 1,
             "first": 1}
            for n in range(60)
        ]  # fmt: skip
        for row in rows:
            if row["days"] > 40:
                row["days"], row["finished"] = 40, 0
        alarms += catalog()["completion-time"].finish(rows, MOMENT)[0]["p"] < SURE
    assert alarms <= allowed(100)


def test_fast_persons_of_many_courses_make_no_fast_group() -> None:
    chance = random.Random(9)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(60):
        rows: list[Row] = []
        for who in range(90):
            pace = chance.lognormvariate(3, 0.7)
            for course in range(10):
                days = max(1, round(pace * chance.uniform(0.7, 1.3)))
                rows.append({"slice": str(who % 3), "days": days, "finished": 1, "learners": 1,
                             "first": int(course == 0)})  # fmt: skip
        alarms += catalog()["completion-time"].finish(rows, MOMENT)[0]["p"] < SURE
    assert alarms <= allowed(60)


def test_nothing_is_said_of_times_before_anyone_is_done(place: Place) -> None:
    lines = [
        f"P{n},learner-{n}@example.org,{'ab'[n % 2]},2026-0{1 + 4 * (n % 2)}-05\n"
        for n in range(10)
    ]
    place.references.import_people(["person,identifiers,department,start_date\n", *lines])
    place.put(*(told(n, "launched", days=200) for n in range(10)))

    assert [row["p"] for row in place.rows("completion-time")] == [None, None]
    assert [row["p"] for row in place.rows("time-to-competency")] == [None, None]
    rows: list[Row] = [
        {"change_id": "1", "day": 19000, "place": "p", "what": "w", "due": 19014, "days": 14,
         "next_day": None, "last_day": None, "early": early, "took": 5, "done": 0, "persons": 40}
        for early in (0, 1)
    ]  # fmt: skip
    (found,) = catalog()["change-speed"].finish(rows, MOMENT)
    assert (found["p"], found["verdict"]) == (None, "no clear change")


def test_a_group_that_has_just_begun_does_not_hide_that_others_differ() -> None:
    fast, slow = [[*range(1, 31)], [*range(41, 71)]]
    p = log_rank([fast, slow, [0, 0]], [[True] * 30, [True] * 30, [False, False]])
    assert p is not None
    assert p < SURE


def test_learners_who_do_not_differ_are_not_told_apart(tmp_path: Path) -> None:
    told = 0
    for seed in range(3):
        place = place_in(tmp_path / str(seed))
        simulation = Simulation(learners=120, seed=seed, last=TODAY.date(), planted=NOTHING)
        place.put(*simulation.statements())
        place.references.import_people(simulation.people_csv())
        told += any(row["verdict"] in ("better", "worse") for row in place.rows("revisions"))
        for by in ("department", "role", "device", "shift", "shift-device"):
            told += any(row["differs"] for row in place.rows("slices", by=by))
        place.store.close()
    assert told <= allowed(18)


def test_a_trend_of_sixty_courses_is_wrong_at_most_once_in_twenty() -> None:
    chance = random.Random(10)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(12):
        rows: list[Row] = [
            {"course": f"c{n}", "week": week, "begun": 40, "completed": drawn(chance, 40, 0.5)}
            for n in range(60)
            for week in range(20)
        ]
        found = catalog()["trend"].finish(rows, MOMENT)
        alarms += any(row["shift"] is not None for row in found)
    assert alarms <= allowed(12)


def test_twelve_changes_without_effect_are_wrong_at_most_once_in_twenty() -> None:
    chance = random.Random(11)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(20):
        rows: list[Row] = []
        for change in range(12):
            cells = Counter(
                (early, min(took, seen), int(took <= seen))
                for early in (0, 1)
                for took, seen in (
                    (min(13, int(chance.expovariate(1 / 6))), chance.randrange(14))
                    for _ in range(60)
                )
            )
            rows += [
                {"change_id": str(change), "day": 19000, "place": "p", "what": "w", "due": 19014,
                 "days": 14, "next_day": None, "last_day": None, "early": early, "took": took,
                 "done": done, "persons": persons}
                for (early, took, done), persons in cells.items()
            ]  # fmt: skip
        found = catalog()["change-speed"].finish(rows, MOMENT)
        alarms += any(row["verdict"] in ("faster", "slower") for row in found)
    assert alarms <= allowed(20)


def test_thirty_roles_that_hold_are_alarming_at_most_once_in_twenty() -> None:
    chance = random.Random(12)  # noqa: S311 not a secret
    moment, alarms = Moment(0, {"hold": 8000, "mark": 5000}), 0
    for _ in range(60):
        rows: list[Row] = [
            {"course": f"c{n}", "role": "r", "passed": 30, "tested": 30, "later": 8000,
             "retained": drawn(chance, 30, 0.8)} for n in range(30)
        ]  # fmt: skip
        found = catalog()["critical-roles"].finish(rows, moment)
        alarms += any(row["alert"] == "alert" for row in found)
    assert alarms <= allowed(60)
    lost: Row = {"course": "c", "role": "r", "passed": 30, "tested": 30, "later": 8000}
    (row,) = catalog()["critical-roles"].finish([{**lost, "retained": 15}], moment)
    assert row["alert"] == "alert"


def test_eight_versions_that_are_alike_are_told_apart_at_most_once_in_twenty() -> None:
    chance = random.Random(13)  # noqa: S311 not a secret
    told, reading = 0, catalog()["activation"].reading

    def version(name: int, completed: int) -> Row:
        return {"version": f"v{name}", "started": 60, "completed": completed, "reached": 9}

    for _ in range(12):
        rows = [version(n, drawn(chance, 60, 0.5)) for n in range(8)]
        told += "more often" in reading(rows)
    assert told <= allowed(12)
    assert "Version v1 of the onboarding is completed more often than v0" in reading(
        [version(0, 20), version(1, 45)]
    )
