"""`lrs erase`: everything of a person goes."""

from __future__ import annotations

import getpass
import os

import click

from lrs.cli.opening import opened
from lrs.privacy.person import WAYS
from lrs.services.maintenance import note_keys_version

_STAYS = {
    "mentions": " in statements of others, which stay without --mentions",
    "managed persons": " in the people file, where their manager's name stays",
    "owned courses": " in the course file, where their owner's name stays",
}


@click.command()
@click.argument("identifiers", nargs=-1, metavar="IDENTIFIER...")
@click.option("--yes", is_flag=True, help="Do it. Without it, what would go is only counted.")
@click.option(
    "--mentions",
    is_flag=True,
    help="Statements of others that name the person go as well: as group member, object, instructor, authority, in"
    " extensions or free text. Without --yes they are listed.",
)
@click.option("--by", help="Who has decided it, for the log. [the name of the login]")
@click.option("--log", is_flag=True, help="List what was erased when, by whom; not whose it was.")
def erase(
    identifiers: tuple[str, ...], yes: bool, mentions: bool, by: str | None, log: bool
) -> None:
    """Remove a person from the store, the lake and every file, for good: statements, documents, attachments and all.

    IDENTIFIERs are all of one person: an e-mail address or mailto: IRI, homePage|name, an mbox_sha1sum, an OpenID, an
    Agent as JSON, or a person of the people file. What is known of the person adds others.
    """
    if log:
        _show_log()
        return
    if not identifiers:
        raise click.UsageError(f"Say who: {WAYS}.")
    with opened() as services:
        person = services.who.is_meant_by(identifiers)
        click.echo(f"known as     {', '.join(sorted(person.identities))}")
        if not yes:
            for name, number in services.erasure.count(person, mentions=mentions).items():
                goes = mentions and name == "mentions"
                click.echo(_line(name, number, "" if goes else _STAYS.get(name, "")))
            if mentions:
                for id, pointers in services.erasure.mentions(person):
                    click.echo(f"{id}  {' '.join(pointers)}")
            if services.erasure.unfinished():
                click.echo("An erasure was begun and not finished: run it again with --yes.")
            click.echo("Nothing was erased; --yes does it.")
            return
        if not note_keys_version(services.store):
            raise click.ClickException("Run `lrs reindex` first: not all statements can be found.")
        entry = services.erasure.erase(person, by=by or _login(), mentions=mentions)
        for name, number in entry["counts"].items():
            click.echo(_line(name, number))
    click.echo("Erased.")


def _show_log() -> None:
    with opened() as services:
        for entry in services.erasure.log():
            counts = ", ".join(
                f"{number} {name}" for name, number in entry["counts"].items() if number
            )
            click.echo(f"{entry['when'][:19]}  {entry['by']}  {counts or 'nothing'}")


def _line(name: str, number: int, stays: str = "") -> str:
    return f"{number:>11,}  {name}{stays}"


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
