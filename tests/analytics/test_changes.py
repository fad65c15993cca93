"""The ledger of changes: what helped is told from what did not, and who acted from who did not."""

from __future__ import annotations

import random
from datetime import timedelta
from math import exp
from pathlib import Path

import pytest

from lrs.analytics import flagging
from lrs.analytics.reports.review_calendar import next_review
from lrs.errors import NotFound
from tests.analytics.places import COURSE, TODAY, Place, place_in, played, told

MODULE = "http://example.org/module"
OTHER = "http://example.org/other"
CHANGED = 40
"""Days before TODAY on which things are changed in these tests."""


def day(days: float) -> str:
    return (TODAY - timedelta(days=days)).date().isoformat()


def change(place: Place, what: str = MODULE, days: float = CHANGED, **more: str) -> str:
    return place.ledgers.add("change", {"place": what, "day": day(days), "what": "it", **more})


def lives(place: Place, rates: tuple[float, float], *, seed: int, each: int, what: str) -> None:
    """Put learners who meet a module before the change, or after it, and complete it at these rates."""
    chance = random.Random(seed)  # noqa: S311 not a secret
    statements = []
    for number in range(2 * each):
        late = number % 2
        began = CHANGED - 13.4 * chance.random() if late else CHANGED + 0.6 + 13 * chance.random()
        who = f"{what[-5:]}-{number}"
        statements.append(told(who, "initialized", what, days=began))
        if chance.random() < rates[late]:
            done = told(who, "completed", what, days=began - 0.01, result={"completion": True})
            statements.append(done)
        else:  # Those who have not finished come again: that must not count for the new version.
            statements.append(told(who, "initialized", what, days=max(began - 14, 1)))
    place.put(*statements)


def test_a_change_that_helped_is_told_from_the_rest_of_the_course(place: Place) -> None:
    lives(place, (0.38, 0.71), seed=4, each=150, what=MODULE)
    lives(place, (0.5, 0.5), seed=2, each=150, what=OTHER)
    change(place, why="click-view-drop")

    row = place.row("changes")

    assert row["verdict"] == "better"
    assert row["change_low"] < 0.33 < row["change_high"]
    assert (row["before"], row["after"]) == (150, 150)
    assert abs(row["elsewhere"]) < 0.15
    assert (row["course"], row["status"], row["warning"]) == (COURSE, "due", "")


def test_changes_without_effect_give_at_most_one_alarm_in_twenty(place: Place) -> None:
    modules = [f"http://example.org/null-{number:03}" for number in range(60)]
    for number, module in enumerate(modules):
        lives(place, (0.5, 0.5), seed=100 + number, each=60, what=module)
        change(place, module, why="items")

    rows = place.rows("changes")

    # Of 60 at 5 % more than 6 come by chance less than once in twenty times.
    assert sum(row["verdict"] in ("better", "worse") for row in rows) <= 6
    # Who has not finished comes again after the change: that must not make the old version look better.
    assert abs(sum(row["change"] for row in rows) / 60) < 0.03


def test_who_came_before_the_change_counts_for_what_was_done_before_it(place: Place) -> None:
    place.put(
        told(1, "initialized", MODULE, days=CHANGED + 3),
        told(1, "completed", MODULE, days=CHANGED - 3, result={"completion": True}),
        told(2, "initialized", MODULE, days=CHANGED - 3),
        told(2, "completed", MODULE, days=CHANGED - 20, result={"completion": True}),
        told(3, "initialized", MODULE, days=CHANGED + 30),
    )
    change(place)

    row = place.row("changes")

    assert [row[name] for name in ("before", "done_before", "after", "done_after")] == [1, 0, 1, 0]
    assert row["verdict"] == "too few"


def test_two_changes_within_days_of_each_other_confound_each_other(place: Place) -> None:
    lives(place, (0.2, 0.9), seed=3, each=60, what=MODULE)
    first = change(place, why="x")
    change(place, days=CHANGED - 5, why="x")

    verdicts = {row["change_id"]: row for row in place.rows("changes")}

    assert verdicts[first]["verdict"] == "confounded"
    assert "changed again" in verdicts[first]["warning"]
    assert {row["verdict"] for row in verdicts.values()} == {"confounded"}


