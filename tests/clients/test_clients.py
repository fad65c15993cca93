"""Clients from the registries, each against a server of its own; `npm ci` in this folder installs those for Node."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import KEY, SECRET, Server, headers

HERE = Path(__file__).parent
SCENARIO = json.loads((HERE / "scenario.json").read_bytes())
SEVERAL = [one["id"] for one in SCENARIO["several"]]
BYTES = [base64.b64decode(held["base64"]) for held in SCENARIO["attachments"]]

COMMANDS = {"tincan": [sys.executable, "tincan_client.py"]}
if (HERE / "node_modules").is_dir() or os.environ.get("LRS_TEST_CLIENTS") == "1":
    COMMANDS |= {
        "@xapi/xapi with axios": ["node", "xapi.mjs"],
        "@xapi/xapi with fetch": ["node", "xapi.mjs"],
        "tincanjs": ["node", "tincanjs.cjs"],
        "adl-xapiwrapper": ["node", "adl-xapiwrapper.cjs"],
    }

Serve = Callable[..., Server]


@pytest.mark.parametrize("name", COMMANDS)
def test_client_finds_what_it_has_stored(serve: Serve, name: str) -> None:
    server = serve(LRS_WORKERS="1")
    store_with_attachments(server)
    saw = run_client(server, name)

    assert saw["one"] in ([SCENARIO["one"]["id"]], 204)
    assert saw.get("again", saw["one"]) == saw["one"]
    assert saw["several"] == SEVERAL
    sent = saw.get("sent", SCENARIO["one"])
    assert {name: saw["byId"].get(name) for name in sent} == sent
    assert saw["pages"] == [SEVERAL[:2], SEVERAL[2:4], SEVERAL[4:5]]
    assert (saw["afterVoiding"], saw["voided"]) == (404, SEVERAL[0])

    assert (saw["state"], saw["text"]) == (SCENARIO["state"], SCENARIO["text"])
    assert sorted(saw["stateIds"]) == ["text", "état 1"]
    if name != "adl-xapiwrapper":
        # tincanjs says null where there is no document.
        assert saw["afterDeletion"] in (404, None)
        assert saw["stateIdsAfterDeletion"] == []
    if "mergedState" in saw:
        assert saw["mergedState"] == {**SCENARIO["state"], "page": 8}

    check = check_texts_as_profiles if name == "adl-xapiwrapper" else check_profiles
    check(saw["agentProfile"])
    check(saw["activityProfile"])
    OWN_CHECKS[name](server, saw)


def check_profiles(saw: dict[str, Any]) -> None:
    assert (saw["kept"], saw["ids"]) == (SCENARIO["profile"], ["profile"])
    assert saw.get("createdTwice", 412) == 412
    assert (saw["changed"], saw["changedByOldETag"]) == (204, 412)
    assert saw["now"] == SCENARIO["changedProfile"]
    assert saw["afterDeletion"] in (404, None)


def check_texts_as_profiles(saw: dict[str, Any]) -> None:
    assert (saw["created"], saw["kept"]) == (204, SCENARIO["text"])
    assert (saw["createdTwice"], saw["changed"], saw["changedByOldETag"]) == (412, 204, 412)
    assert saw["now"] == "changed"
    assert (saw["object"], saw["merged"]) == (204, 204)
    assert saw["mergedObject"] == {**SCENARIO["profile"], **SCENARIO["changedProfile"]}
    assert sorted(saw["ids"]) == ["object", "text"]


def check_xapi_with_axios(_: Server, saw: dict[str, Any]) -> None:
    assert {"1.0.3", "2.0.0"} <= set(saw["versions"])
    assert saw["person"]["mbox"] == [SCENARIO["agent"]["mbox"]]
    assert saw["activity"]["definition"] == SCENARIO["one"]["object"]["definition"]
    assert saw["received"] == [SCENARIO["stored"]["id"], 1 + len(BYTES), BYTES[1].decode()]


def check_xapi_with_fetch(server: Server, saw: dict[str, Any]) -> None:
    check_xapi_with_axios(server, saw)
    assert saw["attached"] == [SCENARIO["attached"]["id"]]
    assert fetch_attachments(server) == BYTES


def check_tincanjs(server: Server, saw: dict[str, Any]) -> None:
    assert {"1.0.3", "2.0.0"} <= set(saw["versions"])
    assert [base64.b64decode(part) for part in saw["received"]] == BYTES
    assert saw["attached"] == 204
    assert fetch_attachments(server) == BYTES[1:]


def check_adl_xapiwrapper(_: Server, saw: dict[str, Any]) -> None:
    assert saw["configured"] is True
    assert saw["person"]["mbox"] == [SCENARIO["agent"]["mbox"]]
    assert saw["activity"]["definition"] == SCENARIO["one"]["object"]["definition"]


def check_tincan(_: Server, saw: dict[str, Any]) -> None:
    assert "'2.0.0' in ['1.0.0'" in saw["about"]
    assert saw["savedState"] == 204
    for profile in (saw["agentProfile"], saw["activityProfile"]):
        assert (profile["unguarded"], profile["created"]) == (400, 204)


OWN_CHECKS: dict[str, Callable[[Server, dict[str, Any]], None]] = {
    "tincan": check_tincan,
    "@xapi/xapi with axios": check_xapi_with_axios,
    "@xapi/xapi with fetch": check_xapi_with_fetch,
    "tincanjs": check_tincanjs,
    "adl-xapiwrapper": check_adl_xapiwrapper,
}


def run_client(server: Server, name: str) -> dict[str, Any]:
    adapter = ["fetch"] if name.endswith("fetch") else []
    done = subprocess.run(
        [*COMMANDS[name], f"{server.url}/xapi/", KEY, SECRET, *adapter],
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:4000]
    saw: dict[str, Any] = json.loads(done.stdout)
    return saw


def store_with_attachments(server: Server) -> None:
    """Store the statement whose attachments the clients read."""
    digests = [hashlib.sha256(data).hexdigest() for data in BYTES]
    described = [
        {
            "usageType": "http://example.org/attachments/test",
            "display": {"en": held["name"]},
            "contentType": held["contentType"],
            "length": len(data),
            "sha2": digest,
        }
        for held, data, digest in zip(SCENARIO["attachments"], BYTES, digests, strict=True)
    ]
    text = json.dumps({**SCENARIO["stored"], "attachments": described}).encode()
    body = b"--edge\r\nContent-Type: application/json\r\n\r\n" + text
    for data, digest in zip(BYTES, digests, strict=True):
        head = f"Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {digest}\r\n\r\n"
        body += b"\r\n--edge\r\n" + head.encode() + data
    sent = headers(**{"Content-Type": "multipart/mixed; boundary=edge"})
    status, answer = request(server, "POST", "/xapi/statements", sent, body + b"\r\n--edge--\r\n")
    assert status == 200, answer


def fetch_attachments(server: Server) -> list[bytes]:
    """Return the data, byte for byte, of the attachments that a client has sent."""
    path = f"/xapi/statements?statementId={SCENARIO['attached']['id']}&attachments=true"
    status, body = request(server, "GET", path, headers())
    assert status == 200
    boundary = body[: body.index(b"\r\n")]
    parts = body.removesuffix(boundary + b"--\r\n").split(boundary + b"\r\n")[2:]
    return [part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n") for part in parts]


def request(
    server: Server, method: str, path: str, sent: dict[str, str], body: bytes | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
