"""A real browser, visitors that notice whatever goes wrong in it, and an LRS that holds something to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from lrs.analytics.simulator.academy import Academy as AcademyData
from lrs.assembly import Services, build_services
from lrs.config import Config
from lrs.services.statements import Batch, Statements
from lrs.xapi import JsonObject
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS
from tests.analytics.places import SENDER, answer, attempt, played, told
from tests.build import agent, new_id, statement
from tests.clients.test_cmi5 import call
from tests.cmi5.build import au, block, course, package
from tests.conftest import PASSWORD, Server, missing
from tests.test_server import call as send
from tests.web.test_browsing import hostile

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
ROLES = ("administrator", "analyst", "manager", "learner")
ANNA = agent("anna")
LEARNERS = 48
MARKUP = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>{{7*7}}"
HOSTILE_IRI = "javascript:alert(2)//'-alert(3)-'/"
HOSTILE_COURSE = f"{HOSTILE_IRI}course,{MARKUP.replace(chr(34), '')},30,mandatory,,<b>Kim</b>,\n"
PEOPLE = [
    "person,identifiers,name,department,manager,role,location,start_date,valid_from\n",
    "ANNA,anna@example.org,<b>Anna</b>,<i>nursing</i>,,<u>lead</u>,Wellington,2015-01-01,\n",
    *(
        f"P{number},learner-{number}@example.org,<script>alert({number})</script>,"
        f"{'<i>nursing</i>' if number % 2 else 'kitchen'},{'ANNA' if number % 2 else '<b>Otto</b>'},"
        f"<u>nurse</u>,<s>Auckland</s>,2020-01-01,\n"
        for number in range(LEARNERS)
    ),
]
FAULTY = {"result": {"score": {"min": 0, "max": 0, "raw": 0}}, "context": {"platform": "<b>x</b>"}}

_REPORT = """addEventListener("securitypolicyviolation",
    event => console.error("policy: " + event.violatedDirective + " " + event.blockedURI))"""
_AXE = "() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"


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
    fill(services)
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
    services.close()


def fill(services: Services) -> None:
    """Store a year of learners, ANNA's team among them; whatever has a name has one that is markup."""
    lessons = AcademyData(learners=LEARNERS, seed=1, today=datetime.now(UTC).date())
    door = Statements(services.store, new_id)
    sent = [*lessons.statements(), *hostile_lessons()]
    for start in range(0, len(sent), 500):
        batch = sent[start : start + 500]
        door.store(Batch(Parsed(batch, batch)), version=VERSIONS[0], sender=SENDER)
    services.references.import_people(PEOPLE)
    services.references.import_courses([*lessons.courses_csv(), HOSTILE_COURSE])


def hostile_lessons() -> list[JsonObject]:
    """Return what learners do in a course of which every name is markup."""
    course, module = f"{HOSTILE_IRI}course", f"{HOSTILE_IRI}module"
    sent = []
    for who in range(8):
        sent += [
            told(who, "launched", module, course=course, days=-130),
            told(
                who, "experienced", module, course=course, days=-130.1, result={"duration": "PT5M"}
            ),
            played(who, f"{HOSTILE_IRI}film", 100, "0[.]50", course=course, days=-130.2),
            attempt(who, 1, False, days=-130.3),
            attempt(who, 2, False, days=-130.4),
            answer(who, 1, True),
        ]
    for one in sent:
        one["object"]["definition"]["name"] = {"en": MARKUP}
        one["context"] = {**one.get("context", {}), "platform": MARKUP, "revision": MARKUP}
    return sent


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
        # The first page of a server loads the engine; a machine that does much else takes long for that.
        self.context.set_default_navigation_timeout(120_000)
        self.context.add_init_script(_REPORT)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        self.context.on("request", lambda request: self._asked(request.url))

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.page.fill("#name", name)
        self.page.fill("#password", password)
        self.page.get_by_role("button", name="Sign in").click()

    def settle(self) -> None:
        """Wait until every part of the page is there."""
        expect(self.page.locator("[data-poll]")).to_have_count(0, timeout=30_000)

    def barriers(self) -> list[str]:
        """Return what axe-core finds on the page as it is shown now."""
        if not AXE.exists():
            missing("axe-core: npm ci --prefix tests/browser")
        if not self.page.evaluate("() => 'axe' in window"):
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
