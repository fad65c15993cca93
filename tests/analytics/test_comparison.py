"""Comparisons before and after: golden values, and at most one false alarm in twenty."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Moment, Row
from lrs.analytics.statistics.comparison import compare, compare_speeds, judged, persons_needed


@pytest.mark.parametrize(
    ("before", "after", "low", "high", "verdict"),
    [
        ((38, 100), (71, 100), 0.193, 0.450, "better"),
        ((19, 50), (36, 50), 0.145, 0.501, "better"),
        ((5, 12), (9, 12), -0.053, 0.609, "too few"),
        ((30, 100), (75, 100), 0.316, 0.560, "better"),
    ],
)
def test_golden_comparisons(
    before: tuple[int, int], after: tuple[int, int], low: float, high: float, verdict: str
) -> None:
    (found,) = judged([compare(*before, *after, expected=0.2)])

    assert (found.low, found.high) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))
    assert found.verdict == verdict


def test_one_rule_judges_changes_and_revisions() -> None:
    """49 to 65 of 100: an interval without 0 and a p under 5 %, but not among five comparisons."""
    alone, none = compare(49, 100, 65, 100), compare(50, 100, 50, 100)

    assert judged([alone])[0].verdict == "better"
    among = judged([alone, none, none, none, none])
    assert [one.verdict for one in among] == ["no clear change"] * 5
    assert among[0].low is not None
    assert among[0].low > 0
    rows: list[Row] = []
    for number in range(5):
        before, after = (49, 65) if number == 0 else (50, 50)
        counts = {"done_before": before, "done_after": after, "before": 100, "after": 100}
        place = {"course": f"c{number}", "day": 20_000, "due": 20_014, "expected": 20, "days": 14}
        others = dict.fromkeys(
            ("others_before", "others_after", "closed", "next_day", "last_day", "why")
        )
        rows.append({**counts, **place, **others})
    found = catalog()["changes"].finish(rows, Moment(20_100, {"cycle": "quarter"}))
    assert [(row["p"], row["verdict"]) for row in found] == [(one.p, one.verdict) for one in among]


def test_golden_numbers_of_persons() -> None:
    assert [persons_needed(0.38, 0.33), persons_needed(0.5, 0.1), persons_needed(0.5, 0.05)] == [
        35,
        388,
        1565,
    ]


def test_compared_alike_nothing_is_found_once_in_twenty() -> None:
    chance = random.Random(7)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(1000):
        before, after = (sum(chance.random() < 0.4 for _ in range(80)) for _ in range(2))
        (found,) = judged([compare(before, 80, after, 80, expected=0.2)])
        alarms += found.verdict in ("better", "worse")
    assert alarms <= 55


def test_golden_restricted_mean() -> None:
    """Days 10, 20, 30 (not done), 40, 50 (not done): the curve falls to 0.8, 0.6 and 0.3."""
    side = {(10, True): 1, (20, True): 1, (30, False): 1, (40, True): 1, (50, False): 1}

    found = compare_speeds(side, side, horizon=50)

    assert (found.before, found.faster) == (pytest.approx(10 + 8 + 6 + 6 + 3), 0)


def test_times_compared_alike_differ_once_in_twenty() -> None:
    chance = random.Random(5)  # noqa: S311 not a secret

    def side() -> Counter[tuple[int, bool]]:
        found: Counter[tuple[int, bool]] = Counter()
        for _ in range(100):
            seen, took = chance.randrange(1, 30), int(chance.expovariate(0.1))
            found[min(seen, took), took <= seen] += 1
        return found

    alarms = 0
    for _ in range(300):
        found = compare_speeds(side(), side(), horizon=15)
        alarms += found.low > 0 or found.high < 0
    # 300 of 5 %: more than 21 come by chance less than once in twenty times.
    assert alarms <= 21
