"""Two users of one MongoDB store whose steps fall between each other in the least fortunate order."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pymongo.errors import AutoReconnect

from lrs.stores.mongo import MongoStore
from lrs.stores.mongo.ledger import Head
from lrs.xapi.entry import Draft
from lrs.xapi.query import StatementQuery
from tests.build import draft, statement, voiding
from tests.stores.conftest import Backend

START = 1_700_000_000_000_000


class Killed(BaseException):
    """Stands for the end of the process: nothing in the store catches it."""


def open_mongo(backend: Backend) -> MongoStore:
    store = backend.open()
    assert isinstance(store, MongoStore)
    return store


@pytest.fixture
def one(mongo_backend: Backend) -> MongoStore:
    return open_mongo(mongo_backend)


@pytest.fixture
def other(mongo_backend: Backend) -> MongoStore:
    return open_mongo(mongo_backend)


def leave_half_written(store: MongoStore, first: Draft, second: Draft) -> None:
    """Let a store write the first of two statements, and no more."""
    with pytest.MonkeyPatch.context() as patch:
        held = store.statements._statements
        insert = held.insert_many

        def insert_one(documents: list[object], **how: object) -> None:
            insert(documents[:1])
            raise Killed

        patch.setattr(held, "insert_many", insert_one)
        with pytest.raises(Killed):
            store.statements.insert([first, second])


def take_back(store: MongoStore) -> None:
    """Let a store take back whatever is in flight, as its writer does when an id is there already."""
    for batch in store.statements._ledger.read().inflight:
        if batch.count > 1:
            store.statements._recovery.abandon(batch)


def around_next_head(
    patch: pytest.MonkeyPatch,
    store: MongoStore,
    *,
    before: Callable[[], None] = lambda: None,
    after: Callable[[], None] = lambda: None,
) -> None:
    """Do something right before or after the store next reads the head."""
    ledger = store.statements._ledger
    read = ledger.read

    def read_between() -> Head:
        patch.setattr(ledger, "read", read)
        before()
        head = read()
        after()
        return head

    patch.setattr(ledger, "read", read_between)


def test_a_page_does_not_show_what_began_after_it_looked_at_the_head(
    one: MongoStore, other: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = draft()
    one.statements.insert([shown])
    around_next_head(monkeypatch, one, after=lambda: leave_half_written(other, draft(), draft()))
    page = one.statements.find(StatementQuery())
    assert [entry.id for entry in page.entries] == [shown.id]


def test_a_voider_in_a_batch_that_is_not_written_in_full_is_not_heeded(
    one: MongoStore, other: MongoStore
) -> None:
    target = draft()
    leave_half_written(other, draft(voiding(target.id)), draft())
    one.statements.insert([target])
    entry = one.statements.get(target.id)
    assert entry is not None
    assert not entry.voided


def test_a_voider_that_is_taken_back_while_its_target_is_settled_is_not_heeded(
    one: MongoStore, other: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = draft()
    leave_half_written(other, draft(voiding(target.id)), draft())
    around_next_head(monkeypatch, one, before=lambda: take_back(other))
    one.statements.insert([target])
    entry = one.statements.get(target.id)
    assert entry is not None
    assert not entry.voided


def test_a_statement_that_another_writer_takes_back_is_stored_by_who_sent_it_too(
    one: MongoStore, other: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = statement()
    leave_half_written(other, draft(shared), draft())
    around_next_head(monkeypatch, one, before=lambda: take_back(other))
    assert one.statements.insert([draft(shared)]) == 1
    assert one.statements.get(shared["id"]) is not None


def test_a_writer_whose_clock_is_behind_stores_nothing_at_a_moment_claimed_by_another(
    mongo_backend: Backend,
) -> None:
    behind = mongo_backend.open(lambda: START)
    claimed = mongo_backend.open(lambda: START + 3_600_000_000).statements.consistent_through()
    sent = draft()
    behind.statements.insert([sent])
    entry = behind.statements.get(sent.id)
    assert entry is not None
    assert entry.sequence > claimed > START


def test_a_commit_whose_answer_is_lost_is_a_commit(
    one: MongoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = one.statements._ledger
    release = ledger.release

    def lose_answer(batch: object) -> bool:
        monkeypatch.setattr(ledger, "release", release)
        release(batch)  # type: ignore[arg-type]
        raise AutoReconnect("lost")

    monkeypatch.setattr(ledger, "release", lose_answer)
    assert one.statements.insert([draft()]) == 1
    assert one.statements.count() == 1
