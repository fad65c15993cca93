"""`lrs serve` and `lrs init`."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from dataclasses import fields

import click

from lrs import terminal
from lrs.assembly import Services
from lrs.cli import accounts, credentials
from lrs.cli.opening import opened
from lrs.config import Config

_LABEL = "LRS_KEY"
_THREADS = 16
"""Requests that one server process works on at a time; others wait."""

_CONNECTIONS = 4_000
"""Connections that one server process keeps at a time: a browser holds some open long after its last request."""

_STOP_SECONDS = 8
"""How long requests at work may take to end when the server is told to stop; containers are given ten."""

_OTHER_FILES = 500
"""What a server process has open beside them, at the most."""


@click.command()
@terminal.with_settings
def serve(**flags: str | None) -> None:
    """Start the LRS; on first start make the data folder, the store, a first credential and a first account."""
    for setting in fields(Config):
        given = flags[setting.name]
        if given is not None:
            os.environ[setting.metadata["name"]] = given
    with opened(makes_store=True) as services:
        config = services.config
        _demand_free(config)
        _first_credential(services)
        _first_account(services)
        click.echo(f"Starting on {config.public_url}/xapi/   (stop with Ctrl+C)")
    follower = _follower()
    try:
        _run_server(config)
    finally:
        follower.terminate()
        follower.wait()


def _follower() -> subprocess.Popen[bytes]:
    """Start the process that feeds the lake beside the server, so that a report seldom has to wait for it.

    It ends by itself when this process is gone.
    """
    command = (sys.executable, "-c", "from lrs.cli import main; main()", "lake", "follow")
    return subprocess.Popen([*command, "--parent", str(os.getpid())])  # noqa: S603 our own command


def _demand_free(config: Config) -> None:
    """Try the address: the server's own sockets would share a port with another server's, and its requests."""
    try:
        family = socket.getaddrinfo(config.host, config.port)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((config.host, config.port))
    except OSError as problem:
        raise click.ClickException(
            f"Cannot listen on {config.host}, port {config.port}: {problem.strerror or problem}."
        ) from None


def _connections() -> int:
    """Return how many connections a server process may keep, once it may open as many files as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS + _OTHER_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(_THREADS, allowed - _OTHER_FILES)


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
        # What it is called is misleading: no connection beyond it is taken while those others live, idle or not.
        backpressure=_connections(),
        log_access=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        # A process that was told to stop before it could listen to that would be waited for without end.
        workers_kill_timeout=_STOP_SECONDS,
    ).serve()


@click.command()
def init() -> None:
    """Make the data folder, the store, a first credential and a first account, without starting the server."""
    with opened(makes_store=True) as services:
        made = (_first_credential(services), _first_account(services))
        if not any(made):
            click.echo("The store is there already, and has credentials and accounts.")


def _first_credential(services: Services) -> bool:
    config = services.config
    if config.key:
        _settle_key(services)
        _tell_of_older(services)
        return True
    if services.credentials.all():
        return False
    key, secret = services.credentials.add(home_page=config.public_url, label="first")
    click.echo(f"endpoint: {config.public_url}/xapi/")
    credentials.show(key, secret)
    return True


def _first_account(services: Services) -> bool:
    config, accounts_ = services.config, services.accounts
    known = accounts_.all()
    try:
        if not config.admin_password:
            if known:
                return False
            password = accounts_.add(config.admin, role="administrator")
            click.echo(f"pages:    {config.public_url}/")
            accounts.show(config.admin, password, made_up=True)
        elif config.admin not in known:
            accounts_.add(config.admin, role="administrator", password=config.admin_password)
        elif not accounts_.verify(config.admin, config.admin_password):
            accounts_.set_password(config.admin, config.admin_password)
    except ValueError as problem:
        raise click.ClickException(f"LRS_ADMIN, LRS_ADMIN_PASSWORD: {problem}") from None
    return True


def _settle_key(services: Services) -> None:
    """Let LRS_KEY be in force with LRS_SECRET; what an administrator has set for it since stays."""
    config, credentials = services.config, services.credentials
    known = credentials.all().get(config.key)
    if known is None:
        credentials.add(
            home_page=config.public_url, label=_LABEL, key=config.key, secret=config.secret
        )
    elif known["revoked"]:
        raise click.ClickException(
            f"LRS_KEY is {config.key}, which was revoked on {known['revoked'][:10]} and stays so; set another."
        )
    elif credentials.verify(config.key, config.secret) is None:
        credentials.renew(config.key, config.secret)


def _tell_of_older(services: Services) -> None:
    """A key that LRS_KEY held once stays in force until it is revoked: other senders may still use it."""
    for key, record in services.credentials.all().items():
        if record["label"] == _LABEL and not record["revoked"] and key != services.config.key:
            click.echo(
                f"{key}, which LRS_KEY was before, is still in force: `lrs credential revoke {key}`"
            )
