"""Rebuilding what is derived from the statements, and checking that it is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from lrs.stores.protocol import Record, Store
from lrs.xapi import JsonObject
from lrs.xapi.activity import definitions_of
from lrs.xapi.entry import Entry
from lrs.xapi.keys import KEYS_VERSION, authority_key, keys_of
from lrs.xapi.links import Node, inherited_keys
from lrs.xapi.statement import is_voiding, target_of
from lrs.xapi.text import read_literal

_PAGE = 1_000
_META = "meta"
VOIDED_FOR_GOOD = "voided-for-good"
"""The kind of records that are named by the ids of statements whose voiding statement was erased."""

Watch = Callable[[Iterable[Entry], int], Iterable[Entry]]
"""Passes entries on, of which there are as many as the second argument says, and may show how far they are."""


def note_keys_version(store: Store) -> bool:
    """Note in an empty store which keys it is built with; returns whether the store's keys are today's."""
    if store.records.get(_META, "keys") is None:
        store.records.put(_META, "keys", {"version": KEYS_VERSION})
    return has_todays_keys(store)


def has_todays_keys(store: Store) -> bool:
    """Whether the store's keys, if any are noted yet, are today's.

    A store with other keys must be reindexed before its filters can be trusted.
    """
    noted = store.records.get(_META, "keys")
    return noted is None or bool(noted["version"] == KEYS_VERSION)


def reindex(store: Store, watch: Watch) -> tuple[str, ...]:
    """Rebuild keys, links, voided marks and activity definitions from the statements' text.

    Returns a sentence for each statement whose text is damaged; no filter finds these any more.
    """
    faults: list[str] = []
    store.statements.rebuild(_expected(store, watch, faults))
    store.activities.replace(_definitions(store))
    store.records.put(_META, "keys", {"version": KEYS_VERSION})
    return tuple(faults)


def check(store: Store, watch: Watch) -> Iterator[str]:
    """Yield a sentence for each fault: text that is damaged, or an index that does not say what the text says.

    While statements come in, it may see faults that are none.
    """
    faults: list[str] = []
    expected = _expected(store, watch, faults)
    for right, held in zip_longest(expected, store.statements.records()):
        if right is None or held is None or right.sequence != held.sequence:
            yield from faults
            yield "The index and the statements do not hold the same statements."
            return
        # Of damaged text nobody can say what should find it.
        if not faults and right.keys != held.keys:
            yield f"Statement of sequence {right.sequence}: the index finds it by other keys than its text gives."
        if right.voided != held.voided:
            yield f"Statement of sequence {right.sequence}: voided is {held.voided}, but should be {right.voided}."
        yield from faults
        faults.clear()
    yield from faults


def entries(store: Store, *, after: int = 0) -> Iterator[Entry]:
    """Yield every statement above a sequence, voided ones included, in the order they were stored."""
    while page := store.statements.scan(after=after, limit=_PAGE):
        yield from page
        after = page[-1].sequence


@dataclass(frozen=True, slots=True)
class _Read:
    """What the index needs to know of a statement's text."""

    node: Node
    own_key: int
    definitions: Mapping[str, JsonObject]


def _expected(store: Store, watch: Watch, faults: list[str]) -> Iterator[Record]:
    """Yield what the index should hold for every statement; damaged text is told to `faults`."""

    def by_id(ids: Iterable[str]) -> Iterator[Node]:
        for one in ids:
            entry = store.statements.get(one)
            read = None if entry is None else _read(entry)
            if read is not None:
                yield read.node

    voided_targets = _voided_targets(store)
    for entry in watch(entries(store), store.statements.count()):
        read = _read(entry)
        if read is None:
            faults.append(f"Statement of sequence {entry.sequence}: its text is damaged.")
            yield Record(entry.sequence, frozenset(), entry.voided)
            continue
        node = read.node
        keys = node.keys | inherited_keys(node, by_id) | {read.own_key}
        yield Record(entry.sequence, keys, entry.id in voided_targets and not node.voiding)


def _voided_targets(store: Store) -> set[str]:
    """Return the ids that voiding statements name, those included that were erased since."""
    targets = set(store.records.names(VOIDED_FOR_GOOD))
    for entry in entries(store):
        # A cheap look first: few statements are voiding ones.
        read = _read(entry) if b"voided" in entry.text else None
        if read is not None and read.node.voiding and read.node.target is not None:
            targets.add(read.node.target)
    return targets


def _definitions(store: Store) -> Iterator[tuple[str, JsonObject]]:
    for entry in entries(store):
        read = _read(entry)
        if read is not None:
            yield from read.definitions.items()


def _read(entry: Entry) -> _Read | None:
    """Return what the text of an entry says, or None if it is not the text of this statement."""
    try:
        statement = read_literal(entry.text)
        if (statement["id"].lower(), statement["stored"]) != (entry.id, entry.stored):
            return None
        return _Read(
            Node(entry.id, keys_of(statement), target_of(statement), is_voiding(statement)),
            authority_key(statement["authority"]),
            definitions_of(statement),
        )
    # Damaged text may be JSON still, of any shape.
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
