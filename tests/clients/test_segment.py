"""Segment's own libraries, pointed here by nothing but their host and write key."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from lrs.assembly import build_services
from lrs.config import config_from
from tests.conftest import KEY, SECRET, Server, headers

HERE = Path(__file__).parent
COMMANDS = {"Python": [sys.executable, "segment_client.py"]}
if (HERE / "node_modules").is_dir() or os.environ.get("LRS_TEST_CLIENTS") == "1":
    COMMANDS["Node"] = ["node", "segment.mjs"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_library_sends_and_what_it_sent_is_there(
    serve: Callable[..., Server], name: str
) -> None:
    server = serve()
    done = subprocess.run(
        [*COMMANDS[name], server.url, f"{KEY}:{SECRET}"],
        cwd=HERE,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout) == []
    request = urllib.request.Request(f"{server.url}/xapi/statements", headers=headers())  # noqa: S310 our own server
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        statements = json.load(answer)["statements"]
    assert {one["object"]["id"].removeprefix(server.url) for one in statements} == {
        "/course/c1",
        "/page/%2Fhome",
    }
    assert {one["timestamp"][:16] for one in statements} == {"2026-11-20T10:00"}
    assert "anna@example.org" not in json.dumps(statements)
    services = build_services(config_from(server.environment))
    assert {visitor: one["user"] for visitor, one in services.persons.all().items()} == {
        "v1": "u1",
        "v2": "u1",
    }
    assert services.plan.report().unknown_events == {"nobody.planned_this": 1}
    services.close()
