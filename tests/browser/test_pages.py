"""What people see and do on pages of numbers: planted figures, partial updates, hostile names, pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from playwright.sync_api import Page, Route, expect

from lrs.analytics.catalog import catalog
from lrs.analytics.simulator.planted import BASE
from tests.browser.conftest import HOSTILE_IRI, LEARNERS, Academy, Visitor

Open = Callable[..., Visitor]
SAFETY = f"{BASE}/course/safety"
LEARNERS_OF_ANNA, LEARNERS_OF_OTTO = 1, 2
HOSTILE_COURSE = quote(f"{HOSTILE_IRI}course")


def ready(window: Visitor, path: str) -> Page:
    window.page.goto(window.url + path)
    window.settle()
    return window.page


def test_planted_numbers_stand_on_the_screen(academy: Academy, visitor: Open) -> None:
    window = visitor(role="administrator")
    (row,) = [
        one
        for one in academy.services.reports.answer("completion", {"mature": "14"}).rows
        if one["course"] == SAFETY
    ]

    page = ready(window, f"/courses?course={SAFETY}")

    sentence = page.locator("#story .sentence").inner_text()
    assert sentence.startswith(f"{row['starters']} have begun, {row['completed']} have completed")
    assert 0 < row["starters"] <= LEARNERS
    expect(page.locator("#answer-video-exits")).to_contain_text("around second 175")


def test_hostile_names_are_text_on_every_page(academy: Academy, visitor: Open) -> None:
    window = visitor(role="administrator")
    paths = [
        "/",
        "/courses",
        f"/courses?course={HOSTILE_COURSE}",
        "/learners",
        "/learners?learner=P1",
        "/me",
        f"/?course={HOSTILE_COURSE}&department=%3Ci%3Enursing%3C/i%3E",
        *(f"/reports/{name}" for name in catalog()),
        *(f"/reports/slices?by={by}" for by in ("department", "role", "location", "manager")),
        "/reports/slices?by=revision",
    ]
    shown = 0
    for path in paths:
        page = ready(window, path)
        for kind in ("script", "img", "i", "s", "u"):
            assert page.locator(f"main {kind}").count() == 0, (path, kind)
        for link in page.locator("main a[href]").all():
            assert not (link.get_attribute("href") or "").startswith("javascript:"), path
        shown += page.locator("main").inner_text().count("<script>alert(")
    assert shown > len(catalog())
    assert window.faults == []


def test_a_filter_changes_the_part_and_stays_in_the_address(visitor: Open) -> None:
    window = visitor(role="administrator")
    page = ready(window, "/reports/top-courses")
    page.evaluate("document.querySelector('h1').dataset.mark = 'still here'")

    page.get_by_label("Department").focus()
    page.get_by_label("Department").select_option("kitchen")

    expect(page).to_have_url(re.compile(r"/reports/top-courses\?department=kitchen$"))
    expect(page.locator("#said")).to_have_text(re.compile("Begin with|too small|Some numbers"))
    expect(page.locator("h1")).to_have_attribute("data-mark", "still here")
    expect(page.get_by_label("Department")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Department")).to_have_value("kitchen")
    page.get_by_role("link", name="No filters").click()
    expect(page).to_have_url(re.compile(r"/reports/top-courses$"))
    expect(page.get_by_label("Department")).to_have_value("")
    page.go_back()
    expect(page.get_by_label("Department")).to_have_value("kitchen")


def test_filters_work_without_script(visitor: Open) -> None:
    window = visitor(role="administrator", java_script_enabled=False)
    window.page.goto(f"{window.url}/reports/verbs")

    window.page.get_by_label("Department").select_option("kitchen")
    window.page.get_by_role("button", name="Show").click()

    expect(window.page).to_have_url(re.compile(r"department=kitchen"))
    expect(window.page.locator("tbody tr").first).to_be_visible(timeout=30_000)


def test_a_part_that_takes_long_comes_by_itself_and_can_be_cancelled(visitor: Open) -> None:
    window = visitor(role="administrator")
    asked = []

    def slow(route: Route) -> None:
        """Let the page look as if its report were not there yet."""
        answer = route.fetch()
        asked.append(route.request.url)
        if len(asked) < 3:
            waiting = (
                '<div id="answer" tabindex="-1" data-poll aria-busy="true"><form method="post"'
                ' action="/reports/verbs/cancel" data-part="answer"><button>Cancel</button></form>'
            )
            body = answer.text().replace('<div id="answer" tabindex="-1">', waiting)
            # The form needs the token of one that the page has.
            token = re.search(r'<input type="hidden" name="csrf" value="\w+">', body)
            assert token is not None
            route.fulfill(
                response=answer, body=body.replace("<button>Cancel", f"{token[0]}<button>Cancel")
            )
        else:
            route.fulfill(response=answer)

    window.context.route(re.compile("/reports/verbs$"), slow)
    page = window.page
    page.goto(f"{window.url}/reports/verbs")
    window.settle()
    # More often, if the report itself has to be waited for.
    assert len(asked) >= 3

    asked.clear()
    page.goto(f"{window.url}/reports/verbs")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The report was cancelled.").first).to_be_visible()
    page.get_by_role("link", name="Ask again").click()
    window.settle()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_pages_print_without_what_is_only_for_the_screen(visitor: Open) -> None:
    window = visitor(role="administrator")
    page = ready(window, "/reports/engagement-funnel")
    page.emulate_media(media="print")

    expect(page.get_by_role("navigation", name="Places")).to_be_hidden()
    expect(page.locator("form.filters").first).to_be_hidden()
    expect(page.locator("table").first).to_be_visible()
    expect(page.locator("svg.drawing").first).to_be_visible()


def test_a_chart_says_what_it_shows_and_its_marks_tell_their_numbers(visitor: Open) -> None:
    page = ready(visitor(role="administrator"), "/reports/engagement-funnel")

    chart = page.get_by_role("img", name=re.compile("^Chart: Engagement funnel[.].*table"))
    expect(chart).to_be_visible()
    assert "completion_rate" in (chart.locator("path title").first.text_content() or "").replace(
        " ", "_"
    )


def test_a_manager_who_tries_the_addresses_of_another_team_sees_nothing_of_it(
    academy: Academy, visitor: Open
) -> None:
    own, other = LEARNERS_OF_ANNA, LEARNERS_OF_OTTO
    window = visitor(role="manager")
    window.expected = ("the server responded with a status of 403",)
    assert "script>alert(1)" in ready(window, "/learners").locator("main").inner_text()
    mine = f"learner-{own}@example.org"
    assert ready(window, f"/learners?learner={mine}").locator("table").count() > 0

    theirs = f"learner-{other}@example.org"
    pages = [
        f"/learners?learner={theirs}",
        f"/learners?learner=P{other}",
        "/learners?manager=%3Cb%3EOtto%3C/b%3E",
        "/learners?department=kitchen",
        f"/courses?course={SAFETY}&department=kitchen",
        f"/courses?course={SAFETY}&learner={theirs}",
        "/?department=kitchen",
        f"/ledgers/action?learner={theirs}",
        *(
            f"/reports/{name}?{query}"
            for name in catalog()
            for query in (f"learner=P{other}", "department=kitchen")
        ),
    ]
    for path in pages:
        answer = window.page.goto(window.url + path)
        window.settle()
        assert answer is not None
        main = window.page.locator("main")
        assert answer.status in (200, 403), path
        assert answer.status == 403 or main.locator("table tbody tr").count() == 0, path
        assert not names(main.inner_text()), path
    for face in ("json", "csv", "txt", "svg"):
        for name in catalog():
            for query in (f"learner=P{other}", "manager=%3Cb%3EOtto%3C/b%3E", "department=kitchen"):
                found = window.context.request.get(f"{window.url}/reports/{name}.{face}?{query}")
                assert found.status in (200, 403, 404), (name, face, query)
                body = found.text()
                assert not names(body), (name, face, query)
    assert window.context.request.get(f"{window.url}/statements").status == 403


def names(text: str) -> bool:
    """Whether a text names somebody whom ANNA does not lead."""
    return any(f"alert({who})" in text for who in range(0, LEARNERS, 2))
