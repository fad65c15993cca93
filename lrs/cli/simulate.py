"""`lrs simulate`: learners who never were, for trying reports out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

import click

from lrs import terminal
from lrs.analytics.simulator.simulation import Simulation
from lrs.assembly import Services
from lrs.cli.opening import opened
from lrs.clock import now
from lrs.services.importing import BATCH, import_sender
from lrs.services.statements import Batch
from lrs.xapi import JsonObject
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS


@click.command()
@click.option("--learners", type=click.IntRange(1, 1_000_000), default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--last",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day before which they all began; default: today. The same seed and day give the same statements.",
)
def simulate(learners: int, seed: int, last: datetime | None) -> None:
    """Store the statements of learners who never were, with their people, course, content and outcome files.

    Do not do this in a store of real ones: nothing takes them out again.
    """
    day = (last or datetime.fromtimestamp(now() / 1_000_000, UTC)).date()
    simulation = Simulation(learners=learners, seed=seed, last=day)
    with opened(makes_store=True) as services:
        lots = terminal.counted(batches(simulation.statements()), learners // 20, "Batches")
        stored = store(services, lots)
        simulation.import_files(services.references)
        known = {(one["place"], one["day"]) for one in services.ledgers.all("change").values()}
        for change in simulation.changes():
            if (change["place"], change["day"]) not in known:
                services.ledgers.add("change", change)
    click.echo(f"{stored} statements of {learners} learners")


def store(services: Services, lots: Iterable[list[JsonObject]]) -> int:
    """Store statements through the one door, lot by lot; return how many are new."""
    sender = import_sender(services.config.public_url)
    return sum(
        services.statements.store(Batch(Parsed(lot, lot)), version=VERSIONS[0], sender=sender).new
        for lot in lots
    )


def batches(statements: Iterator[JsonObject]) -> Iterator[list[JsonObject]]:
    """Yield the statements in lots that are stored at once."""
    while batch := list(islice(statements, BATCH)):
        yield batch
