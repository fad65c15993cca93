"""The whole benchmark: our LRS and, beside it in the same run, a route that does nothing. It tests nothing.

python -m tests.bench.run --load 1000000 [--store mongodb://...] [--json FILE]
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from lrs.bench.client import Connection, Target
from lrs.bench.measure import Bench, Row
from tests.conftest import free_port

_LRS = [str(Path(sys.executable).with_name("lrs"))]
_KEY, _SECRET = "bench", "bench"


@contextmanager
def served(
    command: list[str], port: int, environment: dict[str, str]
) -> Iterator[tuple[int, float]]:
    """Start a server; give its pid and the seconds to its first answer, and stop it."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(6_000):
            try:
                connection = Connection("127.0.0.1", port)
                connection.send(b"GET /xapi/about HTTP/1.1\r\nHost: localhost\r\n\r\n")
                connection.close()
                break
            except OSError:
                time.sleep(0.005)
        yield process.pid, time.perf_counter() - start
    finally:
        process.terminate()
        process.wait(timeout=30)


def memory(pid: int) -> list[float]:
    """Return the resident megabytes of each worker of a server."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    texts = [Path(f"/proc/{child}/status").read_text() for child in children]
    return [int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1e3 for text in texts]  # type: ignore[index]


def disk(folder: Path) -> float:
    """Return the megabytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) / 1e6


def show(row: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    rows.append(row)
    print(json.dumps(row), flush=True)


def filled(bench: Bench, count: int, rows: list[dict[str, Any]]) -> dict[str, Row]:
    """Load so many statements more, then read; return the rows of the reads by their work."""
    start = time.perf_counter()
    for _ in bench.load(count):
        pass
    seconds = round(time.perf_counter() - start, 1)
    show({"work": f"load of {count} over HTTP", "seconds": seconds}, rows)
    return {row.work: row for row in bench.reads()}


@click.command()
@click.option(
    "--load",
    default=100_000,
    help="Statements to read among; a tenth of them first, for the growth.",
)
@click.option("--store", default="", help="As LRS_STORE; default: SQLite in a throw-away folder.")
@click.option("--scale", default=1.0)
@click.option("--pages", default=5_000)
@click.option("--json", "file", type=click.Path(path_type=Path))
def main(load: int, store: str, scale: float, pages: int, file: Path | None) -> None:
    rows: list[dict[str, Any]] = []
    ports = free_port(), free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {
            "LRS_DATA": name,
            "LRS_PORT": str(ports[0]),
            "LRS_KEY": _KEY,
            "LRS_SECRET": _SECRET,
            **({"LRS_STORE": store} if store else {}),
        }
        targets = [Target(f"http://127.0.0.1:{port}/xapi", _KEY, _SECRET) for port in ports]
        noop = [sys.executable, "-m", "tests.bench.noop", str(ports[1])]
        with served([*_LRS, "serve"], ports[0], environment) as (pid, seconds):
            show({"work": "start, empty", "seconds": round(seconds, 2)}, rows)
            time.sleep(1)
            show({"work": "memory of a worker, idle", "MB": memory(pid)}, rows)
            ours = Bench(targets[0], seed=1, scale=scale)
            with served(noop, ports[1], {}):
                beside = Bench(targets[1], seed=2, scale=scale)
                for kind in ("writes", "documents"):
                    base = {row.work + str(row.connections): row for row in getattr(beside, kind)()}
                    for row in getattr(ours, kind)():
                        other = base[row.work + str(row.connections)].requests_per_second
                        share = round(row.requests_per_second / other, 3)
                        show({**row.as_json(), "noop": other, "share_of_noop": share}, rows)
            small = filled(ours, load // 10, rows)
            large = filled(ours, load - load // 10, rows)
            show({"work": "memory of a worker, after the load", "MB": memory(pid)}, rows)
            show({"work": "disk", "MB": round(disk(folder))}, rows)
            for row in large.values():
                growth = round(row.p50 / small[row.work].p50, 2)
                show({**row.as_json(), "growth_of_p50": growth}, rows)
            for row in ours.pages(pages):
                show(row.as_json(), rows)
            show({"work": "memory of a worker, after the reads", "MB": memory(pid)}, rows)
        with served([*_LRS, "serve"], ports[0], environment) as (_, seconds):
            show({"work": "start, full", "seconds": round(seconds, 2)}, rows)
        for work, command in (
            ("lrs export", [*_LRS, "export", "-o", str(folder / "all.ndjson")]),
            ("lrs import of the same", [*_LRS, "import", str(folder / "all.ndjson")]),
        ):
            if work.startswith("lrs import"):
                environment["LRS_DATA"] = str(folder / "second")
            start = time.perf_counter()
            subprocess.run(
                command, env={**os.environ, **environment}, check=True, capture_output=True
            )
            seconds = time.perf_counter() - start
            rate = round(load / seconds)
            show({"work": work, "seconds": round(seconds, 1), "statements_per_second": rate}, rows)
        show({"work": "raw JSON", "MB": round((folder / "all.ndjson").stat().st_size / 1e6)}, rows)
    if file is not None:
        file.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
