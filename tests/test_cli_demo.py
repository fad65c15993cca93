"""`lrs demo`, over the wire: from the command to the planted number on a page, and nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from lrs.analytics.academy import Academy
from lrs.analytics.simulated import BASE
from tests.conftest import free_port

LEARNERS = 40


@dataclass
class Demo:
    """A running demo."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    password: str
    told: str

    def get(self, role: str, path: str) -> str:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with opener.open(f"{self.url}/sign-in", timeout=20) as page:
            (token,) = re.findall(r'name="csrf" value="(\w+)"', page.read().decode())
        form = {"csrf": token, "name": role, "password": self.password}
        opener.open(
            f"{self.url}/sign-in", urllib.parse.urlencode(form).encode(), timeout=20
        ).close()
        with opener.open(f"{self.url}{path}", timeout=20) as page:
            text: str = page.read().decode()
        return text


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    command = ("-c", "from lrs.cli import main; main()", "demo", "--learners", str(LEARNERS))
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(free_port()), "--no-open"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if line.startswith("Stop with"):
            break
    (url,) = re.findall(r"(http://127[^/]+)/sign-in", told)
    (password, *_) = re.findall(r"password (\S+)", told)
    yield Demo(process, tmp_path, url, password, told)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    process.stdout.close()


def test_the_demo_shows_what_is_planted_and_leaves_nothing(demo: Demo) -> None:
    today = datetime.now(UTC).date()
    course = f"{BASE}/course/leadership"
    sent = [
        (one["actor"]["mbox"], one["verb"]["id"].rpartition("/")[2])
        for one in Academy(learners=LEARNERS, seed=1, today=today).statements()
        if one["object"]["id"] == course
    ]
    learners = {actor for actor, _ in sent}
    completed = {actor for actor, verb in sent if verb == "completed"}

    for role in ("administrator", "analyst", "manager", "learner"):
        assert f"name {role}" in demo.told
        assert "Overview" in demo.get(role, "/")
    table = demo.get("administrator", "/reports/top-courses.csv?days=400")
    assert f"{course},{len(learners)},{len(completed)}," in table

    demo.process.send_signal(signal.SIGTERM)
    assert demo.process.wait(30) == 0
    assert list(demo.folder.iterdir()) == []


def test_a_port_that_is_taken_is_one_plain_sentence(demo: Demo) -> None:
    port = demo.url.rpartition(":")[2]
    command = ("-c", "from lrs.cli import main; main()", "demo", "--port", port)

    refused = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, timeout=60
    )

    assert refused.returncode == 1
    assert refused.stderr == f"Error: Cannot listen on port {port}: Address already in use.\n"
