"""Reports in the background: waited for, found again, cancelled from any process."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from lrs import clock
from lrs.analytics.audience import EVERYONE, Audience
from lrs.analytics.lake import lake
from lrs.analytics.lake.engine import Interrupted, Query, Sources, Watch
from lrs.analytics.lake.state import LakeBusy, Snapshot
from lrs.analytics.report import Table
from lrs.analytics.runs import Pending, Runs
from lrs.errors import Busy, NotFound, StoreUnavailable, TooSlow
from lrs.stores.protocol import RecordStore
from tests.analytics.places import Place, duckdb_in, told

ENDLESS = (
    "WITH far AS (SELECT COUNT(*) AS n FROM range(100000000000) a, range(1000) b) SELECT n FROM far"
)


class Slow:
    """An engine whose first answer takes for ever: DuckDB counting to a very high number."""

    def __init__(self, folder: Path) -> None:
        self._engine = duckdb_in(folder)
        self.began = Event()

    def run(self, query: Query, watch: Watch) -> list[dict[str, object]]:
        self.began.set()
        return self._engine.run(Query(ENDLESS, {}, Sources(Snapshot(0, (), 0), {})), watch)


@pytest.fixture
def slow(place: Place, tmp_path: Path) -> Iterator[tuple[Runs, Runs]]:
    """Give the runs of two processes over one store, whose reports never end."""
    place.put(told(1, "launched"))
    place.reports._engine = Slow(tmp_path / "slow")
    both = [Runs(place.reports, place.store.records, clock.now) for _ in range(2)]
    yield both[0], both[1]
    for runs in both:
        runs.close()


def asked_until_over(runs: Runs) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        runs.ask("verbs", {}, EVERYONE, patience=0.2)


def test_a_quick_report_is_there_at_once(place: Place) -> None:
    place.put(told(1, "launched"))
    runs = Runs(place.reports, place.store.records, clock.now)

    table = runs.ask("verbs", {}, EVERYONE, patience=30)

    assert isinstance(table, Table)
    assert table.rows[0]["learners"] == 1
    runs.close()


def test_a_refusal_comes_through(place: Place) -> None:
    runs = Runs(place.reports, place.store.records, clock.now)

    with pytest.raises(NotFound):
        runs.ask("nope", {}, EVERYONE, patience=30)
    runs.close()


def test_each_answer_counts_what_was_stored_before_it_was_asked_for(place: Place) -> None:
    runs = Runs(place.reports, place.store.records, clock.now)
    for count in range(1, 4):
        place.put(told(count, "launched"))
        table = runs.ask("verbs", {}, EVERYONE, patience=30)
        assert isinstance(table, Table)
        assert table.rows[0]["learners"] == count
    runs.close()


def test_a_slow_report_is_pending_and_ends_when_it_is_cancelled(slow: tuple[Runs, Runs]) -> None:
    runs, _ = slow
    pending = runs.ask("verbs", {}, EVERYONE, patience=0.2)
    assert isinstance(pending, Pending)
    assert pending.seconds > 0
    (run,) = runs._runs.values()

    runs.cancel("verbs", {}, EVERYONE)

    assert run.done.wait(20)


def test_who_waits_for_the_whole_answer_waits_no_longer_than_the_limit(
    slow: tuple[Runs, Runs],
) -> None:
    runs, _ = slow
    runs._limit = 0.3

    with pytest.raises(TooSlow, match="longer than"):
        runs.answer("verbs", {}, EVERYONE)

    assert not runs._runs
    wait_for(lambda: not runs._working)


def test_a_run_is_stopped_at_the_limit_though_another_has_taken_its_place(
    slow: tuple[Runs, Runs],
) -> None:
    runs, _ = slow
    assert isinstance(runs.ask("verbs", {}, EVERYONE, patience=0), Pending)
    runs._runs.clear()
    runs._limit = 0.3

    with pytest.raises(TooSlow):
        asked_until_over(runs)

    wait_for(lambda: not runs._working)


def test_answers_are_not_shared_by_those_who_see_other_things(place: Place) -> None:
    runs = Runs(place.reports, place.store.records, clock.now)
    place.put(*(told(who, "launched") for who in range(4)))
    for least, learners in ((1, 4), (5, None)):
        table = runs.ask("verbs", {}, Audience(least=least), patience=30, age=600)
        assert isinstance(table, Table)
        assert table.rows[0]["learners"] == learners
    people = ["person,identifiers\n", "A,learner-0@example.org learner-1@example.org\n"]
    place.references.import_people(people)

    table = runs.ask("verbs", {}, Audience(least=1), patience=30, age=600)

    assert isinstance(table, Table)
    assert table.rows[0]["learners"] == 3
    runs.close()


def wait_for(over: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not over():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_another_process_can_cancel_it(slow: tuple[Runs, Runs]) -> None:
    runs, other = slow
    assert isinstance(runs.ask("verbs", {}, EVERYONE, patience=0.2), Pending)

    other.cancel("verbs", {}, EVERYONE)

    with pytest.raises(Interrupted):
        asked_until_over(runs)


def test_the_end_of_the_process_ends_its_runs(slow: tuple[Runs, Runs]) -> None:
    runs, _ = slow
    assert isinstance(runs.ask("verbs", {}, EVERYONE, patience=0.2), Pending)
    (run,) = runs._runs.values()

    runs.close()

    assert run.done.is_set()


def test_an_answer_that_is_not_too_old_will_do_where_that_is_said(place: Place) -> None:
    runs = Runs(place.reports, place.store.records, clock.now)
    runs.prepare()
    place.put(told(1, "launched"))
    first = runs.ask("verbs", {}, EVERYONE, patience=30, age=60)
    place.put(told(2, "launched"))

    assert runs.ask("verbs", {}, EVERYONE, patience=30, age=60) is first
    fresh = runs.ask("verbs", {}, EVERYONE, patience=30)
    assert isinstance(fresh, Table)
    assert fresh.rows[0]["learners"] == 2
    runs.close()


class Failing:
    """The records of a store that fails a number of times when one is asked for."""

    def __init__(self, records: RecordStore, times: int) -> None:
        self._records = records
        self.left = times

    def __getattr__(self, name: str) -> object:
        return getattr(self._records, name)

    def get(self, kind: str, key: str) -> object:
        if kind == "cancelled" and self.left:
            self.left -= 1
            raise StoreUnavailable("The store did not answer.")
        return self._records.get(kind, key)


def test_a_failing_store_does_not_end_the_watch_over_runs(
    slow: tuple[Runs, Runs], place: Place
) -> None:
    runs, other = slow
    failing = Failing(place.store.records, 2)
    runs._records = failing  # type: ignore[assignment]
    assert isinstance(runs.ask("verbs", {}, EVERYONE, patience=0), Pending)
    wait_for(lambda: not failing.left)

    other.cancel("verbs", {}, EVERYONE)

    wait_for(lambda: not runs._working)


def test_a_timeout_of_what_a_report_reads_is_no_patience_that_ended(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(*arguments: object, **more: object) -> Table:
        raise TimeoutError

    runs = Runs(place.reports, place.store.records, clock.now)
    monkeypatch.setattr(place.reports, "answer", answer)

    with pytest.raises(StoreUnavailable, match="gave no answer in time"):
        runs.ask("verbs", {}, EVERYONE, patience=30)
    with pytest.raises(StoreUnavailable):
        runs.answer("verbs", {}, EVERYONE)
    runs.close()


def test_only_so_many_wait_for_whole_answers(slow: tuple[Runs, Runs]) -> None:
    runs, _ = slow
    ended: list[str] = []

    def wait(hour: int) -> None:
        try:
            runs.answer("verbs", {"hour": str(hour)}, EVERYONE)
        except Busy:
            ended.append("busy")
        except Interrupted:
            ended.append("stopped")

    waiting = [Thread(target=wait, args=(hour,)) for hour in range(7)]
    for one in waiting:
        one.start()
    wait_for(lambda: ended.count("busy") == 3)
    assert ended == ["busy"] * 3

    runs.close()

    for one in waiting:
        one.join(30)
    assert sorted(ended) == ["busy"] * 3 + ["stopped"] * 4


def test_only_answers_that_will_do_later_are_kept(place: Place) -> None:
    runs = Runs(place.reports, place.store.records, clock.now)
    runs.ask("verbs", {}, EVERYONE, patience=30)
    runs.answer("verbs", {}, EVERYONE)
    assert not runs._answered

    runs.ask("verbs", {}, EVERYONE, patience=30, age=60)

    assert len(runs._answered) == 1
    runs.close()
    with pytest.raises(Busy):
        runs.ask("verbs", {}, EVERYONE, patience=0)


def test_a_lake_that_is_stopped_catches_up_no_further_than_one_batch(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake, "BATCH", 1)
    place.put(*(told(who, "launched") for who in range(4)))
    counts: list[int] = []
    place.lake.stop()

    with pytest.raises(LakeBusy, match="being stopped"):
        place.lake.catch_up(counts.append)

    assert counts == [1]
