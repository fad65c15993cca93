"""The whole LRS over the wire: `lrs serve` in a process of its own, on every store at hand."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lrs.xapi.text import read_json
from tests.build import statement
from tests.conftest import Server, free_port, headers, stop

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "statement_examples"
MONGO_URI = os.environ.get("LRS_TEST_MONGO_URI", "")
REAL_DATA = os.environ.get("LRS_TEST_DATA", "")
REAL_FILES = sorted(Path(REAL_DATA).glob("*.json.gz")) if REAL_DATA else []

Serve = Callable[..., Server]


@pytest.fixture(params=["sqlite", *(["mongodb"] if MONGO_URI else [])])
def store(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Give the settings of a store that is empty at first."""
    if request.param == "sqlite":
        yield {}
        return
    from pymongo import MongoClient  # noqa: PLC0415 only where there is a server to reach

    name = f"lrs_test_{uuid.uuid4().hex[:12]}"
    yield {"LRS_STORE": f"{MONGO_URI.rstrip('/')}/{name}"}
    with MongoClient[Any](MONGO_URI) as client:
        client.drop_database(name)


def call(server: Server, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
    """Send one request on a connection of its own and return (status, JSON)."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    sent = headers(**{"Content-Type": "application/json", **more})
    payload = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    try:
        connection.request(method, path, payload, sent)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        connection.close()


def everything(server: Server) -> Iterator[dict[str, Any]]:
    """Yield every statement, page by page."""
    path = "/xapi/statements?ascending=true"
    while path:
        status, page = call(server, "GET", path)
        assert status == 200
        yield from page["statements"]
        path = page["more"]


def test_every_example_is_stored_and_read_back_equal(serve: Serve, store: dict[str, str]) -> None:
    server = serve(**store)
    paths = [
        path
        for path in sorted(EXAMPLES.glob("*/*.json"))
        if path.parent.name not in ("invalid", "events")
    ]
    examples = [json.loads(path.read_bytes()) for path in paths]
    of_1_0_3 = {json.loads(path.read_bytes())["id"] for path in paths if path.parent.name == "v1"}
    # Attachments that come with their data need a multipart request: see tests/web/test_attachments.py.
    sent = [
        one for one in examples if all("fileUrl" in held for held in one.get("attachments", ()))
    ]
    assert len(sent) > 20
    voided = {one["object"]["id"] for one in sent if one["verb"]["id"].endswith("/voided")}
    for one in sent:
        version = "1.0.3" if one["id"] in of_1_0_3 else "2.0.0"
        status, answer = call(server, "POST", "/xapi/statements", one, version=version)
        assert (status, answer) == (200, [one["id"]]), answer
    kept = {one["id"]: one for one in everything(server)}
    assert kept.keys() == {one["id"] for one in sent} - voided
    for one in sent:
        if one["id"] in kept:
            assert_equal_but_for_additions(one, kept[one["id"]])


def assert_equal_but_for_additions(sent: dict[str, Any], kept: dict[str, Any]) -> None:
    """Compare field by field, apart from what an LRS adds or turns into arrays."""
    kept, sent = dict(kept), dict(sent)
    for name in ("stored", "authority", "version", "timestamp", "id"):
        if name not in sent or name in ("stored", "authority"):
            kept.pop(name)
            sent.pop(name, None)
    assert with_arrays(kept) == with_arrays(sent)


def with_arrays(one: dict[str, Any]) -> dict[str, Any]:
    groups = one.get("context", {}).get("contextActivities", {})
    arrays = {kind: held if isinstance(held, list) else [held] for kind, held in groups.items()}
    if arrays:
        one = {**one, "context": {**one["context"], "contextActivities": arrays}}
    if one["object"].get("objectType") == "SubStatement":
        one = {**one, "object": with_arrays(one["object"])}
    return one


def real_statements(path: Path) -> list[Any]:
    text = gzip.decompress(path.read_bytes())
    if text.lstrip().startswith(b"["):
        return list(json.loads(text))
    return [json.loads(line) for line in text.splitlines()]


if REAL_FILES:

    @pytest.mark.parametrize("path", REAL_FILES)
    def test_real_statements_come_back_field_by_field(
        serve: Serve, store: dict[str, str], path: Path, tmp_path: Path
    ) -> None:
        sent = {one["id"]: one for one in real_statements(path)}
        server = serve(**store)
        run_lrs(server, "import", str(path), "--rejects", str(tmp_path / "rejects"))
        kept = list(everything(server))
        assert {one["id"] for one in kept} == sent.keys()
        assert len(kept) == len(sent)
        for one in kept:
            assert_equal_but_for_additions(sent[one["id"]], one)


def run_lrs(server: Server, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from lrs.cli import main; main()", *arguments],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout + done.stderr


def test_an_acknowledged_statement_survives_kill_9(serve: Serve, store: dict[str, str]) -> None:
    server = serve(**store)
    acknowledged: list[str] = []

    def write() -> None:
        while True:
            batch = [statement() for _ in range(3)]
            try:
                status, ids = call(server, "POST", "/xapi/statements", batch)
            except (OSError, http.client.HTTPException, ValueError):
                return
            if status == 200:
                acknowledged.extend(ids)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    deadline = time.monotonic() + 30
    while len(acknowledged) < 60 and time.monotonic() < deadline:
        time.sleep(0.02)
    stop(server, signal.SIGKILL)
    for writer in writers:
        writer.join(60)
    again = serve(**store)
    kept = [one["id"] for one in everything(again)]
    assert len(acknowledged) >= 60
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))


def test_writers_of_one_activity_do_not_hinder_each_other(
    serve: Serve, store: dict[str, str]
) -> None:
    server = serve(**store)
    results: list[int] = []

    def write(number: int) -> None:
        for index in range(10):
            named = {
                "id": "http://example.org/a",
                "definition": {"name": {"en": f"{number}.{index}"}},
            }
            results.append(call(server, "POST", "/xapi/statements", statement(object=named))[0])

    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert results == [200] * 80
    found = call(server, "GET", "/xapi/statements?activity=http://example.org/a&limit=500")[1]
    assert len(found["statements"]) == 80


def test_two_servers_on_one_store_see_the_same(serve: Serve, store: dict[str, str]) -> None:
    first, second = serve(**store), serve(**store)
    sent = statement()
    assert call(first, "PUT", f"/xapi/statements?statementId={sent['id']}", sent)[0] == 204
    status, kept = call(second, "GET", f"/xapi/statements?statementId={sent['id']}")
    assert (status, kept["id"]) == (200, sent["id"])


def test_a_revoked_credential_is_refused_by_running_servers_within_a_second(
    serve: Serve, store: dict[str, str]
) -> None:
    server = serve(**store)
    made = run_lrs(server, "credential", "add", "--label", "sender")
    key, secret = (line.split()[1] for line in made.splitlines()[:2])
    assert call(server, "GET", "/xapi/statements", key=key, secret=secret)[0] == 200
    run_lrs(server, "credential", "revoke", key)
    deadline = time.monotonic() + 5
    while call(server, "GET", "/xapi/statements", key=key, secret=secret)[0] != 401:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_first_start_prints_a_credential_once(tmp_path: Path) -> None:
    port = str(free_port())
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LRS_")},
        "LRS_DATA": str(tmp_path / "new" / "data"),
    }

    def first_lines() -> list[str]:
        process = subprocess.Popen(
            [
                sys.executable,
                "-u",
                "-c",
                "from lrs.cli import main; main()",
                "serve",
                "--port",
                port,
            ],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl+C" in line:
                break
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
        process.stdout.close()
        return lines

    first = dict(line.split(None, 1) for line in first_lines() if ":" in line.split()[0])
    assert first["endpoint:"].strip() == f"http://127.0.0.1:{port}/xapi/"
    assert len(first["key:"].strip()) == 32
    assert len(first["secret:"].strip()) == 64
    assert not [line for line in first_lines() if "secret" in line]


def test_numbers_are_kept_as_they_were_spelled_over_the_wire(
    serve: Serve, store: dict[str, str]
) -> None:
    server = serve(**store)
    odd = b'{"a.b":1.0,"$x":1.10,"c":123456789012345678901234567890,"d":1E5,"e":-0,"f":"\\u0000"}'
    sent = statement(context={"extensions": {"http://example.org/x": "HERE"}})
    body = json.dumps(sent).encode().replace(b'"HERE"', odd)
    assert read_json(body).value is not None
    assert call(server, "POST", "/xapi/statements", body)[0] == 200
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", f"/xapi/statements?statementId={sent['id']}", headers=headers())
    text = connection.getresponse().read()
    connection.close()
    assert odd in text


def test_a_body_that_breaks_off_is_not_stored(serve: Serve) -> None:
    server = serve()
    text = json.dumps(statement()).encode()
    lines = [f"{name}: {value}" for name, value in headers().items()]
    lines += [
        "Host: localhost",
        "Content-Type: application/json",
        f"Content-Length: {len(text) + 500}",
    ]
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        request = "POST /xapi/statements HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n"
        connection.sendall(request.encode() + text)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(65_536)
    assert not answer.startswith(b"HTTP/1.1 200")
    assert list(everything(server)) == []


def test_a_chain_of_references_costs_no_more_than_its_length(
    serve: Serve, store: dict[str, str]
) -> None:
    server = serve(**store)
    chain = [statement()]
    for _ in range(999):
        chain.append(statement(object={"objectType": "StatementRef", "id": chain[-1]["id"]}))
    assert call(server, "POST", "/xapi/statements", chain)[0] == 200
    found = call(server, "GET", "/xapi/statements?activity=http://example.org/activity&limit=500")[
        1
    ]
    assert len(found["statements"]) == 33


def test_connections_that_browsers_keep_open_keep_nobody_out(serve: Serve) -> None:
    server = serve(LRS_WORKERS="1")
    kept = []
    try:
        for _ in range(300):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            kept.append(connection)
            connection.request("GET", "/xapi/about")
            assert json.loads(connection.getresponse().read())["version"]
        assert call(server, "POST", "/xapi/statements", statement())[0] == 200
    finally:
        for connection in kept:
            connection.close()


def test_a_server_that_is_stopped_while_its_processes_still_start_does_stop(serve: Serve) -> None:
    for _ in range(3):
        server = serve(LRS_WORKERS="3")
        server.process.terminate()
        server.process.wait(25)
