from __future__ import annotations

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs import clock
from lrs.analytics.lake import lake as lakes
from lrs.analytics.lake.lake import Lake
from lrs.analytics.references.references import state_of
from tests.analytics.lakes import REPORTS, ids, kinds
from tests.analytics.places import COURSE, Place, place_in, told
from tests.build import statement, voiding
from tests.stores import writers
from tests.stores.conftest import WIRE_URI, Backend, empty_backend


@pytest.fixture
def place(backend: Backend, tmp_path: Path) -> Place:
    """A lake over each store."""
    return place_in(tmp_path, backend.open())


_CASES = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("store", ("sqlite", "wire") if WIRE_URI else ("sqlite",))
@_CASES
@given(chance=st.randoms(use_true_random=False), size=st.integers(1, 9))
def test_no_order_and_no_batches_change_a_report(
    store: str, chance: random.Random, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    sent = kinds()
    shuffled = list(sent)
    chance.shuffle(shuffled)
    with empty_backend(store) as first, empty_backend(store) as second:
        whole = place_in(tmp_path_factory.mktemp("whole"), first.open())
        whole.put(*sent)
        split = place_in(tmp_path_factory.mktemp("split"), second.open())
        for start in range(0, len(shuffled), size):
            split.put(*shuffled[start : start + size])
            split.lake.catch_up()

        for name in REPORTS:
            assert split.rows(name) == whole.rows(name), name


def test_what_is_stored_before_the_call_is_in(place: Place) -> None:
    for count in range(1, 4):
        place.put(told(count, "completed"))
        assert len(ids(place)) == count


def test_a_statement_voided_later_goes(place: Place) -> None:
    first, second = told(1, "completed"), told(2, "completed")
    place.put(first, second)
    assert len(ids(place)) == 2

    place.put(voiding(first["id"]))

    assert ids(place) == [second["id"]]


def test_a_statement_voided_before_it_came_never_shows(place: Place) -> None:
    late = told(1, "completed")
    place.put(voiding(late["id"]))
    place.lake.catch_up()

    place.put(late)

    assert ids(place) == []


def test_kill_9_anywhere_loses_and_doubles_nothing(
    place: Place, backend: Backend, tmp_path: Path
) -> None:
    sent = [statement() for _ in range(400)]
    place.put(*sent)
    chance = random.Random(7)  # noqa: S311 not a secret
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.analytics.projecting", str(tmp_path), "20", backend.uri],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        for _ in range(chance.randrange(1, 5)):
            process.stdout.readline()
        process.kill()
        process.wait()
        process.stdout.close()

    again = place_in(tmp_path, backend.open())

    assert ids(again) == sorted(one["id"] for one in sent)


def test_what_writers_commit_late_is_projected_once(place: Place, backend: Backend) -> None:
    writing = [writers.start(backend.uri, f"writer-{number}", 30) for number in range(3)]
    while any(one.poll() is None for one in writing):
        place.lake.advance()
    for one in writing:
        one.communicate()
        assert one.returncode == 0

    assert ids(place) == sorted(
        one
        for number in range(3)
        for batch in range(30)
        for one in writers.ids_of(f"writer-{number}", batch)
    )


def test_two_projectors_at_once_double_nothing(
    place: Place, backend: Backend, tmp_path: Path
) -> None:
    sent = [statement() for _ in range(300)]
    place.put(*sent)
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.analytics.projecting", str(tmp_path), "10", backend.uri],
            stdout=subprocess.DEVNULL,
        )
        for _ in range(3)
    ]
    assert [process.wait(120) for process in running] == [0, 0, 0]

    assert ids(place) == sorted(one["id"] for one in sent)


def test_a_projector_of_another_machine_is_fenced(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lakes, "BATCH", 5)
    sent = [statement() for _ in range(20)]
    place.put(*sent)
    # A lock of its own: it does not see the lease.
    other = Lake(place.lake.uri, place.store, zone=ZoneInfo("UTC"), lock=tmp_path / "other")
    other.catch_up()
    more = [statement() for _ in range(20)]
    place.lake.catch_up()
    place.put(*more)

    place.lake.catch_up(lambda count: other.catch_up())

    assert ids(place) == sorted(one["id"] for one in (*sent, *more))


def test_compacting_keeps_every_fact(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lrs.analytics.lake.upkeep._SMALL_FILES", 5)
    for number in range(8):
        place.put(told(number, "completed"))
        place.lake.catch_up()
    before = ids(place)
    assert place.lake.needs_compacting()

    assert place.lake.compact() == 7

    assert ids(place) == before
    assert not place.lake.needs_compacting()
    place.put(told(9, "completed"))
    assert len(ids(place)) == 9


def test_what_nobody_committed_is_cleared_away_after_a_day(place: Place, tmp_path: Path) -> None:
    place.put(told("anna", "completed"))
    place.lake.catch_up()
    (file,) = (tmp_path / "lake" / "facts").rglob("*.parquet")
    left, new = file.with_name("part-left.parquet"), file.with_name("part-new.parquet")
    for one in (left, new):
        one.write_bytes(file.read_bytes())
    os.utime(left, (0, 0))

    place.lake.compact()

    assert not left.exists()
    assert new.exists()
    assert len(ids(place)) == 1


def test_once_a_day_it_is_seen_to(place: Place, tmp_path: Path) -> None:
    moment = clock.now()
    lake = Lake(place.lake.uri, place.store, zone=UTC, lock=tmp_path / "lock", now=lambda: moment)
    assert not lake.needs_compacting()
    moment += 86_400_000_001
    assert lake.needs_compacting()

    lake.compact()

    assert not lake.needs_compacting()


def test_many_statements_are_withdrawn_by_few_commits(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.analytics.lake.upkeep._NAMED", 4)
    sent = [told(number, "launched", days=number) for number in range(10)]
    place.put(*sent)
    place.lake.catch_up()
    before = place.lake.status().version
    place.put(*(voiding(one["id"]) for one in sent[:9]), voiding(sent[0]["id"]))

    assert ids(place) == [sent[9]["id"]]
    assert place.lake.status().version == before + 4


def test_a_step_takes_one_batch(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lakes, "BATCH", 3)
    place.put(*(told(number, "completed") for number in range(7)))

    assert [place.lake.advance() for _ in range(4)] == [3, 3, 1, 0]


def test_status_tells_what_waits(place: Place) -> None:
    place.put(told(1, "completed"))
    assert (place.lake.status().facts, place.lake.status().waiting) == (0, 1)

    place.lake.catch_up()

    assert (place.lake.status().facts, place.lake.status().waiting) == (1, 0)


def test_each_of_many_imports_at_once_raises_the_state(place: Place) -> None:
    """Else two of them would end in one state, and a table made between them would never be made anew."""

    def bring(number: int) -> None:
        lines = [f"{COURSE}/{number},{number}\n"]
        place.references.import_courses(["course,minutes\n", *lines])

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(bring, range(64)))

    assert state_of(place.store.records) == 64
    assert len(place.references.rows("courses")) == 64
