"""What writers of one process wait with until one of them has done the work of all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

from lrs.errors import LrsError

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection, Sequence[Item]], Sequence[Result | LrsError]]
"""Writes some items and returns what became of each; one that is refused must have written nothing."""


class Turn:
    """One writer's item, and what became of it once `settled`."""

    __slots__ = ("_called", "alone", "item", "problem", "result", "settled", "work")

    def __init__(self, work: Work[Any, Any], item: Any) -> None:
        self.work = work
        self.item = item
        self.alone = False
        """Whether it is not to share a call of the work any more, since one that it shared has failed."""
        self.settled = False
        self.result: Any = None
        self.problem: BaseException | None = None
        # A lock, the fastest there is to wait at: whoever calls lets go of it.
        self._called = Lock()
        self._called.acquire()

    def call(self) -> None:
        """Wake the writer: its item is settled, or it should look whether it may write."""
        with suppress(RuntimeError):
            self._called.release()

    def wait(self, seconds: float) -> bool:
        """Wait to be called; returns False if nobody did."""
        return self._called.acquire(timeout=seconds)
