"""How statements that refer to one another affect each other, in whatever order they arrive.

A statement that targets another (StatementRef as object) is found by what its target is found by, through any number
of steps; a statement is voided if a voiding statement targets it and it is not voiding itself.
Each filter is met on its own: by the statement itself or by one it refers to. A chain is followed for MAX_STEPS: each
statement of it holds the keys of all those after, so a longer one would cost the square of its length.
Spec: Communication 2.1.3 (filter conditions for StatementRefs); Data 2.3.2 (voiding).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Found = TypeVar("Found")

MAX_STEPS = 32
"""How many references in a row are followed."""


@dataclass(frozen=True, slots=True)
class Node:
    """A statement as far as links are concerned."""

    id: str
    keys: frozenset[int]
    target: str | None
    voiding: bool


@dataclass(slots=True)
class Changes:
    """What new statements change: ids to mark as voided, and keys to add by id (new and older statements alike)."""

    voided: set[str] = field(default_factory=set)
    widened: dict[str, frozenset[int]] = field(default_factory=dict)


Fetch = Callable[[Iterable[str]], Iterable[Node]]


def changes_by(new: Mapping[str, Node], by_id: Fetch, by_target: Fetch) -> Changes:
    """Return what the `new` statements, already readable through both fetches or not, change.

    `by_id` yields the stored statements with the given ids, `by_target` those that refer to the given ids. Each is
    called once a step along a chain of references; without references that is one call of `by_target`.
    """
    known = dict(new)
    _gather(known, new, by_target, lambda node: node.id)
    _gather(known, known.copy(), by_id, lambda node: node.target)
    changes = Changes()
    for node in known.values():
        target = known.get(node.target) if node.target else None
        if target is None:
            continue
        if node.voiding and not target.voiding:
            changes.voided.add(target.id)
        inherited = _inherited(node, known) - node.keys
        if inherited:
            changes.widened[node.id] = inherited
    return changes


def inherited_keys(node: Node, by_id: Fetch) -> frozenset[int]:
    """Return the keys that a statement takes over from the chain of statements it refers to."""
    known = {node.id: node}
    _gather(known, known.copy(), by_id, lambda other: other.target)
    return _inherited(node, known) - node.keys


def referring(
    ids: Collection[str],
    by_target: Callable[[Collection[str]], Iterable[Found]],
    id_of: Callable[[Found], str],
) -> Iterator[Found]:
    """Yield what refers to these ids through any number of steps, each once; nothing that has one of them itself."""
    seen, step = set(ids), list(ids)
    for _ in range(MAX_STEPS):
        if not step:
            return
        new = [one for one in by_target(step) if id_of(one) not in seen]
        yield from new
        step = [id_of(one) for one in new]
        seen.update(step)


def _gather(
    known: dict[str, Node],
    start: Mapping[str, Node],
    fetch: Fetch,
    follow: Callable[[Node], str | None],
) -> None:
    """Add to `known` all that can be reached from `start` by following one kind of link."""
    asked: set[str] = set()
    step = list(start.values())
    for _ in range(MAX_STEPS):
        if not step:
            return
        wanted = {link for node in step if (link := follow(node)) is not None} - asked
        asked |= wanted
        step = [node for node in fetch(wanted) if node.id not in known] if wanted else []
        known.update((node.id, node) for node in step)


def _inherited(node: Node, known: Mapping[str, Node]) -> frozenset[int]:
    keys: set[int] = set()
    seen = {node.id}
    for _ in range(MAX_STEPS):
        if node.target is None or node.target not in known or node.target in seen:
            break
        node = known[node.target]
        seen.add(node.id)
        keys |= node.keys
    return frozenset(keys)
