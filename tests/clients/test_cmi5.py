"""AU libraries from the registries, each through a whole session against a server of its own."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from tests.clients.test_clients import HERE, Serve, request
from tests.cmi5.build import LEARNER, au, block, course, package
from tests.conftest import Server, headers

COMMANDS = {
    "@rusticisoftware/cmi5": ["node", "cmi5-rustici.cjs"],
    "@xapi/cmi5": ["node", "cmi5-xapi.mjs"],
}
if not ((HERE / "node_modules").is_dir() or os.environ.get("LRS_TEST_CLIENTS") == "1"):
    COMMANDS = {}
INNER = "<launchParameters>p</launchParameters><entitlementKey>k</entitlementKey>"
COURSE = course(block("b", au(moveOn="CompletedAndPassed", masteryScore="0.9", inner=INNER)))


@pytest.mark.parametrize("name", COMMANDS)
def test_an_au_goes_through_a_whole_session(serve: Serve, name: str) -> None:
    server = serve(LRS_WORKERS="2")
    made = call(server, "POST", "/cmi5/v1/courses", package(COURSE))
    enrolled = call(
        server, "POST", "/cmi5/v1/registrations", {"course": made["id"], "actor": LEARNER}
    )
    registration = enrolled["id"]
    launch = call(server, "POST", f"/cmi5/v1/registrations/{registration}/launches", {"au": 0})

    saw = run_au(name, launch["url"])
    assert (saw["moveOn"], saw["masteryScore"]) == ("CompletedAndPassed", 0.9)
    assert saw["launchMode"] == "Normal"
    if name == "@rusticisoftware/cmi5":
        assert (saw["launchParameters"], saw["late"]) == ("p", "refused")
        assert saw["entitlementKey"] == "k"

    path = f"/xapi/statements?registration={registration}&ascending=true"
    said = call(server, "GET", path)["statements"]
    assert [one["verb"]["id"].rpartition("/")[2] for one in said] == [
        "launched",
        "initialized",
        "progressed",
        "passed",
        "completed",
        "satisfied",
        "satisfied",
        "terminated",
    ]
    status = call(server, "GET", f"/cmi5/v1/registrations/{registration}/status")
    assert status["satisfied"] is True
    log = call(server, "GET", f"/cmi5/v1/sessions/{launch['session']}/log")["log"]
    refused = [entry for entry in log if entry["event"] == "refused"]
    assert len(refused) == (1 if "late" in saw else 0)


def run_au(name: str, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [*COMMANDS[name], url], cwd=HERE, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[:4000]
    saw: dict[str, Any] = json.loads(done.stdout)
    return saw


def call(server: Server, method: str, path: str, body: Any = None) -> Any:
    raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    status, answer = request(server, method, path, headers(), raw)
    assert status in (200, 201), answer
    return json.loads(answer)
