"""`lrs rejects`: the inbox of requests to store statements that were refused."""

from __future__ import annotations

import sys

import click

from lrs.assembly import Services
from lrs.cli.opening import opened
from lrs.errors import LrsError, StoreUnavailable
from lrs.services.rejects import body_of
from lrs.services.statements import with_id
from lrs.web.body import batch_of
from lrs.web.statements import sender_of
from lrs.xapi import JsonObject
from lrs.xapi.terms import parse_uuid
from lrs.xapi.text import write_json
from lrs.xapi.version import version_of


@click.group()
def rejects() -> None:
    """Requests to store statements that were refused: list, show, replay, remove."""


@rejects.command("list")
def rejects_list() -> None:
    """List id, time, credential, code, place and reason of each, the oldest first."""
    with opened() as services:
        for name, record in services.rejects.all().items():
            refusal = record["refusal"]
            place = refusal.get("pointer", "")
            click.echo(
                f"{name}  {record['when'][:19]}  {record['credential']}  {refusal['code']}"
                f"  {place}  {refusal['message']}"
            )


@rejects.command("show")
@click.argument("id")
def rejects_show(id: str) -> None:
    """Print one in full, as JSON: the request's body is in it, learners' data and all."""
    with opened() as services:
        click.echo(write_json(_known(services, id)))


@rejects.command("replay")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="Replay all of them.")
def rejects_replay(ids: tuple[str, ...], every: bool) -> None:
    """Send them in again, as their credential may send today; what is stored now leaves the inbox.

    Useful after a tolerance was given (`lrs credential tolerate`), a conflict was cleared, or the LRS was updated.
    """
    refused = 0
    with opened() as services:
        for name in services.rejects.all() if every else ids:
            record = _known(services, name)
            try:
                _store(services, record)
            except StoreUnavailable:
                raise
            except LrsError as refusal:
                refused += 1
                services.rejects.refuse_again(name, record, refusal)
                click.echo(f"{name}: {refusal.message} ({refusal.code})")
            else:
                services.rejects.remove(name)
                click.echo(f"{name}: stored")
    if refused:
        sys.exit(1)


@rejects.command("remove")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "every", is_flag=True, help="Remove all of them.")
def rejects_remove(ids: tuple[str, ...], every: bool) -> None:
    """Forget rejected requests."""
    with opened() as services:
        for name in list(services.rejects.all()) if every else ids:
            _known(services, name)
            services.rejects.remove(name)


def _known(services: Services, name: str) -> JsonObject:
    record = services.rejects.get(name)
    if record is None:
        raise click.ClickException("There is no such rejected request; see `lrs rejects list`.")
    return record


def _store(services: Services, record: JsonObject) -> None:
    body = body_of(record)
    if body is None:
        raise click.ClickException("Its body was too long to be kept; it must be sent anew.")
    principal = services.credentials.principal(record["credential"])
    if principal is None:
        raise click.ClickException(f"The credential {record['credential']} is not in force.")
    batch = batch_of(body, record["contentType"])
    if record["statementId"] is not None:
        batch = with_id(batch, parse_uuid(record["statementId"]))
    stored = services.statements.store(
        batch, version=version_of(record["version"]), sender=sender_of(principal)
    )
    for quirk in stored.quirks:
        services.quirks.count(principal.name, quirk)
