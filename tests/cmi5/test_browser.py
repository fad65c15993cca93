"""Launches in a real browser: from our page into the sandbox; tabs, relaunch, a server that dies and comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.clients.test_cmi5 import call
from tests.cmi5.build import LEARNER, OTHER, au, block, course, package
from tests.conftest import PASSWORD, Server, stop
from tests.stores.conftest import WIRE_URI, empty_backend

HERE = Path(__file__).parent
FILES = {name: (HERE / name).read_bytes() for name in ("au.html", "au.js")}
MOVE_ON = {"moveOn": "CompletedAndPassed", "masteryScore": "0.9"}
COURSE = package(
    course(block("b", au("1", "au.html", **MOVE_ON)), au("2", "au.html?x=1#y", **MOVE_ON)), FILES
)
Serve = Callable[..., Server]


@pytest.fixture(params=("sqlite", "wire") if WIRE_URI else ("sqlite",))
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    with empty_backend(request.param) as backend:
        yield {"LRS_STORE": backend.uri}


def shows(page: Page, text: str) -> None:
    expect(page.locator("#state")).to_have_text(text, timeout=30_000)


def press(page: Page, button: str, text: str) -> None:
    page.click(f"#{button}")
    shows(page, text)


def enrolled(server: Server, *actors: dict[str, Any]) -> list[str]:
    made = call(server, "POST", "/cmi5/v1/courses", COURSE)
    body = {"course": made["id"], "actors": list(actors)}
    found = call(server, "POST", "/cmi5/v1/registrations", body)["registrations"]
    return [one["id"] for one in found]


def opened(browser: Browser, server: Server, registration: str, au: int) -> Page:
    """Launch an AU and open it in a tab."""
    url = f"/cmi5/v1/registrations/{registration}/launches"
    page = browser.new_page()
    page.goto(call(server, "POST", url, {"au": au})["url"])
    return page


def verbs(server: Server, registration: str) -> list[str]:
    path = f"/xapi/statements?registration={registration}&ascending=true"
    said = call(server, "GET", path)["statements"]
    return [one["verb"]["id"].rpartition("/")[2] for one in said]


FULL = ["launched", "initialized", "passed", "completed", "satisfied"]


def test_learners_tabs_a_relaunch_and_a_restart_lose_nothing_and_count_nothing_twice(
    serve: Serve, browser: Browser, settings: dict[str, str]
) -> None:
    server = serve(**settings)
    anna, ben = enrolled(server, LEARNER, OTHER)
    first, bens = opened(browser, server, anna, 0), opened(browser, server, ben, 0)
    for page in (first, bens):
        shows(page, "ready 0")
        press(page, "bookmark", "bookmark 1")

    again = opened(browser, server, anna, 0)
    shows(again, "ready 1")
    first.click("#done")
    expect(first.locator("#state")).to_contain_text("refused: passed 401")

    stop(server, signal=9)
    for page in (again, bens):
        page.click("#done")
    server = serve(LRS_PORT=str(server.port), **settings)
    for page in (again, bens):
        shows(page, "done")
        press(page, "bookmark", "bookmark 2")
        press(page, "exit", "exited")
    last = opened(browser, server, anna, 1)
    shows(last, "ready 0")
    press(last, "done", "done")
    press(last, "exit", "exited")

    assert verbs(server, ben) == [*FULL, "terminated"]
    whole = ["launched", "initialized", "abandoned", *FULL, "terminated", *FULL, "terminated"]
    assert verbs(server, anna) == whole
    for registration, satisfied in ((anna, True), (ben, False)):
        status = call(server, "GET", f"/cmi5/v1/registrations/{registration}/status")
        assert status["satisfied"] is satisfied
        assert status["tree"]["children"][0]["satisfied"] is True


def test_a_learner_is_launched_from_the_page_and_seen_there(serve: Serve, browser: Browser) -> None:
    server = serve(LRS_WORKERS="1")
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/cmi5")
    page.fill("#name", "admin")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    upload = {"name": "course.zip", "mimeType": "application/zip", "buffer": COURSE}
    page.set_input_files("#package", files=[upload])  # type: ignore[list-item]  # playwright's own shape
    page.get_by_role("button", name="Import").click()
    page.fill("#homePage", "https://example.org")
    page.fill("#name", "anna")
    page.get_by_role("button", name="Register").click()
    with context.expect_page() as launched:
        page.get_by_role("button", name="Launch").first.click()
    tab = launched.value
    shows(tab, "ready 0")
    assert tab.evaluate("self.origin") == "null"
    press(tab, "done", "done")
    press(tab, "exit", "exited")
    page.reload()
    expect(page.get_by_text("satisfied").first).to_be_visible()
    page.get_by_role("link", name="Log").first.click()
    expect(page.get_by_text("terminated").first).to_be_visible()
    context.close()


def test_course_files_on_an_origin_of_their_own_run_there(serve: Serve, browser: Browser) -> None:
    server = serve(LRS_WORKERS="1")
    port = server.port
    stop(server)
    server = serve(LRS_PORT=str(port), LRS_CMI5_CONTENT_URL=f"http://localhost:{port}")
    (anna,) = enrolled(server, LEARNER)
    page = opened(browser, server, anna, 1)
    shows(page, "ready 0")
    assert page.evaluate("self.origin") == f"http://localhost:{port}"
    press(page, "exit", "exited")
