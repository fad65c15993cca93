"""The `lrs` command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import click

from lrs import terminal
from lrs.assembly import Services, build_services
from lrs.auth.scopes import SCOPES
from lrs.config import Config, config_from
from lrs.errors import BadRequest, LrsError, StoreUnavailable
from lrs.services import maintenance
from lrs.services.importing import Importer, Tally, import_sender, parse_item
from lrs.xapi.entry import Entry
from lrs.xapi.validation import validate
from lrs.xapi.version import version_of_statement

_CAUSE = 200
_THREADS = 16
"""Requests that one server process works on at a time; others wait."""


@click.group(cls=terminal.PlainGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lrs")
def main() -> None:
    """A Learning Record Store for xAPI 1.0.3 and 2.0.

    Settings come from LRS_* environment variables; `lrs serve` takes them as flags as well.
    """


@main.command()
@terminal.with_settings
def serve(**flags: str | None) -> None:
    """Start the LRS; on first start make the data folder, the store and a first credential."""
    for setting in fields(Config):
        given = flags[setting.name]
        if given is not None:
            os.environ[setting.metadata["name"]] = given
    with _services() as services:
        config = services.config
        _first_credential(services)
        click.echo(f"xAPI endpoint: {config.public_url}/xapi/   (stop with Ctrl+C)")
    _run_server(config)


def _run_server(config: Config) -> None:
    from granian import Granian  # noqa: PLC0415 the other commands start faster without it
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    Granian(
        "lrs.app:create_app_from_environment",
        factory=True,
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        workers=config.workers,
        blocking_threads=_THREADS,
        backpressure=_THREADS,
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()


@main.command()
def init() -> None:
    """Make the data folder, the store and a first credential, without starting the server."""
    with _services() as services:
        if not _first_credential(services):
            click.echo("The store is there already, and has credentials.")


@main.group()
def credential() -> None:
    """API credentials: add, list, revoke."""


@credential.command("add")
@click.option("--label", default="", help="What or who it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=("all",),
    show_default=True,
    type=click.Choice(list(SCOPES)),
    help="May be given several times.",
)
def credential_add(label: str, scopes: tuple[str, ...]) -> None:
    """Make an API key and its secret, and print them once."""
    with _services() as services:
        key, secret = services.credentials.add(
            home_page=services.config.public_url, label=label, scopes=scopes
        )
    _show_credential(key, secret)


@credential.command("list")
def credential_list() -> None:
    """List the credentials; secrets are not kept and cannot be shown."""
    with _services() as services:
        for key, record in services.credentials.all().items():
            state = "revoked" if record["revoked"] else "in force"
            scopes = ",".join(record["scopes"])
            click.echo(
                f"{key}  {state:8}  {scopes:24}  {record['created'][:10]}  {record['label']}"
            )


@credential.command("revoke")
@click.argument("key")
def credential_revoke(key: str) -> None:
    """Revoke a credential; statements that it stored stay."""
    with _services() as services:
        if not services.credentials.revoke(key):
            raise click.ClickException(
                "There is no such credential in force; see `lrs credential list`."
            )
    click.echo("Revoked. Running servers refuse it within a second.")


@main.command("import")
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
    with _services() as services:
        importer = Importer(
            services.statements,
            import_sender(services.config.public_url),
            terminal.data_in(attachments),
        )
        with terminal.RejectFile(rejects) as kept:
            for name in files:
                with terminal.reading(name, importer.tally) as items:
                    try:
                        for reject in importer.run(items):
                            kept.add(name, reject)
                    except BadRequest as refusal:
                        broken = True
                        click.echo(f"\r{name}: {refusal.message}", err=True)
        tally = importer.tally
        click.echo(
            f"{tally.stored} stored, {tally.already_there} there already, {tally.rejected} rejected",
            err=True,
        )
    if tally.rejected:
        click.echo(f"The rejected ones and the reasons are in {rejects}.", err=True)
    if tally.rejected or broken:
        sys.exit(1)


@main.command()
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
    with _services() as services, terminal.writing(output) as stream:
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


@main.command("validate")
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


@main.command()
def reindex() -> None:
    """Rebuild all that is derived from the statements' text: filters, links, activity definitions."""
    with _services() as services:
        faults = maintenance.reindex(services.store, _shown_as("Reindexing"))
    terminal.show_faults(faults)
    if faults:
        raise click.ClickException(f"{len(faults)} statements cannot be read; restore a backup.")


@main.command()
def check() -> None:
    """Say whether the store is consistent: its index says just what the statements say.

    While statements come in, it may see faults that are none.
    """
    with _services() as services:
        faults = list(maintenance.check(services.store, _shown_as("Checking")))
    terminal.show_faults(faults)
    if faults:
        raise click.ClickException(f"{len(faults)} faults; `lrs reindex` mends the index.")
    click.echo("The store is consistent.")


@contextmanager
def _services() -> Iterator[Services]:
    try:
        services = build_services(config_from(os.environ))
    except ValueError as problem:
        raise click.ClickException(str(problem)) from None
    except StoreUnavailable as refusal:
        cause = str(refusal.__cause__ or "no answer").partition("\n")[0]
        raise click.ClickException(f"The store cannot be opened: {cause[:_CAUSE]}.") from None
    try:
        if not maintenance.note_keys_version(services.store):
            click.echo(
                "This store's index is of another version of the LRS: run `lrs reindex`.", err=True
            )
        yield services
    finally:
        services.store.close()


def _shown_as(label: str) -> maintenance.Watch:
    return lambda entries, length: terminal.counted(entries, length, label)


def _first_credential(services: Services) -> bool:
    config = services.config
    if config.key:
        if services.credentials.verify(config.key, config.secret) is None:
            services.credentials.add(
                home_page=config.public_url, label="LRS_KEY", key=config.key, secret=config.secret
            )
        return True
    if services.credentials.all():
        return False
    key, secret = services.credentials.add(home_page=config.public_url, label="first")
    click.echo(f"endpoint: {config.public_url}/xapi/")
    _show_credential(key, secret)
    return True


def _show_credential(key: str, secret: str) -> None:
    click.echo(f"key:      {key}\nsecret:   {secret}\nThe secret is shown this once and not kept.")
