"""The numbers that the definitions give by hand."""

from __future__ import annotations

import pytest

from lrs.analytics.statistics.bands import verdict_of
from lrs.analytics.statistics.comparison import compare, judged
from lrs.analytics.statistics.estimates import difference, kaplan_meier, wilson
from tests.analytics.places import COURSE, Place, answer, attempt, funnel, played, told

MATRIX = "1111 1110 1110 1101 1100 1010 1001 1000 0001 0001"


def test_the_strict_funnel_counts_in_order_and_tells_orphans(place: Place) -> None:
    funnel(place, range(1, 11), [*range(1, 7), 11], [*range(1, 4), 12])

    row = place.row("engagement-funnel", mode="strict")

    assert (row["clickers"], row["viewers"], row["completers"]) == (10, 6, 3)
    assert (row["views_without_click"], row["completions_without_view"]) == (1, 1)


def test_the_imputed_funnel_takes_a_completion_for_a_view_and_a_click(place: Place) -> None:
    funnel(place, range(1, 11), [*range(1, 7), 11], [*range(1, 4), 12])

    row = place.row("engagement-funnel")

    assert (row["clickers"], row["viewers"], row["completers"]) == (12, 8, 4)


def test_a_completion_before_the_click_is_no_completion(place: Place) -> None:
    module = "http://example.org/m"
    place.put(
        told(1, "completed", module, days=61, result={"completion": True}),
        told(1, "launched", module, days=60),
        told(1, "experienced", module, days=59.9, result={"duration": "PT1M"}),
    )

    row = place.row("engagement-funnel", mode="strict")

    assert (row["clickers"], row["viewers"], row["completers"]) == (1, 1, 0)


def test_who_began_lately_is_still_running(place: Place) -> None:
    place.put(told(1, "launched", "http://example.org/m", days=3))

    row = place.row("engagement-funnel")

    assert (row["clickers"], row["running"]) == (0, 1)


def test_opening_for_four_seconds_is_a_click_and_no_view(place: Place) -> None:
    second = 1 / 86_400
    place.put(
        told(1, "launched", "http://example.org/m", days=60),
        told(1, "exited", "http://example.org/m", days=60 - 4 * second),
    )

    row = place.row("view-dwell")

    assert (row["learners"], row["viewers"], row["total"]) == (1, 0, 4)


def test_an_idle_gap_counts_five_minutes_at_the_most(place: Place) -> None:
    place.put(
        told(1, "launched", "http://example.org/m", days=60),
        told(1, "exited", "http://example.org/m", days=60 - 40 / 1440),
    )

    assert place.row("view-dwell")["total"] == 300


@pytest.mark.parametrize(
    ("rate", "kind", "minutes", "rule", "expected"),
    [
        (0.49, "", 59, "T1", "bad"),
        (0.50, "mandatory", 59, "T2", "average"),
        (0.50, "elective", None, "T3", "good"),
        (0.40, "", None, "T4", "acceptable"),
        (0.70, "certification", 120, "T5", "good"),
        (0.69, "certification", 120, "T5", "fair"),
        (0.40, "certification", 720, "T6", "good"),
        (0.40, "onboarding", 30, "T7", "bad"),
        (0.40, "mandatory", None, "T4", "acceptable"),
        (0.39, "elective", None, "T3", "bad"),
    ],
)
def test_a_completion_rate_is_judged_by_its_kind(
    rate: float, kind: str, minutes: int | None, rule: str, expected: str
) -> None:
    found = verdict_of(rate, kind=kind, minutes=minutes, target=None)

    assert (found.rule, found.verdict) == (rule, expected)


def test_rules_that_disagree_are_both_shown() -> None:
    elective = verdict_of(0.4, kind="elective", minutes=None, target=None)
    target = verdict_of(0.6, kind="mandatory", minutes=30, target=0.65)

    assert (elective.runner_up, elective.other) == ("T8", "bad")
    assert (target.rule, target.verdict, target.runner_up) == ("T0", "bad", "T2")


def test_items_are_analysed_without_themselves(place: Place) -> None:
    for who, row in enumerate(MATRIX.split()):
        place.put(*(answer(who, f"item-{n}", right == "1") for n, right in enumerate(row, 1)))

    rows = place.rows("items")

    assert [row["facility"] for row in rows] == [0.8, 0.5, 0.4, 0.5]
    found = [row["discrimination"] for row in rows]
    assert found == pytest.approx([0.250, 0.469, 0.218, -0.455], abs=0.0006)
    assert [row["alpha"] for row in rows] == pytest.approx([0.083] * 4, abs=0.0005)


