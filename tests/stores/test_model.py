"""Random histories, against a list of statements that is searched the way the specification words it."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from lrs.errors import Conflict
from lrs.stores.protocol import Store
from lrs.xapi import JsonObject
from lrs.xapi.query import StatementQuery, filter_keys
from lrs.xapi.statement import VOIDED
from tests.build import activity, agent, draft, reference, statement, verb
from tests.stores.conftest import Backend, empty_backend

IDS = [f"00000000-0000-4000-8000-00000000000{n}" for n in range(8)]
VERBS = [verb("a")["id"], verb("b")["id"], VOIDED]
ACTORS = ["anna", "ben"]
ACTIVITIES = ["http://example.org/1", "http://example.org/2"]


@dataclass(frozen=True)
class Said:
    """A statement reduced to what filters see; the target is an activity or the id of a statement."""

    id: str
    actor: str
    verb: str
    target: str

    @property
    def as_statement(self) -> JsonObject:
        target = reference(self.target) if self.target in IDS else activity(self.target)
        return statement(id=self.id, actor=agent(self.actor), verb={"id": self.verb}, object=target)


@some.composite
def said(draw: some.DrawFn, statement_id: str) -> Said:
    spoken = draw(some.sampled_from(VERBS))
    targets = IDS if spoken == VOIDED else [*ACTIVITIES, *IDS]
    return Said(
        statement_id, draw(some.sampled_from(ACTORS)), spoken, draw(some.sampled_from(targets))
    )


BATCHES = some.lists(some.sampled_from(IDS), min_size=1, max_size=4, unique=True).flatmap(
    lambda ids: some.tuples(*map(said, ids))
)
FILTERS = some.fixed_dictionaries(
    {},
    optional={
        "actor": some.sampled_from(ACTORS),
        "verb": some.sampled_from(VERBS),
        "target": some.sampled_from(ACTIVITIES),
    },
)


class Model:
    """What a store should hold, in the order stored."""

    def __init__(self) -> None:
        self.kept: list[Said] = []

    def get(self, statement_id: str) -> Said | None:
        return next((one for one in self.kept if one.id == statement_id), None)

    def voided(self, one: Said) -> bool:
        return one.verb != VOIDED and any(
            other.verb == VOIDED and other.target == one.id for other in self.kept
        )

    def meets(self, one: Said | None, name: str, value: str, seen: tuple[Said, ...] = ()) -> bool:
        """Whether a statement meets a filter condition, or the statement that it targets does."""
        if one is None or one in seen:
            return False
        return getattr(one, name) == value or self.meets(
            self.get(one.target), name, value, (*seen, one)
        )

    def find(self, filters: dict[str, str]) -> list[str]:
        return [
            one.id
            for one in self.kept
            if not self.voided(one)
            and all(self.meets(one, name, value) for name, value in filters.items())
        ]


def keys_for(filters: dict[str, str]) -> tuple[int, ...]:
    asked: dict[str, Any] = {}
    if "actor" in filters:
        asked["agent"] = agent(filters["actor"])
    if "verb" in filters:
        asked["verb"] = filters["verb"]
    if "target" in filters:
        asked["activity"] = filters["target"]
    return filter_keys(**asked)


def machine_of(kind: str) -> type[RuleBasedStateMachine]:
    """Return the state machine of a kind of backend."""

    class Histories(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.model = Model()
            self.stack = ExitStack()
            self.store: Store = self.stack.enter_context(empty_backend(kind)).open()

        def teardown(self) -> None:
            self.stack.close()

        @rule(batch=BATCHES)
        def insert(self, batch: tuple[Said, ...]) -> None:
            drafts = [draft(one.as_statement) for one in batch]
            held = [self.model.get(one.id) for one in batch]
            clash = [
                place
                for place, (one, old) in enumerate(zip(batch, held, strict=True))
                if old not in (None, one)
            ]
            if clash:
                with pytest.raises(Conflict) as refusal:
                    self.store.statements.insert(drafts)
                assert refusal.value.pointer == f"/{clash[0]}"
                return
            new = [one for one, old in zip(batch, held, strict=True) if old is None]
            assert self.store.statements.insert(drafts) == len(new)
            self.model.kept.extend(new)

        @rule(filters=FILTERS, limit=some.integers(1, 4), ascending=some.booleans())
        def page_through(self, filters: dict[str, str], limit: int, ascending: bool) -> None:
            query = StatementQuery(keys=keys_for(filters), limit=limit, ascending=ascending)
            found: list[str] = []
            more = True
            while more:
                page = self.store.statements.find(query)
                found.extend(entry.id for entry in page.entries)
                more = page.more
                if more:
                    assert len(page.entries) == limit
                    query = replace(query, after=page.entries[-1].sequence)
            expected = self.model.find(filters)
            assert found == (expected if ascending else expected[::-1])

        @rule(filters=FILTERS, places=some.tuples(some.integers(0, 9), some.integers(0, 9)))
        def find_between(self, filters: dict[str, str], places: tuple[int, int]) -> None:
            entries = self.store.statements.scan(after=0, limit=100)
            if not entries:
                return
            low, high = (min(place, len(entries) - 1) for place in sorted(places))
            query = StatementQuery(
                keys=keys_for(filters),
                since=entries[low].sequence,
                until=entries[high].sequence,
                ascending=True,
            )
            between = {one.id for one in self.model.kept[low + 1 : high + 1]}
            found = [entry.id for entry in self.store.statements.find(query).entries]
            assert found == [one for one in self.model.find(filters) if one in between]

        @rule(statement_id=some.sampled_from(IDS))
        def get(self, statement_id: str) -> None:
            entry = self.store.statements.get(statement_id)
            expected = self.model.get(statement_id)
            assert (entry is None) == (expected is None)
            if entry is not None and expected is not None:
                assert entry.voided == self.model.voided(expected)

        @rule()
        def scan(self) -> None:
            entries = self.store.statements.scan(after=0, limit=100)
            assert [entry.id for entry in entries] == [one.id for one in self.model.kept]
            assert self.store.statements.count() == len(self.model.kept)
            if entries:
                assert self.store.statements.consistent_through() >= entries[-1].sequence

        @rule()
        def rebuild(self) -> None:
            records = list(self.store.statements.records())
            self.store.statements.rebuild(iter(records))

    return Histories


def test_any_history_leaves_what_the_specification_says(backend: Backend) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine_of(backend.name),
        settings=settings(
            max_examples=int(os.environ.get("LRS_TEST_HISTORIES", "25")),
            stateful_step_count=25,
            deadline=None,
            database=None,
            derandomize="LRS_TEST_HISTORIES" not in os.environ,
        ),
    )
