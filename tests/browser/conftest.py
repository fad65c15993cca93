"""A real browser, visitors that notice whatever goes wrong in it, and an LRS that holds something to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from lrs.assembly import Services, build_services
from lrs.config import Config
from tests.build import agent, statement
from tests.clients.test_cmi5 import call
from tests.cmi5.build import au, block, course, package
from tests.conftest import PASSWORD, Server
from tests.test_server import call as send
from tests.web.test_browsing import hostile

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
WANTED = os.environ.get("LRS_TEST_CLIENTS") == "1"
ROLES = ("administrator", "analyst", "manager", "learner")
ANNA = agent("anna")
FAULTY = {"result": {"score": {"min": 0, "max": 0, "raw": 0}}, "context": {"platform": "<b>x</b>"}}

_REPORT = """addEventListener("securitypolicyviolation",
    event => console.error("policy: " + event.violatedDirective + " " + event.blockedURI))"""
_AXE = "() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip without a browser or axe-core, unless all clients are wanted: then that is a failure."""
    missing = [
        name for name, there in (("chromium", CHROMIUM), ("axe-core", AXE.exists())) if not there
    ]
    if missing and not WANTED:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=f"there is no {' and no '.join(missing)}"))


@dataclass
class Academy:
    """A running LRS with statements, a course, a rejected request, and an account of each role."""

    server: Server
    services: Services
    hostile_id: str

    @property
    def url(self) -> str:
        return self.server.url


@pytest.fixture
def academy(serve: Callable[..., Server], tmp_path: Path) -> Iterator[Academy]:
    server = serve(LRS_WORKERS="1")
    services = build_services(Config(data=tmp_path / "data"))
    for role in ROLES:
        services.accounts.add(role, role=role, password=PASSWORD, agent=ANNA)
    markup = {**hostile(), "actor": {**ANNA, "name": "<script>alert('x')</script>"}}
    plain = [statement() for _ in range(60)]
    for body, status in ((plain, 200), ([markup, hostile()], 200), (statement(**FAULTY), 400)):
        assert send(server, "POST", "/xapi/statements", body)[0] == status
    made = call(server, "POST", "/cmi5/v1/courses", package(course(block("b", au("1")))))
    learner = {"account": {"homePage": "https://x.example", "name": "<b>anna"}}
    wanted = {"course": made["id"], "actors": [{"objectType": "Agent", **learner}]}
    call(server, "POST", "/cmi5/v1/registrations", wanted)
    yield Academy(server, services, markup["id"])
    services.store.close()


@dataclass
class Visitor:
    """A browser window of its own, and what went wrong in it."""

    context: BrowserContext
    page: Page
    url: str
    faults: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Parts of console messages that belong to what a test does, such as the status of a refusal."""

    def listen(self) -> None:
        self.context.add_init_script(_REPORT)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        self.context.on("request", lambda request: self._asked(request.url))

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.get_by_role("button", name="Sign in").click()

    def barriers(self) -> list[str]:
        """Return what axe-core finds on the page as it is shown now."""
        self.page.evaluate(AXE.read_text())
        found: list[dict[str, Any]] = self.page.evaluate(_AXE)
        return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]

    def _heard(self, message: ConsoleMessage) -> None:
        bad = message.type in ("error", "warning")
        if bad and not any(part in message.text for part in self.expected):
            self.faults.append(f"{message.type}: {message.text}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.url, "data:")):
            self.faults.append(f"request: {url}")


@pytest.fixture
def visitor(browser: Browser, academy: Academy) -> Iterator[Callable[..., Visitor]]:
    """Give a function that opens a window; at the end nothing may have gone wrong in any."""
    opened: list[Visitor] = []

    def open_window(*, role: str | None = None, path: str = "/", **options: Any) -> Visitor:
        context = browser.new_context(**options)
        one = Visitor(context, context.new_page(), academy.url)
        one.listen()
        opened.append(one)
        one.page.goto(academy.url + path)
        if role is not None:
            one.sign_in(role)
            one.page.get_by_role("button", name="Sign out").wait_for()
        return one

    yield open_window
    for one in opened:
        one.context.close()
    assert [fault for one in opened for fault in one.faults] == []
