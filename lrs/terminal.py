"""What commands take, show and write: settings, progress with rate and time left, refusals, rejected statements."""

from __future__ import annotations

import gzip
import json
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from io import BufferedReader, RawIOBase
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeVar, cast

import click
import orjson

from lrs.config import Config
from lrs.errors import BadRequest, LrsError
from lrs.services.importing import Reject, Tally
from lrs.services.reading import Item, read_items

_GZIP = b"\x1f\x8b"
_SHOWN_REFUSALS = 20
_SHOWN_FAULTS = 20
_REDRAW_EVERY = 100
_DELETE = 0x7F

_Any = TypeVar("_Any")


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command a flag for each setting."""
    for setting in reversed(fields(Config)):
        command = click.option(
            "--" + setting.name.replace("_", "-"),
            setting.name,
            help=f"{setting.metadata['about'].replace('`', '')}  [env: {setting.metadata['name']}]",
        )(command)
    return command


class PlainGroup(click.Group):
    """Commands of which every failure that an administrator can mend is one sentence, never a traceback."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except LrsError as refusal:
            allowed = f" Allowed: {refusal.allowed}." if refusal.allowed else ""
            raise click.ClickException(f"{refusal.message}{allowed}") from None
        except BrokenPipeError:
            raise
        except OSError as problem:
            place = f"{problem.filename}: " if problem.filename else ""
            raise click.ClickException(f"{place}{problem.strerror or problem}.") from None


class RejectFile:
    """A file of rejected statements, one JSON object a line: line, refusal, statement (or text, if it is not JSON).

    It is made with the first reject, and takes its name at the end: it may bear the name of a file being imported. The
    first few are shown on the terminal too.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._unfinished = path.with_name(path.name + ".part")
        self._count = 0
        self._stream: IO[bytes] | None = None

    def add(self, name: str, reject: Reject) -> None:
        """Keep a reject of the file `name`."""
        if self._stream is None:
            self._stream = self._unfinished.open("wb")
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
            self._unfinished.replace(self._path)


def sentence(item: Item, refusal: LrsError) -> str:
    """Return one line that says which statement was refused, where and why."""
    pointer = f" at {refusal.pointer}" if refusal.pointer else ""
    return plain(f"line {item.number}: {refusal.message} ({refusal.code}{pointer})")


@contextmanager
def reading(name: str, tally: Tally) -> Iterator[Iterator[Item]]:
    """Give the statements of a file ("-": standard input; gzipped: unpacked) and show how far they have been read."""
    with _opened(name) as (raw, size):
        packed = raw.peek(2)[:2] == _GZIP
        stream = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw
        with click.progressbar(
            length=size,
            label=name,
            file=sys.stderr,
            item_show_func=lambda rate: rate,
            show_pos=False,
        ) as bar:
            items = _items(stream)
            yield _watched(items, raw, bar, tally) if size else items


def free_name(path: Path, taken: Sequence[str]) -> Path:
    """Return the path, or one with a number if there is such a file that is not among `taken`."""
    free, number = path, 0
    while free.exists() and str(free) not in taken:
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def data_in(folder: Path | None) -> Callable[[str], bytes | None]:
    """Return a function that gives the data of a sha2, read from the file of that name in the folder, or None.

    It raises BadRequest if there is such a file, but it cannot be read.
    """

    def data(sha2: str) -> bytes | None:
        path = None if folder is None or not sha2.isalnum() else folder / sha2
        if path is None or not path.is_file():
            return None
        try:
            return path.read_bytes()
        except OSError as problem:
            raise BadRequest(
                f"The file of an attachment cannot be read: {problem.strerror}.",
                code="attachment-unreadable",
                allowed=f"a file named {sha2} that can be read",
            ) from problem

    return data


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


def write_items(stream: IO[bytes], texts: Iterable[bytes], *, array: bool) -> None:
    """Write JSON texts as lines of their own or as the elements of one array."""
    before, between, after = (b"[\n", b",\n", b"\n]\n") if array else (b"", b"\n", b"\n")
    stream.write(before)
    empty = True
    for text in texts:
        stream.write(text if empty else between + text)
        empty = False
    stream.write(b"" if empty and not array else after)


def plain(text: str) -> str:
    """Return text that came over the wire as it may be shown: what would steer a terminal, or hide, is spelled out."""
    return "".join(sign if sign.isprintable() else _spelled(sign) for sign in text)


def show_faults(faults: Sequence[str]) -> None:
    """Show the first few faults of a store."""
    for fault in faults[:_SHOWN_FAULTS]:
        click.echo(fault)


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
def _opened(name: str) -> Iterator[tuple[BufferedReader, int]]:
    if name == "-":
        yield BufferedReader(cast(RawIOBase, sys.stdin.buffer)), 0
        return
    path = Path(name)
    with path.open("rb") as stream:
        yield stream, path.stat().st_size


def _items(stream: IO[bytes]) -> Iterator[Item]:
    try:
        yield from read_items(stream)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadRequest(
            "The compressed file is damaged or breaks off.", code="gzip", allowed="a whole .gz file"
        ) from None


def _watched(items: Iterator[Item], raw: IO[bytes], bar: Any, tally: Tally) -> Iterator[Item]:
    started, shown = time.monotonic(), 0
    for count, item in enumerate(items):
        yield item
        if count % _REDRAW_EVERY == 0:
            position = raw.tell()
            rate = tally.seen / max(time.monotonic() - started, 0.001)
            bar.update(position - shown, f"{rate:,.0f} statements/s")
            shown = position


def _spelled(sign: str) -> str:
    """Return the sign as JSON spells it."""
    return json.dumps(sign)[1:-1] if ord(sign) != _DELETE else "\\u007f"


def _reject_line(name: str, reject: Reject) -> bytes:
    kept: dict[str, Any] = {
        "file": name,
        "line": reject.item.number,
        "refusal": reject.refusal.as_json(),
    }
    text = reject.item.text.strip()
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.dumps({**kept, "text": text.decode(errors="backslashreplace")}).encode()
    # The statement goes in as it came, so that it can be mended and imported again.
    return json.dumps(kept).encode()[:-1] + b', "statement": ' + text.replace(b"\n", b" ") + b"}"
