"""`lrs demo`: a throw-away LRS with a year of an academy that never was."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from lrs.analytics.simulator.academy import Academy, manager_of
from lrs.assembly import build_services
from lrs.cli.simulate import batches, store
from lrs.clock import now
from lrs.config import Config

ACCOUNTS: dict[str, tuple[str, str]] = {
    "administrator": ("Maria Head", "head@example.org"),
    "analyst": ("", ""),
    "compliance": ("", ""),
    "manager": ("who leads nursing", f"{manager_of('nursing')}@example.org"),
    "learner": ("the first learner", "learner-0@example.org"),
}
"""Role, which is the account's name as well -> who that is, and the address in statements."""
_START = 30
"""Seconds that the server has to start."""


@click.command()
@click.option(
    "--learners",
    type=click.IntRange(4, 20_000),
    default=400,
    show_default=True,
    help="How big it is.",
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Default: any free one.")
@click.option(
    "--open/--no-open", "opens", default=None, help="Open a browser; default: on a terminal."
)
def demo(learners: int, seed: int, port: int, opens: bool | None) -> None:
    """Fill a throw-away LRS with a year of an academy that never was, and show its pages.

    It lies in a temporary folder, listens on this machine alone, and is gone when you press Ctrl+C.
    """
    # Whoever ends it, by a signal or by a key: what it has made goes.
    signal.signal(signal.SIGTERM, _interrupted)
    with tempfile.TemporaryDirectory(prefix="lrs-demo-") as folder, suppress(KeyboardInterrupt):
        config = Config(data=Path(folder), port=_free_port(port), workers=1)
        password = secrets.token_urlsafe(9)
        click.echo("Filling an academy that never was ...")
        began = time.monotonic()
        stored = _fill(
            config, Academy(learners=learners, seed=seed, today=_today().date()), password
        )
        with _server(config) as process:
            url = config.public_url
            took = time.monotonic() - began
            click.echo(f"{stored:,} statements of {learners} learners, ready after {took:.0f} s.\n")
            click.echo(f"  {url}/sign-in\n")
            for role, (who, _) in ACCOUNTS.items():
                click.echo(f"  name {role:14} password {password}   {who}")
            click.echo("\nStop with Ctrl+C; nothing of it stays.")
            if sys.stdout.isatty() if opens is None else opens:
                click.launch(f"{url}/sign-in")
            _stay(process)


def _fill(config: Config, academy: Academy, password: str) -> int:
    services = build_services(config)
    try:
        for role, (_, address) in ACCOUNTS.items():
            agent = {"objectType": "Agent", "mbox": f"mailto:{address}"} if address else None
            services.accounts.add(role, role=role, password=password, agent=agent)
        services.references.import_people(academy.people_csv())
        services.references.import_courses(academy.courses_csv())
        stored = store(services, batches(academy.statements()))
        services.lake.catch_up()
        return stored
    finally:
        services.close()


@contextmanager
def _server(config: Config) -> Iterator[subprocess.Popen[bytes]]:
    """Run `lrs serve` until the block ends, and give its process once it answers."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("LRS_")}
    settings |= {
        "LRS_DATA": str(config.data),
        "LRS_PORT": str(config.port),
        "LRS_WORKERS": str(config.workers),
        "LRS_KEY": "demo",
        "LRS_SECRET": secrets.token_urlsafe(18),
    }
    command = (sys.executable, "-c", "from lrs.cli import main; main()", "serve")
    process = subprocess.Popen(  # noqa: S603 our own command
        command, env=settings, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_for(process, config.public_url)
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):  # noqa: S310 our own server
            return
        time.sleep(0.1)
    raise click.ClickException(f"The server did not start within {_START} s.")


def _stay(process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody ends the demo. Raises: ClickException if its server ends before."""
    ended = process.wait()
    raise click.ClickException(f"The server of the demo has ended by itself (status {ended}).")


def _interrupted(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _free_port(wanted: int) -> int:
    """Return a port that nobody listens on: the wanted one, or any if that is 0."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            port: int = probe.getsockname()[1]
            return port
    except OSError as problem:
        raise click.ClickException(f"Cannot listen on port {wanted}: {problem.strerror}.") from None


def _today() -> datetime:
    return datetime.fromtimestamp(now() / 1_000_000, UTC)
