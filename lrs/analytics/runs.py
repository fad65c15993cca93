"""Reports that take their time: asked in the background, waited for, looked at again, and cancelled.

A run belongs to the process that began it; that it was cancelled is said in the store, so that every process hears it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import astuple, dataclass, field
from threading import BoundedSemaphore, Event, Lock, Thread
from typing import Any

from lrs.analytics.audience import Audience
from lrs.analytics.lake.engine import Interrupted
from lrs.analytics.lake.erased import erased_at
from lrs.analytics.references.references import state_of
from lrs.analytics.report import Table
from lrs.analytics.reporting import Reports
from lrs.clock import Clock
from lrs.errors import Busy, StoreUnavailable, TooSlow
from lrs.stores.protocol import RecordStore

_KIND = "cancelled"
_THREADS = 4
_LOOK = 0.5
"""Seconds between two looks at whether somebody has cancelled a run."""
_SECOND = 1_000_000
LIMIT = 120
"""Seconds after which a run is stopped, if nothing else is said."""
_WAITING = 10 * _SECOND
"""How long an answer is kept for who has asked for it, in microseconds."""
_KEPT = 3_600 * _SECOND
_SEATS = 4
"""Requests of one process that may wait for a whole answer: the others' threads are for statements."""
_BRIEFLY = 1.0
"""Seconds that a request waits for a seat: quick answers that are asked for together are all given."""
_MOST = 64
"""Runs of one process, answered or not, that are kept for whoever asks again."""


@dataclass(slots=True)
class Pending:
    """A report that is being answered."""

    name: str
    seconds: float
    """Since it was begun."""


@dataclass(slots=True, eq=False)
class _Run:
    key: str
    began: int
    future: Future[Table] | None = None
    done: Event = field(default_factory=Event)
    interrupt: Callable[[], object] = bool  # which does nothing
    stopped: bool = False
    late: bool = False  # whether it was stopped for taking too long
    ended: int = 0
    awaited: bool = False
    """Whether somebody has come back without the answer, and will ask again."""
    kept: bool = False  # whether its answer will do for somebody later

    def stop(self) -> None:
        self.stopped = True
        self.interrupt()

    def is_over(self) -> bool:
        """Whether it has ended, or will not begin."""
        return self.future is None or self.future.done()

    def watch(self, interrupt: Callable[[], None]) -> None:
        """Take what stops the engine; see lrs.analytics.lake.engine.Watch."""
        self.interrupt = interrupt
        if self.stopped:
            raise Interrupted("The report was cancelled.", allowed="to ask again")


