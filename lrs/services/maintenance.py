"""Rebuilding what is derived from the statements, and checking that it is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest

import orjson

from lrs.stores.protocol import Record, Store
from lrs.xapi import JsonObject
from lrs.xapi.activity import definitions_of
from lrs.xapi.entry import Entry
from lrs.xapi.keys import KEYS_VERSION, authority_key, keys_of
from lrs.xapi.links import Node, inherited_keys
from lrs.xapi.statement import is_voiding, target_of

_PAGE = 1_000
_META = "meta"

Watch = Callable[[Iterable[Entry], int], Iterable[Entry]]
"""Passes entries on, of which there are as many as the second argument says, and may show how far they are."""


def note_keys_version(store: Store) -> bool:
    """Note in an empty store which keys it is built with; returns whether the store's keys are today's.

    A store with other keys must be reindexed before its filters can be trusted.
    """
    noted = store.records.get(_META, "keys")
    if noted is None:
        store.records.put(_META, "keys", {"version": KEYS_VERSION})
        return True
    return bool(noted["version"] == KEYS_VERSION)


def reindex(store: Store, watch: Watch) -> None:
    """Rebuild keys, links, voided marks and activity definitions from the statements' text."""
    store.statements.rebuild(_expected(store, watch))
    store.activities.replace(_definitions(store))
    store.records.put(_META, "keys", {"version": KEYS_VERSION})


def check(store: Store, watch: Watch) -> Iterator[str]:
    """Yield a sentence for each fault: text that is damaged, or an index that does not say what the text says."""
    faults: list[str] = []
    expected = _expected(store, watch, faults)
    for right, held in zip_longest(expected, store.statements.records()):
        yield from faults
        faults.clear()
        if right is None or held is None or right.sequence != held.sequence:
            yield "The index and the statements do not hold the same statements."
            return
        if right.keys != held.keys:
            yield f"Statement of sequence {right.sequence}: the index finds it by other keys than its text gives."
        if right.voided != held.voided:
            yield f"Statement of sequence {right.sequence}: voided is {held.voided}, but should be {right.voided}."
    yield from faults


def entries(store: Store) -> Iterator[Entry]:
    """Yield every statement, voided ones included, in the order they were stored."""
    after = 0
    while page := store.statements.scan(after=after, limit=_PAGE):
        yield from page
        after = page[-1].sequence


def _expected(store: Store, watch: Watch, faults: list[str] | None = None) -> Iterator[Record]:
    """Yield what the index should hold for every statement; damaged text is told to `faults`, if given."""

    def by_id(ids: Iterable[str]) -> Iterator[Node]:
        for one in ids:
            entry = store.statements.get(one)
            if entry is not None:
                yield _node(entry.id, entry.statement)

    voided_targets = _voided_targets(store)
    for entry in watch(entries(store), store.statements.count()):
        try:
            statement = entry.statement
        except orjson.JSONDecodeError:
            if faults is None:
                raise
            faults.append(f"Statement of sequence {entry.sequence}: its text is damaged.")
            yield Record(entry.sequence, frozenset(), entry.voided)
            continue
        if faults is not None and (statement["id"].lower(), statement["stored"]) != (
            entry.id,
            entry.stored,
        ):
            faults.append(
                f"Statement of sequence {entry.sequence}: id or stored are not those of its text."
            )
        node = _node(entry.id, statement)
        keys = node.keys | inherited_keys(node, by_id) | {authority_key(statement["authority"])}
        yield Record(entry.sequence, keys, entry.id in voided_targets and not node.voiding)


def _voided_targets(store: Store) -> set[str]:
    """Return the ids that voiding statements name."""
    targets = set()
    for entry in entries(store):
        # A cheap look first: few statements are voiding ones.
        if b"voided" in entry.text:
            statement = entry.statement
            target = target_of(statement)
            if target is not None and is_voiding(statement):
                targets.add(target)
    return targets


def _definitions(store: Store) -> Iterator[tuple[str, JsonObject]]:
    for entry in entries(store):
        yield from definitions_of(entry.statement).items()


def _node(statement_id: str, statement: JsonObject) -> Node:
    return Node(statement_id, keys_of(statement), target_of(statement), is_voiding(statement))
