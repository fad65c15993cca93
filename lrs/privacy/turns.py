"""One erasure at a time: two that look for, note and remove the same would take each other's notes."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

from lrs.clock import Clock, to_iso
from lrs.errors import Conflict, StoreUnavailable
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_KIND = "erasure-turn"
_LEASE = 300_000_000
"""Microseconds after which the turn of a process that cannot be seen from here is over, if it does not renew it."""
_RENEWED = 30
"""Seconds between two renewals."""


class Turns:
    """Lends the turn to one process of one machine."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Keep every other erasure out. Raises: Conflict (409) if one is under way."""
        name, over = uuid4().hex, Event()
        self._take(name)
        renewing = Thread(target=self._renew, args=(name, over), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            over.set()
            renewing.join()
            held = self._records.get(_KIND, "")
            if held is not None and held["name"] == name:
                self._records.swap(_KIND, "", held, None)

    def _take(self, name: str) -> None:
        held = self._records.get(_KIND, "")
        if held is not None and not self._is_over(held):
            raise _under_way(held)
        if not self._records.swap(_KIND, "", held, self._turn(name)):
            raise _under_way(self._turn(name))

    def _turn(self, name: str) -> JsonObject:
        now = self._clock()
        return {
            "name": name,
            "place": _here(),
            "process": os.getpid(),
            "until": now + _LEASE,
        }

    def _is_over(self, held: JsonObject) -> bool:
        return self._clock() > held["until"] or (
            held["place"] == _here() and not _is_running(held["process"])
        )

    def _renew(self, name: str, over: Event) -> None:
        while not over.wait(_RENEWED):
            # While the file is written anew nothing else can be.
            with suppress(StoreUnavailable):
                held = self._records.get(_KIND, "")
                if held is None or held["name"] != name:
                    return
                self._records.swap(_KIND, "", held, {**held, "until": self._clock() + _LEASE})


def _under_way(held: JsonObject) -> Conflict:
    return Conflict(
        "Another erasure is under way: run it again when that has come to its end,"
        f" or after {to_iso(held['until'])[:19]}Z if its process is gone.",
        code="erasure-under-way",
    )


def _here() -> str:
    """Return a name of where process numbers are those of this process: the machine, or the container."""
    with suppress(OSError):
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    return socket.gethostname()


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
