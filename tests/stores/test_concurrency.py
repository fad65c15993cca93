"""Threads and processes that write at the same time: nothing lost, nothing doubled, nothing claimed too early."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from lrs.errors import Conflict
from lrs.stores.protocol import Store
from lrs.xapi.entry import Entry
from lrs.xapi.query import StatementQuery, filter_keys
from tests.build import activity, draft, drafts, new_id, reference, statement, verb, voiding
from tests.stores.conftest import Backend
from tests.stores.writers import SIZE, batch_of, ids_of, start

THREADS = 6


def at_once(tasks: Iterable[Callable[[], Any]]) -> list[Any]:
    """Run the tasks in a thread each, started together; return what they return."""
    waiting = list(tasks)
    barrier = Barrier(len(waiting))

    def run(task: Callable[[], Any]) -> Any:
        barrier.wait(30)
        return task()

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(run, waiting))


def everything(store: Store) -> list[Entry]:
    entries: list[Entry] = []
    while page := store.statements.scan(after=entries[-1].sequence if entries else 0, limit=500):
        entries.extend(page)
    return entries


def write(store: Store, name: str, count: int) -> int:
    return sum(store.statements.insert(batch_of(name, number)) for number in range(count))


def test_threads_writing_different_statements_lose_none(shared_backend: Backend) -> None:
    store = shared_backend.open()
    at_once([lambda name=f"w{n}": write(store, name, 8) for n in range(THREADS)])  # type: ignore[misc]
    expected = {
        one for n in range(THREADS) for number in range(8) for one in ids_of(f"w{n}", number)
    }
    entries = everything(store)
    assert Counter(entry.id for entry in entries) == Counter(expected)
    assert len({entry.sequence for entry in entries}) == len(entries)


def test_threads_writing_the_same_statements_double_none(shared_backend: Backend) -> None:
    store = shared_backend.open()
    sent = drafts([statement() for _ in range(12)])

    def send_all(seed: int) -> int:
        order = random.Random(seed).sample(sent, len(sent))  # noqa: S311 not a secret
        return sum(store.statements.insert(order[place : place + 4]) for place in range(0, 12, 4))

    new = at_once([lambda seed=seed: send_all(seed) for seed in range(THREADS)])  # type: ignore[misc]
    assert sum(new) == 12
    assert {entry.id for entry in everything(store)} == {one.id for one in sent}


def test_of_different_statements_with_one_id_a_single_one_is_stored(
    shared_backend: Backend,
) -> None:
    store, shared = shared_backend.open(), new_id()

    def send(name: str) -> str | None:
        try:
            store.statements.insert([draft(), draft(id=shared, verb=verb(name))])
        except Conflict:
            return None
        return name

    winners = [
        name
        for name in at_once([lambda name=f"v{n}": send(name) for n in range(THREADS)])  # type: ignore[misc]
        if name is not None
    ]
    entry = store.statements.get(shared)
    assert entry is not None
    assert [verb(name) for name in winners] == [entry.statement["verb"]]
    assert store.statements.count() == 2


def test_a_voider_and_its_target_stored_at_the_same_time_find_each_other(
    shared_backend: Backend,
) -> None:
    store = shared_backend.open()
    for _ in range(15):
        target = statement()
        at_once(
            [
                lambda one=one: store.statements.insert([draft(one)])  # type: ignore[misc]
                for one in (target, voiding(target["id"]))
            ]
        )
        entry = store.statements.get(target["id"])
        assert entry is not None
        assert entry.voided


def test_a_chain_stored_by_threads_at_the_same_time_is_found_by_its_end(
    shared_backend: Backend,
) -> None:
    store = shared_backend.open()
    for turn in range(10):
        chain = [statement(verb=verb(f"end-{turn}"))]
        for _ in range(3):
            chain.append(statement(object=reference(chain[-1]["id"])))
        at_once([lambda one=one: store.statements.insert([draft(one)]) for one in chain])  # type: ignore[misc]
        keys = filter_keys(verb=f"http://example.org/verbs/end-{turn}")
        page = store.statements.find(StatementQuery(keys=keys))
        assert {entry.id for entry in page.entries} == {one["id"] for one in chain}


def test_a_refused_batch_voids_nothing_that_arrives_at_the_same_time(
    shared_backend: Backend,
) -> None:
    store, kept = shared_backend.open(), statement()
    store.statements.insert([draft(kept)])

    def send_refused(target: str) -> None:
        batch = [
            voiding(target),
            *(statement() for _ in range(20)),
            {**kept, "verb": verb("other")},
        ]
        try:
            store.statements.insert(drafts(batch))
        except Conflict:
            return
        raise AssertionError("the batch was not refused")

    for _ in range(10):
        target = statement()
        at_once(
            [
                lambda one=target: store.statements.insert([draft(one)]),  # type: ignore[misc]
                lambda one=target["id"]: send_refused(one),  # type: ignore[misc]
            ]
        )
        entry = store.statements.get(target["id"])
        assert entry is not None
        assert not entry.voided


def test_definitions_merged_by_threads_at_the_same_time_are_all_kept(
    shared_backend: Backend,
) -> None:
    store, iri = shared_backend.open(), "http://example.org/shared"
    names = {f"x-{n}": f"name {n}" for n in range(THREADS)}
    at_once(
        [
            lambda one={tag: name}: store.statements.insert([draft(object=activity(iri, name=one))])  # type: ignore[misc]
            for tag, name in names.items()
        ]
    )
    assert store.activities.definitions([iri]) == {iri: {"name": names}}


def test_attachments_and_records_put_by_threads_at_the_same_time_are_whole(
    shared_backend: Backend,
) -> None:
    store, data = shared_backend.open(), b"0123456789" * 100_000

    def put() -> None:
        store.attachments.put([("ab" * 32, data)])
        store.records.put("kind", "name", {"n": 1})

    at_once([put] * THREADS)
    assert store.attachments.get("ab" * 32) == data
    assert store.records.all("kind") == {"name": {"n": 1}}


def test_a_moment_claimed_as_consistent_is_never_written_into_later(
    shared_backend: Backend,
) -> None:
    store = shared_backend.open()
    claims: list[tuple[int, int]] = []
    halves: list[Counter[str]] = []

    def watch(done: list[int]) -> None:
        seen: list[Entry] = []
        while len(done) < 3:
            claimed = store.statements.consistent_through()
            seen.extend(store.statements.scan(after=seen[-1].sequence if seen else 0, limit=9_999))
            sequences = [entry.sequence for entry in seen]
            # What was seen above the claim may have gaps yet, so it is read again.
            seen = seen[: bisect_right(sequences, claimed)]
            claims.append((claimed, len(seen)))
            whole = Counter(entry.statement["verb"]["id"] for entry in everything(store))
            halves.append(Counter({name: n for name, n in whole.items() if n != SIZE}))

    done: list[int] = []
    writers = [
        lambda name=f"w{n}": done.append(write(store, name, 15))  # type: ignore[misc, func-returns-value]
        for n in range(3)
    ]
    at_once([*writers, lambda: watch(done)])
    final = [entry.sequence for entry in everything(store)]
    assert len(final) == 3 * 15 * SIZE
    assert claims == [(claimed, bisect_right(final, claimed)) for claimed, _ in claims]
    assert not any(halves)


def test_processes_that_open_a_fresh_store_together_lose_and_double_nothing(
    shared_backend: Backend,
) -> None:
    names = ["same", "same", "other"]
    writers = [start(shared_backend.uri, name, 10) for name in names]
    outputs = [writer.communicate(timeout=60)[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert outputs == [[str(number) for number in range(10)]] * 3
    expected = [one for name in ("same", "other") for n in range(10) for one in ids_of(name, n)]
    entries = everything(shared_backend.open())
    assert Counter(entry.id for entry in entries) == Counter(expected)


def test_what_another_opening_has_stored_just_now_is_in_what_is_exactly_consistent(
    shared_backend: Backend,
) -> None:
    reader, writer = shared_backend.open(), shared_backend.open()
    for _ in range(20):
        reader.statements.consistent_through()
        one = draft()
        writer.statements.insert([one])

        through = reader.statements.consistent_through(exact=True)

        assert reader.statements.scan(after=through, limit=1) == ()


def test_what_is_acknowledged_beside_other_writers_is_in_what_is_exactly_consistent(
    shared_backend: Backend,
) -> None:
    reader, writer = shared_backend.open(), shared_backend.open()
    others = [start(shared_backend.uri, f"writer-{number}", 40) for number in range(2)]
    while any(one.poll() is None for one in others):
        one = draft()
        writer.statements.insert([one])
        through = reader.statements.consistent_through(exact=True)
        entry = reader.statements.get(one.id)
        assert entry is not None
        assert entry.sequence <= through
    for process in others:
        process.communicate()
