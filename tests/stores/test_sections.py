"""Attachments, activity definitions, records, and the index as a whole."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lrs import clock
from lrs.errors import Conflict
from lrs.services.rejects import MAX_BODY, RejectedRequest, Rejects
from lrs.stores.protocol import Record, Store
from lrs.xapi.query import StatementQuery, filter_keys
from lrs.xapi.text import write_json
from tests.build import (
    activity,
    draft,
    draft_of_text,
    drafts,
    new_id,
    reference,
    statement,
    voiding,
)
from tests.stores.conftest import Backend

IRI = "http://example.org/activity"


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"0123456789" * 200_000])
def test_attachment_data_comes_back_as_it_was(store: Store, data: bytes) -> None:
    sha2 = hashlib.sha256(data).hexdigest()
    store.attachments.put([(sha2, data)])
    assert store.attachments.get(sha2) == data
    assert store.attachments.length(sha2) == len(data)


def test_attachment_data_put_again_is_left_alone(store: Store) -> None:
    store.attachments.put([("ab" * 32, b"first"), ("cd" * 32, b"second")])
    store.attachments.put([("ab" * 32, b"first")])
    assert [store.attachments.get(two * 32) for two in ("ab", "cd")] == [b"first", b"second"]


def test_an_unknown_digest_has_no_data(store: Store) -> None:
    assert store.attachments.get("ab" * 32) is None
    assert store.attachments.length("ab" * 32) == 0


def define(store: Store, **definition: Any) -> None:
    store.statements.insert([draft(object=activity(IRI, **definition))])


def test_an_activity_nobody_has_defined_is_unknown(store: Store) -> None:
    store.statements.insert([draft(object=activity(IRI))])
    assert store.activities.definitions([IRI]) == {}


def test_definitions_of_several_statements_are_merged(store: Store) -> None:
    define(store, name={"en": "Course", "de": "Kurs"}, type="http://example.org/type")
    define(store, name={"en": "The course"}, extensions={"http://example.org/a.b": {"$x": 1}})
    assert store.activities.definitions([IRI, "http://example.org/other"]) == {
        IRI: {
            "name": {"en": "The course", "de": "Kurs"},
            "type": "http://example.org/type",
            "extensions": {"http://example.org/a.b": {"$x": 1}},
        }
    }


def test_the_definition_heard_last_holds_even_if_it_was_heard_before(store: Store) -> None:
    for name in ("one", "two", "one"):
        define(store, name={"en": name})
    assert store.activities.definitions([IRI]) == {IRI: {"name": {"en": "one"}}}


def test_the_definitions_of_one_batch_are_merged_in_its_order(store: Store) -> None:
    named = [activity(IRI, name={"en": name}) for name in ("one", "two", "three")]
    store.statements.insert([draft(object=one) for one in named])
    assert store.activities.definitions([IRI]) == {IRI: {"name": {"en": "three"}}}


def test_an_activity_with_a_very_long_iri_is_kept(store: Store) -> None:
    iri = "http://example.org/" + "x" * 20_000
    store.statements.insert([draft(object=activity(iri, name={"en": "long"}))])
    assert store.activities.definitions([iri]) == {iri: {"name": {"en": "long"}}}


@pytest.mark.parametrize(
    "number", ["12345678901234567890123", "18446744073709551616", "1.10", "1E2"]
)
def test_a_definition_keeps_its_numbers_as_they_were_written(store: Store, number: str) -> None:
    define(store, name={"en": "Course"})
    raw = json.dumps(statement(object=activity(IRI, extensions={IRI: 0})))
    text = raw.replace('": 0}', f'": {number}}}').encode()
    assert store.statements.insert([draft_of_text(text)]) == 1
    define(store, type=IRI)
    held = store.activities.definitions([IRI])[IRI]
    assert write_json(held["extensions"]) == f'{{"{IRI}":{number}}}'.encode()


def test_a_definition_changes_with_every_value_that_is_heard(store: Store) -> None:
    for value in (1, True, 1.0):
        define(store, extensions={IRI: value})
        held = store.activities.definitions([IRI])[IRI]["extensions"][IRI]
        assert (held, type(held)) == (value, type(value))


def test_replace_forgets_all_definitions_and_merges_the_given_ones(store: Store) -> None:
    define(store, name={"en": "old"})
    other = "http://example.org/other"
    store.activities.replace(
        [(other, {"name": {"en": "a"}}), (other, {"name": {"de": "b"}}), (other, {"type": IRI})]
    )
    assert store.activities.definitions([IRI, other]) == {
        other: {"name": {"en": "a", "de": "b"}, "type": IRI}
    }


def test_a_definition_sent_again_after_replace_is_known_again(store: Store) -> None:
    define(store, name={"en": "old"})
    store.activities.replace([])
    define(store, name={"en": "old"})
    assert store.activities.definitions([IRI]) == {IRI: {"name": {"en": "old"}}}


def test_a_record_comes_back_and_is_replaced(store: Store) -> None:
    assert store.records.get("credential", "a") is None
    store.records.put("credential", "a", {"n": 1, "x.y": {"$z": [None, True]}})
    assert store.records.get("credential", "a") == {"n": 1, "x.y": {"$z": [None, True]}}
    store.records.put("credential", "a", {"n": 2})
    assert store.records.get("credential", "a") == {"n": 2}


def test_records_of_a_kind_come_in_the_order_of_their_names(store: Store) -> None:
    for name in ("b", "ä", "B", "a/b", "a", "\U0001f600"):
        store.records.put("kind", name, {"name": name})
    for other in ("other", "kin", "kind-body", "kind0"):
        store.records.put(other, "c", {})
    names = ["B", "a", "a/b", "b", "ä", "\U0001f600"]
    assert list(store.records.all("kind").items()) == [(name, {"name": name}) for name in names]
    assert list(store.records.names("kind")) == names


def test_the_largest_rejected_body_is_kept_whatever_it_holds(store: Store) -> None:
    rejects, body = Rejects(store.records, clock.now), os.urandom(MAX_BODY)
    rejects.keep(
        RejectedRequest("key", "POST", "", None, None, None, body, len(body)), Conflict("")
    )
    (id,) = rejects.all()
    assert rejects.body(id) == body
    assert rejects.remove(id)
    assert rejects.body(id) is None


def test_records_of_a_store_opened_again_are_there(backend: Backend) -> None:
    backend.open().records.put("kind", "a", {"n": 1})
    assert backend.open().records.all("kind") == {"a": {"n": 1}}


def test_count_counts_voided_statements_too(store: Store) -> None:
    target = statement()
    store.statements.insert(drafts([target, voiding(target["id"])]))
    assert store.statements.count() == 2


def test_records_tell_what_every_statement_is_found_by(store: Store) -> None:
    target = draft()
    voider = draft(voiding(target.id))
    store.statements.insert([target, voider])
    held = list(store.statements.records())
    entries = store.statements.scan(after=0, limit=10)
    own = {target.own_key}
    assert held == [
        Record(entries[0].sequence, target.keys | own, voided=True),
        Record(entries[1].sequence, target.keys | voider.keys | own, voided=False),
    ]


def test_a_damaged_index_is_whole_again_after_rebuild(store: Store) -> None:
    target = statement()
    sent = drafts([target, statement(object=reference(target["id"])), voiding(target["id"])])
    store.statements.insert(sent)
    right = list(store.statements.records())
    wrong = [Record(one.sequence, frozenset({7}), voided=not one.voided) for one in right]
    store.statements.rebuild(iter(wrong))
    assert list(store.statements.records()) == wrong
    store.statements.rebuild(iter(right))
    assert list(store.statements.records()) == right
    keys = filter_keys(verb=target["verb"]["id"])
    page = store.statements.find(StatementQuery(keys=keys, ascending=True))
    assert [entry.id for entry in page.entries] == [one.id for one in sent[1:]]


def test_rebuild_may_read_the_store_while_it_runs(store: Store) -> None:
    sent = [draft(id=new_id()) for _ in range(30)]
    store.statements.insert(sent)
    right = list(store.statements.records())

    def reading() -> Any:
        for record in right:
            assert store.statements.scan(after=record.sequence - 1, limit=1)
            yield record

    store.statements.rebuild(reading())
    assert list(store.statements.records()) == right


def test_records_are_named_and_deleted_by_kind(store: Store) -> None:
    for kind, name in (("a", "2"), ("a", "1"), ("b", "3")):
        store.records.put(kind, name, {"name": name})
    assert list(store.records.names("a")) == ["1", "2"]
    assert store.records.delete("a", "1")
    assert not store.records.delete("a", "1")
    assert not store.records.delete("a", "3")
    assert list(store.records.names("a")) == ["2"]
    assert list(store.records.names("b")) == ["3"]


def test_tallies_count_from_nought_by_kind_and_name(store: Store) -> None:
    assert store.records.tallies("a") == {}
    for name in ("y", "x", "y"):
        store.records.tally("a", name)
    store.records.tally("b", "x")
    assert list(store.records.tallies("a").items()) == [("x", 1), ("y", 2)]


def test_tallies_are_added_up_by_any_number(store: Store) -> None:
    store.records.tally("a", "x")
    store.records.add_up("a", {"x": 5, "y z": 2})
    store.records.add_up("a", {})
    store.records.add_up("b", {"x": 1})
    assert store.records.tallies("a") == {"x": 6, "y z": 2}


def test_a_tally_is_forgotten(store: Store) -> None:
    for name in ("x", "x", "y"):
        store.records.tally("a", name)
    store.records.tally("b", "x")

    store.records.forget_tally("a", "x")
    store.records.forget_tally("a", "z")

    assert store.records.tallies("a") == {"y": 1}
    store.records.tally("a", "x")
    assert store.records.tallies("a") == {"x": 1, "y": 1}
    assert store.records.tallies("b") == {"x": 1}


def test_names_of_a_prefix_are_found_without_the_others(store: Store) -> None:
    for name in ("a", "a/1", "a/2", "a0", "b/1", "A/1", "a/ä", "a/\U0001f600"):
        store.records.put("kind", name, {"name": name})
    store.records.put("kind/a", "3", {})
    within = ["a/1", "a/2", "a/ä", "a/\U0001f600"]
    assert store.records.names("kind", prefix="a/") == within
    assert list(store.records.all("kind", prefix="a/")) == within
    assert store.records.names("kind", prefix="c") == []


def test_a_record_is_swapped_only_if_it_is_as_expected(store: Store) -> None:
    first, second = {"x.y": [1.5, 1e300, "ä"]}, {"b": 1, "a": None}
    assert not store.records.swap("kind", "a", first, second)
    assert store.records.swap("kind", "a", None, None)
    assert store.records.swap("kind", "a", None, first)
    assert not store.records.swap("kind", "a", None, second)
    assert not store.records.swap("kind", "a", None, None)
    assert store.records.swap("kind", "a", store.records.get("kind", "a"), second)
    assert store.records.get("kind", "a") == second
    assert not store.records.swap("kind", "a", first, None)
    assert store.records.swap("kind", "a", second, None)
    assert store.records.names("kind") == []


def test_of_many_swapping_a_record_each_gets_through_once(shared_backend: Backend) -> None:
    stores = [shared_backend.open() for _ in range(2)]
    stores[0].records.put("kind", "a", {"n": 0})

    def count(index: int) -> None:
        records = stores[index % 2].records
        for _ in range(10):
            while True:
                old = records.get("kind", "a")
                assert old is not None
                if records.swap("kind", "a", old, {"n": old["n"] + 1}):
                    break

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    assert stores[1].records.get("kind", "a") == {"n": 40}
