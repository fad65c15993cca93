"""`lrs serve` and `lrs init`."""

from __future__ import annotations

import os
from dataclasses import fields

import click

from lrs import terminal
from lrs.assembly import Services
from lrs.cli.credentials import show
from lrs.cli.opening import opened
from lrs.config import Config

_THREADS = 16
"""Requests that one server process works on at a time; others wait."""


@click.command()
@terminal.with_settings
def serve(**flags: str | None) -> None:
    """Start the LRS; on first start make the data folder, the store and a first credential."""
    for setting in fields(Config):
        given = flags[setting.name]
        if given is not None:
            os.environ[setting.metadata["name"]] = given
    with opened() as services:
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
        log_level=LogLevels.error,
        respawn_failed_workers=True,
    ).serve()


@click.command()
def init() -> None:
    """Make the data folder, the store and a first credential, without starting the server."""
    with opened() as services:
        if not _first_credential(services):
            click.echo("The store is there already, and has credentials.")


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
    show(key, secret)
    return True
