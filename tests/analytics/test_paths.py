"""Where learners leave, wait, go back and try again: each planted."""

from __future__ import annotations

from typing import Any

import pytest

from lrs.analytics.audience import Audience
from tests.analytics.places import VIDEO, Place, attempt, played, told
from tests.analytics.test_growth import event

CMI5 = "https://w3id.org/xapi/cmi5/result/extensions/"
DONE = {"completion": True}
HOUR = 1 / 24


def cancelled(who: int, reason: str, progress: float | None = None) -> dict[str, Any]:
    told_too = {} if progress is None else {CMI5 + "progress": progress}
    return told(
        who,
        "http://id.tincanapi.com/verb/unregistered",
        days=20,
        result={"extensions": {CMI5 + "reason": reason, **told_too}},
    )


def test_reasons_to_leave_are_counted_with_how_far_it_was(place: Place) -> None:
    place.put(
        *(cancelled(who, "No time ", 10 * who) for who in range(1, 6)),
        *(cancelled(who, "too hard", 50) for who in (10, 11)),
        cancelled(20, "My boss Jim Smith of ward seven will not let me go on with this thing", 5),
        # Told before: not when leaving.
        told(30, "progressed", days=30, result={"extensions": {CMI5 + "progress": 80}}),
        cancelled(30, "no time"),
    )

    rows = {row["reason"]: row for row in place.rows("cancellations")}

    assert set(rows) == {"no time", "other", ""}
    time = rows["no time"]
    assert (time["persons"], time["leavers"], time["share"]) == (6, 9, pytest.approx(6 / 9))
    assert (time["progress_p25"], time["progress_p50"], time["progress_p75"]) == (0.2, 0.3, 0.5)
    assert rows["other"]["persons"] == 2
    assert "'no time', by 6" in place.answer("cancellations").reading


def seeked(who: int, start: float, end: float) -> dict[str, Any]:
    statement = played(who, "http://example.org/v", 100, "0[.]50")
    statement["verb"]["id"] = "https://w3id.org/xapi/video/verbs/seeked"
    statement["result"] = {"extensions": {VIDEO + "time-from": start, VIDEO + "time-to": end}}
    return statement


def test_passages_that_are_seen_again_are_told_from_those_skipped(place: Place) -> None:
    place.put(
        *(seeked(who, 50, 21.5) for who in range(6)),
        seeked(0, 52, 24.9),
        *(seeked(who, 60, 90) for who in range(3)),
        *(seeked(who, 70, 70) for who in range(3)),
    )

    rows = {row["second"]: row for row in place.rows("video-seeks")}

    assert (rows[20]["back"], rows[20]["seeks_back"], rows[20]["viewers"]) == (6, 7, 6)
    assert (rows[60]["skippers"], rows[60]["skip_rate"]) == (3, 0.5)
    assert set(rows) == {20, 60}
    assert "go back to second 20" in place.answer("video-seeks").reading


def test_what_an_attempt_gains_over_the_one_before(place: Place) -> None:
    for who in range(12):
        scores = (0.4, 0.6 + 0.01 * who, 0.6 + 0.01 * who)
        for number, score in enumerate(scores, 1):
            passed = score >= 0.6
            place.put(
                attempt(who, number, passed, days=60 - number, score={"scaled": round(score, 4)})
            )

    second, third = place.rows("retries")

    assert (second["attempt"], second["n"], second["passed"]) == (2, 12, 12)
    assert second["gain"] == pytest.approx(0.2 + 0.055)
    assert second["gain_low"] < 0.255 < second["gain_high"]
    assert second["gain_low"] > 0.2
    assert (third["gain"], third["gain_low"]) == (0, 0)
    assert "From attempt 2 to 3" in place.answer("retries").reading


def test_newcomers_are_followed_to_their_first_lesson(place: Place) -> None:
    def welcomed(who: int, what: str, days: float, version: str) -> dict[str, Any]:
        verb = "initialized" if what == "started" else "completed"
        result = {"completion": True, "duration": "PT5M"} if what == "completed" else None
        statement = told(who, verb, "http://example.org/onboarding", days=days, result=result)
        statement["context"]["contextActivities"] = {}
        statement["context"]["revision"] = version
        return event(f"onboarding.{what}", statement)

    for who in range(10):
        version = "b" if who < 4 else "a"
        place.put(welcomed(who, "started", 50, version))
        if who in (0, 1, 2, 4):
            place.put(welcomed(who, "completed", 50 - HOUR, version))
        if who in (0, 1, 5):
            place.put(told(who, "launched", "http://example.org/m", days=48))
    place.put(welcomed(99, "started", 2, "a"))
    chosen = told(0, "preferred", "http://example.org/profile", kind="user-profile", days=49)
    place.put(event("profile.learning_preferences_set", chosen))

    rows = {row["version"]: row for row in place.rows("activation")}

    assert (rows["a"]["started"], rows["a"]["completed"], rows["a"]["reached"]) == (6, 1, 1)
    b = rows["b"]
    assert (b["started"], b["completed"], b["reached"], b["preferences"]) == (4, 3, 2, 1)
    assert (b["median_time"], b["median_to_lesson"]) == (300, 2 * 86_400)
    assert "3 of 10" in place.answer("activation").reading


def test_those_who_leave_after_the_first_video_are_counted(place: Place) -> None:
    video = "http://example.org/v"
    for who in range(24):
        place.put(played(who, video, 100, "0[.]50", days=60))
        if who < 10:
            place.put(told(who, "launched", "http://example.org/m", days=50))
    # Too lately to say.
    place.put(*(played(who, video, 100, "0[.]50", days=3) for who in range(100, 105)))

    row = place.row("early-quitters")

    assert (row["viewers"], row["quit"], row["flag"]) == (24, 14, 1)
    assert row["video"] == video


def test_the_module_that_takes_the_time_is_found(place: Place) -> None:
    """A: 2 hours; B: 10 hours inside and 90 of waiting; C: 8 hours to the end. Three are stuck in B."""
    for who in range(15):
        clock = 60.0
        steps = [("a", 0), ("a", 1), ("b", 2), ("b", 12), ("c", 102)]
        for name, hour in steps[: 4 if who < 3 else 5]:
            place.put(
                told(who, "experienced", f"http://example.org/{name}", days=clock - hour * HOUR)
            )
        if who >= 3:
            place.put(told(who, "completed", days=clock - 110 * HOUR, result=DONE))

    rows = {row["module"][-1]: row for row in place.rows("module-time")}

    assert [rows[name]["span"] / 3600 for name in "abc"] == [2, 100, 8]
    assert (rows["b"]["inside"] / 3600, rows["b"]["wait"] / 3600) == (10, 90)
    assert (rows["b"]["share"], rows["b"]["wait_share"]) == (
        pytest.approx(100 / 110, abs=1e-4),
        0.9,
    )
    assert (rows["b"]["stuck"], rows["b"]["met"]) == (3, 15)
    assert "“b” takes 91 %" in place.answer("module-time").reading
    assert "waiting" in place.answer("module-time").reading


def test_few_are_hidden_here_too(place: Place) -> None:
    place.put(*(cancelled(who, "no time", 10) for who in range(3)))

    row = place.answer("cancellations", audience=Audience(least=5)).rows[0]

    assert (row["persons"], row["progress_p50"]) == (None, None)


def test_a_course_of_one_video_has_no_early_quitters(place: Place) -> None:
    place.put(
        *(played(who, "http://example.org/film", 100, "0[.]30", days=40) for who in range(25))
    )

    assert not place.rows("early-quitters")
