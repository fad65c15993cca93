"""Reports find what the simulator plants, and nothing where it plants nothing."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrs.analytics.report import Row
from lrs.analytics.simulator.courses import (
    COLOURS,
    COURSES_CSV,
    LEADERSHIP,
    MODULES,
    POLICY,
    QUIZ,
    SAFETY,
    STORY,
    VIDEO,
)
from lrs.analytics.simulator.planted import Planted
from lrs.analytics.simulator.simulation import Simulation
from tests.analytics.places import TODAY, Place, place_in
from tests.analytics.working import of

LEARNERS = 900
PLANTED = Planted()


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = place_in(tmp_path_factory.mktemp("simulated"))
    simulation = Simulation(learners=LEARNERS, seed=3, last=TODAY.date())
    place.put(*simulation.statements())
    place.references.import_people(simulation.people_csv())
    place.references.import_courses(COURSES_CSV.splitlines(keepends=True))
    for change in simulation.changes():
        place.ledgers.add("change", change)
    yield place
    place.store.close()


def holds(row: Row, rate: str, planted: float) -> bool:
    """Whether the interval of a rate holds the planted truth, with some room for chance."""
    slack = 0.02
    return bool(row[f"{rate}_low"] - slack <= planted <= row[f"{rate}_high"] + slack)


def test_the_same_seed_gives_the_same_statements() -> None:
    one, other = (
        list(Simulation(learners=5, seed=9, last=TODAY.date()).statements()) for _ in range(2)
    )
    assert one == other
    assert one != list(Simulation(learners=5, seed=8, last=TODAY.date()).statements())


def test_the_funnel_finds_who_stays_in_each_module(simulated: Place) -> None:
    rows = simulated.rows("engagement-funnel")

    for module, planted in zip(MODULES, PLANTED.views, strict=True):
        assert holds(of(rows, module=module), "view_rate", planted)


def test_the_biggest_drop_is_module_2(simulated: Place) -> None:
    assert simulated.rows("click-view-drop")[0]["module"] == MODULES[1]


def test_module_3_is_where_they_stop_coming_back(simulated: Place) -> None:
    rows = simulated.rows("module-return", course=SAFETY)

    row = of(rows, module=MODULES[2])
    assert (row["flag"], row["next"]) == (1, MODULES[3])
    assert holds(row, "return_rate", PLANTED.returns[3])
    assert sum(row["flag"] for row in rows) == 1


def test_viewers_leave_at_minute_3(simulated: Place) -> None:
    rows = simulated.rows("video-exits")

    assert [row["second"] for row in rows if row["flag"] == "one spot"] == [175]
    assert holds(of(simulated.rows("video-summary"), video=VIDEO), "past_75_rate", 0.3)


def test_muted_autoplay_is_found(simulated: Place) -> None:
    assert holds(simulated.row("video-muted"), "autoplay_rate", PLANTED.muted)


def test_the_miskeyed_item_is_found(simulated: Place) -> None:
    flagged = [row["item"] for row in simulated.rows("items") if row["flag"] == "check the key"]
    suspects = [row["item"] for row in simulated.rows("distractors") if row["suspect"]]

    assert flagged == suspects == [f"{QUIZ}/item-{PLANTED.miskeyed}"]


def test_mobile_completes_twice_as_often_at_night(simulated: Place) -> None:
    rows = simulated.rows("slices", by="shift-device", course=SAFETY)

    mobile, desktop = of(rows, slice="night mobile"), of(rows, slice="night desktop")
    # A tenth never came, whatever they use.
    assert holds(mobile, "rate", 0.9 * PLANTED.completes(night=True, mobile=True))
    assert mobile["rate"] / desktop["rate"] == pytest.approx(2, abs=0.6)
    assert desktop["differs"]
    day = of(rows, slice="day mobile")["rate"] / of(rows, slice="day desktop")["rate"]
    assert day == pytest.approx(1, abs=0.25)


def test_managers_are_three_days_faster(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    planted = Planted(never_came=0, by_day=0.8, at_night=(0.8, 0.8))
    simulation = Simulation(learners=250, seed=4, last=TODAY.date(), planted=planted)
    place.put(*simulation.statements())
    place.references.import_people(simulation.people_csv())

    rows = place.rows("completion-time", by="role", course=SAFETY)

    manager, frontline = of(rows, slice="manager"), of(rows, slice="frontline")
    # Those who never finish hold the medians up, for both alike.
    assert frontline["median"] - manager["median"] == pytest.approx(planted.manager_days, abs=1)
    assert manager["completed"] < manager["learners"]
    assert manager["p"] < 0.01
    place.store.close()


def test_the_revision_that_helped_is_told_from_the_one_that_did_not(simulated: Place) -> None:
    rows = simulated.rows("revisions")

    helped = of(rows, activity=LEADERSHIP, revision="2")
    assert helped["verdict"] == "better"
    assert helped["change_low"] < 0.71 - 0.38 < helped["change_high"]
    assert of(rows, activity=POLICY, revision="2")["verdict"] == "no clear change"


def test_the_change_that_helped_is_told_from_the_one_that_did_not(simulated: Place) -> None:
    rows = simulated.rows("changes")

    helped, not_helped = of(rows, place=STORY), of(rows, place=COLOURS)
    assert helped["verdict"] == "better"
    assert helped["change_low"] < 0.71 - 0.38 < helped["change_high"]
    assert (helped["warning"], not_helped["verdict"]) == ("", "no clear change")
    # The other module of the course did not change with it.
    assert abs(helped["elsewhere"]) < 0.12


def test_what_was_forgotten_is_missed(simulated: Place) -> None:
    row = simulated.row("retention")

    assert holds(row, "coverage", PLANTED.tested_later)
    assert row["later"] < row["day_0"] - 0.1


def test_who_never_came_is_at_risk(simulated: Place) -> None:
    rows = simulated.rows("at-risk", course=SAFETY)

    share = sum("never came" in row["rules"] for row in rows) / LEARNERS
    assert share == pytest.approx(PLANTED.never_came, abs=0.03)


def test_everybody_is_in_the_people_file(simulated: Place) -> None:
    assert simulated.row("people-match")["match_rate"] == 1


@pytest.mark.skipif("LRS_TEST_DATA" not in os.environ, reason="LRS_TEST_DATA says where they are")
def test_the_curve_of_real_viewers(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    with gzip.open(Path(os.environ["LRS_TEST_DATA"]) / "video-statements-22000.json.gz") as lines:
        place.put(*(json.loads(line) for line in lines))
    video = "uuid://0aecfa93-cef3-45ae-b7f5-a603e9e45f50"

    curve = {
        row["percent"]: row["reach"]
        for row in place.rows("video-retention", known="segments", activity=video)
    }
    row = of(place.rows("video-summary", known="segments"), video=video)

    expected = {0: 0.99, 10: 0.91, 25: 0.90, 50: 0.85, 75: 0.72, 95: 0.63}
    assert {at: curve[at] for at in expected} == pytest.approx(expected, abs=0.0101)
    assert (row["viewers"], row["length"], row["completed"]) == (344, 903, 83)
    assert row["watched_rate"] == pytest.approx(0.64, abs=0.005)
    assert row["hook_lost"] == pytest.approx(0.09, abs=0.005)
    assert row["past_75_rate"] == pytest.approx(0.73, abs=0.005)
    place.store.close()
