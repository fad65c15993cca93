"""Reports that take their time: asked in the background, waited for, looked at again, and cancelled.

A run belongs to the process that began it; that it was cancelled is said in the store, so that every process hears it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from lrs.analytics.audience import Audience
from lrs.analytics.engine import Interrupted
from lrs.analytics.people import state_of
from lrs.analytics.report import Table
from lrs.analytics.reporting import Reports
from lrs.clock import Clock
from lrs.errors import TooSlow
from lrs.stores.protocol import RecordStore

_KIND = "cancelled"
_ERASED = "erased-at"
_THREADS = 4
_LOOK = 0.5
"""Seconds between two looks at whether somebody has cancelled a run."""
_SECOND = 1_000_000
LIMIT = 120
"""Seconds after which a run is stopped, if nothing else is said."""
_WAITING = 10 * _SECOND
"""How long an answer is kept for who has asked for it, in microseconds."""
_KEPT = 3_600 * _SECOND
_MOST = 64
"""Runs of one process, answered or not, that are kept for whoever asks again."""


def _nothing() -> None:
    """Stop nothing."""


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
    interrupt: Callable[[], None] = _nothing
    stopped: bool = False
    late: bool = False
    """Whether it was stopped for taking too long."""
    ended: int = 0
    awaited: bool = False
    """Whether somebody has come back without the answer, and will ask again."""

    def stop(self) -> None:
        self.stopped = True
        self.interrupt()

    def is_over(self) -> bool:
        """Whether it has ended, or will not begin."""
        return self.future is None or self.future.done()

    def watch(self, interrupt: Callable[[], None]) -> None:
        """Take what stops the engine; see lrs.analytics.engine.Watch."""
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
        Raises: what Reports.answer raises.
        """
        key = self._key(name, asked, audience)
        with self._lock:
            table = self._answered.get(key)
        is_fresh = table is not None and self._clock() - table.through < age * _SECOND
        if table is not None and is_fresh and table.through > _erased_at(self._records):
            return table
        run, future = self._run(key, name, asked, audience)
        try:
            return future.result(patience)
        except StillRunning:
            run.awaited = True
            self._begin_watching()
            return Pending(name, (self._clock() - run.began) / _SECOND)
        finally:
            # An answer, or a failure, is given once: the next one who asks is to have a new one.
            if future.done():
                self._forget(key, run)

    def answer(self, name: str, asked: Mapping[str, str], audience: Audience) -> Table:
        """Return the answer, however long it takes up to the limit.

        Raises: TooSlow (504) if it took longer; what Reports.answer raises.
        """
        key = self._key(name, asked, audience)
        run, future = self._run(key, name, asked, audience)
        try:
            return future.result(self._limit)
        except StillRunning:
            run.late = True
            run.stop()
            # A query that was about to begin has not heard it.
            self._begin_watching()
            raise self._too_slow() from None
        finally:
            self._forget(key, run)

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
        self._closing.set()
        with self._lock:
            runs, watcher = list(self._working), self._watcher
        self._threads.shutdown(wait=False, cancel_futures=True)
        for run in runs:
            run.stop()
            # A query that was about to begin has not heard it; one that never will begin is not waited for.
            while not run.is_over() and not run.done.wait(_LOOK):
                run.stop()
        self._threads.shutdown()
        if watcher is not None:
            watcher.join()

    def _run(
        self, key: str, name: str, asked: Mapping[str, str], audience: Audience
    ) -> tuple[_Run, Future[Table]]:
        with self._lock:
            run = self._runs.get(key)
            # One that nobody waits for was begun before what the one who asks now has stored.
            if run is None or run.future is None or not run.awaited or self._is_stale(run):
                run = self._runs[key] = _Run(key, self._clock())
                self._working.append(run)
                run.future = self._threads.submit(self._answer, key, run, name, asked, audience)
            while len(self._runs) > _MOST:
                self._runs.pop(next(iter(self._runs)))
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
                self._answered[key] = table
                while len(self._answered) > _MOST:
                    self._answered.pop(next(iter(self._answered)))
        except Interrupted:
            if run.late:
                raise self._too_slow() from None
            raise
        else:
            return table
        finally:
            run.interrupt = _nothing
            run.ended = self._clock()
            with self._lock:
                self._working.remove(run)
            run.done.set()

    def _begin_watching(self) -> None:
        with self._lock:
            if self._watcher is None and not self._closing.is_set():
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
                record = self._records.get(_KIND, run.key)
                cancelled = record is not None and record["at"] >= run.began
                run.late = run.late or self._clock() - run.began > self._limit * _SECOND
                if run.stopped or cancelled or run.late:
                    run.stop()

    def _key(self, name: str, asked: Mapping[str, str], audience: Audience) -> str:
        """Return what is the same for those who are to get the same answer."""
        whose = [audience.own, audience.key, audience.names, audience.least]
        told = json.dumps([name, sorted(asked.items()), whose, state_of(self._records)])
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


def note_erasure(records: RecordStore, moment: int) -> None:
    """Let no process give an answer any more that was found up to this moment."""
    records.put(_ERASED, "", {"at": moment})


def _erased_at(records: RecordStore) -> int:
    return int((records.get(_ERASED, "") or {}).get("at", 0))
