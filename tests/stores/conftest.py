"""The backends over which the contract suite runs."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mongomock
import mongomock.collection
import pymongo
import pytest
from mongomock.gridfs import enable_gridfs_integration

from lrs import clock
from lrs.clock import Clock
from lrs.stores.mongo import MongoStore
from lrs.stores.protocol import Store
from lrs.stores.sqlite import SqliteStore

WIRE_URI = os.environ.get("LRS_TEST_MONGO_URI", "")

# "packing" is SQLite that packs statements after a few instead of a thousand.
_EMBEDDED = ("sqlite", "packing")
_SHARED = (*_EMBEDDED, "wire") if WIRE_URI else _EMBEDDED
_MONGO = ("mongomock", "wire") if WIRE_URI else ("mongomock",)
_CHOICES = {
    # mongomock's updates are not atomic, and no other process sees them.
    "shared_backend": _SHARED,
    "mongo_backend": _MONGO,
    "wire_backend": ("wire",),
    "backend": ("mongomock", *_SHARED),
}

collect_ignore = [] if WIRE_URI else ["test_wire.py"]


class _BulkOperationBuilder(mongomock.collection.BulkOperationBuilder):  # type: ignore[misc]
    """mongomock's own does not take the `sort` that pymongo passes since 4.11."""

    def add_update(self, *arguments: Any, sort: object = None, **options: Any) -> None:
        assert sort is None
        super().add_update(*arguments, **options)


@dataclass(frozen=True)
class Backend:
    """An empty place for a store, which can be opened any number of times; `uri` is for other processes."""

    name: str
    uri: str
    open: Callable[..., Store]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for fixture, names in _CHOICES.items():
        if fixture in metafunc.fixturenames:
            metafunc.parametrize("backend", names, indirect=True)
            return


@contextmanager
def empty_backend(name: str) -> Iterator[Backend]:
    """Give an empty place for a store of a kind, and clear it away."""
    with TemporaryDirectory() as folder:
        uri, connect = _MAKERS[name](Path(folder))
        opened: list[Store] = []

        def open_store(now: Clock = clock.now, **options: Any) -> Store:
            opened.append(connect(now, **options))
            return opened[-1]

        yield Backend(name, uri, open_store)
        for store in opened:
            store.close()
        if name == "wire":
            with pymongo.MongoClient[Any](WIRE_URI, serverSelectionTimeoutMS=3_000) as client:
                client.drop_database(uri.rpartition("/")[2])


@pytest.fixture(scope="session", autouse=True)
def _mended_mongomock() -> Iterator[None]:
    enable_gridfs_integration()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mongomock.collection, "BulkOperationBuilder", _BulkOperationBuilder)
        yield


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    with empty_backend(request.param) as backend:
        yield backend


@pytest.fixture
def shared_backend(backend: Backend) -> Backend:
    return backend


@pytest.fixture
def mongo_backend(backend: Backend) -> Backend:
    return backend


@pytest.fixture
def wire_backend(backend: Backend) -> Backend:
    return backend


@pytest.fixture
def store(backend: Backend) -> Store:
    return backend.open()


Place = tuple[str, Callable[..., Store]]


def _sqlite(folder: Path) -> Place:
    path = folder / "store.sqlite"

    def connect(now: Clock, **_: Any) -> Store:
        return SqliteStore(path, now)

    return f"sqlite:///{path}", connect


def _packing(folder: Path) -> Place:
    path = folder / "store.sqlite"

    def connect(now: Clock, **_: Any) -> Store:
        return SqliteStore(path, now, samples=10)

    return f"sqlite:///{path}", connect


def _mongomock(_: Path) -> Place:
    database = mongomock.MongoClient()["lrs"]

    def connect(now: Clock, **options: Any) -> Store:
        return MongoStore(database, now, **options)

    return "", connect


def _wire(_: Path) -> Place:
    uri = f"{WIRE_URI.rstrip('/')}/lrs_test_{uuid.uuid4().hex[:16]}"

    def connect(now: Clock, **options: Any) -> Store:
        return MongoStore.connect(uri, now, **options)

    return uri, connect


_MAKERS: dict[str, Callable[[Path], Place]] = {
    "sqlite": _sqlite,
    "packing": _packing,
    "mongomock": _mongomock,
    "wire": _wire,
}
