"""`lrs rejects`: the inbox of requests to store statements that were refused."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import click

from lrs.assembly import Services
from lrs.cli.opening import opened
from lrs.services.rejects import UNKNOWN
from lrs.terminal import plain
from lrs.xapi import JsonObject

Command = TypeVar("Command", bound=Callable[..., None])


def _takes_rejects(command: Command) -> Command:
    """Give a command the rejects it works on: ids, or all, or all of a credential or code."""
    for decorate in (
        click.option("--code", help="All that were refused with this code."),
        click.option("--credential", help="All that came with this credential."),
        click.option("--all", "every", is_flag=True, help="All of them."),
        click.argument("ids", nargs=-1, metavar="[ID]..."),
    ):
        command = decorate(command)
    return command


@click.group()
def rejects() -> None:
    """Requests to store statements that were refused: list, show, replay, remove."""


@rejects.command("list")
@click.option("--credential", help="Only what came with this credential.")
@click.option("--code", help="Only what was refused with this code.")
def rejects_list(credential: str | None, code: str | None) -> None:
    """List id, first time, how often it came, credential, its label, code, place and reason; the oldest first."""
    with opened() as services:
        labels = {key: record["label"] for key, record in services.credentials.all().items()}
        for id, record in _wanted(services, credential, code).items():
            refusal, key = record["lastRefusal"], record["credential"]
            label = f" ({labels[key]})" if labels.get(key) else ""
            line = (
                f"{id}  {record['when'][:19]}  {record['count']}x  {key}{label}  {refusal['code']}"
                f"  {refusal.get('pointer', '')}  {refusal['message']}"
            )
            click.echo(plain(line))


@rejects.command("show")
@click.argument("id")
def rejects_show(id: str) -> None:
    """Print one in full, as JSON: the request's body is in it, learners' data and all."""
    with opened() as services:
        record = services.rejects.get(id)
        if record is None:
            raise click.ClickException(UNKNOWN)
        text = json.dumps({**record, **_body(services.rejects.body(id))}, ensure_ascii=False)
        click.echo(plain(text))


@rejects.command("replay")
@_takes_rejects
def rejects_replay(
    ids: tuple[str, ...], every: bool, credential: str | None, code: str | None
) -> None:
    """Send them in again, as their credential may send today; what is stored now leaves the inbox.

    Useful after a tolerance was given (`lrs credential tolerate`), a conflict was cleared, or the LRS was updated.
    Nothing is stored twice, however often it is replayed; nor is a statement without an id that its sender itself got
    in after the refusal.
    """
    from lrs.app import create_app  # noqa: PLC0415 the other commands start faster without Flask
    from lrs.web.inbox import send_again  # noqa: PLC0415

    failed = False
    with opened() as services:
        app = create_app(services)
        chosen = _chosen(services, ids, every, credential, code)
        for id in chosen:
            problem = send_again(services, app, id)
            failed = failed or problem is not None
            click.echo(plain(f"{id}: {problem or 'stored'}"))
    if failed:
        sys.exit(1)


@rejects.command("remove")
@_takes_rejects
def rejects_remove(
    ids: tuple[str, ...], every: bool, credential: str | None, code: str | None
) -> None:
    """Forget rejected requests."""
    with opened() as services:
        chosen = _chosen(services, ids, every, credential, code)
        if every and credential is None and code is None:
            services.rejects.clear()
            return
        unknown = [id for id in chosen if not services.rejects.remove(id)]
    for id in unknown:
        click.echo(plain(f"{id}: {UNKNOWN}"), err=True)
    if unknown:
        sys.exit(1)


def _wanted(
    services: Services, credential: str | None, code: str | None
) -> Mapping[str, JsonObject]:
    return {
        id: record
        for id, record in services.rejects.all().items()
        if credential in (None, record["credential"])
        and code in (None, record["lastRefusal"]["code"])
    }


def _chosen(
    services: Services,
    ids: tuple[str, ...],
    every: bool,
    credential: str | None,
    code: str | None,
) -> Iterable[str]:
    many = every or credential is not None or code is not None
    if bool(ids) == many:
        raise click.UsageError("Say which: their ids, or --all, --credential or --code.")
    return list(_wanted(services, credential, code)) if many else ids


def _body(body: bytes | None) -> JsonObject:
    if body is None:
        return {}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"bodyBase64": base64.b64encode(body).decode()}
