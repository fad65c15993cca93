"""Where nothing differs, reports raise at most one false alarm in twenty."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from scipy.stats import binom

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Moment, Row
from lrs.analytics.simulated import Planted
from lrs.analytics.simulator import Simulation
from lrs.analytics.statistics import SURE, difference
from tests.analytics.places import TODAY, place_in

NOTHING = Planted(
    at_night=(0.5, 0.5), by_day=0.5, manager_days=0, leadership=(0.5, 0.5), policy=(0.5, 0.5)
)
MOMENT = Moment(20_000, {})


def drawn(chance: random.Random, learners: int, rate: float) -> int:
    return sum(chance.random() < rate for _ in range(learners))


def allowed(reports: int) -> int:
    """Return how many of so many may be wrong at 5 %, chance of the draw included: more happen once in 100 times."""
    return int(binom.ppf(0.99, reports, 0.05))


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


def test_a_report_of_twelve_slices_is_wrong_at_most_once_in_twenty() -> None:
    chance = random.Random(7)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(60):
        rows: list[Row] = [
            {"slice": f"s{n}", "learners": size, "completed": drawn(chance, size, 0.6)}
            for n, size in enumerate([chance.randrange(5, 300) for _ in range(12)])
        ]
        alarms += any(row["differs"] for row in catalog()["slices"].finish(rows, MOMENT))
    assert alarms <= allowed(60)


def test_groups_that_are_equally_fast_differ_at_most_once_in_twenty() -> None:
    chance = random.Random(8)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(100):
        rows: list[Row] = [
            {"slice": f"s{n % 3}", "days": chance.randrange(1, 60), "finished": 1, "learners": 1}
            for n in range(60)
        ]
        for row in rows:
            if row["days"] > 40:
                row["days"], row["finished"] = 40, 0
        alarms += catalog()["completion-time"].finish(rows, MOMENT)[0]["p"] < SURE
    assert alarms <= allowed(100)


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
