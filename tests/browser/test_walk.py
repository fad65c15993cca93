"""Pages in a real browser: every page for every role, in both themes and at phone width, by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from lrs.auth.accounts import MOST_FAILURES
from tests.browser.conftest import ROLES, Academy, Visitor
from tests.build import statement
from tests.conftest import KEY, PASSWORD
from tests.test_server import call

Open = Callable[..., Visitor]
WIDTHS = (1280, 360)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
REFUSED = "the server responded with a status of 4"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,64}")
_FILE = re.compile(r"/attachments/|/package$|[.]\w+$")
_LEADS = "() => [...document.querySelectorAll('a[href]')].map(link => link.href)"
_TOO_WIDE = "() => document.documentElement.scrollWidth - innerWidth"


def kind_of(url: str, *, each_report: bool) -> str:
    """Return what pages of one kind have in common: one of each is enough to look at."""
    parts = urlsplit(url)
    if parts.path.startswith("/reports/") and not each_report:
        return "/reports/NAME"
    # A report looks the same whatever it is filtered by.
    query = "" if parts.path.startswith("/reports/") else parts.query
    names = sorted(part.partition("=")[0] for part in query.split("&"))
    return f"{UUID.sub('ID', parts.path)}?{'&'.join(names)}"


def pages_from(visitor: Visitor, *, each_report: bool) -> list[str]:
    """Walk along every link and return an address of each kind of page; files to be saved are left alone.

    Reports have one kind of page, unless `each_report` is wanted.
    """
    seen: dict[str, str] = {}
    waiting = [f"{visitor.url}/"]
    while waiting and len(seen) < 150:
        url = waiting.pop(0).partition("#")[0]
        is_file = _FILE.search(urlsplit(url).path) is not None
        kind = kind_of(url, each_report=each_report)
        if kind in seen or is_file or not url.startswith(visitor.url):
            continue
        seen[kind] = url
        answer = visitor.page.goto(url)
        assert answer is not None
        assert answer.status == 200, url
        visitor.settle()
        waiting += visitor.page.evaluate(_LEADS)
    return list(seen.values())


@pytest.mark.parametrize("role", ROLES)
def test_every_page_holds_in_both_themes_and_at_phone_width(
    academy: Academy, visitor: Open, role: str
) -> None:
    window = visitor(role=role)
    found: dict[str, list[str]] = {}
    # The administrator sees every report; that the others are told no more than theirs is tested without a browser.
    urls = pages_from(window, each_report=role == "administrator")
    assert len(urls) > {"administrator": 70}.get(role, 3)
    for url in urls:
        window.page.goto(url)
        window.settle()
        for theme in THEMES:
            for width in WIDTHS:
                window.page.emulate_media(color_scheme=theme)
                window.page.set_viewport_size({"width": width, "height": 800})
                case = f"{urlsplit(url).path} {theme} {width}"
                found[case] = window.barriers()
                if window.page.evaluate(_TOO_WIDE) > 0:
                    found[case].append("wider than the window")
    assert {case: faults for case, faults in found.items() if faults} == {}


def test_the_way_in_holds_too(visitor: Open) -> None:
    window = visitor()
    for theme in THEMES:
        window.page.emulate_media(color_scheme=theme)
        assert window.barriers() == []


def test_people_sign_in_and_out_by_keyboard(academy: Academy, visitor: Open) -> None:
    window = visitor(path="/account")
    page = window.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    for _ in range(10):
        if page.evaluate("document.activeElement.id") == "name":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("analyst")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page).to_have_url(f"{academy.url}/sign-in")
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("role", ROLES)
def test_the_navigation_leads_to_every_place_it_names(visitor: Open, role: str) -> None:
    page = visitor(role=role).page
    places = page.get_by_role("navigation", name="Places").get_by_role("link")
    for index in range(places.count()):
        places.nth(index).click()
        expect(places.nth(index)).to_have_attribute("aria-current", "page")


def test_hostile_statements_are_text_on_every_page(academy: Academy, visitor: Open) -> None:
    window = visitor(role="administrator")
    for path in ("", "?view=raw", f"/{academy.hostile_id}"):
        window.page.goto(f"{academy.url}/statements{path}")
        expect(window.page.get_by_text("<script>alert('x')</script>").first).to_be_visible()
        assert window.page.locator("main script, main img").count() == 0
    assert window.faults == []


def test_a_form_of_another_site_changes_nothing(academy: Academy, visitor: Open) -> None:
    window = visitor(role="administrator")
    window.expected = (REFUSED,)
    window.url = "http"
    form = (
        f'<form method="post" action="{academy.url}/accounts"><input name="do" value="add">'
        '<input name="name" value="evil"><input name="role" value="administrator">'
        "<button>Win a prize</button></form>"
    )

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body=form)

    window.context.route("http://evil.example/", answer)
    window.page.goto("http://evil.example/")
    window.page.get_by_role("button").click()
    expect(window.page.get_by_role("heading", name="Please sign in")).to_be_visible()
    assert "evil" not in academy.services.accounts.all()


def test_wrong_passwords_lock_an_account_for_a_while(visitor: Open) -> None:
    window = visitor()
    window.expected = (REFUSED,)
    for _ in range(MOST_FAILURES):
        window.sign_in("manager", "not the password")
        expect(window.page.get_by_role("alert")).to_contain_text("do not go together")
    window.sign_in("manager")
    expect(window.page.get_by_role("alert")).to_contain_text("rests")
    window.sign_in("analyst")
    expect(window.page.get_by_role("button", name="Sign out")).to_be_visible()


def test_an_administrator_gives_a_credential_and_replays_what_it_had_refused(
    academy: Academy, visitor: Open
) -> None:
    page = visitor(role="administrator").page
    page.get_by_role("link", name="Credentials").first.click()
    page.fill("#label", "Storyline <b>")
    page.get_by_role("button", name="Add").click()
    secret = page.get_by_role("status").locator("code").nth(2).text_content()
    assert secret
    credential = page.get_by_role("region", name=re.compile("LRS_KEY|key"))
    credential.get_by_text("What its sender may get wrong").click()
    credential.get_by_label("empty-score-range").check()
    credential.get_by_role("button", name="Save").click()
    page.get_by_role("navigation", name="Places").get_by_role("link", name="Rejected").click()
    page.get_by_role("button", name="Replay the chosen").click()
    expect(page.get_by_text("1 of 1 are stored now")).to_be_visible()
    assert academy.services.credentials.all()[KEY]["quirks"] == ["empty-score-range"]


def test_the_browser_finds_pages_and_parts_of_statements(academy: Academy, visitor: Open) -> None:
    call(
        academy.server, "POST", "/xapi/statements", statement(verb={"id": "http://v.example/sang"})
    )
    page = visitor(role="administrator", path="/statements").page
    expect(page.get_by_role("row")).to_have_count(51)
    page.get_by_role("link", name="sang").click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_label("Verb (IRI)")).to_have_value("http://v.example/sang")
    page.get_by_label("Verb (IRI)").fill("")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("link", name="Next page").click()
    expect(page.get_by_role("link", name="First page")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(51)
