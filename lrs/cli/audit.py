"""`lrs audit`: the auditor's pack as a sealed file, and whether one is untouched."""

from __future__ import annotations

from pathlib import Path

import click

from lrs.analytics.faces.files import FILES
from lrs.analytics.sealing import fingerprint, is_untouched
from lrs.cli.asking import asked_option
from lrs.cli.opening import opened

_ENDINGS = ("csv", "json", "parquet")
_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """The auditor's pack, sealed with the key of this store."""


@audit.command("pack")
@click.argument("file", type=_FILE)
@asked_option
def audit_pack(file: Path, asked: dict[str, str]) -> None:
    """Write the report audit-pack into FILE (.csv, .json, .parquet), and its seal into FILE.sig."""
    if file.suffix[1:] not in _ENDINGS:
        raise click.ClickException(f"{file.name}: say .csv, .json or .parquet.")
    with opened() as services:
        table = services.reports.answer("audit-pack", asked)
        if table.truncated:
            raise click.ClickException(
                f"There are more than {len(table.rows)} lines: no part is sealed for the whole."
                " Write a pack for each course or department (--with course=...)."
            )
        content, seal = FILES[file.suffix[1:]].write(table), services.seal
        file.write_bytes(content)
        _seal_of(file).write_bytes(seal.of(content))
        key = seal.public_key()
    click.echo(f"{len(table.rows)} lines in {file}, sealed in {_seal_of(file)}.")
    click.echo(f"The key is {fingerprint(key)}: `lrs audit key` prints it for the auditor.")


@audit.command("key")
def audit_key() -> None:
    """Print the key that verifies seals of this store. Give it to the auditor apart from the packs."""
    with opened() as services:
        click.echo(services.seal.public_key().decode(), nl=False)


@audit.command("verify")
@click.argument("file", type=_THERE)
@click.option(
    "--key", type=_THERE, help="The key as `lrs audit key` prints it; without: this store's."
)
@click.option("--seal", type=_THERE, help="Default: FILE.sig.")
def audit_verify(file: Path, key: Path | None, seal: Path | None) -> None:
    """Say whether FILE is as it was sealed; with --key this needs no store. Ends with 1 if it is not."""
    told = seal or _seal_of(file)
    if not told.is_file():
        raise click.ClickException(f"There is no seal {told}.")
    if key is None:
        with opened() as services:
            pem = services.seal.public_key()
    else:
        pem = key.read_bytes()
    if not is_untouched(file.read_bytes(), told.read_bytes(), pem):
        raise click.ClickException(
            f"{file} is not what was sealed with the key {fingerprint(pem)}: the file, its seal or the key is another."
        )
    click.echo(f"{file} is untouched: sealed with the key {fingerprint(pem)}.")


def _seal_of(file: Path) -> Path:
    return file.with_name(file.name + ".sig")
