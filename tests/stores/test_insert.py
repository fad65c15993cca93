"""What insert promises: all or nothing, each id once, rising sequences, the text exactly as it came."""

from __future__ import annotations

import json

import pytest

from lrs.clock import to_iso
from lrs.errors import Conflict
from lrs.stores.protocol import Store
from lrs.xapi.query import StatementQuery
from tests.build import activity, draft, draft_of_text, drafts, new_id, statement, verb
from tests.stores.conftest import Backend


def everything(store: Store) -> list[str]:
    return [entry.id for entry in store.statements.scan(after=0, limit=1_000)]


def test_insert_returns_how_many_were_new(store: Store) -> None:
    sent = drafts([statement(), statement()])
    assert store.statements.insert(sent[:1]) == 1
    assert store.statements.insert(sent) == 1


def test_insert_of_nothing_stores_nothing(store: Store) -> None:
    assert store.statements.insert([]) == 0
    assert store.statements.count() == 0


def test_a_stored_statement_is_found_by_its_id(store: Store) -> None:
    sent = draft()
    store.statements.insert([sent])
    entry = store.statements.get(sent.id)
    assert entry is not None
    assert (entry.id, entry.voided, entry.statement["verb"]) == (
        sent.id,
        False,
        sent.statement["verb"],
    )


def test_an_unknown_id_finds_nothing(store: Store) -> None:
    assert store.statements.get(new_id()) is None


def test_an_id_in_capitals_is_found_in_lower_case_and_keeps_its_spelling(store: Store) -> None:
    spelled = new_id().upper()
    store.statements.insert([draft(id=spelled)])
    entry = store.statements.get(spelled.lower())
    assert entry is not None
    assert entry.statement["id"] == spelled


def test_sequences_rise_in_the_order_given_even_if_the_clock_stands_still(
    backend: Backend,
) -> None:
    store = backend.open(lambda: 1_700_000_000_000_000)
    sent = [draft() for _ in range(7)]
    for batch in (sent[:3], sent[3:4], sent[4:]):
        store.statements.insert(batch)
    entries = store.statements.scan(after=0, limit=100)
    assert [entry.id for entry in entries] == [one.id for one in sent]
    assert len({entry.sequence for entry in entries}) == 7


def test_sequences_rise_even_if_the_clock_goes_back(backend: Backend) -> None:
    first, second = draft(), draft()
    backend.open(lambda: 1_700_000_000_000_000).statements.insert([first])
    store = backend.open(lambda: 1_600_000_000_000_000)
    store.statements.insert([second])
    assert everything(store) == [first.id, second.id]


def test_sequence_is_the_stored_time_of_the_text(store: Store) -> None:
    store.statements.insert(drafts([statement(), statement()]))
    for entry in store.statements.scan(after=0, limit=10):
        assert entry.statement["stored"] == to_iso(entry.sequence) == entry.stored


def test_a_statement_without_timestamp_gets_its_stored_time(store: Store) -> None:
    sent = draft()
    store.statements.insert([sent])
    entry = store.statements.get(sent.id)
    assert entry is not None
    assert entry.statement["timestamp"] == entry.stored


def test_a_timestamp_is_kept_as_it_came(store: Store) -> None:
    sent = draft(timestamp="2020-02-29T12:00:00.1234567+01:00")
    store.statements.insert([sent])
    entry = store.statements.get(sent.id)
    assert entry is not None
    assert entry.statement["timestamp"] == "2020-02-29T12:00:00.1234567+01:00"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_conflict_anywhere_in_a_batch_stores_nothing(store: Store, place: int) -> None:
    kept = draft()
    store.statements.insert([kept])
    batch = [draft(), draft()]
    batch.insert(place, draft(id=kept.id, verb=verb("other")))
    with pytest.raises(Conflict) as refusal:
        store.statements.insert(batch)
    assert (refusal.value.code, refusal.value.pointer) == ("statement-conflict", f"/{place}")
    assert everything(store) == [kept.id]


def test_the_pointer_of_a_conflict_counts_the_equivalent_ones_before_it(store: Store) -> None:
    first, second = draft(), draft()
    store.statements.insert([first, second])
    with pytest.raises(Conflict) as refusal:
        store.statements.insert([first, draft(id=second.id, verb=verb("other"))])
    assert refusal.value.pointer == "/1"


def test_a_refused_batch_leaves_no_definition_and_no_link(store: Store) -> None:
    kept, target = draft(), draft()
    store.statements.insert([kept, target])
    iri = "http://example.org/refused"
    fresh = draft(object=activity(iri, name={"en": "Refused"}))
    with pytest.raises(Conflict):
        store.statements.insert([fresh, draft(id=kept.id, verb=verb("other"))])
    assert store.activities.definitions([iri]) == {}


def test_an_equivalent_statement_changes_nothing(store: Store) -> None:
    sent = statement()
    store.statements.insert([draft(sent)])
    before = store.statements.scan(after=0, limit=10)
    assert store.statements.insert([draft(sent)]) == 0
    assert store.statements.scan(after=0, limit=10) == before


def test_the_new_ones_of_a_batch_sent_again_are_stored_in_order(store: Store) -> None:
    sent = drafts([statement() for _ in range(5)])
    store.statements.insert([sent[1], sent[3]])
    assert store.statements.insert(sent) == 3
    assert everything(store) == [sent[place].id for place in (1, 3, 0, 2, 4)]


def test_a_store_opened_again_holds_what_was_stored(backend: Backend) -> None:
    sent = draft()
    backend.open().statements.insert([sent])
    assert everything(backend.open()) == [sent.id]


DELICATE = (
    b'{"id":"%s","actor":{"mbox":"mailto:anna@example.org"},"verb":{"id":"http://example.org/v"},'
    b'"object":{"id":"http://example.org/a"},"result":{"extensions":{"http://example.org/e.$x":%s}}}'
)


@pytest.mark.parametrize(
    "value",
    [
        b'"nul \\u0000 inside"',
        b"1.10",
        b"1e2",
        b"-0",
        b"12345678901234567890123",
        b"0.1234567890123456789012345",
        b'{"a.b":1,"$set":{"$x":2},"":3}',
        '"\U0001f600 ä \u2028"'.encode(),
    ],
)
def test_the_text_is_kept_exactly(store: Store, value: bytes) -> None:
    sent = draft_of_text(DELICATE % (new_id().encode(), value))
    store.statements.insert([sent])
    entry = store.statements.get(sent.id)
    assert entry is not None
    assert entry.text == sent.seal(entry.sequence)
    assert b'"http://example.org/e.$x":' + value in entry.text


@pytest.mark.parametrize("value", [b"12345678901234567890123", b"1e2"])
def test_a_statement_with_delicate_numbers_can_be_sent_again(store: Store, value: bytes) -> None:
    raw = DELICATE % (new_id().encode(), value)
    store.statements.insert([draft_of_text(raw)])
    assert store.statements.insert([draft_of_text(raw)]) == 0


def test_a_batch_of_five_hundred_is_stored_as_one(store: Store) -> None:
    sent = [draft() for _ in range(500)]
    assert store.statements.insert(sent) == store.statements.count() == 500
    page = store.statements.find(StatementQuery(ascending=True))
    assert [entry.id for entry in page.entries] == [one.id for one in sent]


def test_a_statement_of_a_megabyte_is_kept(store: Store) -> None:
    long = {"http://example.org/long": "x" * 1_000_000}
    sent = draft(result={"extensions": long})
    store.statements.insert([sent])
    entry = store.statements.get(sent.id)
    assert entry is not None
    assert json.loads(entry.text)["result"]["extensions"] == long
