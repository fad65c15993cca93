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
from playwright.sync_api import Browser, BrowserContext, Page

from lrs.assembly import build_services
from lrs.config import config_from
from lrs.web.plan import client
from tests.conftest import Server, headers

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
def site(serve: Callable[..., Server], browser: Browser) -> Iterator[Site]:
    server = serve()
    services = build_services(config_from(server.environment))
    pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    origin = f"http://127.0.0.1:{pages.server_port}"
    pages.key = services.public_keys.add(home_page=server.url, origins=[origin])  # type: ignore[attr-defined]
    pages.lrs = server.url  # type: ignore[attr-defined]
    services.close()
    thread = threading.Thread(target=pages.serve_forever)
    thread.start()
    try:
        with browser.new_context() as context:
            yield Site(server, origin, context)
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


def note(name: str, kind: str = "a") -> str:
    return (
        f"lrs.track('note.created', {{lesson_id: '{name}', note_length: 1, note_type: '{kind}'}});"
    )


def test_half_an_emoji_spoils_no_other_event(site: Site) -> None:
    page = site.open()
    page.evaluate(note("l1") + note("l2", "cut \\ud83d") + note("l3"))
    page.wait_for_function("!localStorage['lrs.queue']")
    statements = site.statements()
    assert len(statements) == 3
    assert "cut \ufffd" in json.dumps(statements, ensure_ascii=False)


def test_a_batch_that_is_refused_as_a_whole_is_sent_one_by_one(site: Site) -> None:
    page = site.open()

    def refuse(route: Any) -> None:
        sent = route.request.post_data
        if "spoilt" in sent:
            route.fulfill(status=400, body='{"error": "json"}')
        else:
            route.continue_()

    page.route("**/events", refuse)
    page.evaluate(note("l1") + note("spoilt") + note("l2"))
    page.wait_for_function("!localStorage['lrs.queue']")
    assert len(site.statements()) == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_is_refused_for_its_key_is_kept(site: Site, status: int) -> None:
    page = site.open()
    answered = []

    def refuse(route: Any) -> None:
        answered.append(1)
        route.fulfill(status=status, body='{"error": "key"}')

    page.route("**/events", refuse)
    page.evaluate(note("l1") + note("l2") + "lrs.flush()")
    page.wait_for_timeout(300)
    assert answered == [1]
    assert page.evaluate("JSON.parse(localStorage['lrs.queue']).length") == 2


def test_where_storage_is_forbidden_events_are_sent_all_the_same(site: Site) -> None:
    page = site.open()
    page.evaluate(
        """() => {
            const frame = document.createElement('iframe');
            frame.sandbox = 'allow-scripts';
            frame.src = '/?frame';
            document.body.append(frame);
        }"""
    )
    page.wait_for_function("frames.length === 1")
    frame = page.frames[1]
    frame.wait_for_function("window.lrs !== undefined")
    with page.expect_request(lambda request: "note.created" in (request.post_data or "")):
        frame.evaluate(f"() => {{ {note('l1')} }}")


def test_who_was_told_before_the_consent_is_known_after_it(site: Site) -> None:
    page = site.open(consent="ask")
    page.evaluate("lrs.identify('u1')")
    assert page.evaluate("localStorage.length") == 0
    page.evaluate("lrs.consent(true);" + note("l1"))
    page.wait_for_function("!localStorage['lrs.queue']")
    [statement] = site.statements()
    assert statement["actor"]["account"]["name"] == "u1"


def test_an_answer_that_says_no_to_all_is_a_no(site: Site) -> None:
    page = site.open()
    page.evaluate(
        "lrs.identify('u1'); lrs.consent({learning: false, marketing: false});" + note("l")
    )
    assert page.evaluate("Object.keys(localStorage)") == ["lrs.consent"]


def test_a_closed_lesson_counts_no_more_and_listens_no_more(site: Site) -> None:
    page = site.open()
    page.clock.install()
    page.reload()
    page.evaluate(
        f"""() => {{
            const add = document.addEventListener, remove = document.removeEventListener;
            heard = 0;
            document.addEventListener = function (...all) {{ heard++; add.apply(this, all) }};
            document.removeEventListener = function (...all) {{ heard--; remove.apply(this, all) }};
            first = lrs.lesson({LESSON});
        }}"""
    )
    advance(page, 5)
    page.evaluate("first.close()")
    advance(page, 60)
    assert 5 <= page.evaluate("first.seconds()") < 8
    assert page.evaluate("heard") == 0
    page.evaluate(f"second = lrs.lesson({LESSON})")
    advance(page, 5)
    # Another lesson's close() ends that one alone.
    page.evaluate("first.close()")
    advance(page, 5)
    assert page.evaluate("second.seconds()") >= 10


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
