"""`lrs demo`, over the wire: from the command to the planted number on a page, and nothing left behind."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lrs.analytics.simulator.academy import Academy
from lrs.analytics.simulator.planted import BASE
from tests.demos import Demo, running_demo

LEARNERS = 40


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with running_demo(tmp_path, LEARNERS) as running:
        yield running


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
    (row,) = [one for one in csv.DictReader(io.StringIO(table)) if one["course"] == course]
    assert (int(row["learners"]), int(row["completed"])) == (len(learners), len(completed))

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


def test_a_server_that_dies_ends_the_demo_with_one_sentence(tmp_path: Path) -> None:
    with running_demo(tmp_path, LEARNERS) as demo:
        (server,) = children_of(demo.process.pid)
        os.killpg(server, signal.SIGKILL)

        assert demo.process.wait(30) == 1
        assert demo.process.stderr is not None
        told = demo.process.stderr.read()
        assert told == "Error: The server of the demo has ended by itself (status -9).\n"
        assert list(demo.folder.iterdir()) == []


def children_of(process: int) -> list[int]:
    return [
        int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ]
