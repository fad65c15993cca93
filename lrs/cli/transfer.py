"""`lrs import`, `export` and `validate`: statements from and to files."""

from __future__ import annotations

import sys
from itertools import chain, islice
from pathlib import Path

import click

from lrs import terminal
from lrs.assembly import spare_collector
from lrs.cli.crew import Crew
from lrs.cli.opening import opened
from lrs.errors import BadRequest, LrsError
from lrs.services import maintenance
from lrs.services.importing import Importer, Tally, import_sender, parse_item
from lrs.xapi.entry import Entry
from lrs.xapi.validation import validate
from lrs.xapi.version import version_of_statement

_ALONE = 2_000
"""Statements of a file that one process imports before others are called: they take half a second to come."""


@click.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True)
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("rejects.ndjson"),
    show_default=True,
    help="File that takes the statements that were not stored, and why.",
)
@click.option(
    "--attachments",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of attachment data, each file named by its sha2 (as `lrs export --attachments` writes it).",
)
def import_(files: tuple[str, ...], rejects: Path, attachments: Path | None) -> None:
    """Store the statements of FILES: NDJSON or a JSON array, plain or .gz, - for standard input.

    Statements that are there already are passed over, so a broken import is taken up by running it again.
    A mended file of rejects can be imported as it is. An authority that a statement brings along is kept.
    """
    broken = False
    rejects = terminal.free_name(rejects, files)
    with opened(makes_store=True) as services:
        spare_collector()
        importer = Importer(
            services.statements,
            import_sender(services.config.public_url),
            terminal.data_in(attachments),
        )
        crew = Crew(services.config, attachments)
        with terminal.RejectFile(rejects) as kept:
            for name in files:
                with terminal.reading(name, importer.tally) as items:
                    try:
                        for reject in chain(
                            importer.run(islice(items, _ALONE)), crew.run(items, importer.tally)
                        ):
                            kept.add(name, reject)
                    except BadRequest as refusal:
                        broken = True
                        click.echo(f"\r{name}: {refusal.message}", err=True)
        tally = importer.tally
        click.echo(
            f"{tally.stored} stored, {tally.already_there} there already, {tally.rejected} rejected"
            + (f", {tally.erased} erased before and passed over" if tally.erased else ""),
            err=True,
        )
    if tally.rejected:
        click.echo(f"The rejected ones and the reasons are in {rejects}.", err=True)
    if tally.rejected or broken:
        sys.exit(1)


@click.command()
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A .gz name compresses."
)
@click.option("--array", is_flag=True, help="Write one JSON array instead of NDJSON.")
@click.option(
    "--attachments",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that takes the attachments' data, each file named by its sha2.",
)
def export(output: Path | None, array: bool, attachments: Path | None) -> None:
    """Write every statement, voided ones included, in the order they were stored."""
    if attachments is not None:
        attachments.mkdir(parents=True, exist_ok=True)
    with opened() as services, terminal.writing(output) as stream:
        entries = maintenance.entries(services.store)
        shown = (
            entries
            if output is None
            else terminal.counted(entries, services.store.statements.count(), "Exporting")
        )

        def text_of(entry: Entry) -> bytes:
            if attachments is not None and b'"sha2"' in entry.text:
                for description, data in services.statements.parts_of((entry,)):
                    (attachments / description["sha2"].lower()).write_bytes(data)
            return entry.text

        terminal.write_items(stream, map(text_of, shown), array=array)


@click.command("validate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def validate_(file: str) -> None:
    """Say what is wrong with the statements of FILE (as for `lrs import`), without storing any."""
    tally = Tally()
    with terminal.reading(file, tally) as items:
        for item in items:
            try:
                parsed = parse_item(item)
                validate(parsed.value, version_of_statement(parsed.value.get("version")))
                tally.stored += 1
            except LrsError as refusal:
                tally.rejected += 1
                click.echo(terminal.sentence(item, refusal))
    click.echo(f"{tally.stored} valid, {tally.rejected} not valid", err=True)
    if tally.rejected:
        sys.exit(1)
