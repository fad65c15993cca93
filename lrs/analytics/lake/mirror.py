"""Files of a lake in an object store, copied beside the engine: they never change, so each is fetched once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from uuid import uuid4

_GRACE = 60
"""Seconds for which a file that is no longer of the lake stays, for whoever reads it just now."""
_PIECE = 8 * 1024 * 1024


class Mirror:
    """Copies of a table's files in a folder, which any number of processes may share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._stale: dict[Path, float] = {}

    def local(self, files: Sequence[str]) -> tuple[str, ...]:
        """Return paths of the files, those with a URL fetched first; what a table lists no more goes a minute later."""
        if not files or "://" not in files[0]:
            return tuple(files)
        table = table_of(files[0])
        with self._lock:
            root = self._folder / table.partition("://")[2]
            wanted = {root / file[len(table) + 1 :] for file in files}
            self._fetch(table, root, sorted(wanted))
            self._clean(root, wanted)
        return tuple(str(path) for path in sorted(wanted))

    def clear(self) -> None:
        """Delete every copy at once; who reads one just now has to ask again."""
        with self._lock:
            for path in self._folder.rglob("*.parquet*"):
                path.unlink(missing_ok=True)

    def _fetch(self, table: str, root: Path, wanted: Sequence[Path]) -> None:
        from deltalake.fs import DeltaStorageHandler  # noqa: PLC0415 see lake

        missing = [path for path in wanted if not path.exists()]
        if not missing:
            return
        remote = DeltaStorageHandler(table)
        for path in missing:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.{uuid4()}")
            with remote.open_input_stream(path.relative_to(root).as_posix()) as source:
                with part.open("wb") as target:
                    while piece := source.read(_PIECE):
                        target.write(piece)
            part.replace(path)

    def _clean(self, root: Path, wanted: set[Path]) -> None:
        now = time.monotonic()
        there = set(root.rglob("*.parquet")) - wanted
        self._stale = {path: self._stale.get(path, now) for path in there} | {
            path: since for path, since in self._stale.items() if not path.is_relative_to(root)
        }
        for path in there:
            if now - self._stale[path] >= _GRACE:
                with suppress(FileNotFoundError):
                    path.unlink()
                del self._stale[path]


def table_of(file: str) -> str:
    """Return where the table of a file lies: above its partitions, such as month=2026-01."""
    folder = file.rpartition("/")[0]
    while "=" in folder.rpartition("/")[2]:
        folder = folder.rpartition("/")[0]
    return folder
