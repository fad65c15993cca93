"""What commands show and write: progress with rate and time left, refusals, the file of rejected statements."""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar, cast

import click

from lrs.errors import LrsError
from lrs.services.importing import Item, Reject, Tally, read_items

_SHOWN_REFUSALS = 20
_REDRAW_EVERY = 100

_Any = TypeVar("_Any")


class RejectFile:
    """A file of rejected statements, one JSON object a line: line, refusal, statement (or text, if it is not JSON).

    It is made with the first reject; the first few are shown on the terminal too.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = 0
        self._stream: IO[bytes] | None = None

    def add(self, name: str, reject: Reject) -> None:
        """Keep a reject of the file `name`."""
        if self._stream is None:
            self._stream = self._path.open("wb")
        self._stream.write(_reject_line(name, reject) + b"\n")
        self._count += 1
        if self._count <= _SHOWN_REFUSALS:
            click.echo(f"\r{name}: {sentence(reject.item, reject.refusal)}", err=True)
        elif self._count == _SHOWN_REFUSALS + 1:
            click.echo("... more rejects follow in the file.", err=True)

    def __enter__(self) -> RejectFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            self._stream.close()


def sentence(item: Item, refusal: LrsError) -> str:
    """Return one line that says which statement was refused, where and why."""
    pointer = f" at {refusal.pointer}" if refusal.pointer else ""
    return f"line {item.number}: {refusal.message} ({refusal.code}{pointer})"


@contextmanager
def reading(name: str, tally: Tally) -> Iterator[Iterator[Item]]:
    """Give the statements of a file ("-": standard input, .gz: unpacked) and show how far they have been read."""
    with _opened(name) as (raw, size):
        stream = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if name.endswith(".gz") else raw
        with click.progressbar(
            length=size,
            label=name,
            file=sys.stderr,
            item_show_func=lambda rate: rate,
            show_pos=False,
        ) as bar:
            yield _watched(read_items(stream), raw, bar, tally) if size else read_items(stream)


@contextmanager
def writing(path: Path | None) -> Iterator[IO[bytes]]:
    """Give a stream to a file (compressed if it ends in .gz), or to standard output."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif path.suffix == ".gz":
        with gzip.open(path, "wb", compresslevel=6) as packed:
            yield cast(IO[bytes], packed)
    else:
        with path.open("wb") as plain:
            yield plain


def counted(items: Iterable[_Any], length: int, label: str) -> Iterator[_Any]:
    """Pass items on and show how many of `length` have passed, and the time left."""
    with click.progressbar(
        items,
        length=length,
        label=label,
        file=sys.stderr,
        show_pos=True,
        update_min_steps=_REDRAW_EVERY,
    ) as bar:
        yield from bar


@contextmanager
def _opened(name: str) -> Iterator[tuple[IO[bytes], int]]:
    if name == "-":
        yield sys.stdin.buffer, 0
        return
    path = Path(name)
    with path.open("rb") as stream:
        yield stream, path.stat().st_size


def _watched(items: Iterator[Item], raw: IO[bytes], bar: Any, tally: Tally) -> Iterator[Item]:
    started, shown = time.monotonic(), 0
    for count, item in enumerate(items):
        yield item
        if count % _REDRAW_EVERY == 0:
            position = raw.tell()
            rate = tally.seen / max(time.monotonic() - started, 0.001)
            bar.update(position - shown, f"{rate:,.0f} statements/s")
            shown = position


def _reject_line(name: str, reject: Reject) -> bytes:
    kept: dict[str, Any] = {
        "file": name,
        "line": reject.item.number,
        "refusal": reject.refusal.as_json(),
    }
    text = reject.item.text.strip()
    try:
        json.loads(text)
    except ValueError:
        return json.dumps({**kept, "text": text.decode(errors="backslashreplace")}).encode()
    # The statement goes in as it came, so that it can be mended and imported again.
    return json.dumps(kept).encode()[:-1] + b', "statement": ' + text.replace(b"\n", b" ") + b"}"
