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
import pymongo

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


def memory(pid: int) -> dict[str, list[float]]:
    """Return the most megabytes that each worker of a server, and the projector of the lake, have taken so far."""
    told: dict[str, list[float]] = {"MB": [], "projector_MB": []}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        resident = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{child}/status").read_text())
        if resident is not None and b"resource_tracker" not in command:
            kind = "projector_MB" if b"lake" in command else "MB"
            told[kind].append(round(int(resident[1]) / 1e3))
    return told


def disk(folder: Path, store: str) -> dict[str, Any]:
    """Return the megabytes of the store's files, or what a MongoDB says of its collections and their indexes."""
    if not store:
        files = folder.glob("lrs.sqlite*")
        return {"MB": round(sum(file.stat().st_size for file in files) / 1e6)}
    with pymongo.MongoClient[Any](store) as client:
        stats = client.get_default_database("lrs").command("collStats", "statements")
    return {key: stats.get(key) for key in ("count", "size", "storageSize", "indexSizes")}


def timed(work: str, command: list[str], environment: dict[str, str], file: Path) -> dict[str, Any]:
    """Run a command about the lines of a file; return a row of its time, its rate and its peak of memory."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise click.ClickException(f"{work} failed.")
    with file.open("rb") as lines:
        rate = round(sum(1 for _ in lines) / seconds)
    peak = round(used.ru_maxrss / 1e3)
    return {"work": work, "seconds": round(seconds, 1), "statements_per_second": rate, "MB": peak}


def show(row: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    rows.append(row)
    print(json.dumps(row), flush=True)


def filled(bench: Bench, whole: int, rows: list[dict[str, Any]]) -> dict[str, Row]:
    """Load until there are so many statements, then read and write; return the rows by their work."""
    count = max(0, whole - bench.made)
    start = time.perf_counter()
    for _ in bench.load(count):
        pass
    seconds = round(time.perf_counter() - start, 1)
    show({"work": f"load of {count} over HTTP", "seconds": seconds}, rows)
    return {f"{row.work} {row.connections}": row for row in (*bench.reads(), *bench.writes())}


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
            show({"work": "memory of a worker, idle", **memory(pid)}, rows)
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
            large = filled(ours, load, rows)
            show({"work": "memory of a worker, after the load", **memory(pid)}, rows)
            show({"work": "disk", **disk(folder, store)}, rows)
            for key, row in large.items():
                growth = round(row.p50 / small[key].p50, 2)
                show({**row.as_json(), "growth_of_p50": growth}, rows)
            for row in ours.pages(pages):
                show(row.as_json(), rows)
            show({"work": "memory of a worker, after the reads", **memory(pid)}, rows)
        with served([*_LRS, "serve"], ports[0], environment) as (_, seconds):
            show({"work": "start, full", "seconds": round(seconds, 2)}, rows)
        exported = folder / "all.ndjson"
        export = [*_LRS, "export", "-o", str(exported)]
        show(timed("lrs export", export, environment, exported), rows)
        environment["LRS_DATA"] = str(folder / "second")
        if store:
            environment["LRS_STORE"] = f"{store.rstrip('/')}-second"
        again = [*_LRS, "import", str(exported)]
        show(timed("lrs import of the same", again, environment, exported), rows)
        show({"work": "raw JSON", "MB": round(exported.stat().st_size / 1e6)}, rows)
    if file is not None:
        file.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