class Runs:
    """Answers reports, and comes back without an answer if it takes too long."""

    def __init__(
        self, reports: Reports, records: RecordStore, clock: Clock, limit: float = LIMIT
    ) -> None:
        """`limit`: seconds after which a run is stopped."""
        self._reports = reports
        self._records = records
        self._clock = clock
        self._limit = limit
        self._runs: dict[str, _Run] = {}
        self._working: list[_Run] = []
        """Those that are not over, also if another has taken their place in `_runs`."""
        self._seats = BoundedSemaphore(_SEATS)
        self._answered: dict[str, Table] = {}
        self._prepared = False
        self._lock = Lock()
        self._closing = Event()
        self._watcher: Thread | None = None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="report")

    def prepare(self) -> None:
        """Load, in the background, what the first report would have to wait for; somebody is about to ask."""
        with self._lock:
            prepared, self._prepared = self._prepared, True
        if not prepared:
            self._threads.submit(self._reports.prepare)

    def ask(
        self,
        name: str,
        asked: Mapping[str, str],
        audience: Audience,
        *,
        patience: float,
        age: float = 0,
    ) -> Table | Pending:
        """Return the answer, or, if it is not there after `patience` seconds, that it is being worked on.

        Who asks the same again gets the answer of that run; with `age`, an answer that is so many seconds old will do.
        Raises: what Reports.answer raises; StoreUnavailable (503) if something that it reads gave no answer.
        """
        key = self._key(name, asked, audience)
        with self._lock:
            table = self._answered.get(key)
        is_fresh = table is not None and self._clock() - table.through < age * _SECOND
        if table is not None and is_fresh and table.through > erased_at(self._records):
            return table
        run, future = self._run(key, name, asked, audience, kept=age > 0)
        if not wait([future], patience).done:
            run.awaited = True
            self._begin_watching()
            return Pending(name, (self._clock() - run.began) / _SECOND)
        # An answer, or a failure, is given once: the next one who asks is to have a new one.
        self._forget(key, run)
        return future.result()

    def answer(self, name: str, asked: Mapping[str, str], audience: Audience) -> Table:
        """Return the answer, however long it takes up to the limit.

        Raises: Busy (503) if too many wait already; TooSlow (504) if it took longer; what `ask` raises.
        """
        if not self._seats.acquire(timeout=_BRIEFLY):
            raise Busy(
                f"{_SEATS} reports are being counted already.",
                allowed="the same request again in a while, or the page of the report, which waits by itself",
            )
        try:
            return self._answered_in_time(name, asked, audience)
        finally:
            self._seats.release()

    def _answered_in_time(self, name: str, asked: Mapping[str, str], audience: Audience) -> Table:
        key = self._key(name, asked, audience)
        run, future = self._run(key, name, asked, audience)
        if not wait([future], self._limit).done:
            run.late = True
            run.stop()
            # A query that was about to begin has not heard it.
            self._begin_watching()
        self._forget(key, run)
        if run.late:
            raise self._too_slow()
        return future.result()

    def cancel(self, name: str, asked: Mapping[str, str], audience: Audience) -> None:
        """Stop the run of a report, in whichever process it is."""
        now = self._clock()
        for other, record in self._records.all(_KIND).items():
            if now - record["at"] > _KEPT:
                self._records.delete(_KIND, other)
        key = self._key(name, asked, audience)
        self._records.put(_KIND, key, {"at": now})
        with self._lock:
            run = self._runs.pop(key, None)
        if run is not None:
            run.stop()

    def close(self) -> None:
        """Stop every run, and wait until none uses the store any more."""
        with self._lock:
            self._closing.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            runs, watcher = list(self._working), self._watcher
        for run in runs:
            run.stop()
            # A query that was about to begin has not heard it; one that never will begin is not waited for.
            while not run.is_over() and not run.done.wait(_LOOK):
                run.stop()
        self._threads.shutdown()
        if watcher is not None:
            watcher.join()

    def _run(
        self,
        key: str,
        name: str,
        asked: Mapping[str, str],
        audience: Audience,
        *,
        kept: bool = False,
    ) -> tuple[_Run, Future[Table]]:
        with self._lock:
            if self._closing.is_set():
                raise Busy("The LRS is being stopped.", allowed="the same request again in a while")
            run = self._runs.get(key)
            # One that nobody waits for was begun before what the one who asks now has stored.
            if run is None or run.future is None or not run.awaited or self._is_stale(run):
                run = self._runs[key] = _Run(key, self._clock(), kept=kept)
                self._working.append(run)
                run.future = self._threads.submit(self._answer, key, run, name, asked, audience)
            run.kept = run.kept or kept
            _cut(self._runs)
            return run, run.future

    def _is_stale(self, run: _Run) -> bool:
        """Whether nobody has come back for an answer in time: who asks now wants what is true now."""
        return run.done.is_set() and self._clock() - run.ended > _WAITING

    def _answer(
        self, key: str, run: _Run, name: str, asked: Mapping[str, str], audience: Audience
    ) -> Table:
        try:
            table = self._reports.answer(name, asked, audience=audience, watch=run.watch)
            with self._lock:
                if run.kept:
                    self._answered[key] = table
                    _cut(self._answered)
        except Interrupted:
            if run.late:
                raise self._too_slow() from None
            raise
        except TimeoutError as problem:
            raise StoreUnavailable(
                "The report could not be counted: something that it reads gave no answer in time.",
                allowed="the same request again in a while",
            ) from problem
        else:
            return table
        finally:
            run.interrupt = bool
            run.ended = self._clock()
            with self._lock:
                self._working.remove(run)
            run.done.set()

    def _begin_watching(self) -> None:
        with self._lock:
            alive = self._watcher is not None and self._watcher.is_alive()
            if not alive and not self._closing.is_set():
                self._watcher = Thread(target=self._watch, daemon=True)
                self._watcher.start()

    def _watch(self) -> None:
        """Stop runs that somebody cancels, in any process, or that take too long; end when none is left."""
        while not self._closing.wait(_LOOK):
            with self._lock:
                working = list(self._working)
                if not working:
                    self._watcher = None
                    return
            for run in working:
                cancelled = self._is_cancelled(run)
                run.late = run.late or self._clock() - run.began > self._limit * _SECOND
                if run.stopped or cancelled or run.late:
                    run.stop()

    def _is_cancelled(self, run: _Run) -> bool:
        try:
            record = self._records.get(_KIND, run.key)
        except StoreUnavailable:
            # The next look may find it; the limit holds all the same.
            return False
        return record is not None and record["at"] >= run.began

    def _key(self, name: str, asked: Mapping[str, str], audience: Audience) -> str:
        """Return what is the same for those who are to get the same answer."""
        told = json.dumps([name, sorted(asked.items()), astuple(audience), state_of(self._records)])
        return hashlib.sha256(told.encode()).hexdigest()

    def _too_slow(self) -> TooSlow:
        return TooSlow(
            f"The report took longer than {self._limit:g} seconds and was stopped.",
            allowed="a shorter period, one course, or a higher LRS_REPORT_LIMIT",
        )

    def _forget(self, key: str, run: _Run) -> None:
        with self._lock:
            if self._runs.get(key) is run:
                del self._runs[key]


def _cut(kept: dict[str, Any]) -> None:
    """Forget the oldest if there are too many."""
    while len(kept) > _MOST:
        kept.pop(next(iter(kept)))
