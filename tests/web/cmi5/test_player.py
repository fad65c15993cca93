"""The names of CATAPULT's player."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.cmi5.build import LEARNER, OTHER, au, block, course, package
from tests.conftest import Client
from tests.web.cmi5.speaking import PLAYER, post


@dataclass
class Player:
    """A client of CATAPULT's player."""

    client: Client
    token: str

    def send(self, method: str, path: str, **options: Any) -> Any:
        sent = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.web.open(f"{PLAYER}/{path}", method=method, headers=sent, **options)


def player(client: Client, code: str) -> Player:
    tenant = post(client, f"{PLAYER}/tenant", json={"code": code}).json
    made = post(client, f"{PLAYER}/auth", json={"tenantId": tenant["id"], "audience": "test"})
    return Player(client, made.json["token"])


def test_the_names_of_the_player(client: Client) -> None:
    one = player(client, "one")
    assert client.web.get(f"{PLAYER}/ping").json == {"ok": True}
    assert one.send("GET", "about").json["tenantId"] == 1
    raw = package(course(block("b", au(moveOn="Passed")), au("c", moveOn="Passed")))
    made = one.send("POST", "course", data=raw, headers={"Content-Type": "application/zip"}).json
    assert made["id"] == 1
    assert [unit["auIndex"] for unit in made["metadata"]["aus"]] == [0, 1]
    assert one.send("GET", "course/1").json == made
    code = "0a1b2c3d-0000-4000-8000-000000000001"
    body = {"actor": LEARNER, "reg": code, "returnUrl": "https://example.org"}
    first = one.send("POST", "course/1/launch-url/0", json=body).json
    assert (first["id"], first["launchMethod"]) == (1, "AnyWindow")
    assert f"registration={code}" in first["url"]
    assert one.send("POST", "course/1/launch-url/0", json=body).json["id"] == 2
    assert one.send("GET", "session/1").json["isAbandoned"] is True
    assert one.send("POST", "session/2/abandon").status_code == 204
    assert (
        one.send("POST", f"registration/{code}/waive-au/0", json={"reason": "x"}).status_code == 204
    )
    assert (
        one.send("POST", f"registration/{code}/waive-au/0", json={"reason": "x"}).status_code == 409
    )
    shown = one.send("GET", f"registration/{code}").json
    assert [unit["isWaived"] for unit in shown["aus"]] == [True, False]
    assert shown["metadata"]["moveOn"]["children"][0]["satisfied"] is True
    assert one.send("GET", "registration/1").json["code"] == code
    other = one.send("POST", "registration", json={"courseId": 1, "actor": OTHER}).json
    preferences = f"registration/{other['id']}/learner-prefs"
    good = {"languagePreference": "en", "audioPreference": "on"}
    assert one.send("GET", preferences).status_code == 404
    assert one.send("POST", preferences, json=good).status_code == 204
    assert one.send("GET", preferences).json == good
    assert one.send("DELETE", preferences).status_code == 204
    assert one.send("DELETE", f"registration/{other['id']}").status_code == 204
    for _ in range(2):
        assert one.send("DELETE", "course/1").status_code == 204
    assert client.web.delete(f"{PLAYER}/tenant/1", headers=client.headers).status_code == 204
    assert one.send("GET", "about").status_code == 401


def test_the_player_tells_the_requirement_that_a_package_breaks(client: Client) -> None:
    refused = player(client, "one").send(
        "POST", "course", data=course(au()), headers={"Content-Type": "text/xml"}
    )
    assert refused.json["violatedReqId"] == "14.2.0.0-1"
    assert (refused.json["statusCode"], refused.json["error"]) == (400, "Bad Request")


def test_tenants_of_the_player_see_nothing_of_each_other(client: Client) -> None:
    one, two = player(client, "one"), player(client, "two")
    sent = {"Content-Type": "application/zip"}
    made = one.send("POST", "course", data=package(course()), headers=sent).json["id"]
    launch = one.send("POST", f"course/{made}/launch-url/0", json={"actor": LEARNER}).json
    for path in (f"course/{made}", "registration/1", f"session/{launch['id']}"):
        one.send("GET", path)
        assert two.send("GET", path).status_code == 404
    two.send("DELETE", f"course/{made}")
    assert one.send("GET", f"course/{made}").status_code == 200
