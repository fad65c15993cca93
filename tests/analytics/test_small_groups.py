"""Small groups: what would tell on few persons is hidden, and so is what it could be computed from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs.analytics.audience import Audience
from lrs.analytics.catalog import catalog
from lrs.analytics.faces import render
from lrs.analytics.report import Column, Table
from lrs.analytics.small_groups import small_groups
from lrs.analytics.statistics.rates import rated
from tests.analytics.places import COURSE, Place, told


def test_small_groups_are_hidden_and_so_are_rates_that_tell_on_them(place: Place) -> None:
    done = {"completion": True}
    place.put(*(told(who, "completed", result=done) for who in range(19)), told(19, "launched"))
    for name, learners in (("few", 3), ("next", 6)):
        iri = f"http://other.example.org/{name}"
        place.put(*(told(who, "launched", iri, course=iri) for who in range(learners)))

    table = place.reports.answer("completion", {}, audience=Audience(least=5))

    big, small, _ = sorted(table.rows, key=lambda row: row["course"])
    assert (big["starters"], big["rate_of_starters"]) == (20, None)
    assert (small["starters"], small["rate_of_starters"]) == (None, None)
    assert table.hidden > 0
    assert "cells hidden" in render.footing(table)


def test_what_one_hidden_group_hides_cannot_be_subtracted(place: Place) -> None:
    for course, learners in (("a", 30), ("b", 12), ("c", 3)):
        iri = f"http://example.org/{course}"
        place.put(*(told(f"{course}{n}", "launched", iri, course=iri) for n in range(learners)))

    table = place.reports.answer("completion", {}, audience=Audience(least=5))

    assert [row["starters"] for row in table.rows] == [30, None, None]


def test_two_hidden_groups_hide_each_other(place: Place) -> None:
    for course, learners in (("a", 30), ("b", 4), ("c", 3), ("d", 9)):
        iri = f"http://example.org/{course}"
        place.put(*(told(f"{course}{n}", "launched", iri, course=iri) for n in range(learners)))

    table = place.reports.answer("completion", {}, audience=Audience(least=5))

    assert [row["starters"] for row in table.rows] == [30, None, None, 9]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40)), min_size=1, max_size=8),
    st.integers(2, 10),
)
def test_no_hidden_number_of_persons_is_a_total_less_the_others(
    groups: list[tuple[str, int]], least: int
) -> None:
    columns = (
        Column("course", "activity", ""),
        Column("module", "text", ""),
        Column("learners", "people", ""),
    )
    rows = tuple(
        {"course": course, "module": str(n), "learners": count}
        for n, (course, count) in enumerate(groups)
    )
    report = replace(catalog()["completion"], reading=lambda rows: "")
    table = Table(report, columns, rows, 0, {}, {}, "", "")

    shown = small_groups(least)(table).rows

    for course in "ab":
        of_course = [
            (row["learners"], kept["learners"])
            for row, kept in zip(rows, shown, strict=True)
            if row["course"] == course and row["learners"]
        ]
        assert all(kept is None for count, kept in of_course if count < least)
        missing = [count for count, kept in of_course if kept is None]
        assert len(missing) != 1 or len(of_course) == 1
        assert not 0 < sum(missing) < least or len(missing) == len(of_course)


def test_what_is_hidden_is_not_a_small_sum_and_its_other_counts_go_too() -> None:
    report = replace(catalog()["verbs"], reading=lambda rows: "")
    columns = (
        Column("verb", "text", ""),
        Column("learners", "people", ""),
        Column("statements", "count", ""),
        Column("of_all", "count", "", by="learners"),
    )
    rows = tuple(
        {"verb": str(number), "learners": number, "statements": 3 * number, "of_all": 1}
        for number in (20, 12, 2, 1)
    )
    table = Table(report, columns, rows, 0, {}, {}, "", "")

    shown = small_groups(5)(table).rows

    assert [row["learners"] for row in shown] == [20, None, None, None]
    assert [row["statements"] for row in shown] == [60, None, None, None]
    assert [row["of_all"] for row in shown] == [1, None, None, None]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=5),
    st.integers(2, 10),
)
def test_no_two_numbers_of_a_row_differ_by_few_persons(
    counts: list[tuple[int, int]], least: int
) -> None:
    report = catalog()["click-view-drop"]
    rows = []
    for number, (one, other) in enumerate(counts):
        clickers, viewers = max(one, other), min(one, other)
        told_row = {"course": "c", "module": str(number), "clickers": clickers, "viewers": viewers}
        rows.append({**told_row, "lost": clickers - viewers})
    columns, shown = rated(report.columns, rows)
    table = Table(report, columns, tuple(shown), 0, {}, {}, "", "")

    for row in small_groups(least, differences=True)(table).rows:
        kept = [row[name] for name in ("clickers", "viewers", "lost") if row[name] is not None]
        assert all(value == 0 or value >= least for value in kept)
        assert not any(0 < abs(one - other) < least for one in kept for other in kept)
        told_rate = row["lost_rate"] is not None
        assert not told_rate or None not in (row["clickers"], row["lost"])


def test_of_counts_that_add_up_no_single_one_is_hidden() -> None:
    report = catalog()["certifications"]
    states = {"valid": 20, "due_soon": 0, "critical": 0, "grace": 0, "lapsed": 2}
    row = {"course": "c", "obliged": 40, "held": 20, "ever": 27, **states}
    columns, rows = rated(
        report.columns, [{**row, "revoked": 5, "overdue": 13, "assigned": 0, "exempt": 0}]
    )
    table = Table(report, columns, tuple(rows), 0, {}, {}, "", "")

    (shown,) = small_groups(5, differences=True)(table).rows

    assert (shown["lapsed"], shown["revoked"]) == (None, None)
    assert (shown["obliged"], shown["held"], shown["overdue"]) == (40, 20, 13)


def test_counts_of_others_are_not_compared() -> None:
    report = catalog()["changes"]
    blank = dict.fromkeys((column.name for column in report.columns), None)
    row = {**blank, "before": 30, "done_before": 20, "after": 32, "done_after": 22}
    columns, rows = rated(report.columns, [row])
    table = Table(report, columns, tuple(rows), 0, {}, {}, "", "")

    assert small_groups(5, differences=True)(table) is table


def test_the_overview_tells_of_no_few_persons(place: Place) -> None:
    place.put(*(told(who, "launched", days=3) for who in range(12)))
    place.put(*(told(who, "completed", days=2, result={"completion": True}) for who in range(3)))
    place.put(*(told(who, "launched", days=40) for who in range(4)))

    rows = place.answer("overview", audience=Audience(names=False, least=5)).rows

    tiles = {row["tile"]: row for row in rows}
    assert (tiles["Active learners"]["last_28"], tiles["Statements"]["last_28"]) == (12, 15)
    assert (tiles["Active learners"]["before"], tiles["Statements"]["before"]) == (None, None)
    assert tiles["Statements"]["change"] is None
    assert {tiles["Completions"][name] for name in ("last_28", "ever", "persons_28")} == {None}
    assert tiles["Fails"]["last_28"] == 0


def test_the_overview_does_not_tell_of_the_few_who_have_not_completed(place: Place) -> None:
    place.put(*(told(who, "launched", days=3) for who in range(12)))
    place.put(*(told(who, "completed", days=2, result={"completion": True}) for who in range(10)))

    rows = place.answer("overview", audience=Audience(names=False, least=5)).rows

    (completions,) = [row for row in rows if row["tile"] == "Completions"]
    assert (rows[0]["last_28"], completions["last_28"], completions["persons"]) == (12, None, None)


def test_a_hidden_answer_does_not_stay_for_those_who_may_see_it(place: Place) -> None:
    place.put(told(1, "launched"))

    assert place.reports.answer("verbs", {}, audience=Audience(least=5)).rows[0]["learners"] is None
    assert place.row("verbs")["learners"] == 1


def test_of_a_small_group_no_other_column_tells(place: Place) -> None:
    place.put(*(told(who, "completed", result={"completion": True}) for who in range(3)))

    (row,) = place.answer("completion", audience=Audience(least=5)).rows

    assert row["course"] == COURSE
    assert (row["starters"], row["verdict"], row["advice"]) == (None, None, None)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([(120, 3), (113, 2)], "Some numbers of each group are hidden"),
        ([(3, 3), (2, 2)], "These groups are too small for numbers"),
    ],
)
def test_the_sentence_says_whether_all_is_hidden_or_some(
    rows: list[tuple[int, int]], sentence: str
) -> None:
    columns = (Column("obliged", "people", ""), Column("lapsed", "people", ""))
    told = tuple({"obliged": obliged, "lapsed": lapsed} for obliged, lapsed in rows)
    table = Table(catalog()["completion"], columns, told, 0, {}, {}, "", "")

    assert small_groups(5)(table).reading.startswith(sentence)