def test_only_first_answers_are_analysed(place: Place) -> None:
    first, again = answer(1, "item-1", False), answer(1, "item-1", True)
    again["timestamp"] = "2026-05-20T00:00:00Z"
    place.put(first, again, answer(1, "item-2", True), answer(2, "item-1", True))

    row = next(row for row in place.rows("items") if row["item"].endswith("item-1"))

    assert (row["n"], row["facility"]) == (2, 0.5)


@pytest.mark.parametrize(
    ("before", "after", "interval", "p", "expected"),
    [
        ((38, 100), (71, 100), (0.193, 0.450), None, "better"),
        ((19, 50), (36, 50), (0.145, 0.501), 0.0004, "better"),
        ((5, 12), (9, 12), (-0.053, 0.609), 0.214, "too few"),
        ((30, 100), (75, 100), (0.316, 0.560), None, "better"),
    ],
)
def test_before_and_after_are_compared_with_newcombes_interval(
    before: tuple[int, int],
    after: tuple[int, int],
    interval: tuple[float, float],
    p: float | None,
    expected: str,
) -> None:
    change, low, high, found = difference(*after, *before)

    assert (low, high) == pytest.approx(interval, abs=0.0006)
    assert p is None or found == pytest.approx(p, abs=0.006)
    assert change == pytest.approx(after[0] / after[1] - before[0] / before[1])
    assert judged([compare(*before, *after)])[0].verdict == expected


def test_those_who_have_not_finished_are_censored() -> None:
    curve = kaplan_meier([10, 20, 30, 40, 50], [True, True, False, True, False])

    assert curve["median"] == 40
    assert 1 - curve["done"][60] == pytest.approx(0.30)


def test_rates_have_wilson_intervals() -> None:
    ((low, high),) = wilson([9], [10])

    assert (low, high) == pytest.approx((0.5958, 0.9821), abs=0.0005)


def test_retention_is_the_first_test_in_the_window(place: Place) -> None:
    score = {"scaled": 0.9}
    place.put(
        attempt(1, 1, True, days=60, score={"scaled": 0.8}),
        attempt(1, 2, True, days=60 - 0.1, score=score),
        attempt(1, 3, True, days=60 - 7, score={"scaled": 0.2}),
        attempt(1, 4, False, days=60 - 21, score={"scaled": 0.45}),
        attempt(1, 5, True, days=60 - 25, score=score),
        attempt(2, 1, True, days=60, score=score),
        attempt(3, 1, False, days=60, score={"scaled": 0.1}),
    )

    row = place.row("retention")

    assert (row["passed"], row["tested"], row["retained"]) == (2, 1, 0)
    assert (row["day_0"], row["later"], row["drop"]) == pytest.approx((0.9, 0.45, 0.45))


def test_ninety_per_cent_gone_at_minute_three(place: Place) -> None:
    for who in range(20):
        end = 480 if who < 2 else 178
        place.put(played(who, "http://example.org/v", 480, f"0[.]{end}"))

    row = next(row for row in place.rows("video-exits") if row["second"] == 175)

    assert (row["drop"], row["flag"]) == (0.9, "one spot")


def test_reach_is_counted_once_a_person(place: Place) -> None:
    place.put(
        played(1, "http://example.org/v", 100, "0[.]50.4"),
        played(1, "http://example.org/v", 100, "0[.]50.4[,]20[.]60.2", days=59),
        played(2, "http://example.org/v", 100, "40[.]100", days=58),
    )

    present = {row["percent"]: row["present"] for row in place.rows("video-retention")}

    assert [present[at] for at in (0, 39, 40, 50, 60, 61, 99)] == [1, 1, 2, 2, 2, 1, 1]


def test_the_rate_of_a_course_without_its_own_completions_is_that_of_its_modules(
    place: Place,
) -> None:
    done = {"completion": True}
    place.put(
        told(1, "completed", "http://example.org/a", result=done),
        told(1, "completed", "http://example.org/b", result=done),
        told(2, "completed", "http://example.org/a", result=done),
        told(3, "registered"),
    )

    row = place.row("completion")

    assert (row["course"], row["enrolled"], row["starters"], row["completed"]) == (COURSE, 3, 2, 1)