def test_more_than_two_changes_of_a_cycle_are_warned_of(place: Place) -> None:
    place.put(*(told(1, "initialized", f"{MODULE}/{number}", days=50) for number in range(3)))
    for number in range(3):
        change(place, f"{MODULE}/{number}")

    assert all(
        "3 changes of the course in 2026-Q2" in row["warning"] for row in place.rows("changes")
    )
    assert "no diagnosis" in place.rows("changes")[0]["warning"]


def test_before_the_day_a_verdict_is_provisional_and_after_it_the_change_can_be_closed(
    place: Place,
) -> None:
    place.put(told(1, "initialized", MODULE, days=50))
    late = change(place, days=5)
    early = change(place, OTHER)
    place.ledgers.close("change", early, note="kept")

    status = {row["change_id"]: row["status"] for row in place.rows("changes")}

    assert status == {late: "provisional", early: "closed"}
    with pytest.raises(NotFound):
        place.ledgers.close("change", early)


def test_captions_make_more_of_those_who_open_a_video_stay(place: Place) -> None:
    video = "http://example.org/video"
    for who in range(80):
        began = CHANGED + 7 if who < 40 else CHANGED - 7
        stays = who % 4 == 0 if who < 40 else who % 4 > 0
        place.put(played(who, video, 100, "0[.]60" if stays else "0[.]2", days=began))
    change(place, video, kind="captions", metric="view", why="video-muted")

    row = place.row("changes")

    assert (row["done_before"], row["done_after"]) == (10, 30)
    assert (row["verdict"], row["relative"]) == ("better", pytest.approx(2))


def test_first_attempts_are_compared_not_retries(place: Place) -> None:
    test = "http://example.org/test"
    for who in range(80):
        began, passes = (CHANGED + 7, who % 4 == 0) if who < 40 else (CHANGED - 7, who % 4 > 0)
        verb = "passed" if passes else "failed"
        place.put(told(who, verb, test, kind="assessment", days=began, result={"success": passes}))
        place.put(
            told(who, "passed", test, kind="assessment", days=began - 1, result={"success": True})
        )
    change(place, test, metric="pass", why="items")

    row = place.row("changes")

    assert (row["done_before"], row["done_after"], row["verdict"]) == (10, 30, "better")


def test_a_change_that_makes_learners_a_week_faster_is_found(place: Place) -> None:
    chance = random.Random(11)  # noqa: S311 not a secret
    statements = []
    for number in range(400):
        late = number % 2
        for what, means in ((MODULE, (20, 8)), (OTHER, (14, 14))):
            began = (89 if late else 149) - 58 * chance.random()
            took = chance.expovariate(1 / means[late])
            statements.append(told(number, "initialized", what, days=began))
            if took < began:
                done = {"completion": True}
                statements.append(told(number, "completed", what, days=began - took, result=done))
    place.put(*statements)
    for what in (MODULE, OTHER, f"{MODULE}/nobody"):
        values = {"place": what, "day": day(90), "days": "60", "what": "split"}
        place.ledgers.add("change", values)

    found = {row["place"]: row for row in place.rows("change-speed")}

    # Of 20 and 8 days, both counted for 30 at most.
    truth = 20 * (1 - exp(-1.5)) - 8 * (1 - exp(-30 / 8))
    assert found[MODULE]["verdict"] == "faster"
    assert found[MODULE]["faster_low"] < truth < found[MODULE]["faster_high"]
    assert found[MODULE]["median_after"] < found[MODULE]["median_before"]
    assert found[MODULE]["p"] < 0.001
    assert found[OTHER]["verdict"] == "no clear change"
    assert found[f"{MODULE}/nobody"]["verdict"] == "too few"


def test_two_changes_within_days_of_each_other_confound_the_times_too(place: Place) -> None:
    """The first change, 60 days ago, makes learners fast; the second one, 8 days later, does nothing."""
    for days in range(90, 20, -1):
        for number in range(6):
            who = f"{days}-{number}"
            took = (10 if days > 60 else 2) + number / 10
            place.put(told(who, "launched", days=days))
            place.put(told(who, "completed", days=days - took, result={"completion": True}))
    for days, what in ((60, "first"), (52, "second"), (37, "third")):
        place.ledgers.add("change", {"place": COURSE, "day": day(days), "what": what})

    rows = {row["what"]: row for row in place.rows("change-speed")}

    assert {what: row["verdict"] for what, row in rows.items()} == {
        "first": "confounded", "second": "confounded", "third": "no clear change"
    }  # fmt: skip
    # It would have been called faster.
    assert rows["first"]["faster_low"] > 0
    assert rows["first"]["warning"] == "changed again before the comparison was due"
    assert "changed before as well" in rows["second"]["warning"]
    assert rows["third"]["warning"] == ""


