"""The native REST."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from lrs.assembly import Services
from tests.cmi5.build import BASE, LEARNER, OTHER, au, course, package
from tests.conftest import Client, headers
from tests.web.cmi5.speaking import V1, AuClient, get, post


def test_a_package_is_validated_and_nothing_is_stored(client: Client) -> None:
    bad = post(client, f"{V1}/courses:validate", data=course(au(moveOn="x"))).json
    assert [one["requirement"] for one in bad["violations"]] == ["13.2.0.0-1", "14.2.0.0-1"]
    assert post(client, f"{V1}/courses:validate", data=package(course())).json["valid"]
    refused = post(client, f"{V1}/courses", data=course(au()))
    assert (refused.status_code, refused.json["violatedReqId"]) == (400, "14.2.0.0-1")
    assert refused.json["violations"][0]["line"] == 4
    assert get(client, f"{V1}/courses").json == {"courses": []}


def test_courses_over_rest(client: Client) -> None:
    made = post(client, f"{V1}/courses", data=package(course(au(masteryScore="0.1"))))
    assert made.status_code == 201
    url = urlsplit(made.headers["Location"]).path
    assert get(client, url).json["structure"]["id"] == BASE
    assert len(get(client, f"{V1}/courses", q="geo").json["courses"]) == 1
    patch = client.web.patch(
        f"{url}/aus/{BASE}/au/a", json={"masteryScore": 0.5}, headers=client.headers
    )
    assert patch.json["overrides"] == {f"{BASE}/au/a": {"masteryScore": 0.5}}
    packed = get(client, f"{url}/package").data
    replaced = client.web.put(f"{url}/package", data=packed, headers=client.headers)
    assert replaced.json["version"] == 2
    assert client.web.delete(url, headers=client.headers).status_code == 204
    assert get(client, url).status_code == 404


def test_registrations_over_rest(client: Client) -> None:
    made = post(client, f"{V1}/courses", data=package(course(au(moveOn="Passed")))).json["id"]
    several = post(
        client, f"{V1}/registrations", json={"course": made, "actors": [LEARNER, OTHER]}
    ).json["registrations"]
    assert len(several) == 2
    url = f"{V1}/registrations/{several[0]['id']}"
    waived = post(client, f"{url}/aus/0/waive", json={"reason": "Tested Out"})
    assert waived.json["satisfied"] is True
    assert post(client, f"{url}/aus/0/waive", json={"reason": "Tested Out"}).status_code == 409
    find = f"{V1}/registrations"
    assert len(get(client, find, course=made).json["registrations"]) == 2
    done = get(client, find, satisfied="true", actor=json.dumps(LEARNER)).json
    assert [one["id"] for one in done["registrations"]] == [several[0]["id"]]
    assert get(client, find, satisfied="true", actor=json.dumps(OTHER)).json["registrations"] == []
    assert get(client, f"{url}/learner-preferences").status_code == 404
    good = {"languagePreference": "de,en", "audioPreference": "off"}
    for _ in range(2):
        put = client.web.put(f"{url}/learner-preferences", json=good, headers=client.headers)
        assert put.status_code == 204
    assert get(client, f"{url}/learner-preferences").json == good
    assert (
        client.web.delete(f"{url}/learner-preferences", headers=client.headers).status_code == 204
    )
    report = get(client, f"{V1}/reports/courses/{made}").json["rows"]
    assert sorted(row["learner"] for row in report if row["courseSatisfied"]) == ["anna"]
    assert get(client, f"{V1}/reports/courses/{made}", format="csv").text.count("\n") == 3
    assert client.web.delete(url, headers=client.headers).status_code == 204
    assert get(client, url).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        *({"au": "9" * 5000}, {"au": None}, {"au": 1e400}, {"au": -1}),
        *({"au": 0, "returnUrl": url} for url in ("http://[bad", "javascript:1", "https:")),
        {"colour": "red"},
        [],
        {"au": 0, "launchMode": "Fast"},
        {"au": 0, "moveOn": 1},
        {"au": 7},
    ],
)
def test_a_launch_with_a_bad_body_is_refused(client: Client, started: AuClient, body: Any) -> None:
    url = f"{V1}/registrations/{started.launch['registration']}/launches"
    assert post(client, url, json=body).status_code in (400, 404)


def test_sessions_over_rest(client: Client, started: AuClient) -> None:
    session = started.launch["session"]
    active = get(client, f"{V1}/sessions").json["sessions"]
    assert [one["id"] for one in active] == [session]
    assert get(client, f"{V1}/sessions", idle_for="60").json["sessions"] == []
    shown = get(client, f"{V1}/sessions/{session}")
    assert "token" not in shown.text
    assert post(client, f"{V1}/sessions:sweep").json == {"abandoned": []}
    assert post(client, f"{V1}/sessions/{session}/abandon").json["state"] == "abandoned"
    assert post(client, f"{V1}/sessions/{session}/abandon").status_code == 409


@pytest.mark.parametrize("actor", ['{"account": 5}', "{}", "[]", '{"mbox": "mailto:a@b.c"}'])
def test_a_learner_sought_is_an_agent_with_an_account(client: Client, actor: str) -> None:
    assert get(client, f"{V1}/registrations", actor=actor).status_code == 400


def test_of_several_learners_all_or_none_are_enrolled(client: Client) -> None:
    made = post(client, f"{V1}/courses", data=package(course())).json["id"]
    for bad in ({"mbox": "mailto:a@b.c"}, {"account": {"homePage": "https://e.org", "name": " "}}):
        body = {"course": made, "actors": [LEARNER, bad]}
        assert post(client, f"{V1}/registrations", json=body).status_code == 400
    assert get(client, f"{V1}/registrations").json["registrations"] == []


def test_a_sweep_is_of_what_was_silent_for_some_time(client: Client) -> None:
    for seconds in (-5, 10**400):
        sent = post(client, f"{V1}/sessions:sweep", json={"idle_for": seconds})
        assert sent.status_code == 400


def test_packages_and_their_keys_are_for_managers(client: Client, services: Services) -> None:
    for key, scope in (("r", "statements/read"), ("c", "cmi5")):
        services.credentials.add(home_page="http://x.example", key=key, secret=key, scopes=[scope])
    made = post(client, f"{V1}/courses", data=package(course())).json["id"]
    for path in (
        f"{V1}/courses/{made}",
        f"{V1}/courses/{made}/package",
        f"/cmi5/courses/{made}/package",
    ):
        for key, status in (("r", 403), ("c", 200)):
            assert client.web.get(path, headers=headers(key=key, secret=key)).status_code == status
    for path in ("/cmi5", f"/cmi5/courses/{made}"):
        assert client.web.get(path, headers=headers(key="c", secret="c")).status_code == 200
    assert client.web.get("/", headers=headers(key="c", secret="c")).status_code == 403
    listed = client.web.get(f"{V1}/courses", headers=headers(key="r", secret="r")).json["courses"]
    assert "overrides" not in listed[0]


def test_to_look_is_less_than_to_manage(client: Client, services: Services) -> None:
    services.credentials.add(home_page="http://x.example", key="r", secret="r", scopes=["all/read"])
    services.credentials.add(home_page="http://x.example", key="c", secret="c", scopes=["cmi5"])
    reader, manager = headers(key="r", secret="r"), headers(key="c", secret="c")
    raw = package(course())
    assert client.web.get(f"{V1}/courses", headers=reader).status_code == 200
    assert client.web.post(f"{V1}/courses", headers=reader, data=raw).status_code == 403
    assert client.web.post(f"{V1}/courses", headers=manager, data=raw).status_code == 201
    assert client.web.get("/xapi/statements", headers=manager).status_code == 403
    assert client.web.get(f"{V1}/courses").status_code == 401
