"""A process that is killed while it writes: what was acknowledged stays, and no batch is there by half."""

from __future__ import annotations

import time

from lrs import clock
from lrs.stores.protocol import Store
from lrs.xapi.query import StatementQuery, filter_keys
from tests.stores.conftest import Backend
from tests.stores.writers import LEASE, SIZE, batch_of, ids_of, open_shared, start

KILLS = 4
MANY = 100_000


def wait_until_consistent(store: Store, moment: int) -> None:
    """Wait until everything that was stored up to `moment` can be seen."""
    give_up = time.monotonic() + 30
    while store.statements.consistent_through() < moment:
        assert time.monotonic() < give_up, "what the killed writer left is still in the way"
        time.sleep(0.02)


def present(store: Store, name: str, number: int) -> int:
    return sum(store.statements.get(one) is not None for one in ids_of(name, number))


def test_a_writer_killed_at_any_moment_loses_nothing_acknowledged_and_leaves_no_half_batch(
    shared_backend: Backend,
) -> None:
    acknowledged: dict[str, int] = {}
    for kill in range(KILLS):
        name = f"writer-{kill}"
        writer = start(shared_backend.uri, name, MANY)
        assert writer.stdout is not None
        for _ in range(3 + kill):
            writer.stdout.readline()
        writer.kill()
        acknowledged[name] = 3 + kill + len(writer.stdout.read().split())
        writer.wait()
        writer.stdout.close()
    store = open_shared(shared_backend.uri)
    wait_until_consistent(store, clock.now())
    for name, count in acknowledged.items():
        assert [present(store, name, number) for number in range(count)] == [SIZE] * count
        assert present(store, name, count) in (0, SIZE)
        keys = filter_keys(verb=f"http://example.org/verbs/{name}-{count - 1}")
        assert len(store.statements.find(StatementQuery(keys=keys)).entries) == SIZE
    store.close()


def test_what_a_killed_writer_was_writing_can_be_sent_again(shared_backend: Backend) -> None:
    writer = start(shared_backend.uri, "writer", MANY)
    assert writer.stdout is not None
    writer.stdout.readline()
    writer.kill()
    last = len(writer.stdout.read().split()) + 1
    writer.wait()
    writer.stdout.close()
    store = open_shared(shared_backend.uri)
    before = time.monotonic()
    new = store.statements.insert(batch_of("writer", last))
    assert new in (0, SIZE)
    assert present(store, "writer", last) == SIZE
    assert time.monotonic() - before < LEASE / 1_000_000 + 5
    store.close()
