"""A process that writes batches into a store and says which ones were acknowledged; for tests that need several."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

from lrs import clock
from lrs.stores.mongo import MongoStore
from lrs.stores.open import open_store
from lrs.stores.protocol import Store
from lrs.xapi.entry import Draft
from tests.build import draft, verb

LEASE = 400_000
"""Microseconds that a batch of a killed writer stands in the way."""

SIZE = 5
"""Statements of a batch."""

_NAMESPACE = uuid.UUID("00000000-0000-4000-8000-000000000000")


def ids_of(name: str, number: int) -> list[str]:
    """Return the ids of the statements of a writer's batch."""
    return [str(uuid.uuid5(_NAMESPACE, f"{name}/{number}/{place}")) for place in range(SIZE)]


def batch_of(name: str, number: int) -> list[Draft]:
    """Return a batch: the same whoever asks for it."""
    return [draft(id=one, verb=verb(f"{name}-{number}")) for one in ids_of(name, number)]


def open_shared(uri: str) -> Store:
    """Open a store with a short lease."""
    if uri.startswith("mongodb"):
        return MongoStore.connect(uri, clock.now, lease_microseconds=LEASE)
    return open_store(uri, clock.now)


def start(uri: str, name: str, count: int) -> subprocess.Popen[str]:
    """Start a process that writes `count` batches and prints the number of each once it is acknowledged."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.stores.writers", uri, name, str(count)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )


def _write(uri: str, name: str, count: int) -> None:
    store = open_shared(uri)
    for number in range(count):
        store.statements.insert(batch_of(name, number))
        print(number, flush=True)
    store.close()


if __name__ == "__main__":
    _write(sys.argv[1], sys.argv[2], int(sys.argv[3]))
