"""What tests share: an app over a real SQLite file, and a real `lrs serve` in a process of its own."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, sync_playwright

from lrs.app import create_app
from lrs.assembly import Services, build_services
from lrs.config import Config

KEY, SECRET = "key", "secret"


def headers(
    *, version: str = "1.0.3", key: str = KEY, secret: str = SECRET, **more: str
) -> dict[str, str]:
    """Return the headers of a well-behaved client."""
    token = base64.b64encode(f"{key}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {token}", "X-Experience-API-Version": version, **more}


def missing(program: str) -> NoReturn:
    """End a test for which a program is not there: skipped, or failed if LRS_TEST_CLIENTS=1 wants them all."""
    if os.environ.get("LRS_TEST_CLIENTS") == "1":
        pytest.fail(f"there is no {program}")
    pytest.skip(f"there is no {program}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; one for all tests of a process, since playwright runs but once in it.

    Without it a test is skipped, unless all clients are wanted: then that is a failure.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        missing("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """What `services` are built with; tests that want it otherwise have a fixture of this name."""
    return Config(data=tmp_path, max_body=2_000_000)


@pytest.fixture
def services(config: Config) -> Iterator[Services]:
    services = build_services(config)
    services.credentials.add(home_page="http://lrs.example.org", key=KEY, secret=SECRET)
    yield services
    services.close()


@dataclass
class Client:
    """A client of the app that sends the version and credential headers by itself."""

    web: FlaskClient
    headers: dict[str, str] = field(default_factory=headers)

    def post(self, body: Any, **options: Any) -> Any:
        return self._send("POST", body, **options)

    def put(self, body: Any, statement_id: str, **options: Any) -> Any:
        return self._send("PUT", body, query_string={"statementId": statement_id}, **options)

    def get(self, **params: str) -> Any:
        return self.web.get("/xapi/statements", query_string=params, headers=self.headers)

    def _send(self, method: str, body: Any, **options: Any) -> Any:
        sent = {**self.headers, **options.pop("headers", {})}
        if isinstance(body, bytes):
            return self.web.open(
                "/xapi/statements",
                method=method,
                data=body,
                headers={"Content-Type": "application/json", **sent},
                **options,
            )
        return self.web.open("/xapi/statements", method=method, json=body, headers=sent, **options)


@pytest.fixture
def client(services: Services) -> Client:
    return Client(create_app(services).test_client())


PASSWORD = "a long password"
_COUNTING = 120
"""Seconds in which every part of a page must be there."""


def settled(ask: Callable[[], Any]) -> Any:
    """Return the answer to a request for a page once no part of it is counted any more."""
    deadline = time.monotonic() + _COUNTING
    while "data-poll" in (answer := ask()).text:
        assert time.monotonic() < deadline, f"{answer.request.path} is never done"
    return answer


@dataclass
class Visitor:
    """A person who has signed in to see pages; the token of a form is found on the page that holds the form."""

    web: FlaskClient

    def get(self, path: str, **options: Any) -> Any:
        return self.web.get(path, **options)

    def send(self, path: str, form: dict[str, Any], *, page: str = "/") -> Any:
        """Send a form, with the token that forms of `page` carry."""
        (token, *_) = re.findall(r'name="csrf" value="(\w+)"', self.web.get(page).text)
        return self.web.post(path, data={"csrf": token, **form})


@pytest.fixture
def visit(services: Services) -> Callable[..., Visitor]:
    """Give a function that makes an account of a role and signs in with it."""

    def sign_in(role: str = "administrator", **options: Any) -> Visitor:
        services.accounts.add(role, role=role, password=PASSWORD, **options)
        visitor = Visitor(create_app(services).test_client())
        form = {"name": role, "password": PASSWORD}
        assert visitor.send("/sign-in", form, page="/sign-in").status_code == 303
        return visitor

    return sign_in


@dataclass
class Server:
    """A running `lrs serve`."""

    port: int
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Give a function that starts a server with the given LRS_* settings; all are stopped at the end."""
    started: list[Server] = []

    def start(**settings: str) -> Server:
        port = settings.pop("LRS_PORT", "") or str(free_port())
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LRS_")},
            "LRS_DATA": str(tmp_path / "data"),
            "LRS_KEY": KEY,
            "LRS_SECRET": SECRET,
            "LRS_ADMIN_PASSWORD": PASSWORD,
            "LRS_PORT": port,
            **settings,
        }
        process = subprocess.Popen(
            [sys.executable, "-c", "from lrs.cli import main; main()", "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        server = Server(int(port), process, environment)
        started.append(server)
        _wait_for(server)
        return server

    yield start
    for server in started:
        stop(server)


def stop(server: Server, signal: int = 15) -> None:
    """Stop a server and its workers."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal)
    try:
        server.process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(server.process.pid, 9)
        server.process.wait(15)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert server.process.poll() is None, "the server has ended"
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{server.url}/health", timeout=5) as answer:  # noqa: S310 our own server
                if answer.status == 200:
                    return
        time.sleep(0.05)
    raise AssertionError("the server did not start in 30 s")
