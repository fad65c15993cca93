"""Pages of who runs the LRS: credentials, rejected requests, health."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from lrs.app import create_app
from lrs.assembly import Services
from tests.build import statement
from tests.conftest import KEY, PASSWORD, Client, Visitor, headers

Visit = Callable[..., Visitor]
FAULTY: dict[str, Any] = {"result": {"score": {"min": 0, "max": 0, "raw": 0}}}
MARKUP = "<script>alert(1)</script>"


def told(text: str, name: str) -> str:
    (value,) = re.findall(rf"<dt>{name}</dt><dd><code>([^<]+)</code>", text)
    return html.unescape(value)


def test_a_credential_is_added_and_its_secret_shown_once(
    client: Client, visit: Visit, services: Services
) -> None:
    boss = visit()
    form = {"do": "add", "label": MARKUP, "scope": ["statements/write", "state"]}
    shown = boss.send("/credentials", form, page="/credentials").text
    assert MARKUP not in shown
    key, secret = re.findall(r"<dt>Key</dt><dd><code>(\w+)</code>", shown)[0], told(shown, "Secret")
    assert secret not in boss.get("/credentials").text
    assert services.credentials.all()[key]["scopes"] == ["statements/write", "state"]
    client.headers = headers(key=key, secret=secret)
    assert client.post(statement()).status_code == 200
    assert client.get().status_code == 403


def test_a_credential_is_revoked(client: Client, visit: Visit, services: Services) -> None:
    boss = visit()
    form = {"do": "revoke", "key": KEY}
    assert boss.send("/credentials", form, page="/credentials").status_code == 303
    assert services.credentials.all()[KEY]["revoked"]
    assert boss.send("/credentials", form, page="/credentials").status_code == 404


def test_tolerances_are_given_counted_and_taken_away(client: Client, visit: Visit) -> None:
    boss = visit()
    form = {"do": "tolerate", "key": KEY, "quirk": "empty-score-range"}
    boss.send("/credentials", form, page="/credentials")
    assert client.post(statement(**FAULTY)).status_code == 200
    assert "empty-score-range (1)" in boss.get("/credentials").text
    boss.send("/credentials", {"do": "tolerate", "key": KEY}, page="/credentials")
    assert client.post(statement(**FAULTY)).status_code == 400


@pytest.mark.parametrize(
    ("form", "status", "problem"),
    [
        ({"do": "add", "scope": "everything"}, 400, "everything is not a scope"),
        ({"do": "tolerate", "key": KEY, "quirk": "all"}, 400, "all is not a quirk"),
        ({"do": "revoke", "key": "nobody"}, 404, "no such credential"),
        ({"do": "dance"}, 400, "does not say what to do"),
    ],
)
def test_what_cannot_be_done_to_credentials_is_a_sentence(
    visit: Visit, form: dict[str, str], status: int, problem: str
) -> None:
    answer = visit().send("/credentials", form, page="/credentials")
    assert (answer.status_code, problem in answer.text) == (status, True)


def test_a_rejected_request_is_shown_and_replayed_after_a_fix(
    client: Client, visit: Visit, services: Services
) -> None:
    sent = statement(**FAULTY, context={"platform": MARKUP})
    client.post(sent)
    boss = visit()
    (name,) = services.rejects.all()
    listed = boss.get("/rejects").text
    assert f"/rejects/{name}" in listed
    assert "score-range" in listed
    shown = boss.get(f"/rejects/{name}").text
    assert "&#34;platform&#34;: &#34;&lt;script&gt;" in shown
    assert MARKUP not in shown
    form = {"do": "replay", "id": name}
    again = boss.send("/rejects", form, page="/rejects").text
    assert "0 of 1 are stored now" in again
    services.credentials.tolerate(KEY, ["empty-score-range"])
    assert "1 of 1 are stored now" in boss.send("/rejects", form, page=f"/rejects/{name}").text
    assert client.get(statementId=sent["id"]).status_code == 200
    assert "Nothing was refused" in boss.get("/rejects").text
    assert "no such rejected request" in boss.send("/rejects", form).text


def test_rejected_requests_are_filtered_and_removed(
    client: Client, visit: Visit, services: Services
) -> None:
    client.post(statement(**FAULTY))
    client.post(b"\xff{")
    boss = visit()
    of_score = boss.get("/rejects?code=score-range").text
    assert of_score.count('name="id"') == 1
    assert boss.get("/rejects?credential=nobody").text.count('name="id"') == 0
    names = list(services.rejects.all())
    assert "\\xff{" in boss.get(f"/rejects/{names[1]}").text
    boss.send("/rejects", {"do": "remove", "id": names}, page="/rejects")
    assert not services.rejects.all()


def test_many_rejected_requests_have_pages(client: Client, visit: Visit) -> None:
    for number in range(101):
        client.post(f"{number}".encode())
    boss = visit()
    assert 'rel="next"' in boss.get("/rejects").text
    last = boss.get("/rejects?start=100").text
    assert "101 to 101 of 101" in last
    assert 'rel="next"' not in last


@pytest.mark.parametrize("path", ["/rejects/nothing", "/rejects?start=x", "/rejects?start=-1"])
def test_what_is_not_there_is_a_sentence(visit: Visit, path: str) -> None:
    answer = visit().get(path)
    assert (answer.status_code, answer.mimetype) in ((404, "text/html"), (400, "text/html"))


def test_a_form_of_rejects_must_say_what_to_do(visit: Visit) -> None:
    assert visit().send("/rejects", {}).status_code == 400


def test_health_tells_of_the_store_and_never_its_password(
    client: Client, visit: Visit, services: Services
) -> None:
    client.post(statement())
    visit()
    config = dataclasses.replace(
        services.config, store="mongodb://me:password9@db.example/lrs?tls=1"
    )
    boss = Visitor(create_app(dataclasses.replace(services, config=config)).test_client())
    boss.send("/sign-in", {"name": "administrator", "password": PASSWORD}, page="/sign-in")
    text = boss.get("/system").text
    assert "mongodb://db.example/lrs</code>" in text
    assert "password9" not in text
    assert '<h2>Statements</h2><p class="figure">1</p>' in text
    assert "1.0.3, 2.0.0" in text
    assert "lrs reindex" not in text


def test_health_asks_for_an_index_of_today(visit: Visit, services: Services) -> None:
    services.store.records.put("meta", "keys", {"version": 0})
    assert "lrs reindex" in visit().get("/system").text
