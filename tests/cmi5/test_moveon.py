"""moveOn: each criterion by its table, and any tree of blocks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.cmi5.moveon import is_met, met_aus, met_groups
from lrs.cmi5.terms import MOVE_ON_VALUES
from lrs.xapi import JsonObject

STORED, CLAIMED = {"stored": True}, {"stored": False}
NOTHING, COMPLETED, PASSED = {}, {"completed": STORED}, {"passed": STORED}
TABLE = {
    # moveOn: nothing, completed, passed, both
    "NotApplicable": (True, True, True, True),
    "Completed": (False, True, False, True),
    "Passed": (False, False, True, True),
    "CompletedAndPassed": (False, False, False, True),
    "CompletedOrPassed": (False, True, True, True),
}


def move_on(au: JsonObject) -> str:
    return str(au["moveOn"])


@pytest.mark.parametrize("criterion", MOVE_ON_VALUES)
def test_a_criterion_is_met_as_the_table_says(criterion: str) -> None:
    states = (NOTHING, COMPLETED, PASSED, {**COMPLETED, **PASSED})
    met = tuple(is_met({"moveOn": criterion}, state, move_on) for state in states)
    assert met == TABLE[criterion]
    # What the launch said goes before the course structure.
    launched = tuple(
        is_met({"moveOn": "NotApplicable"}, {**state, "moveOn": criterion}, move_on)
        for state in states
    )
    assert launched == TABLE[criterion]


@pytest.mark.parametrize("criterion", MOVE_ON_VALUES[1:])
def test_a_claim_counts_once_it_is_stored(criterion: str) -> None:
    assert not is_met({"moveOn": criterion}, {"completed": CLAIMED, "passed": CLAIMED}, move_on)


@pytest.mark.parametrize("criterion", MOVE_ON_VALUES)
@pytest.mark.parametrize("state", [{"waived": {"reason": "x"}}, {"satisfied": {"at": 1}}])
def test_waived_and_once_satisfied_are_met_whatever_the_criterion(
    criterion: str, state: JsonObject
) -> None:
    assert is_met({"moveOn": criterion}, state, move_on)


@st.composite
def courses(draw: st.DrawFn) -> JsonObject:
    """Return a course of AUs and blocks with ids of their own."""
    numbers = iter(range(10_000))

    def children(depth: int) -> list[JsonObject]:
        kinds = st.sampled_from(("au", "block") if depth < 4 else ("au",))
        return [node(kind, depth) for kind in draw(st.lists(kinds, min_size=1, max_size=3))]

    def node(kind: str, depth: int) -> JsonObject:
        made: JsonObject = {"type": kind, "id": f"{kind}{next(numbers)}"}
        if kind == "au":
            return {**made, "moveOn": draw(st.sampled_from(MOVE_ON_VALUES))}
        return {**made, "children": children(depth + 1)}

    return {"id": "course", "children": children(0)}


def aus_below(node: JsonObject) -> Iterator[str]:
    for child in node["children"]:
        if child["type"] == "au":
            yield child["id"]
        else:
            yield from aus_below(child)


@given(courses(), st.data())
def test_a_group_is_satisfied_if_all_aus_below_it_are_and_inner_ones_come_first(
    course: JsonObject, data: st.DataObject
) -> None:
    states = st.sampled_from((NOTHING, COMPLETED, PASSED, {**COMPLETED, **PASSED}))
    aus = {name: data.draw(states) for name in aus_below(course)}
    met = frozenset(met_aus(course, aus, move_on))
    groups = list(met_groups(course, met))
    seen: set[str] = set()
    for group in groups:
        assert set(aus_below(group)) <= met
        assert {child["id"] for child in group["children"] if child["type"] == "block"} <= seen
        seen.add(group["id"])
    assert ("course" in seen) == (set(aus) <= met)
    assert len(seen) == len(groups)
