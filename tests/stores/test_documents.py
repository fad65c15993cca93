"""Documents: kept byte for byte, and changed by exactly one of those who race for it."""

from __future__ import annotations

import threading

import pytest

from lrs.stores.protocol import Store
from lrs.xapi.document import Document, DocumentKey, Scope
from tests.stores.conftest import Backend

STATE = Scope(
    resource="state", activity="http://example.org/a", agent="mbox|mailto:a@b.c", registration=""
)
KEY = DocumentKey(STATE, "bookmark")
FIRST = Document(bytes(range(256)), "application/octet-stream", 1_000)
SECOND = Document(b"{}", "application/json; charset=utf-8", 2_000)


def in_registration(registration: str) -> Scope:
    return Scope(
        resource="state", activity=STATE.activity, agent=STATE.agent, registration=registration
    )


def test_what_is_put_comes_back(store: Store) -> None:
    assert store.documents.get(KEY) is None
    assert store.documents.swap(KEY, None, FIRST)
    assert store.documents.get(KEY) == FIRST


def test_a_swap_needs_the_document_that_is_there(store: Store) -> None:
    assert not store.documents.swap(KEY, FIRST, SECOND)
    assert store.documents.swap(KEY, None, FIRST)
    assert not store.documents.swap(KEY, None, SECOND)
    assert not store.documents.swap(KEY, SECOND, None)
    assert store.documents.get(KEY) == FIRST
    assert store.documents.swap(KEY, FIRST, SECOND)
    assert store.documents.get(KEY) == SECOND
    assert store.documents.swap(KEY, SECOND, None)
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
    assert store.documents.get(KEY) == FIRST


def test_ids_are_those_of_the_scope_updated_after_since(store: Store) -> None:
    store.documents.swap(KEY, None, FIRST)
    store.documents.swap(DocumentKey(STATE, "a"), None, SECOND)
    store.documents.swap(DocumentKey(in_registration("r"), "z"), None, SECOND)
    assert store.documents.ids(STATE) == {"a": 2_000, "bookmark": 1_000, "z": 2_000}
    assert list(store.documents.ids(STATE)) == ["a", "bookmark", "z"]
    assert store.documents.ids(STATE, since=1_000) == {"a": 2_000, "z": 2_000}
    assert store.documents.ids(in_registration("r")) == {"z": 2_000}
    assert store.documents.ids(Scope(resource="agent-profile", agent=STATE.agent)) == {}


def test_delete_takes_the_documents_of_the_scope_alone(store: Store) -> None:
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
    assert store.documents.get(other) == FIRST


def test_of_writers_racing_exactly_one_wins(shared_backend: Backend) -> None:
    store = shared_backend.open()
    store.documents.swap(KEY, None, FIRST)
    wins: list[int] = []
    gate = threading.Barrier(8)

    def write(number: int) -> None:
        gate.wait()
        new = Document(str(number).encode(), "text/plain", 10_000 + number)
        if store.documents.swap(KEY, FIRST, new):
            wins.append(number)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert len(wins) == 1
    kept = store.documents.get(KEY)
    assert kept is not None
    assert kept.content == str(wins[0]).encode()
