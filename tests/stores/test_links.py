"""Voiding and StatementRefs, in whatever order statements arrive. Spec: Data 2.3.2; Communication 2.1.3 (1.0.3)."""

from __future__ import annotations

from itertools import permutations

import pytest

from lrs.errors import Conflict
from lrs.stores.protocol import Store
from lrs.xapi import JsonObject
from lrs.xapi.keys import authority_key
from lrs.xapi.query import StatementQuery, filter_keys
from tests.build import (
    AUTHORITY,
    agent,
    draft,
    drafts,
    new_id,
    reference,
    statement,
    verb,
    voiding,
)


def found(store: Store, name: str) -> set[str]:
    keys = filter_keys(verb=f"http://example.org/verbs/{name}")
    return {entry.id for entry in store.statements.find(StatementQuery(keys=keys)).entries}


def voided(store: Store, statement_id: str) -> bool:
    entry = store.statements.get(statement_id)
    assert entry is not None
    return entry.voided


def listed(store: Store) -> set[str]:
    return {entry.id for entry in store.statements.find(StatementQuery()).entries}


def refer(target: str, name: str) -> JsonObject:
    return statement(verb=verb(name), object=reference(target))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_a_voided_statement_is_not_listed_but_its_voider_is(
    store: Store, order: tuple[int, ...], together: bool
) -> None:
    target = statement()
    voider = voiding(target["id"])
    arriving = drafts([(target, voider)[place] for place in order])
    for batch in [arriving] if together else [[one] for one in arriving]:
        store.statements.insert(batch)
    assert listed(store) == {voider["id"]}
    assert voided(store, target["id"])
    assert not voided(store, voider["id"])


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_voiding_statement_cannot_be_voided(store: Store, order: tuple[int, ...]) -> None:
    target = statement()
    voider = voiding(target["id"])
    sent = [target, voider, voiding(voider["id"])]
    for place in order:
        store.statements.insert([draft(sent[place])])
    assert [voided(store, one["id"]) for one in sent] == [True, False, False]


def test_a_target_named_in_capitals_is_voided(store: Store) -> None:
    target = statement()
    store.statements.insert(drafts([target, voiding(target["id"].upper())]))
    assert voided(store, target["id"])


def test_a_voided_statement_sent_again_stays_voided(store: Store) -> None:
    target = statement()
    store.statements.insert(drafts([target, voiding(target["id"])]))
    assert store.statements.insert([draft(target)]) == 0
    assert voided(store, target["id"])


def test_a_refused_voiding_voids_nothing(store: Store) -> None:
    target, kept = statement(), statement()
    store.statements.insert(drafts([target, kept]))
    with pytest.raises(Conflict):
        store.statements.insert(drafts([voiding(target["id"]), {**kept, "verb": verb("other")}]))
    assert not voided(store, target["id"])


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_chain_of_references_is_found_by_what_its_end_is_found_by(
    store: Store, order: tuple[int, ...]
) -> None:
    end = statement(verb=verb("end"))
    second = refer(end["id"], "second")
    third = refer(second["id"], "third")
    fourth = refer(third["id"], "fourth")
    chain = [end, second, third, fourth]
    for place in order:
        store.statements.insert([draft(chain[place])])
    ids = [one["id"] for one in chain]
    assert found(store, "end") == set(ids)
    assert found(store, "second") == set(ids[1:])
    assert found(store, "third") == set(ids[2:])
    assert found(store, "fourth") == {ids[3]}


def test_a_chain_in_one_batch_is_found_by_what_its_end_is_found_by(store: Store) -> None:
    end = statement(verb=verb("end"))
    middle = refer(end["id"], "middle")
    start = refer(middle["id"], "start")
    store.statements.insert(drafts([start, end, middle]))
    assert found(store, "end") == {end["id"], middle["id"], start["id"]}


@pytest.mark.parametrize("together", [True, False])
def test_statements_that_refer_to_each_other_in_a_ring_are_found_by_each_others_filters(
    store: Store, together: bool
) -> None:
    ids = [new_id() for _ in range(3)]
    ring = [
        statement(id=ids[place], verb=verb(f"v{place}"), object=reference(ids[place - 1]))
        for place in range(3)
    ]
    for batch in [ring] if together else [[one] for one in ring]:
        store.statements.insert(drafts(batch))
    assert [found(store, f"v{place}") for place in range(3)] == [set(ids)] * 3


def test_a_statement_that_refers_to_itself_is_stored(store: Store) -> None:
    own = new_id()
    store.statements.insert([draft(id=own, verb=verb("self"), object=reference(own))])
    assert found(store, "self") == {own}


def test_a_branching_of_references_is_found_by_the_common_target(store: Store) -> None:
    target = statement(verb=verb("end"))
    branches = [refer(target["id"], "branch") for _ in range(5)]
    store.statements.insert(drafts(branches[:2]))
    store.statements.insert([draft(target)])
    store.statements.insert(drafts(branches[2:]))
    assert found(store, "end") == {target["id"], *(one["id"] for one in branches)}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_voided_target_still_passes_on_what_it_is_found_by(
    store: Store, order: tuple[int, ...]
) -> None:
    target = statement(verb=verb("end"))
    referrer, voider = refer(target["id"], "refers"), voiding(target["id"])
    sent = [target, referrer, voider]
    for place in order:
        store.statements.insert([draft(sent[place])])
    assert found(store, "end") == {referrer["id"], voider["id"]}


def test_the_filters_of_one_query_may_be_met_by_a_statement_and_its_target_together(
    store: Store,
) -> None:
    target = statement(actor=agent("ben"))
    referrer = refer(target["id"], "refers")
    store.statements.insert(drafts([target, referrer]))
    keys = filter_keys(agent=agent("ben"), verb="http://example.org/verbs/refers")
    page = store.statements.find(StatementQuery(keys=keys))
    assert [entry.id for entry in page.entries] == [referrer["id"]]


def test_the_key_of_an_authority_is_not_passed_on(store: Store) -> None:
    target = draft()
    store.statements.insert([target])
    referrer = draft(object=reference(target.id))
    store.statements.insert([referrer])
    held = {record.sequence: record.keys for record in store.statements.records()}
    entry = store.statements.get(referrer.id)
    assert entry is not None
    assert held[entry.sequence] == referrer.keys | target.keys | {authority_key(AUTHORITY)}


def test_a_reference_inside_the_context_passes_nothing_on(store: Store) -> None:
    target = statement(verb=verb("end"))
    other = statement(context={"statement": reference(target["id"])})
    store.statements.insert(drafts([target, other]))
    assert found(store, "end") == {target["id"]}


def test_hundreds_of_references_in_one_batch_are_all_settled(store: Store) -> None:
    target = statement(verb=verb("end"))
    referrers = [refer(target["id"], "refers") for _ in range(300)]
    store.statements.insert(drafts([target, *referrers]))
    assert len(found(store, "end")) == 301
