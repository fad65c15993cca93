"""What reports of other products get wrong, each as a test that ours pass."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from lrs.analytics import reporting
from lrs.analytics.simulator.simulation import Simulation
from lrs.errors import Conflict
from tests.analytics.places import (
    TODAY,
    Place,
    answer,
    attempt,
    duckdb_in,
    place_in,
    played,
    reports_of,
    told,
)
from tests.bench.lake import fill
from tests.build import activity


def first_tries(place: Place) -> None:
    """Ten learners, nine of them right first time, one at the second try."""
    place.put(*(attempt(who, 1, True) for who in range(9)))
    place.put(attempt(9, 1, False), attempt(9, 2, True, days=59))


def test_d1_first_try_rates_are_of_all_who_tried(place: Place) -> None:
    first_tries(place)

    row = place.row("assessments")

    assert row["first_pass_rate"] == 0.9


def test_d2_first_try_rates_are_of_learners_not_of_attempts(place: Place) -> None:
    first_tries(place)

    row = place.row("assessments")

    assert (row["graded"], row["attempts"], row["first_passed"]) == (10, 11, 9)


def test_d3_who_enrolled_and_never_came_is_at_risk(place: Place) -> None:
    place.put(told("absent", "registered", days=10))

    row = place.row("at-risk")

    assert (row["rules"], row["learner"]) == (
        "never came",
        "mbox|mailto:learner-absent@example.org",
    )


def test_d4_who_came_today_is_not_at_risk_whatever_came_before(place: Place) -> None:
    place.put(
        told(1, "launched", "http://example.org/a", days=45),
        told(1, "launched", "http://example.org/b", days=0),
    )

    assert place.rows("at-risk") == ()


def test_d5_ungraded_is_not_failed(place: Place) -> None:
    test = "http://example.org/test"
    place.put(told(1, "attempted", test, days=1), told(1, "attempted", test, days=0.5))
    place.put(attempt(2, 1, True, days=1))

    assert place.rows("at-risk") == ()
    row = place.row("assessments")
    assert (row["graded"], row["first_failed"]) == (1, 0)


def test_d6_a_play_and_its_pause_meet_across_batches(tmp_path: Path) -> None:
    verbs = "https://w3id.org/xapi/video/verbs/"
    profile = {
        "contextActivities": {"category": [activity("https://w3id.org/xapi/video")]},
        "extensions": {"https://w3id.org/xapi/video/extensions/length": 100},
    }
    minute = 1 / 1440
    time = "https://w3id.org/xapi/video/extensions/time"
    pairs = [
        told(1, verbs + "played", "http://example.org/v", context=profile, result={"extensions": {time: 10}}),
        told(
            1, verbs + "paused", "http://example.org/v", days=60 - minute, context=profile,
            result={"extensions": {time: 70}},
        ),
    ]  # fmt: skip
    place = place_in(tmp_path)
    for statement in reversed(pairs):
        place.put(statement)
        place.lake.catch_up()

    row = place.row("video-summary")

    assert (row["coverage"], row["from_pairs"]) == (0.6, 1)
    place.store.close()


def test_d7_parts_of_seconds_and_double_speed_count(place: Place) -> None:
    place.put(played(1, "http://example.org/v", 10, "0[.]0.4[,]9.2[.]9.8"))

    assert place.row("video-summary")["coverage"] == pytest.approx(0.1)


def test_d8_what_is_watched_once_is_not_rewatched(place: Place) -> None:
    place.put(played(1, "http://example.org/v", 100, "0[.]100"))

    assert place.row("video-summary")["rewatched"] == 0


def test_d12_scores_of_two_scales_are_one(place: Place) -> None:
    moodle = attempt(1, 1, True, score={"raw": 50, "min": 0, "max": 100, "scaled": 0.0})
    edx = attempt(2, 1, True, score={"raw": 1, "min": 0, "max": 2, "scaled": 0.5})
    place.put(moodle, edx)

    assert place.row("assessments")["mean_first"] == 0.5


def test_d13_sessions_do_not_make_persons(place: Place) -> None:
    place.put(told(1, "registered"))
    for day in range(5):
        place.put(played(1, "http://example.org/v", 100, "0[.]50", days=50 - day))

    assert place.row("video-summary")["viewers"] == 1
    assert {row["viewers"] for row in place.rows("video-retention")} == {1}


def test_d14_persons_are_counted_and_a_cut_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(1)  # noqa: S311 not a secret
    place.put(*(told(1, "launched", days=chance.randrange(1, 90)) for _ in range(50)))
    monkeypatch.setattr(reporting, "MAX_ROWS", 10)
    place.put(*(told(f"p{n}", "launched") for n in range(11)))

    match = place.answer("people-match")

    assert match.rows[0]["learners"] == 12
    assert match.truncated
    assert len(match.rows) == 10


def test_d9_reports_need_little_memory_however_many_facts_there_are(
    place: Place, tmp_path: Path
) -> None:
    simulation = Simulation(learners=100, seed=2, last=TODAY.date())
    place.put(*simulation.statements())
    place.lake.catch_up()
    fill(place, 200_000)
    place.lake.compact()
    little = duckdb_in(tmp_path / "little", memory="200MB")
    small = reports_of(place.store, place.lake, place.tables, little)
    for name in ("video-retention", "video-exits", "video-summary", "engagement-funnel"):
        assert small.answer(name, {}).rows


def test_d11_what_open_edx_tells_amiss_is_not_believed(place: Place) -> None:
    edx = {"extensions": {"https://w3id.org/xapi/openedx/extension/transformer-version": "1"}}
    video = told(1, "completed", "http://example.org/v", context=edx, result={"duration": "PT1H"})
    video["object"]["definition"]["type"] = "https://w3id.org/xapi/video/activity-type/video"
    most = {"success": False, "score": {"raw": 4, "min": 0, "max": 5, "scaled": 0.8}}
    place.put(
        video,
        told(2, "failed", "http://example.org/t", kind="assessment", context=edx, result=most),
    )

    assert place.row("view-dwell", module="http://example.org/v")["total"] == 0
    row = place.row("assessments")
    assert (row["mean_first"], row["first_failed"], row["first_passed"]) == (0.8, 0, 1)


def test_d11_two_videos_of_one_instant_never_become_one(place: Place) -> None:
    one, other = (told(1, "launched", f"http://example.org/{name}") for name in "vw")
    other["id"] = one["id"]
    place.put(one)

    with pytest.raises(Conflict):
        place.put(other)
    assert place.row("verbs")["statements"] == 1


def test_d10_a_team_is_seen_as_of_the_time(place: Place) -> None:
    moved = (TODAY - timedelta(days=30)).date()
    place.references.import_people(
        [
            "person,identifiers,department,valid_from\n",
            "P1,learner-1@example.org,sales,2020-01-01\n",
            f"P1,learner-1@example.org,nursing,{moved}\n",
        ]
    )
    place.put(told(1, "launched", days=60), told(1, "launched", "http://example.org/b", days=10))

    sales = place.row("top-courses", department="sales")
    nursing = place.row("top-courses", department="nursing")

    assert (sales["last_seen"], nursing["first_seen"]) == (
        (TODAY - timedelta(days=60)).date().toordinal() - 719_163,
        (TODAY - timedelta(days=10)).date().toordinal() - 719_163,
    )
    assert place.rows("top-courses", department="it") == ()


def test_answers_right_at_the_first_try_are_not_doubled_by_course(place: Place) -> None:
    place.put(answer(1, "i", True), answer(1, "j", False))

    assert {row["n"] for row in place.rows("items")} == {1}
    assert place.rows("assessments") == ()
