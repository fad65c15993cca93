"""Statements that refer to one another, in any order of arrival. Spec: Communication 2.1.3; Data 2.3.2 (1.0.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi.links import Changes, Node, changes_by, inherited_keys


def node(name: str, key: int, target: str | None = None, *, voiding: bool = False) -> Node:
    return Node(name, frozenset({key}), target, voiding)


class Held:
    """Nodes that came so far, with the keys and marks that `changes_by` gave them; counts the fetches."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.keys: dict[str, frozenset[int]] = {}
        self.voided: set[str] = set()
        self.fetches = 0

    def take(self, nodes: Sequence[Node]) -> Changes:
        new = {one.id: one for one in nodes}
        self.nodes |= new
        self.keys |= {one.id: one.keys for one in nodes}
        changes = changes_by(new, self.by_id, self.by_target)
        for name, keys in changes.widened.items():
            self.keys[name] |= keys
        self.voided |= changes.voided
        return changes

    def by_id(self, ids: Iterable[str]) -> Iterator[Node]:
        self.fetches += 1
        return iter([self.nodes[one] for one in ids if one in self.nodes])

    def by_target(self, ids: Iterable[str]) -> Iterator[Node]:
        self.fetches += 1
        wanted = set(ids)
        return iter([one for one in self.nodes.values() if one.target in wanted])


def test_a_statement_without_links_changes_nothing_and_costs_one_fetch() -> None:
    held = Held()
    changes = held.take([node("a", 1), node("b", 2)])
    assert (changes.voided, changes.widened, held.fetches) == (set(), {}, 1)


def test_a_reference_takes_over_keys_in_either_order() -> None:
    target, reference = node("a", 1), node("b", 2, "a")
    for order in ([target, reference], [reference, target]):
        held = Held()
        for one in order:
            held.take([one])
        assert held.keys == {"a": {1}, "b": {1, 2}}


def test_a_late_target_reaches_through_a_chain() -> None:
    held = Held()
    held.take([node("c", 3, "b")])
    held.take([node("b", 2, "a")])
    changes = held.take([node("a", 1)])
    assert changes.widened == {"b": {1}, "c": {1, 2}}


def test_a_circle_ends() -> None:
    held = Held()
    held.take([node("a", 1, "b"), node("b", 2, "c"), node("c", 3, "a")])
    assert set(held.keys.values()) == {frozenset({1, 2, 3})}


def test_a_statement_that_refers_to_itself_changes_nothing() -> None:
    changes = Held().take([node("a", 1, "a")])
    assert changes.widened == {}


def test_voiding_marks_the_target_in_either_order() -> None:
    target, voider = node("a", 1), node("v", 2, "a", voiding=True)
    for order in ([target, voider], [voider, target]):
        held = Held()
        for one in order:
            held.take([one])
        assert held.voided == {"a"}


def test_a_voiding_statement_cannot_be_voided() -> None:
    held = Held()
    held.take([node("v", 1, "x", voiding=True), node("w", 2, "v", voiding=True)])
    assert held.voided == set()


def test_a_voided_voider_still_voids() -> None:
    held = Held()
    held.take([node("a", 1), node("w", 3, "v", voiding=True), node("v", 2, "a", voiding=True)])
    assert held.voided == {"a"}


NAMES = "abcdef"
GRAPHS = st.lists(
    st.tuples(st.sampled_from([*NAMES, "missing", None]), st.booleans()),
    min_size=len(NAMES),
    max_size=len(NAMES),
).map(
    lambda links: [
        node(name, index, target, voiding=voiding and target is not None)
        for index, (name, (target, voiding)) in enumerate(zip(NAMES, links, strict=True))
    ]
)


@given(GRAPHS, st.permutations(range(len(NAMES))), st.integers(1, len(NAMES)))
def test_the_outcome_does_not_depend_on_order_or_batches(
    nodes: list[Node], order: list[int], size: int
) -> None:
    at_once, in_parts = Held(), Held()
    at_once.take(nodes)
    shuffled = [nodes[index] for index in order]
    for start in range(0, len(shuffled), size):
        in_parts.take(shuffled[start : start + size])
    assert in_parts.keys == at_once.keys
    assert in_parts.voided == at_once.voided


@given(GRAPHS)
def test_rebuilding_finds_the_same_keys_as_arriving(nodes: list[Node]) -> None:
    held = Held()
    held.take(nodes)
    rebuilt = {one.id: one.keys | inherited_keys(one, held.by_id) for one in nodes}
    assert rebuilt == held.keys
