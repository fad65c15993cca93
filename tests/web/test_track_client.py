"""The browser client in a real Chromium, against a real server, from pages of another origin."""

from __future__ import annotations

import http.server
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from lrs.assembly import build_services
from lrs.config import config_from
from lrs.web.plan import client
from tests.conftest import Server, headers

CHROMIUM = "/usr/bin/chromium"
LESSON = "{lesson_id: 'l1', course_id: 'c1', lesson_number: 1}"


@dataclass
class Site:
    """A learning platform's pages, and the LRS that they send to."""

    server: Server
    origin: str
    context: BrowserContext

    def open(self, **attributes: str) -> Page:
        """Open a page with the client in it."""
        page = self.context.new_page()
        query = "&".join(f"{name}={value}" for name, value in attributes.items())
        page.goto(f"{self.origin}/?{query}")
        page.wait_for_function("window.lrs !== undefined")
        return page

    def statements(self) -> list[Any]:
        """Return what the LRS holds, the oldest first."""
        address = f"{self.server.url}/xapi/statements?ascending=true"
        request = urllib.request.Request(address, headers=headers())  # noqa: S310 our own server
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            statements: list[Any] = json.load(answer)["statements"]
        return statements

    def wait_for(self, *verbs: str) -> list[Any]:
        """Wait until the LRS holds statements of just these verbs, in this order; return them."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            statements = sorted(self.statements(), key=lambda one: one["timestamp"])
            if len(statements) >= len(verbs):
                break
            time.sleep(0.1)
        assert [one["verb"]["display"]["en"] for one in statements] == list(verbs)
        return statements


@pytest.fixture
def site(serve: Callable[..., Server]) -> Iterator[Site]:
    server = serve()
    services = build_services(config_from(server.environment))
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    origin = f"http://127.0.0.1:{pages.server_port}"
    pages.key = services.public_keys.add(home_page=server.url, origins=[origin])  # type: ignore[attr-defined]
    pages.lrs = server.url  # type: ignore[attr-defined]
    services.store.close()
    thread = threading.Thread(target=pages.serve_forever)
    thread.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            try:
                yield Site(server, origin, browser.new_context())
            finally:
                browser.close()
    finally:
        pages.shutdown()
        thread.join()
        pages.server_close()


class _Pages(http.server.BaseHTTPRequestHandler):
    """Every address is a page with the client, whose attributes the query gives."""

    def do_GET(self) -> None:
        more = " ".join(f"data-{one}" for one in self.path.partition("?")[2].split("&") if one)
        server: Any = self.server
        body = (
            "<!doctype html><meta charset=utf-8><link rel=icon href='data:,'><title>Lesson</title>"
            f'<script src="{server.lrs}/events/track.js" integrity="{client()[1]}" crossorigin="anonymous"'
            f' data-key="{server.key}" {more}></script><p>A lesson.'
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def advance(page: Page, seconds: float) -> None:
    """Let the page's clock run on, its timers firing."""
    page.clock.run_for(seconds * 1000)


def test_a_learner_clicks_reads_leaves_early_comes_back_offline_and_finishes(site: Site) -> None:
    page = site.open()
    # Timers and dates are the page's own; the network is real.
    page.clock.install()
    page.reload()
    page.evaluate(f"lrs.identify('u1'); lesson = lrs.lesson({LESSON})")
    advance(page, 2)
    site.wait_for("initialized")
    advance(page, 28)
    page.goto("about:blank")
    [_, viewed] = site.wait_for("initialized", "experienced")
    assert 29 <= float(viewed["result"]["duration"][2:-1]) <= 33

    page.goto(site.origin)
    page.evaluate(f"lesson = lrs.lesson({LESSON})")
    advance(page, 2)
    site.wait_for("initialized", "experienced", "initialized")
    site.context.set_offline(True)
    advance(page, 20)
    page.evaluate("lesson.complete(); lrs.flush()")
    advance(page, 5)
    assert page.evaluate("JSON.parse(localStorage['lrs.queue']).length") == 1
    site.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    advance(page, 2)
    statements = site.wait_for("initialized", "experienced", "initialized", "completed")
    completed = statements[-1]
    assert 21 <= float(completed["result"]["duration"][2:-1]) <= 26
    assert completed["result"]["completion"] is True
    assert {one["actor"]["account"]["name"] for one in statements} == {"u1"}
    assert {one["object"]["id"].rpartition("/")[2] for one in statements} == {"l1"}
    page.wait_for_function("!localStorage['lrs.queue']")


