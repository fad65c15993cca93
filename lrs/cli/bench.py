"""`lrs bench`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from lrs.bench.client import Target
from lrs.bench.measure import Bench, Row

_SEED_BITS = 32


@click.command()
@click.option("--endpoint", required=True, help="Such as http://127.0.0.1:8080/xapi; only http.")
@click.option("--key", required=True, help="API key.")
@click.option("--secret", required=True, help="Its secret.")
@click.option("--load", type=click.IntRange(min=0), default=0, help="Statements to send first.")
@click.option("--scale", type=float, default=1.0, help="Multiplies the number of requests.")
@click.option("--pages", type=click.IntRange(min=1), default=200, help="Pages of `more` to follow.")
@click.option("--only", default="", help="Kinds of work, of: writes,reads,documents,pages.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the rows here, too.")
def bench(
    endpoint: str,
    key: str,
    secret: str,
    load: int,
    scale: float,
    pages: int,
    only: str,
    file: Path | None,
) -> None:
    """Measure any LRS over HTTP. It stores thousands of statements there: take one for throwing away."""
    try:
        target = Target(endpoint, key, secret)
        measured = Bench(target, seed=secrets.randbits(_SEED_BITS), scale=scale)
    except ValueError as problem:
        raise click.ClickException(str(problem)) from None
    rows = []
    try:
        with click.progressbar(length=load, label="Loading", hidden=not load) as bar:
            for done in measured.load(load):
                bar.update(done - bar.pos)
        click.echo(_HEAD)
        for row in _rows(measured, only, pages):
            click.echo(_line(row))
            rows.append(row.as_json())
    except (OSError, ConnectionError) as problem:
        raise click.ClickException(f"{endpoint}: {problem}") from None
    if file is not None:
        file.write_text(json.dumps({"endpoint": endpoint, "rows": rows}, indent=1))
    if any(row["errors"] for row in rows):
        raise click.ClickException(next(row["first_error"] for row in rows if row["errors"]))


def _rows(measured: Bench, only: str, pages: int) -> Iterator[Row]:
    kinds: dict[str, Callable[[], Iterator[Row]]] = {
        "writes": measured.writes,
        "reads": measured.reads,
        "documents": measured.documents,
        "pages": lambda: measured.pages(pages),
    }
    for kind in only.split(",") if only else kinds:
        if kind not in kinds:
            raise click.ClickException(f"There is no kind {kind}; there are {', '.join(kinds)}.")
        yield from kinds[kind]()


_HEAD = f"{'work':34} {'conn':>4} {'req/s':>9} {'st/s':>9} {'p50 ms':>8} {'p95':>8} {'p99':>8} {'errors':>6}"


def _line(row: Row) -> str:
    return (
        f"{row.work:34} {row.connections:4} {row.requests_per_second:9.1f} {row.statements_per_second:9.1f}"
        f" {row.p50:8.2f} {row.p95:8.2f} {row.p99:8.2f} {row.errors:6}"
    )
