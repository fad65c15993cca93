"""Documents: kept byte for byte, and changed by exactly one of those who race for it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lrs.stores.protocol import Store
from lrs.stores.sqlite import SqliteStore
from lrs.xapi.document import Document, DocumentKey, Scope
from tests.stores.conftest import Backend

STATE = Scope(
    resource="state", activity="http://example.org/a", agent="mbox|mailto:a@b.c", registration=""
)
KEY = DocumentKey(STATE, "bookmark")
FIRST = Document(bytes(range(256)), "application/octet-stream")
SECOND = Document(b"{}", "application/json; charset=utf-8")


def kept(store: Store, key: DocumentKey) -> Document:
    document = store.documents.get(key)
    assert document is not None
    return document


def put(store: Store, key: DocumentKey, new: Document) -> None:
    assert store.documents.swap(key, store.documents.get(key), new)


def in_registration(registration: str) -> Scope:
    return Scope(
        resource="state", activity=STATE.activity, agent=STATE.agent, registration=registration
    )


def test_what_is_put_comes_back(backend: Backend) -> None:
    store = backend.open(lambda: 1_000)
    assert store.documents.get(KEY) is None
    assert store.documents.swap(KEY, None, FIRST)
    assert store.documents.get(KEY) == Document(FIRST.content, FIRST.content_type, 1_000)


def test_each_change_is_later_than_the_one_before_even_if_the_clock_stands(
    backend: Backend,
) -> None:
    store = backend.open(lambda: 1_000)
    for number in range(3):
        put(store, KEY, Document(str(number).encode(), "text/plain", 5))
        assert kept(store, KEY).updated == 1_000 + number
    assert store.documents.ids(STATE, since=1_001) == {"bookmark": 1_002}


def test_sqlite_takes_the_time_of_a_change_while_no_other_writer_can_be_at_work(
    tmp_path: Path,
) -> None:
    refused: list[str] = []

    def now() -> int:
        with closing(sqlite3.connect(tmp_path / "store", timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError, match="locked") as locked:
                other.execute("BEGIN IMMEDIATE")
        refused.append(str(locked.value))
        return 1_000

    with closing(SqliteStore(tmp_path / "store", now)) as store:
        assert store.documents.swap(KEY, None, FIRST)
    assert len(refused) == 1


def test_a_swap_needs_the_document_that_is_there(store: Store) -> None:
    assert not store.documents.swap(KEY, FIRST, SECOND)
    assert store.documents.swap(KEY, None, FIRST)
    first = kept(store, KEY)
    assert not store.documents.swap(KEY, None, SECOND)
    assert not store.documents.swap(KEY, replace(first, content=b"other"), None)
    assert not store.documents.swap(KEY, replace(first, updated=first.updated - 1), SECOND)
    assert kept(store, KEY) == first
    assert store.documents.swap(KEY, first, SECOND)
    assert not store.documents.swap(KEY, first, FIRST)
    second = kept(store, KEY)
    assert second.content == SECOND.content
    assert store.documents.swap(KEY, second, None)
    assert store.documents.get(KEY) is None


def test_nothing_may_take_the_place_of_nothing(store: Store) -> None:
    assert store.documents.swap(KEY, None, None)
    store.documents.swap(KEY, None, FIRST)
    assert not store.documents.swap(KEY, None, None)


@pytest.mark.parametrize(
    "other",
    [
        DocumentKey(STATE, "Bookmark"),
        DocumentKey(in_registration("r"), "bookmark"),
        DocumentKey(
            Scope(resource="state", activity="http://example.org/b", agent=STATE.agent), "bookmark"
        ),
        DocumentKey(Scope(resource="state", activity=STATE.activity, agent="other"), "bookmark"),
        DocumentKey(Scope(resource="agent-profile", agent=STATE.agent), "bookmark"),
        DocumentKey(Scope(resource="activity-profile", activity=STATE.activity), "bookmark"),
    ],
)
def test_each_part_of_a_key_tells_documents_apart(store: Store, other: DocumentKey) -> None:
    store.documents.swap(KEY, None, FIRST)
    assert store.documents.get(other) is None
    assert store.documents.swap(other, None, SECOND)
    assert kept(store, KEY).content == FIRST.content


def test_ids_are_those_of_the_scope_updated_after_since(backend: Backend) -> None:
    moments = [1_000]
    store = backend.open(lambda: moments[-1])
    store.documents.swap(KEY, None, FIRST)
    moments.append(2_000)
    store.documents.swap(DocumentKey(STATE, "a"), None, SECOND)
    store.documents.swap(DocumentKey(in_registration("r"), "z"), None, SECOND)
    assert store.documents.ids(STATE) == {"a": 2_000, "bookmark": 1_000, "z": 2_000}
    assert list(store.documents.ids(STATE)) == ["a", "bookmark", "z"]
    assert store.documents.ids(STATE, since=1_000) == {"a": 2_000, "z": 2_000}
    assert store.documents.ids(in_registration("r")) == {"z": 2_000}
    assert store.documents.ids(Scope(resource="agent-profile", agent=STATE.agent)) == {}


def test_delete_takes_the_documents_of_the_scope_alone(backend: Backend) -> None:
    store = backend.open(lambda: 1_000)
    other = DocumentKey(
        Scope(resource="state", activity="http://example.org/b", agent=STATE.agent), "x"
    )
    for key in (
        KEY,
        DocumentKey(in_registration("r"), "z"),
        DocumentKey(in_registration("q"), "z"),
        other,
    ):
        store.documents.swap(key, None, FIRST)
    store.documents.delete(in_registration("r"))
    assert store.documents.ids(STATE) == {"bookmark": 1_000, "z": 1_000}
    store.documents.delete(STATE)
    assert store.documents.ids(STATE) == {}
    assert kept(store, other).content == FIRST.content


def test_of_writers_racing_exactly_one_wins(shared_backend: Backend) -> None:
    store = shared_backend.open()
    store.documents.swap(KEY, None, FIRST)
    first = kept(store, KEY)
    wins: list[int] = []
    gate = threading.Barrier(8)

    def write(number: int) -> None:
        gate.wait()
        new = Document(str(number).encode(), "text/plain")
        if store.documents.swap(KEY, first, new):
            wins.append(number)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert len(wins) == 1
    assert kept(store, KEY).content == str(wins[0]).encode()
