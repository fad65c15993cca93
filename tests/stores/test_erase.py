"""Statements that are removed for good, for a person who asks for it."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lrs import clock
from lrs.errors import Conflict
from lrs.services.maintenance import check
from lrs.stores.protocol import Store
from lrs.stores.sqlite import SqliteStore, erasing
from lrs.xapi.document import Document, DocumentKey, Scope
from lrs.xapi.query import StatementQuery, filter_keys
from tests.build import agent, draft, new_id, reference, statement, verb, voiding
from tests.stores.conftest import Backend

ANNA, BERTA = agent("anna"), agent("berta")


def found(store: Store, who: str, *, related: bool = False) -> list[str]:
    keys = filter_keys(agent=agent(who), related_agents=related)
    return [entry.id for entry in store.statements.find(StatementQuery(keys=keys)).entries]


def faults(store: Store) -> list[str]:
    return list(check(store, lambda entries, length: entries))


def test_what_is_erased_is_found_by_nothing(store: Store) -> None:
    gone, kept = draft(), draft(actor=BERTA)
    store.statements.insert([gone, kept])

    assert store.statements.erase([gone.id, new_id()]) == 1

    assert store.statements.get(gone.id) is None
    assert found(store, "anna", related=True) == []
    assert [entry.id for entry in store.statements.scan(after=0, limit=9)] == [kept.id]
    assert store.statements.count() == 1
    assert faults(store) == []
    assert store.statements.erase([gone.id]) == 0


def test_what_is_erased_does_not_come_back_and_stops_its_whole_batch(store: Store) -> None:
    gone, other = draft(), draft()
    store.statements.insert([gone])
    store.statements.erase([gone.id])

    with pytest.raises(Conflict) as refused:
        store.statements.insert([other, gone])

    assert (refused.value.code, refused.value.pointer) == ("statement-erased", "/1")
    assert store.statements.count() == 0
    assert store.statements.insert([other]) == 1
    assert store.statements.consistent_through() > 0


def test_an_id_that_was_not_there_when_it_was_erased_is_refused_too(store: Store) -> None:
    late = draft()
    store.statements.erase([late.id])

    with pytest.raises(Conflict):
        store.statements.insert([late])


def test_what_is_never_to_come_stays_if_it_is_there(store: Store) -> None:
    gone, there, late = draft(), draft(actor=BERTA), draft(actor=BERTA)
    store.statements.insert([gone, there])

    assert store.statements.erase([gone.id], never=[there.id, late.id]) == 1

    assert [entry.id for entry in store.statements.scan(after=0, limit=9)] == [there.id]
    assert store.statements.insert([there]) == 0
    with pytest.raises(Conflict):
        store.statements.insert([late])
    assert store.statements.erase([], never=[late.id]) == 0


def test_other_openings_of_the_store_refuse_it_as_well(backend: Backend) -> None:
    first, second = backend.open(), backend.open()
    gone = draft()
    first.statements.insert([draft()])
    second.statements.insert([gone])
    second.statements.erase([gone.id])

    with pytest.raises(Conflict):
        first.statements.insert([gone])


def test_who_refers_to_it_stays_but_is_not_found_by_it(store: Store) -> None:
    gone = draft(verb=verb("wrote"))
    near = draft(actor=BERTA, object=reference(gone.id))
    far = draft(actor=BERTA, object=reference(near.id))
    store.statements.insert([gone, near, far])
    assert len(found(store, "anna")) == 3

    store.statements.erase([gone.id])

    assert found(store, "anna", related=True) == []
    assert set(found(store, "berta")) == {near.id, far.id}
    assert faults(store) == []


def test_a_voided_statement_goes_and_its_voiding_statement_stays(store: Store) -> None:
    gone = draft()
    voider = draft(voiding(gone.id, actor=BERTA))
    store.statements.insert([gone, voider])

    keys = filter_keys(agent=ANNA)
    page = store.statements.find(StatementQuery(keys=keys, voided_too=True))
    assert {entry.id for entry in page.entries} == {gone.id, voider.id}
    store.statements.erase([gone.id])

    assert found(store, "berta") == [voider.id]
    assert faults(store) == []


def test_what_it_has_voided_stays_voided(store: Store) -> None:
    target = draft(actor=BERTA)
    voider = draft(voiding(target.id))
    store.statements.insert([target, voider])

    store.statements.erase([voider.id])

    entry = store.statements.get(target.id)
    assert entry is not None
    assert entry.voided
    assert found(store, "berta") == []


def test_sequences_are_not_given_out_again(backend: Backend) -> None:
    moment = clock.now()
    store = backend.open(lambda: moment)
    batch = [draft() for _ in range(50)]
    store.statements.insert(batch)
    last = store.statements.scan(after=0, limit=99)[-1].sequence
    store.statements.erase([one.id for one in batch])

    again = backend.open(lambda: moment)
    again.statements.insert([draft()])

    assert again.statements.scan(after=0, limit=9)[0].sequence > last


def test_a_cursor_that_was_erased_still_leads_on(store: Store) -> None:
    sent = [draft() for _ in range(6)]
    store.statements.insert(sent)
    page = store.statements.find(StatementQuery(limit=2))
    store.statements.erase([page.entries[-1].id])

    rest = store.statements.find(StatementQuery(limit=9, after=page.entries[-1].sequence))

    assert [entry.id for entry in rest.entries] == [one.id for one in reversed(sent[:4])]


def test_any_of_a_web_of_references_can_go(store: Store) -> None:
    chance = random.Random(3)  # noqa: S311 not a secret
    sent = [draft(actor=agent(f"learner-{number}")) for number in range(8)]
    for number in range(8, 40):
        target = chance.choice(sent).id
        made = (
            voiding(target, actor=agent(f"learner-{number}"))
            if chance.random() < 0.2
            else statement(object=reference(target), actor=agent(f"learner-{number}"))
        )
        sent.append(draft(made))
    chance.shuffle(sent)
    for one in sent:
        store.statements.insert([one])
    # Voiding statements stay: of what they voided, once they are gone, the services keep a note.
    going = [one.id for one in sent if not one.voiding and chance.random() < 0.4]

    assert store.statements.erase(going) == len(going)

    assert faults(store) == []
    assert store.statements.count() == len(sent) - len(going)


def test_who_sends_it_while_it_is_erased_does_not_bring_it_back(shared_backend: Backend) -> None:
    store, sender = shared_backend.open(), shared_backend.open()
    sent = [draft() for _ in range(40)]
    store.statements.insert(sent)
    ready, over = threading.Event(), threading.Event()

    def send() -> None:
        while not over.is_set():
            for one in sent:
                ready.set()
                try:
                    sender.statements.insert([one])
                except Conflict:
                    continue

    thread = threading.Thread(target=send)
    thread.start()
    ready.wait()
    for one in sent:
        store.statements.erase([one.id])
    over.set()
    thread.join()

    assert store.statements.count() == 0
    assert faults(store) == []


def test_documents_of_an_agent_go_whatever_they_are_of(store: Store) -> None:
    def key(resource: str, agent: str, **more: str) -> DocumentKey:
        return DocumentKey(Scope(resource=resource, agent=agent, **more), "id")  # type: ignore[arg-type]

    mine = "mbox|mailto:anna@example.org"
    keys = [
        key("state", mine, activity="http://example.org/a"),
        key("state", mine, activity="http://example.org/a", registration=new_id()),
        key("agent-profile", mine),
    ]
    others = [key("agent-profile", "mbox|mailto:berta@example.org"), key("activity-profile", "")]
    for one in (*keys, *others):
        assert store.documents.swap(one, None, Document(b"{}", "application/json"))
    assert store.documents.count_of(mine) == 3

    assert store.documents.delete_of(mine) == 3

    assert store.documents.count_of(mine) == 0
    assert all(store.documents.get(one) is None for one in keys)
    assert all(store.documents.get(one) is not None for one in others)


def test_attachment_data_goes(store: Store) -> None:
    store.attachments.put([("aa", b"one"), ("bb", b"two")])

    store.attachments.delete("aa")
    store.attachments.delete("cc")

    assert store.attachments.get("aa") is None
    assert store.attachments.get("bb") == b"two"


def test_what_is_kept_reads_as_before_after_scrubbing(store: Store) -> None:
    sent = [draft(actor=agent(f"learner-{number}")) for number in range(60)]
    for start in range(0, 60, 5):
        store.statements.insert(sent[start : start + 5])
    kept = store.statements.scan(after=0, limit=99)[30:]
    store.statements.erase([one.id for one in sent[:30]])

    store.scrub()
    store.scrub()

    assert list(store.statements.scan(after=0, limit=99)) == list(kept)
    assert found(store, "learner-59") == [sent[-1].id]
    store.statements.insert([draft() for _ in range(30)])
    assert faults(store) == []


def holding(folder: Path, needle: bytes) -> list[str]:
    return [path.name for path in folder.iterdir() if needle in path.read_bytes()]


@pytest.mark.parametrize("when", [0, 40])
def test_no_byte_of_it_stays_in_a_file_of_sqlite(tmp_path: Path, when: int) -> None:
    store = SqliteStore(tmp_path / "store.sqlite", clock.now, samples=20)
    other = SqliteStore(tmp_path / "store.sqlite", clock.now, samples=20)
    response = {"response": "Zarathustra has spoken of superfluous bread and lukewarm milk."}
    mine = [draft(actor=agent("zarathustra"), result=response) for _ in range(30)]
    sent = [draft(actor=agent(f"learner-{number}")) for number in range(60)]
    sent[when:when] = mine
    for start in range(0, len(sent), 5):
        store.statements.insert(sent[start : start + 5])
    store.documents.swap(
        DocumentKey(Scope(resource="agent-profile", agent="mbox|zarathustra"), "id"),
        None,
        Document(b"zarathustra", "text/plain"),
    )
    assert holding(tmp_path, b"arathus")
    kept = [entry for entry in store.statements.scan(after=0, limit=99) if b"learner" in entry.text]
    assert len(other.statements.scan(after=0, limit=99)) == 90

    assert store.statements.erase([one.id for one in mine]) == 30
    store.documents.delete_of("mbox|zarathustra")
    store.scrub()

    assert holding(tmp_path, b"arathus") == []
    assert holding(tmp_path, b"superfluous") == []
    third = SqliteStore(tmp_path / "store.sqlite", clock.now)
    for reader in (store, other, third):
        assert list(reader.statements.scan(after=0, limit=99)) == kept
    # Who knew the dictionary that is gone does not write with it any more.
    other.statements.insert([draft(actor=agent("berta"))])
    assert found(store, "berta")
    assert faults(other) == []
    for one in (store, other, third):
        one.close()


def test_a_dictionary_without_anything_in_common_is_made_all_the_same(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.sqlite", clock.now, samples=20)
    sent = [draft() for _ in range(25)]
    for one in sent:
        store.statements.insert([one])

    store.statements.erase([one.id for one in sent[1:]])
    store.scrub()

    assert [entry.id for entry in store.statements.scan(after=0, limit=9)] == [sent[0].id]
    store.statements.insert(sent := [draft() for _ in range(30)])
    assert len(store.statements.scan(after=0, limit=99)) == 31
    assert faults(store) == []
    store.close()


def test_two_erasures_at_once_leave_every_text_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.stores.sqlite.statements._REPACKED", 5)
    path = tmp_path / "store.sqlite"
    first, second = (SqliteStore(path, clock.now, samples=20) for _ in range(2))
    sent = [draft(actor=agent(f"learner-{number}")) for number in range(60)]
    for start in range(0, 60, 5):
        first.statements.insert(sent[start : start + 5])
    going = [one.id for one in sent[::6]]
    first.statements.erase([going.pop(0)])
    repack = erasing.repack
    steps = 0

    def step(connection: Any, packing: Any, after: int, limit: int) -> int | None:
        nonlocal steps
        steps += 1
        assert steps < 500
        return repack(connection, packing, after, limit)

    monkeypatch.setattr(erasing, "repack", step)
    writing = first.statements._database.writing

    @contextmanager
    def between() -> Iterator[Any]:
        # Of the newest dictionary the last statement is a sample, of an older one the first.
        if steps % 3 == 2 and going:
            second.statements.erase([going.pop(-1 if steps % 2 else 0)])
        with writing() as connection:
            yield connection

    monkeypatch.setattr(first.statements._database, "writing", between)
    first.scrub()
    monkeypatch.undo()

    assert going == []
    third = SqliteStore(path, clock.now)
    for reader in (first, second, third):
        assert len(reader.statements.scan(after=0, limit=99)) == 50
    second.statements.insert([draft() for _ in range(5)])
    assert faults(third) == []
    for one in (first, second, third):
        one.close()
