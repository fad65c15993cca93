"""The inbox of rejects: what goes into it, within which bounds, and what becomes of it when it is sent in again."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from lrs.app import create_app
from lrs.assembly import Services, build_services
from lrs.auth.principal import Principal
from lrs.config import Config
from lrs.errors import LrsError
from lrs.services.rejects import RejectedRequest
from lrs.web.inbox import replay
from lrs.xapi import JsonObject
from tests.build import statement
from tests.conftest import Client, Server, headers

SCORE = {"result": {"score": {"raw": 0, "min": 0, "max": 0}}}


def without_id(**parts: Any) -> JsonObject:
    return {name: part for name, part in statement(**parts).items() if name != "id"}


def only(services: Services) -> tuple[str, JsonObject]:
    ((id, record),) = services.rejects.all().items()
    return id, record


def replay_all(services: Services) -> list[JsonObject | None]:
    """Send all in again, the stored ones leaving the inbox."""
    app, answers = create_app(services), []
    for id, record in services.rejects.all().items():
        body = services.rejects.body(id)
        principal = services.credentials.principal(record["credential"])
        assert body is not None
        assert principal is not None
        answers.append(replay(app, principal, record, body))
        if answers[-1] is None:
            services.rejects.remove(id)
    return answers


def test_a_refused_batch_goes_in_with_its_reason(client: Client, services: Services) -> None:
    sent = [statement(), statement(actor={"mbox": "anna"})]
    client.post(sent)
    id, record = only(services)
    assert record["credential"] == "key"
    assert (record["refusal"]["code"], record["refusal"]["pointer"]) == ("mbox", "/1/actor/mbox")
    assert json.loads(services.rejects.body(id) or b"") == sent
    assert record["when"] > "2026"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"", b" " * 1_900_000])
def test_any_refused_body_is_kept_as_it_was(
    client: Client, services: Services, body: bytes
) -> None:
    client.post(body)
    assert services.rejects.body(only(services)[0]) == body


def test_of_a_longer_body_only_the_refusal_is_kept(
    client: Client, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.services.rejects.MAX_BODY", 100)
    client.post(b" " * 101)
    id, record = only(services)
    assert services.rejects.body(id) is None
    assert (record["length"], record["bodyKept"]) == (101, False)
    assert record["refusal"]["code"] == "json-malformed"


def test_a_body_beyond_the_bound_of_requests_is_said_to_be_left_out(
    client: Client, services: Services
) -> None:
    assert client.post(b" " * 2_000_001).status_code == 413
    id, record = only(services)
    assert services.rejects.body(id) is None
    assert (record["length"], record["bodyKept"]) == (2_000_001, False)


def test_a_body_that_broke_off_is_said_to_be_left_out(
    serve: Callable[..., Server], tmp_path: Any
) -> None:
    server = serve()
    head = "".join(f"{name}: {value}\r\n" for name, value in headers().items())
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(
            f"POST /xapi/statements HTTP/1.1\r\nHost: x\r\n{head}"
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n[".encode()
        )
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
    services = build_services(Config(data=tmp_path / "data"))
    deadline = time.monotonic() + 10
    while not services.rejects.all() and time.monotonic() < deadline:
        os.sched_yield()
    _, record = only(services)
    services.close()
    assert (record["refusal"]["code"], record["bodyKept"]) == ("body-incomplete", False)


def test_the_same_request_again_is_counted_and_not_kept_again(
    client: Client, services: Services
) -> None:
    for _ in range(3):
        client.post(b"{")
    client.post(b"[")
    assert [record["count"] for record in services.rejects.all().values()] == [3, 1]


def test_a_name_that_is_as_long_as_the_body_is_cut(client: Client, services: Services) -> None:
    client.post({**statement(), "x" * 100_000: 1})
    assert len(json.dumps(only(services)[1])) < 4_000


def keep(services: Services, credential: str, body: bytes) -> None:
    request = RejectedRequest(
        credential=credential,
        method="POST",
        query="",
        version="1.0.3",
        content_type="application/json",
        alternate=None,
        body=body,
        length=len(body),
    )
    services.rejects.keep(request, LrsError("It is refused."))


def senders(services: Services) -> str:
    return "".join(record["credential"] for record in services.rejects.all().values())


def test_one_sender_does_not_drive_out_what_others_sent(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.services.rejects.MAX_REJECTS", 4)
    keep(services, "a", b"1")
    for number in range(9):
        keep(services, "b", b"%d" % number)
    assert senders(services) == "abbb"
    bodies = [services.rejects.body(id) for id in services.rejects.all()]
    assert bodies == [b"1", b"6", b"7", b"8"]


def test_nor_by_the_length_of_what_it_sends(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.services.rejects.MAX_BYTES", 4_000)
    keep(services, "a", b"1")
    for _ in range(9):
        keep(services, "b", os.urandom(1_000))
    assert senders(services) == "abb"


def test_a_full_inbox_keeps_little_to_be_read_for_each_refusal(services: Services) -> None:
    for number in range(20):
        keep(services, "a", os.urandom(100_000) + b"%d" % number)
    records = services.store.records
    assert sum(map(len, records.names("rejected"))) < 20 * 80
    assert len(json.dumps(dict(services.rejects.all()))) < 20 * 1_000


def test_what_is_cleared_leaves_nothing_behind(client: Client, services: Services) -> None:
    client.post(b"{")
    services.store.records.put("rejected-body", "of one that broke off", {"zlib": ""})
    services.rejects.clear()
    assert services.rejects.all() == {}
    assert services.store.records.names("rejected-body") == []


def test_what_nobody_is_known_to_have_sent_is_not_kept(client: Client, services: Services) -> None:
    client.headers = headers(secret="wrong")
    client.post(b"{")
    client.get(foo="1")
    assert services.rejects.all() == {}


def test_a_conflict_is_kept_and_what_came_without_the_right_to_write_is_not(
    client: Client, services: Services
) -> None:
    sent = statement()
    client.post(sent)
    client.post({**sent, "verb": {"id": "http://example.org/other"}})
    services.credentials.add(
        home_page="http://lrs.example.org", key="reader", secret="s", scopes=["all/read"]
    )
    client.headers = headers(key="reader", secret="s")
    assert client.post(statement()).status_code == 403
    codes = [one["refusal"]["code"] for one in services.rejects.all().values()]
    assert codes == ["statement-conflict"]


def test_each_statement_of_batches_that_were_halved_is_stored_once(
    client: Client, services: Services
) -> None:
    good = [without_id(object={"id": f"http://moodle.example.org/{n}"}) for n in range(3)]
    bad = without_id(**SCORE)
    answers = [client.post(batch).status_code for batch in ([*good, bad], good[:2])]
    answers += [client.post(batch).status_code for batch in ([good[2], bad], [good[2]], [bad])]
    assert answers == [400, 200, 400, 200, 400]
    services.credentials.tolerate("key", ["empty-score-range"])
    assert replay_all(services) == [None, None, None]
    assert len(client.get().json["statements"]) == 4
    assert services.rejects.all() == {}


def test_a_statement_that_comes_twice_in_a_batch_is_stored_twice(
    client: Client, services: Services
) -> None:
    same, bad = without_id(), without_id(**SCORE)
    client.post([same, same, bad])
    client.post(same)
    services.credentials.tolerate("key", ["empty-score-range"])
    assert replay_all(services) == [None]
    assert len(client.get().json["statements"]) == 3


def test_what_was_stored_before_the_refusal_or_by_others_is_another_statement(
    client: Client, services: Services
) -> None:
    same, bad = without_id(), without_id(**SCORE)
    client.post(same)
    client.post([same, bad])
    services.credentials.add(home_page="http://lrs.example.org", key="other", secret="s")
    Client(client.web, headers(key="other", secret="s")).post(same)
    services.credentials.tolerate("key", ["empty-score-range"])
    assert replay_all(services) == [None]
    assert len(client.get().json["statements"]) == 4


def test_a_replay_keeps_the_spelling_of_numbers(client: Client, services: Services) -> None:
    number = "123456789012345678901234567890"
    sent = json.dumps([without_id(result={"extensions": {"http://example.org/n": 1}}), {}])
    client.post(sent.replace('": 1', f'": {number}').encode())
    id, record = only(services)
    principal = services.credentials.principal("key")
    body = (services.rejects.body(id) or b"").replace(b", {}]", b"]")
    for _ in range(2):
        assert replay(create_app(services), principal, record, body) is None
    assert number in client.get().text
    assert len(client.get().json["statements"]) == 1


REQUESTS: dict[str, tuple[dict[str, Any], str, str | None]] = {
    "a parameter that is not known": (
        {"path": "/xapi/statements?foo=1", "method": "POST", "json": statement()},
        "parameter-unknown",
        None,
    ),
    "PUT without an id": (
        {"path": "/xapi/statements", "method": "PUT", "json": without_id()},
        "parameter-missing",
        "put-without-id",
    ),
    "a text/plain form": (
        {
            "path": "/xapi/statements?method=POST",
            "method": "POST",
            "data": urlencode({**headers(), "content": json.dumps(statement())}),
            "content_type": "text/plain",
        },
        "content-type",
        "text-plain-alternate",
    ),
    "a version that is not spoken": (
        {
            "path": "/xapi/statements",
            "method": "POST",
            "json": statement(),
            "headers": headers(version="0.95"),
        },
        "version-unsupported",
        None,
    ),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_a_replay_is_bound_by_every_rule_and_tolerance_of_a_request(
    client: Client, services: Services, case: str
) -> None:
    request, code, quirk = REQUESTS[case]
    assert client.web.open(**{"headers": client.headers, **request}).json["code"] == code
    (refused,) = replay_all(services)
    assert refused is not None
    assert refused["code"] == code
    assert len(services.rejects.all()) == 1
    if quirk is not None:
        services.credentials.tolerate("key", [quirk])
        assert replay_all(services) == [None]
        assert list(services.quirks.counts()) == [(quirk, "key", 1)]


def test_the_first_refusal_stays_when_another_follows(client: Client, services: Services) -> None:
    client.post(b"{")
    id, record = only(services)
    services.rejects.refuse_again(id, {"code": "other", "message": "It is another."})
    _, again = only(services)
    assert again == {**record, "lastRefusal": {"code": "other", "message": "It is another."}}


def test_nothing_over_the_wire_is_taken_for_a_replay(client: Client, services: Services) -> None:
    sent = {"lrs.replayed": "1", "lrs-replayed": "1", "X-Experience-API-Version": "1.0.3"}
    answer = client.web.post("/xapi/statements", json=statement(), headers=sent)
    assert answer.status_code == 401
    assert isinstance(services.credentials.principal("key"), Principal)
