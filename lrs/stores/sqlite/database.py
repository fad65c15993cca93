"""One SQLite file: its connections, its transactions, its tables."""

from __future__ import annotations

import sqlite3
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, cast

from lrs.errors import LrsError, StoreUnavailable
from lrs.stores.sqlite.tables import LAYOUT, TABLES
from lrs.stores.sqlite.turns import Item, Result, Turn, Work

Value = TypeVar("Value")

BUSY_SECONDS = 20
"""How long a writer waits for the writers of other processes."""

_MAX_PARAMETERS = 500
"""How many values one IN (...) takes at the most."""


class Database:
    """Readers take a connection from a pool; writers of this process take turns on one connection.

    Writers of other processes are waited for at a lock file: SQLite itself would only look again now and then.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._readers: deque[sqlite3.Connection] = deque()
        self._write_lock = Lock()
        self._turns: deque[Turn] = deque()
        with _refusing():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._connect(BUSY_SECONDS)
            self._demand_layout()
            self._writer.executescript(TABLES)
            self._gate = path.with_name(f"{path.name}-gate").open("ab")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for reading."""
        with _refusing():
            try:
                connection = self._readers.pop()
            except IndexError:
                connection = self._connect(BUSY_SECONDS)
            try:
                yield connection
            finally:
                self._readers.append(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the writing connection inside a transaction: committed at the end, undone on any error."""
        with (
            _refusing(),
            self._writer_held(),
            self._gate_passed(),
            self._transaction() as connection,
        ):
            yield connection

    def write(self, work: Work[Item, Result], item: Item) -> Result:
        """Let `work` write an item in a transaction, and return what became of it once that is on the disk.

        Writers that wait at the same time share a transaction, and those with the same work a call of it: one commit
        serves them all. If work raises, its items are left out and the others begin anew: it must change nothing but
        through its connection.
        """
        turn = Turn(work, item)
        self._turns.append(turn)
        give_up = time.monotonic() + BUSY_SECONDS
        while not turn.settled:
            # One does the work of all who wait. Who was served needs no lock to learn of it, and queues at none.
            if self._write_lock.acquire(blocking=False):
                try:
                    if not turn.settled:
                        self._settle()
                finally:
                    self._let_others_write()
            elif not turn.wait(max(0.0, give_up - time.monotonic())):
                if self._withdrawn(turn):
                    raise _unavailable()
                # It is being done at this very moment.
                give_up += BUSY_SECONDS
        if turn.problem is not None:
            raise turn.problem
        return cast(Result, turn.result)

    @contextmanager
    def writing_at_once(self) -> Iterator[sqlite3.Connection | None]:
        """As `writing`, but lend None if any writer, of any process, is at work at this moment."""
        if not self._write_lock.acquire(blocking=False):
            yield None
            return
        try:
            with _refusing(), ExitStack() as stack:
                try:
                    stack.enter_context(self._gate_passed(LOCK_NB))
                except BlockingIOError:
                    yield None
                    return
                yield stack.enter_context(self._transaction())
        finally:
            self._let_others_write()

    @contextmanager
    def _writer_held(self) -> Iterator[None]:
        """Keep the other writers of this process out. Raises: StoreUnavailable if one takes BUSY_SECONDS.

        So only one waits without limit, where a process stands still in the middle of its turn: at the gate.
        """
        if not self._write_lock.acquire(timeout=BUSY_SECONDS):
            raise _unavailable()
        try:
            yield
        finally:
            self._let_others_write()

    def _let_others_write(self) -> None:
        self._write_lock.release()
        # Whoever came before the release may have found the lock taken; who comes after it does not need a call.
        self._call_next()

    def _call_next(self) -> None:
        with suppress(IndexError):
            self._turns[0].call()

    def _withdrawn(self, turn: Turn) -> bool:
        try:
            self._turns.remove(turn)
        except ValueError:
            return False
        # In case that this was the one who was called.
        self._call_next()
        return True

    def _settle(self) -> None:
        """Do the work of all who wait at this moment."""
        turns: list[Turn] = []
        try:
            with _refusing(), self._gate_passed():
                while self._turns:
                    turns.append(self._turns.popleft())
                waiting = turns
                while not self._try(waiting):
                    waiting = [turn for turn in waiting if turn.problem is None]
        except BaseException as problem:
            while self._turns:
                turns.append(self._turns.popleft())
            for turn in turns:
                turn.problem = problem
        finally:
            for turn in turns:
                turn.settled = True
                turn.call()

    def _try(self, turns: Sequence[Turn]) -> bool:
        """Do all turns in one transaction; return False, with nothing done, once a work raises."""
        with self._transaction() as connection:
            groups: dict[Any, list[Turn]] = {}
            for turn in turns:
                groups.setdefault(turn if turn.alone else turn.work, []).append(turn)
            for mine in groups.values():
                try:
                    with _refusing():
                        outcomes = mine[0].work(connection, [turn.item for turn in mine])
                except Exception as problem:
                    for turn in mine:
                        turn.problem = None if len(mine) > 1 else problem
                        turn.alone = True
                    self._roll_back()
                    return False
                for turn, outcome in zip(mine, outcomes, strict=True):
                    turn.result = outcome
        for turn in turns:
            if isinstance(turn.result, LrsError):
                turn.problem = turn.result
        return True

    @contextmanager
    def _gate_passed(self, how: int = 0) -> Iterator[None]:
        """Keep the writers of other processes out. Raises: BlockingIOError if there is one, and `how` is LOCK_NB."""
        if self._gate.closed:
            raise sqlite3.ProgrammingError("The store is closed.")
        flock(self._gate, LOCK_EX | how)
        try:
            yield
        finally:
            flock(self._gate, LOCK_UN)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Run a transaction on the writing connection; one that was rolled back inside is not committed."""
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield self._writer
            if self._writer.in_transaction:
                self._writer.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        # SQLite itself has rolled back after some errors.
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def rewrite(self) -> None:
        """Write the file anew: pages keep what was deleted from them, and so does the log until it is emptied.

        Raises: StoreUnavailable (503) if readers hold on to what was; then it may be repeated.
        """
        with _refusing(), self._writer_held(), self._gate_passed():
            self._writer.execute("VACUUM")
            (busy, *_) = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreUnavailable("Somebody keeps reading the store.", allowed="another try")

    def close(self) -> None:
        """Close every connection that is not lent out."""
        with self._writer_held():
            for connection in (*self._readers, self._writer):
                connection.close()
            self._readers.clear()
            self._gate.close()

    def _demand_layout(self) -> None:
        (layout,) = self._writer.execute("PRAGMA user_version").fetchone()
        (tables,) = self._writer.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if layout != LAYOUT and (layout or tables):
            raise StoreUnavailable(
                "The store's file was written by another release of the LRS: export it with that one, import it here."
            )

    def _connect(self, busy_seconds: float) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit that was acknowledged survives a power cut.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -4000")
        return connection


def chunks(values: Sequence[Value]) -> Iterator[tuple[str, Sequence[Value]]]:
    """Yield ("?,?,...", values) with so many values each that an IN (...) takes them."""
    for start in range(0, len(values), _MAX_PARAMETERS):
        chunk = values[start : start + _MAX_PARAMETERS]
        yield ",".join("?" * len(chunk)), chunk


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what SQLite raises (locked, disk full, damaged file) into StoreUnavailable."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as problem:
        raise _unavailable() from problem


def _unavailable() -> StoreUnavailable:
    return StoreUnavailable(
        "The store cannot be reached at the moment; the request may be repeated."
    )