def test_a_lesson_that_is_only_opened_is_a_click_and_no_view(site: Site) -> None:
    page = site.open()
    page.clock.install()
    page.reload()
    page.evaluate(f"lrs.lesson({LESSON})")
    advance(page, 4)
    page.goto("about:blank")
    page.goto(site.origin)
    page.evaluate("lrs.track('course.started', {course_id: 'c', course_title: 'C', category: 'x'})")
    advance(page, 2)
    [opened, _] = site.wait_for("initialized", "initialized")
    assert opened["actor"]["account"]["homePage"].endswith("/anon")


def test_one_lesson_is_in_sight_at_a_time(site: Site) -> None:
    page = site.open()
    page.clock.install()
    page.reload()
    page.evaluate(f"first = lrs.lesson({LESSON})")
    advance(page, 20)
    page.evaluate("second = lrs.lesson({lesson_id: 'l2', course_id: 'c1', lesson_number: 2})")
    advance(page, 40)
    page.evaluate("second.close(); lrs.flush()")
    advance(page, 90)
    page.goto("about:blank")
    statements = site.wait_for("initialized", "experienced", "initialized", "experienced")
    first, second = (one for one in statements if one["verb"]["display"]["en"] == "experienced")
    assert first["object"]["id"].endswith("l1")
    assert 19 <= float(first["result"]["duration"][2:-1]) <= 23
    assert second["object"]["id"].endswith("l2")
    assert 39 <= float(second["result"]["duration"][2:-1]) <= 43


def test_what_a_beacon_and_a_later_visit_both_bring_is_stored_once(site: Site) -> None:
    page = site.open()
    page.evaluate("lrs.track('page.viewed', {path: '/a'})")
    page.goto("about:blank")
    site.wait_for("viewed")
    page.goto(site.origin)
    page.wait_for_function("!localStorage['lrs.queue']")
    site.wait_for("viewed")


def test_a_server_that_is_away_is_tried_again_until_it_is_there(site: Site) -> None:
    page = site.open()
    failures = []

    def fail_twice(route: Any) -> None:
        if len(failures) < 2:
            failures.append(1)
            route.fulfill(status=503)
        else:
            route.continue_()

    page.route("**/events", fail_twice)
    page.evaluate("lrs.track('page.viewed', {path: '/a'})")
    page.wait_for_function("!localStorage['lrs.queue']")
    site.wait_for("viewed")
    assert len(failures) == 2


@pytest.mark.parametrize("ask", [{"consent": "ask"}, {}])
def test_nothing_is_kept_or_sent_without_consent(site: Site, ask: dict[str, str]) -> None:
    if not ask:
        site.context.add_init_script("Object.defineProperty(navigator, 'doNotTrack', {value: '1'})")
    page = site.open(**ask)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.evaluate("lrs.identify('u1'); lrs.track('page.viewed', {path: '/a'}); lrs.flush()")
    assert page.evaluate("localStorage.length") == 0
    page.evaluate("lrs.consent({marketing: false}); lrs.track('page.viewed', {path: '/b'})")
    page.evaluate(
        "lrs.track('lead.captured', {source: 's', campaign_id: 'c', interest_topic: 't'})"
    )
    [statement] = site.wait_for("viewed")
    assert statement["object"]["id"].endswith("%2Fb")
    page.wait_for_function("!localStorage['lrs.queue']")
    page.evaluate("lrs.consent(false); lrs.track('page.viewed', {path: '/c'}); lrs.flush()")
    assert page.evaluate("Object.keys(localStorage)") == ["lrs.consent"]
    assert len(sent) == 1


def test_the_client_is_small_and_its_integrity_is_that_of_what_is_served(site: Site) -> None:
    with urllib.request.urlopen(f"{site.server.url}/events/track.js", timeout=10) as answer:  # noqa: S310 our own server
        assert answer.read() == client()[0]
    assert len(client()[0]) < 4096
