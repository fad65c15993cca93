"""Pictures of `lrs demo`, for the README and for whoever looks at what a change did.

LRS_TEST_PICTURES=tests/browser/screenshots puts them where the README shows them; else the test keeps them to itself.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, expect

from lrs.analytics.simulator.planted import BASE
from tests.demos import Demo, running_demo

KEPT = Path(__file__).parent / "screenshots"
README = Path(__file__).parent.parent.parent / "README.md"
LARGEST = 150_000
SAFETY = f"/courses?course={BASE}/course/safety"
Theme = Literal["light", "dark"]
SHOTS: tuple[tuple[str, str, str, Theme, int], ...] = (
    ("overview", "administrator", "/", "light", 1280),
    ("course", "manager", SAFETY, "light", 1280),
    ("learner", "learner", "/", "dark", 1280),
    ("report", "analyst", "/reports/engagement-funnel", "dark", 1280),
    ("at-risk", "analyst", "/reports/at-risk", "light", 1280),
    ("phone", "manager", "/", "dark", 390),
)


def take(browser: Browser, demo: Demo, shot: tuple[str, str, str, Theme, int], to: Path) -> None:
    name, role, path, theme, width = shot
    context = browser.new_context(
        color_scheme=theme, viewport={"width": width, "height": 900}, locale="en-GB"
    )
    page = context.new_page()
    page.goto(f"{demo.url}/sign-in?next={path}")
    page.fill("#name", role)
    page.fill("#password", demo.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    expect(page.locator("[data-poll]")).to_have_count(0, timeout=60_000)
    page.screenshot(path=to / f"{name}.png")
    context.close()


def test_pictures_of_the_demo_are_made(browser: Browser, tmp_path: Path) -> None:
    folder = Path(os.environ.get("LRS_TEST_PICTURES") or tmp_path / "pictures")
    folder.mkdir(exist_ok=True)
    (tmp_path / "demo").mkdir()
    with running_demo(tmp_path / "demo", 400) as demo:
        for shot in SHOTS:
            take(browser, demo, shot, folder)

    assert all((folder / f"{name}.png").stat().st_size > LARGEST / 10 for name, *_ in SHOTS)


def test_the_readme_shows_pictures_that_are_there_and_small() -> None:
    shown = re.findall(
        r"!\[[^]]+\]\(tests/browser/screenshots/([a-z-]+[.]png)\)", README.read_text()
    )

    assert len(shown) == 3
    assert sorted(shown) == sorted(one.name for one in KEPT.iterdir())
    assert all((KEPT / name).stat().st_size < LARGEST for name in shown)
