"""What a report without data says to send: pasted into a real shell as it is shown, it makes that report speak."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lrs.analytics.catalog import catalog
from lrs.assembly import build_services
from lrs.config import Config
from lrs.web.samples import Sample, sample_for
from tests.build import agent
from tests.conftest import KEY, SECRET, Client, Server, Visitor, settled

Visit = Callable[..., Visitor]
ALWAYS = ("phases", "questions", "tracking-plan")
"""The reports that say something from the beginning."""
SAMPLES: dict[Sample, list[str]] = {}
for _name in catalog():
    SAMPLES.setdefault(sample_for(_name), []).append(_name)


def shown(visitor: Visitor, report: str) -> str:
    """Return the page of a report without data."""
    page: str = settled(lambda: visitor.get(f"/reports/{report}")).text
    return page


@pytest.mark.parametrize("reports", SAMPLES.values(), ids=lambda reports: reports[0])
def test_what_is_shown_makes_the_report_speak(
    serve: Callable[..., Server], tmp_path: Path, reports: list[str]
) -> None:
    server = serve(LRS_WORKERS="1")
    services = build_services(Config(data=tmp_path / "data", port=server.port))
    for name in reports:
        assert bool(services.reports.answer(name, {}).rows) == (name in ALWAYS), name
    call = sample_for(reports[0]).call(server.url).replace("KEY:SECRET", f"{KEY}:{SECRET}")
    script = f"set -e\nlrs() {{ {sys.executable} -c 'from lrs.cli import main; main()' \"$@\"; }}\n"

    done = subprocess.run(
        ["bash", "-c", script + call.replace("curl ", "curl -sS --fail-with-body ")],
        env={**os.environ, **server.environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"status":"refused"' not in done.stdout
    for name in reports:
        assert services.reports.answer(name, {}).rows, name
    services.close()


@pytest.mark.parametrize("role", ["administrator", "analyst", "manager"])
def test_who_looks_sees_what_is_missing_and_whom_to_ask(
    client: Client, visit: Visit, role: str
) -> None:
    visitor = visit(role, agent=agent("boss"))
    for name in ("certifications", "grading", "completion"):
        page = html.unescape(shown(visitor, name))
        assert "This report waits for" in page
        assert sample_for(name).about in page
        assert re.search("curl -u KEY:SECRET|lrs people import", page)
        assert ("an administrator of this LRS" in page) == (role != "administrator")


def test_a_learner_is_shown_no_call(client: Client, visit: Visit) -> None:
    page = shown(visit("learner", agent=agent("anna")), "completion")

    assert "tell an administrator" in page
    assert "curl" not in page