def test_an_event_of_changed_content_is_a_change(place: Place) -> None:
    base = "https://example.org/xapi/vocab/"
    updated = told(
        "author",
        "http://activitystrea.ms/update",
        MODULE,
        days=CHANGED,
        context={
            "contextActivities": {"category": [{"id": base + "profile/edtech-taxonomy/v1"}]},
            "extensions": {base + "event": "content.updated"},
        },
    )
    place.put(told(1, "initialized", MODULE, days=CHANGED + 3), updated)

    row = place.row("changes")

    assert (row["change_id"], row["kind"], row["before"]) == (updated["id"], "updated", 1)


def test_flags_grow_old_until_somebody_acts(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    for who in range(40):
        place.put(told(who, "launched", MODULE, days=60))
    assert flagging.collect(place.reports, place.ledgers) == (1, 0)
    assert flagging.collect(place.reports, place.ledgers) == (0, 0)
    place.references.import_courses(["course,owner,modules\n", f"{COURSE},Kim,{MODULE}\n"])
    place.ledgers.add(
        "flag", {"place": OTHER, "report": "items", "what": "check the key", "day": day(20)}
    )

    old, new = place.rows("unactioned")

    assert (old["place"], old["status"], old["age"], old["owner"]) == (OTHER, "unactioned", 20, "")
    assert (new["place"], new["status"], new["owner"]) == (MODULE, "new", "Kim")

    acted = change(place, OTHER, days=10)
    place.put(*(told(who, "completed", MODULE, result={"completion": True}) for who in range(40)))
    # What the report on items does not flag, and the module that everybody has completed by now.
    assert flagging.collect(place.reports, place.ledgers) == (0, 2)
    status = {row["place"]: (row["status"], row["change_id"]) for row in place.rows("unactioned")}
    assert status == {OTHER: ("acted on", acted), MODULE: ("gone by itself", "")}
    place.store.close()


def test_reviews_are_due_weekly_then_after_updates_then_each_quarter(place: Place) -> None:
    assert next_review(0, None, None) == (7, "new course")
    assert next_review(0, None, 27) == (89, "quarter")  # 31 March 1970
    assert next_review(0, 30, 28) == (44, "update")
    assert next_review(0, 30, 44) == (89, "quarter")
    assert next_review(0, None, 89) == (180, "quarter")

    place.put(told(1, "initialized", MODULE, days=100))
    change(place, MODULE, days=30)
    row = place.row("review-calendar")
    assert (row["course"], row["reason"], row["overdue"]) == (COURSE, "new course", 1)

    place.ledgers.add("review", {"place": COURSE, "day": day(25)})
    row = place.row("review-calendar")
    assert (row["reason"], row["overdue_days"]) == ("update", 16)


def test_a_second_change_is_not_credited_with_what_the_first_one_did(place: Place) -> None:
    """The first change, 60 days ago, helps; the second one, 8 days later, does nothing; a third comes much later."""
    for days in range(90, 20, -1):
        for number in range(8):
            who = f"{days}-{number}"
            place.put(told(who, "launched", days=days))
            if number < (2 if days > 60 else 7):
                done = {"completion": True}
                place.put(told(who, "completed", days=days - 0.2, result=done))
    for days, what in ((60, "first"), (52, "second"), (37, "third")):
        place.ledgers.add("change", {"place": COURSE, "day": day(days), "what": what})

    rows = {row["what"]: row for row in place.rows("changes")}

    assert {what: row["verdict"] for what, row in rows.items()} == {
        "first": "confounded", "second": "confounded", "third": "no clear change"
    }  # fmt: skip
    assert "changed before as well" in rows["second"]["warning"]
    assert "before the comparison was due" in rows["first"]["warning"]
