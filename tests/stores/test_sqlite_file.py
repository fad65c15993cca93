"""What the SQLite file is like inside: packed texts, and what becomes of files that another release wrote."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from fcntl import LOCK_EX, LOCK_UN, flock
from pathlib import Path

import pytest

from lrs import clock
from lrs.errors import StoreUnavailable
from lrs.stores.sqlite import SqliteStore
from lrs.stores.sqlite.database import Database
from lrs.stores.sqlite.packing import Packing
from tests.build import draft, new_id


def test_texts_are_packed_and_come_back_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store = SqliteStore(path, clock.now, samples=100)
    sent = [draft(id=new_id()) for _ in range(400)]
    for start in range(0, 400, 20):
        store.statements.insert(sent[start : start + 20])
    other = SqliteStore(path, clock.now)
    for reader in (store, other):
        entries = reader.statements.scan(after=0, limit=500)
        assert [entry.text for entry in entries] == [
            one.seal(entry.sequence) for one, entry in zip(sent, entries, strict=True)
        ]
    with closing(sqlite3.connect(path)) as connection:
        plain, packed = connection.execute(
            "SELECT avg(length(text)) FILTER (WHERE dictionary = 0),"
            " avg(length(text)) FILTER (WHERE dictionary > 0) FROM statement"
        ).fetchone()
    assert packed < plain / 2
    store.close()
    other.close()


def test_a_file_of_another_layout_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE statement (sequence INTEGER PRIMARY KEY, text)")
    with pytest.raises(StoreUnavailable, match="another release"):
        SqliteStore(path, clock.now)


def test_a_dictionary_is_made_each_time_that_the_store_is_ten_times_larger_whether_or_not_the_last_could_be() -> (
    None
):
    packing = Packing(100)
    grown = [count for count in range(20_000) if packing.has_grown(count, count + 1)]
    assert grown == [99, 999, 9_999]
    assert packing.has_grown(50, 20_000)


def test_a_process_that_stands_still_in_its_turn_holds_up_one_writer_and_refuses_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.stores.sqlite.database.BUSY_SECONDS", 0.3)
    path = tmp_path / "store.sqlite"
    store = SqliteStore(path, clock.now)
    with ThreadPoolExecutor() as pool, path.with_name("store.sqlite-gate").open("ab") as gate:
        flock(gate, LOCK_EX)
        writers = [pool.submit(store.statements.insert, [draft(id=new_id())]) for _ in range(3)]
        ended = as_completed(writers, timeout=20)
        for _ in range(2):
            assert isinstance(next(ended).exception(), StoreUnavailable)
        flock(gate, LOCK_UN)
        assert next(ended).result() == 1
    # Whoever was refused is not stored behind its back.
    assert store.statements.count() == 1
    store.close()


def test_each_connection_writes_through_to_the_disk(tmp_path: Path) -> None:
    full = 2
    database = Database(tmp_path / "store.sqlite")
    with database.writing() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (full,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_one_whose_work_fails_fails_alone(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.sqlite")

    def work(connection: sqlite3.Connection, items: Sequence[str]) -> Sequence[str]:
        if "bad" in items:
            raise KeyError
        connection.executemany(
            "INSERT INTO record VALUES ('x', ?, '')", [(item,) for item in items]
        )
        return items

    with ThreadPoolExecutor() as pool:
        # While this is held, both queue up: they share a call of the work.
        with database.writing():
            good, bad = (pool.submit(database.write, work, item) for item in ("good", "bad"))
            deadline = time.monotonic() + 20
            while len(database._turns) < 2:
                assert time.monotonic() < deadline
        assert good.result(20) == "good"
        assert isinstance(bad.exception(20), KeyError)
    with database.reading() as connection:
        assert connection.execute("SELECT name FROM record").fetchall() == [("good",)]
    database.close()


def test_on_a_full_disk_what_is_stored_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    first = SqliteStore(path, clock.now)
    first.statements.insert([draft()])
    first.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON head BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    store = SqliteStore(path, clock.now)
    (entry,) = store.statements.scan(after=0, limit=9)

    for exact in (False, True):
        assert store.statements.consistent_through(exact=exact) >= entry.sequence
    store.close()
