"""Erasing while a server stores, projects and reads."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.build import agent
from tests.command import Command
from tests.conftest import Server, headers
from tests.privacy.world import BY_MAIL, MAIL, NAME, made


def call(server: Server, path: str, body: Any = None) -> tuple[int, bytes]:
    sent = {**headers(), "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data=data, headers=sent)  # noqa: S310 our own server
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def test_a_running_server_forgets_and_goes_on(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(LRS_WORKERS="2")
    mine, others = [made(BY_MAIL) for _ in range(60)], [made(agent("berta")) for _ in range(60)]
    assert call(server, "/xapi/statements", [*mine, *others])[0] == 200
    assert call(server, f"/xapi/statements?statementId={mine[0]['id']}")[0] == 200
    over, codes = threading.Event(), set[int]()

    def send() -> None:
        while not over.is_set():
            codes.add(call(server, "/xapi/statements", made(agent("carla")))[0])
            # As often as it is there still it is accepted again.
            codes.add(call(server, "/xapi/statements", mine[0])[0])

    sender = threading.Thread(target=send)
    sender.start()
    try:
        told = Command(tmp_path).run("erase", MAIL, "--yes")
    finally:
        over.set()
        sender.join()

    assert told.exit_code == 0, told.output
    assert codes <= {200, 409}
    for one in mine:
        assert call(server, f"/xapi/statements?statementId={one['id']}")[0] == 404
    assert call(server, "/xapi/statements", mine)[0] == 409
    assert call(server, "/xapi/statements", others)[0] == 200
    _, page = call(server, "/xapi/statements?limit=500")
    assert len(json.loads(page)["statements"]) >= 60
    assert NAME.encode() not in page.lower()
    report = Command(tmp_path).run("report", "people-match", "-f", "json")
    assert NAME not in report.output
    assert "berta" in report.output
