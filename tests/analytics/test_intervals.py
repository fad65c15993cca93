"""Intervals of rates in which somebody counts several times hold the truth as often as they say."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Column
from lrs.analytics.statistics.clusters import Cluster
from lrs.analytics.statistics.estimates import wilson
from lrs.analytics.statistics.rates import rated
from tests.analytics.places import VIDEO, Place, told

SAMPLES, COURSES = 600, 15


def cluster(persons: list[tuple[int, int]]) -> Cluster:
    """Return what is known of persons, each with (done, begun)."""
    return Cluster(
        sum(a for a, _ in persons),
        sum(n for _, n in persons),
        len(persons),
        sum(a * a for a, _ in persons),
        sum(a * n for a, n in persons),
        sum(n * n for _, n in persons),
    )


def person(chance: Random, rate: float, alike: float) -> tuple[int, int]:
    """Return (done, begun) of somebody; `alike`: the correlation of two courses of one person."""
    own = rate
    if alike == 1:
        own = float(chance.random() < rate)
    elif alike:
        both = 1 / alike - 1
        own = chance.betavariate(rate * both, (1 - rate) * both)
    return sum(chance.random() < own for _ in range(COURSES)), COURSES


def coverage(size: int, rate: float, alike: float) -> tuple[float, float]:
    """Return how often the interval holds the rate, and how often one of independent units would."""
    chance = Random(f"{size} {rate} {alike}")  # noqa: S311 not a secret
    found = [cluster([person(chance, rate, alike) for _ in range(size)]) for _ in range(SAMPLES)]

    def held(units: list[tuple[float, float]]) -> float:
        intervals = wilson([part for part, _ in units], [whole for _, whole in units])
        return sum(low <= rate <= high for low, high in intervals) / SAMPLES

    honest = held([one.effective() for one in found])
    return honest, held([(one.part, one.whole) for one in found])


@pytest.mark.parametrize("size", [20, 60])
@pytest.mark.parametrize("rate", [0.5, 0.8])
@pytest.mark.parametrize("alike", [0, 0.2, 0.5, 1])
def test_with_15_courses_a_person_95_of_100_hold_the_truth(
    size: int, rate: float, alike: float
) -> None:
    honest, naive = coverage(size, rate, alike)

    assert honest >= 0.92
    assert honest <= 0.985
    assert naive < 0.8 or not alike


def test_of_few_persons_and_rare_failures_most_hold_it_still() -> None:
    honest, naive = coverage(10, 0.95, 0.2)

    assert honest > 0.88
    assert naive < 0.8


@pytest.mark.parametrize(("done", "whole"), [(0, 3), (1, 1), (7, 20), (20, 20), (999, 1000)])
def test_with_one_course_a_person_nothing_changes(done: int, whole: int) -> None:
    once = cluster([(1, 1)] * done + [(0, 1)] * (whole - done))

    assert once.effective() == (done, whole)


def test_it_is_never_wider_than_that_of_the_persons() -> None:
    for done in range(11):
        alike = cluster([(15, 15)] * done + [(0, 15)] * (10 - done))
        assert alike.effective() == pytest.approx((done, 10))
    assert cluster([(3, 15)]).effective() == pytest.approx((0.2, 1))


def test_the_more_alike_courses_of_a_person_are_the_wider_it_is() -> None:
    spreads = [
        [(8, 15), (7, 15)] * 10,
        [(10, 15), (5, 15)] * 10,
        [(13, 15), (2, 15)] * 10,
        [(15, 15), (0, 15)] * 10,
    ]
    wholes = [cluster(one).effective()[1] for one in spreads]

    assert wholes[0] == 300
    assert all(before > after for before, after in pairwise(wholes))


def test_every_quotient_says_of_what_it_is_one() -> None:
    for name, report in catalog().items():
        kinds = {column.name: column.kind for column in report.columns}
        for column in report.columns:
            if column.part:
                declared = (
                    kinds[column.whole] == "people",
                    column.spread is not None,
                    column.counted,
                )
                assert sum(declared) == 1, (name, column.name)


def test_what_is_counted_whole_has_no_interval() -> None:
    columns = (Column("n", "count", ""), Column("m", "count", ""))
    noise = Column("noise", "ratio", "", part="m", whole="n", counted=True)

    shown, rows = rated((*columns, noise), [{"n": 4, "m": 1}, {"n": 0, "m": 0}])

    assert [column.name for column in shown] == ["n", "m", "noise"]
    assert [row["noise"] for row in rows] == [0.25, None]


def in_many_courses(place: Place, courses: int) -> None:
    """Twenty persons are in each of the courses; half of them complete all, the others none."""
    for number in range(courses):
        course = f"http://example.org/course-{number}"
        for who in range(20):
            place.put(told(who, "launched", course, course=course, days=60))
        place.put(
            *(
                told(
                    who, "completed", course, course=course, days=50 - who,
                    result={"completion": True, "success": who % 2 == 0},
                )
                for who in range(10)
            )
        )  # fmt: skip


@pytest.mark.parametrize("courses", [1, 15])
def test_slices_know_that_persons_are_twenty_however_many_courses(
    place: Place, courses: int
) -> None:
    in_many_courses(place, courses)

    row = place.row("slices")

    assert (row["learners"], row["completed"]) == (20 * courses, 10 * courses)
    assert (row["rate_low"], row["rate_high"]) == pytest.approx(wilson([10], [20])[0])


def test_passes_at_first_have_an_interval_of_their_own(place: Place) -> None:
    in_many_courses(place, 4)

    row = place.row("pass-rates")

    assert (row["persons"], row["graded"], row["first_passed"]) == (10, 40, 20)
    assert (row["first_rate_low"], row["first_rate_high"]) == pytest.approx(wilson([5], [10])[0])


def test_the_interval_of_a_median_is_that_of_the_persons(place: Place) -> None:
    in_many_courses(place, 1)
    once = place.row("completion-time")
    for number in range(1, 9):
        course = f"http://example.org/course-{number}"
        place.put(*(told(who, "launched", course, course=course, days=60) for who in range(20)))
        place.put(
            *(
                told(who, "completed", course, course=course, days=50 - who, result={"completion": True})
                for who in range(10)
            )
        )  # fmt: skip

    row = place.row("completion-time")

    assert row["learners"] == 180
    for name in ("median", "median_low", "median_high"):
        assert row[name] == once[name]


def test_starts_of_a_video_are_those_of_few_persons(place: Place) -> None:
    """Of two persons one starts it ten times without sound, the other as often with it."""
    for day in range(10):
        for who, volume in ((1, 0), (2, 1)):
            place.put(
                told(
                    who,
                    "https://w3id.org/xapi/video/verbs/played",
                    "http://example.org/film",
                    days=30 - day,
                    context={"extensions": {VIDEO + "volume": volume}},
                )
            )

    row = place.row("video-muted")

    assert (row["plays"], row["viewers"], row["muted"]) == (20, 2, 10)
    assert (row["muted_rate_low"], row["muted_rate_high"]) == pytest.approx(wilson([1], [2])[0])
