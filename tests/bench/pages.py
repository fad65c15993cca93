"""How soon the overview is painted, and whole: `python -m tests.bench.pages FOLDER [MILLIONS]`.

Chromium opens it as somebody does who has signed in: the first time after a start, again, and again after a new
statement, when nothing that was counted may be shown any more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from lrs.analytics.simulator.courses import COURSES_CSV
from lrs.analytics.simulator.simulation import Simulation
from lrs.assembly import build_services
from lrs.config import Config
from lrs.services.statements import Batch, Statements
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS
from tests.analytics.places import SENDER, Place, told
from tests.bench.lake import LEARNERS, fill
from tests.build import new_id
from tests.conftest import PASSWORD, free_port

_TYPING = 4_000
"""Milliseconds that people take to type name and password."""
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"


def main(folder: Path, millions: float) -> None:
    services = build_services(Config(data=folder))
    place = Place(
        services.store,
        services.lake,
        services.references,
        services.tables,
        services.reports,
        services.ledgers,
    )
    if services.store.statements.count() == 0:
        simulation = Simulation(learners=LEARNERS, seed=1, last=datetime.now(UTC).date())
        sent = list(simulation.statements())
        door = Statements(services.store, new_id)
        for start in range(0, len(sent), 500):
            batch = sent[start : start + 500]
            door.store(Batch(Parsed(batch, batch)), version=VERSIONS[0], sender=SENDER)
        services.references.import_people(simulation.people_csv())
        services.references.import_courses(COURSES_CSV.splitlines(keepends=True))
        services.accounts.add("admin", role="administrator", password=PASSWORD)
        services.lake.catch_up()
        fill(place, int(millions * 1_000_000))
        services.lake.compact()
    print(f"{services.lake.status().facts:,} facts")
    port = free_port()
    settings = {"LRS_DATA": str(folder), "LRS_PORT": str(port), "LRS_WORKERS": "1"}
    server = subprocess.Popen(
        [sys.executable, "-c", "from lrs.cli import main; main()", "serve"],
        env={**os.environ, **settings, "LRS_ADMIN_PASSWORD": PASSWORD},
    )
    try:
        _look(f"http://127.0.0.1:{port}", place)
    finally:
        server.terminate()
        server.wait()
        services.close()


def _look(url: str, place: Place) -> None:
    _wait_for(url)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{url}/sign-in")
        page.fill("#name", "admin")
        page.fill("#password", PASSWORD)
        page.wait_for_timeout(_TYPING)
        started = time.perf_counter()
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{url}/")
        _tell("first after the start", page, started)
        for _ in range(3):
            started = time.perf_counter()
            page.reload()
            _tell("again", page, started)
        for _ in range(3):
            place.put(told("new", "launched"))
            started = time.perf_counter()
            page.reload()
            _tell("after a new statement", page, started)
        browser.close()


def _tell(what: str, page: Page, started: float) -> None:
    expect(page.locator("#card-completion")).to_be_visible()
    painted = page.evaluate(_PAINTED)
    expect(page.locator("[data-poll]")).to_have_count(0, timeout=120_000)
    whole = time.perf_counter() - started
    print(f"{what:24}painted after {painted:5.0f} ms, whole after {whole:5.1f} s", flush=True)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5):  # noqa: S310 our own server
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 1)
