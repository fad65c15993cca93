"""`lrs reindex` and `lrs check`: the index, made anew or held against the statements."""

from __future__ import annotations

import click

from lrs import terminal
from lrs.cli.opening import opened
from lrs.services import maintenance


@click.command()
def reindex() -> None:
    """Rebuild all that is derived from the statements' text: filters, links, activity definitions."""
    with opened() as services:
        faults = maintenance.reindex(services.store, _shown_as("Reindexing"))
    terminal.show_faults(faults)
    if faults:
        raise click.ClickException(f"{len(faults)} statements cannot be read; restore a backup.")


@click.command()
def check() -> None:
    """Say whether the store is consistent: its index says just what the statements say.

    While statements come in, it may see faults that are none.
    """
    with opened() as services:
        faults = list(maintenance.check(services.store, _shown_as("Checking")))
    terminal.show_faults(faults)
    if faults:
        raise click.ClickException(f"{len(faults)} faults; `lrs reindex` mends the index.")
    click.echo("The store is consistent.")


def _shown_as(label: str) -> maintenance.Watch:
    return lambda entries, length: terminal.counted(entries, length, label)
