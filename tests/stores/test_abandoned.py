"""What becomes of a batch in MongoDB whose writer stops at the worst moments; time is the test's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from lrs.errors import StoreUnavailable
from lrs.stores.mongo import MongoStore
from lrs.stores.mongo.ledger import Ledger
from lrs.stores.protocol import Store
from lrs.xapi import JsonObject
from lrs.xapi.query import StatementQuery
from tests.build import activity, draft, drafts, statement, voiding
from tests.stores.conftest import Backend

LEASE = 60_000_000
FORGOTTEN = 700_000_000
IRI = "http://example.org/left"


class Killed(BaseException):
    """Stands for the end of the process: nothing in the store catches it."""


@dataclass
class Time:
    """A clock that the test moves."""

    now: int = 1_700_000_000_000_000

    def __call__(self) -> int:
        self.now += 1
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def writer(mongo_backend: Backend, time: Time) -> Store:
    return mongo_backend.open(time)


@pytest.fixture
def reader(mongo_backend: Backend, time: Time) -> Store:
    return mongo_backend.open(time)


def collection(store: Store) -> Any:
    assert isinstance(store, MongoStore)
    return store.statements._statements


def stop_after(
    monkeypatch: pytest.MonkeyPatch, store: Store, written: int, ending: BaseException
) -> None:
    """Let the store write so many documents of its next batch, and then stop."""
    held = collection(store)
    insert: Callable[[list[JsonObject]], Any] = held.insert_many

    def insert_some(documents: list[JsonObject], **how: object) -> None:
        monkeypatch.setattr(held, "insert_many", insert)
        if written:
            insert(documents[:written])
        raise ending

    monkeypatch.setattr(held, "insert_many", insert_some)


def ids(store: Store) -> list[str]:
    return [entry.id for entry in store.statements.scan(after=0, limit=100)]


def test_a_batch_in_flight_is_not_shown_and_holds_up_consistent_through(
    writer: Store, reader: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, left, last = draft(), [draft(), draft()], draft()
    writer.statements.insert([first])
    stop_after(monkeypatch, writer, 2, Killed())
    with pytest.raises(Killed):
        writer.statements.insert(left)
    reader.statements.insert([last])
    assert ids(reader) == [first.id, last.id]
    assert reader.statements.get(left[0].id) is None
    assert reader.statements.count() == 2
    page = reader.statements.find(StatementQuery())
    assert [entry.id for entry in page.entries] == [last.id, first.id]
    shown = reader.statements.get(last.id)
    assert shown is not None
    assert reader.statements.consistent_through() < shown.sequence


def test_a_batch_left_by_half_is_undone_after_its_lease(
    writer: Store, reader: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(monkeypatch, writer, 2, Killed())
    with pytest.raises(Killed):
        writer.statements.insert([draft(), draft(), draft()])
    time.now += LEASE + 1
    before = time.now
    assert reader.statements.consistent_through() >= before
    assert ids(reader) == []
    assert collection(reader).count_documents({}) == 0


def test_a_batch_left_in_full_is_finished_after_its_lease(
    writer: Store, reader: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = draft(object=activity(IRI, name={"en": "left"}))
    voider = draft(voiding(target.id))
    stop_after(monkeypatch, writer, 2, Killed())
    with pytest.raises(Killed):
        writer.statements.insert([target, voider])
    time.now += LEASE + 1
    assert ids(reader) == [target.id, voider.id]
    page = reader.statements.find(StatementQuery())
    assert [entry.id for entry in page.entries] == [voider.id]
    assert reader.activities.definitions([IRI]) == {IRI: {"name": {"en": "left"}}}


def test_opening_a_store_ends_what_was_left(
    writer: Store, mongo_backend: Backend, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(monkeypatch, writer, 1, Killed())
    with pytest.raises(Killed):
        writer.statements.insert([draft(), draft()])
    time.now += LEASE + 1
    assert collection(mongo_backend.open(time)).count_documents({}) == 0


def test_what_was_left_by_half_can_be_stored_by_another_writer(
    writer: Store, reader: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = drafts([statement(), statement()])
    stop_after(monkeypatch, writer, 1, Killed())
    with pytest.raises(Killed):
        writer.statements.insert(sent)
    time.now += LEASE + 1
    assert reader.statements.insert(sent) == 2
    assert ids(reader) == [one.id for one in sent]


def test_a_writer_waits_only_so_long_for_one_who_has_stopped(
    writer: Store, mongo_backend: Backend, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = draft()
    stop_after(monkeypatch, writer, 1, Killed())
    with pytest.raises(Killed):
        writer.statements.insert([sent])

    def fast() -> int:
        time.now += 1_000_000
        return time.now

    waiting = mongo_backend.open(fast)
    with pytest.raises(StoreUnavailable):
        waiting.statements.insert([sent])


def test_a_connection_lost_while_writing_leaves_nothing_and_holds_up_nobody(
    writer: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(monkeypatch, writer, 1, AutoReconnect("lost"))
    with pytest.raises(StoreUnavailable):
        writer.statements.insert([draft(), draft()])
    assert collection(writer).count_documents({}) == 0
    time.now += 2_000_000
    before = time.now
    assert writer.statements.consistent_through() >= before


def test_a_connection_lost_after_all_was_written_is_no_failure(
    writer: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [draft(), draft()]
    stop_after(monkeypatch, writer, 2, AutoReconnect("lost"))
    assert writer.statements.insert(sent) == 2
    assert ids(writer) == [one.id for one in sent]


def test_a_connection_lost_while_links_are_settled_is_no_failure(
    writer: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = draft()
    writer.statements.insert([target])
    held = collection(writer)
    update = held.update_many

    def lose_once(*_: object) -> None:
        monkeypatch.setattr(held, "update_many", update)
        raise AutoReconnect("lost")

    monkeypatch.setattr(held, "update_many", lose_once)
    assert writer.statements.insert([draft(voiding(target.id))]) == 1
    entry = writer.statements.get(target.id)
    assert entry is not None
    assert entry.voided
    assert writer.statements.count() == 2


def sleep_before_writing(
    monkeypatch: pytest.MonkeyPatch, store: Store, time: Time, reader: Store, micros: int
) -> None:
    held = collection(store)
    insert = held.insert_many

    def insert_late(documents: list[JsonObject], **how: object) -> Any:
        time.now += micros
        reader.statements.consistent_through()
        return insert(documents)

    monkeypatch.setattr(held, "insert_many", insert_late)


def test_a_writer_that_wakes_up_after_its_batch_was_undone_is_refused(
    writer: Store, reader: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep_before_writing(monkeypatch, writer, time, reader, LEASE + 1)
    with pytest.raises(StoreUnavailable):
        writer.statements.insert([draft(), draft()])
    assert ids(reader) == []
    assert collection(reader).count_documents({}) == 0


def test_a_slow_writer_that_renews_its_lease_in_time_is_not_undone(
    writer: Store, reader: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep_before_writing(monkeypatch, writer, time, reader, LEASE * 3 // 4)
    assert writer.statements.insert([draft()]) == 1
    assert reader.statements.count() == 1


def test_what_a_sleeper_writes_into_an_undone_range_is_never_shown(
    writer: Store, reader: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep_before_writing(monkeypatch, writer, time, reader, LEASE + 1)

    def killed(*_: object) -> bool:
        raise Killed

    monkeypatch.setattr(Ledger, "renew", killed)
    with pytest.raises(Killed):
        writer.statements.insert([draft()])
    assert collection(reader).count_documents({}) == 1
    assert ids(reader) == []
    time.now += FORGOTTEN
    assert reader.statements.count() == 0
    assert collection(reader).count_documents({}) == 0


def test_undone_ranges_are_forgotten_in_time(
    writer: Store, reader: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after(monkeypatch, writer, 1, AutoReconnect("lost"))
    with pytest.raises(StoreUnavailable):
        writer.statements.insert([draft(), draft()])
    time.now += FORGOTTEN
    reader.statements.count()
    assert isinstance(reader, MongoStore)
    assert reader.statements._ledger.read().undone == ()
