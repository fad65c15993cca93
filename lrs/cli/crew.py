"""Processes that import a long file together: each checks batches of its own, and they store them in its order."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click

from lrs.assembly import Services, build_services, spare_collector
from lrs.config import Config
from lrs.errors import BadRequest, StoreUnavailable
from lrs.services.importing import BATCH, BATCH_SIZE, Importer, Reject, Tally, import_sender
from lrs.services.reading import Item
from lrs.services.statements import Sender
from lrs.terminal import data_in
from lrs.xapi import JsonObject

_MOST = 4
"""Processes; a fourth of the work is storing, which one does at a time."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of a batch."""

    tally: Tally
    rejects: Sequence[Reject]


@dataclass(frozen=True, slots=True)
class _Away:
    """That the store went away; the cause of an exception does not get through a channel."""

    refusal: StoreUnavailable
    cause: str


class Crew:
    """As many processes as there are processors; they start when there is work for them."""

    def __init__(self, config: Config, attachments: Path | None) -> None:
        self._config = config
        self._attachments = attachments

    def run(self, items: Iterator[Item], tally: Tally) -> Iterator[Reject]:
        """As Importer.run: store what can be stored, yield the other statements in their order, keep the tally."""
        batches = _batches(items)
        first = next(batches, None)
        if first is None:
            return
        with self._started() as channels:
            _send(channels[0], first)
            at_work = deque(channels[:1])
            free = cycle((*channels[1:], channels[0]))
            try:
                for batch in batches:
                    if len(at_work) == len(channels):
                        yield from _outcome(at_work.popleft(), tally)
                    channel = next(free)
                    _send(channel, batch)
                    at_work.append(channel)
            except BadRequest:
                while at_work:
                    yield from _outcome(at_work.popleft(), tally)
                raise
            while at_work:
                yield from _outcome(at_work.popleft(), tally)

    @contextmanager
    def _started(self) -> Iterator[list[Connection]]:
        """Start the processes and give a channel to each; they end when it is closed."""
        # Not forked: no connection to a store may be in two processes.
        context = get_context("spawn")
        channels, processes = [], []
        try:
            for _ in range(min(_MOST, len(os.sched_getaffinity(0)))):
                mine, theirs = context.Pipe()
                process = context.Process(
                    target=_work, args=(theirs, self._config, self._attachments), daemon=True
                )
                with _deaf_to_the_terminal():
                    process.start()
                theirs.close()
                channels.append(mine)
                processes.append(process)
            yield channels
        finally:
            for channel in channels:
                channel.close()
            for process in processes:
                process.join()


@contextmanager
def _deaf_to_the_terminal() -> Iterator[None]:
    """Let processes that start here never hear of Ctrl+C, which reaches all of them: the first ends the others.

    It is lost on this process too in these few milliseconds. To hold it back instead would have another thread take it,
    and then Python sees to it only when something else happens.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _batches(items: Iterator[Item]) -> Iterator[list[Item]]:
    """Yield the items in lists; those before a break as well. Raises: BadRequest if the items break off."""
    batch: list[Item] = []
    size = 0
    try:
        for item in items:
            batch.append(item)
            size += len(item.text)
            if len(batch) == BATCH or size >= BATCH_SIZE:
                yield batch
                batch, size = [], 0
    except BadRequest:
        yield batch
        raise
    if batch:
        yield batch


def _send(channel: Connection, batch: Sequence[Item]) -> None:
    try:
        channel.send(batch)
    except OSError:
        raise _ended() from None


def _ended() -> click.ClickException:
    return click.ClickException(
        "A process of the import has ended before its time (out of memory?); run it again to go on."
    )


def _outcome(channel: Connection, tally: Tally) -> Sequence[Reject]:
    """Let a process store its batch, now that those before are stored; add to the tally, and return the rejects.

    Raises: StoreUnavailable if the store went away; ClickException if the process did.
    """
    try:
        told = channel.recv()
        if told is None:
            channel.send(None)
            told = channel.recv()
    except (EOFError, OSError):
        raise _ended() from None
    if isinstance(told, _Away):
        raise told.refusal from OSError(told.cause)
    tally.stored += told.tally.stored
    tally.already_there += told.tally.already_there
    tally.rejected += told.tally.rejected
    tally.erased += told.tally.erased
    rejects: Sequence[Reject] = told.rejects
    return rejects


class _Gone(Exception):
    """The process that gives out the work has ended, or wants no more."""


def _hear(channel: Connection) -> Any:
    try:
        return channel.recv()
    except (EOFError, OSError):
        raise _Gone from None


def _tell(channel: Connection, what: object) -> None:
    try:
        channel.send(what)
    except OSError:
        raise _Gone from None


def _work(channel: Connection, config: Config, attachments: Path | None) -> None:
    """Import batches until the channel is closed at its other end."""
    services = build_services(config)
    spare_collector()
    try:
        _serve(channel, services, data_in(attachments))
    finally:
        services.close()


def _serve(
    channel: Connection, services: Services, attachment: Callable[[str], bytes | None]
) -> None:
    waited = False

    def wait(_: Sequence[JsonObject], __: Sender) -> None:
        nonlocal waited
        if not waited:
            _tell(channel, None)
            _hear(channel)
            waited = True

    services.statements.watch(guard=wait)
    importer = Importer(services.statements, import_sender(services.config.public_url), attachment)
    with suppress(_Gone):
        while True:
            items = _hear(channel)
            importer.tally, waited = Tally(), False
            try:
                rejects = list(importer.run(iter(items)))
            except StoreUnavailable as away:
                _tell(channel, _Away(away, str(away.__cause__)))
            else:
                _tell(channel, _Done(importer.tally, rejects))
