"""What an AU sees over HTTP."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from lrs.app import create_app
from lrs.assembly import Services, build_services
from lrs.cmi5 import terms
from lrs.config import Config
from tests.cmi5.build import BASE, EXPERIENCED, LEARNER
from tests.conftest import KEY, SECRET, Client
from tests.web.cmi5.speaking import ORIGIN, V1, AuClient, get, launched


def test_the_fetch_url_gives_the_token_once(client: Client, services: Services) -> None:
    one = launched(client, services)
    first = one.fetch()
    assert (first.status_code, first.content_type) == (200, "application/json")
    assert base64.b64decode(first.json["auth-token"]).decode().count(":") == 1
    second = one.fetch()
    assert (second.status_code, second.json["error-code"]) == (200, "1")
    unknown = client.web.post("/cmi5/fetch/x.y")
    assert (unknown.status_code, unknown.json["error-code"]) == (200, "2")
    assert client.web.get(urlsplit(one.values["fetch"]).path).status_code == 405


def test_an_au_without_a_token_is_refused_and_no_browser_asks_for_a_password(
    client: Client, services: Services
) -> None:
    one = launched(client, services)
    own = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    for token in ("", "bm8=", "x", own):
        one.token = token
        refused = one.launch_data()
        assert refused.status_code == 401
        assert "WWW-Authenticate" not in refused.headers
        assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert client.web.get("/cmi5/lrs/statements").status_code == 401


def test_a_token_is_no_credential_of_the_lrs(client: Client, started: AuClient) -> None:
    sent = {"Authorization": f"Basic {started.token}", "X-Experience-API-Version": "1.0.3"}
    for path in ("/xapi/statements", f"{V1}/courses", "/cmi5"):
        assert client.web.get(path, headers=sent).status_code == 401


def test_a_browser_may_call_from_any_origin(started: AuClient) -> None:
    answer = started.web.options(
        "/cmi5/lrs/activities/state",
        headers={
            "Origin": "null",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization,if-match,x-experience-api-version",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "null"
    assert "ETag" in started.launch_data().headers["Access-Control-Expose-Headers"]


def test_what_origins_the_lrs_allows_is_nothing_to_aus(tmp_path: Path) -> None:
    services = build_services(Config(data=tmp_path, origins="https://own.example"))
    services.credentials.add(home_page="http://x.example", key=KEY, secret=SECRET)
    client = Client(create_app(services).test_client())
    one = launched(client, services)
    fetched = client.web.post(urlsplit(one.values["fetch"]).path, headers={"Origin": "null"})
    assert fetched.headers["Access-Control-Allow-Origin"] == "null"
    one.token = fetched.json["auth-token"]
    read = one.launch_data(headers={"Origin": "null"})
    assert (read.status_code, read.headers["Access-Control-Allow-Origin"]) == (200, "null")
    other = client.web.get("/xapi/statements", headers={**client.headers, "Origin": "null"})
    assert "Access-Control-Allow-Origin" not in other.headers
    services.close()


def test_a_log_is_not_filled_without_a_token_and_keeps_first_and_last(
    started: AuClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lrs.cmi5.log.MAX_FIRST", 2)
    monkeypatch.setattr("lrs.cmi5.log.MAX_LAST", 2)
    session, good = started.launch["session"], started.token
    started.token = base64.b64encode(f"{session}:guess".encode()).decode()
    assert started.launch_data().status_code == 401
    started.token = good
    for number in range(5):
        started.send("GET", "statements", query_string={f"x{number}": "1"})
    log = started.services.cmi5.log.entries(session)
    assert log[0]["event"] == "token fetched"
    assert [entry.get("status") for entry in log[1:]] == [400] * 3
    assert "x4" in log[-1]["message"]


def test_launch_data_is_read_fresh_and_not_written(started: AuClient) -> None:
    read = started.launch_data()
    assert read.headers["Cache-Control"] == "no-store"
    assert "ETag" in read.headers
    assert read.json["masteryScore"] == 0.5
    for method in ("PUT", "POST", "DELETE"):
        refused = started.launch_data(method, json={})
        assert (refused.status_code, refused.json["violatedReqId"]) == (403, "10.2.1.0-5")
    assert started.document("DELETE", "activities/state").status_code == 403


@pytest.mark.parametrize("spelt", ["{}/", "{}//", "/{}", "{}"])
@pytest.mark.parametrize("alternate", [False, True])
def test_however_a_path_is_spelt_an_au_is_kept_to_its_own(
    started: AuClient, spelt: str, alternate: bool
) -> None:
    eve = '{"mbox": "mailto:eve@example.org"}'
    own = {"activityId": started.values["activityId"], "agent": started.values["actor"]}
    asked: list[tuple[str, str, dict[str, str]]] = [
        ("PUT", "activities/state", {**own, "stateId": terms.LAUNCH_DATA}),
        ("GET", "activities/state", {**own, "agent": eve, "stateId": "x"}),
        ("DELETE", "activities/state", own),
        ("GET", "agents/profile", {"agent": eve, "profileId": "x"}),
        ("PUT", "agents/profile", {"agent": own["agent"], "profileId": terms.PREFERENCES}),
        ("GET", "agents", {"agent": eve}),
        ("PUT", "activities/profile", {"activityId": BASE, "profileId": "x"}),
        ("DELETE", "activities/profile", {"activityId": BASE, "profileId": "x"}),
    ]
    for method, path, query in asked:
        url = spelt.format(path)
        if alternate:
            form = {**query, "content": "{}", "Authorization": f"Basic {started.token}"}
            answer = started.send("POST", f"{url}?method={method}", data=form)
        else:
            answer = started.send(method, url, query_string=query, json={})
        assert answer.status_code == 403, (method, url, answer.text)


def test_an_au_keeps_the_profile_of_its_own_activity(started: AuClient) -> None:
    query = {"activityId": started.values["activityId"], "profileId": "x"}
    new = {"If-None-Match": "*"}
    for method in ("PUT", "GET", "DELETE"):
        answer = started.send(
            method, "activities/profile/", query_string=query, data=b"1", headers=new
        )
        assert answer.status_code < 300, answer.text
        new = {}
    for path in ("about/", "nothing", "activities/state/x"):
        assert started.send("GET", path).status_code in (200, 404)


def test_an_au_keeps_its_state_without_headers_about_the_old_one(started: AuClient) -> None:
    for text in (b"1", b"2"):
        put = started.document(
            "PUT", "activities/state", query={"stateId": "suspendData"}, data=text
        )
        assert put.status_code == 204
    read = started.document("GET", "activities/state", query={"stateId": "suspendData"})
    assert read.data == b"2"


@pytest.mark.parametrize(
    ("status", "query", "options"),
    [
        (400, {"agent": None}, {}),
        (403, {"agent": '{"mbox": "mailto:eve@example.org"}'}, {}),
        (403, {}, {"data": b'{"languagePreference": "en", "audioPreference": "on"}'}),
        (403, {}, {"json": {"languagePreference": "en"}}),
        (403, {}, {"json": {"languagePreference": "", "audioPreference": "on"}}),
        (204, {}, {"json": {"languagePreference": "en", "audioPreference": "on"}}),
    ],
)
def test_learner_preferences_are_well_made_and_the_learners_own(
    started: AuClient, status: int, query: dict[str, Any], options: dict[str, Any]
) -> None:
    asked = {"profileId": terms.PREFERENCES, "agent": started.values["actor"], **query}
    asked = {name: value for name, value in asked.items() if value is not None}
    new = {"If-None-Match": "*"}
    answer = started.send("PUT", "agents/profile", query_string=asked, headers=new, **options)
    assert answer.status_code == status, answer.text


def test_an_au_goes_its_way_over_http_and_sees_its_own_statements(
    client: Client, started: AuClient
) -> None:
    assert started.say(terms.INITIALIZED).json["violatedReqId"] == "11.0.0.0-3"
    assert started.preferences().status_code == 404
    for verb in (terms.INITIALIZED, terms.PASSED):
        assert started.say(verb).status_code == 200
    late = started.say(EXPERIENCED, defined=False, timestamp="2026-01-31T12:00:00-06:00")
    assert (late.status_code, late.json["violatedReqId"]) == (403, "9.7.0.0-2")
    client.post({"actor": LEARNER, "verb": {"id": EXPERIENCED}, "object": {"id": BASE}})
    seen = started.send("GET", "/statements").json["statements"]
    assert [terms.verb_name(one["verb"]["id"]) for one in seen] == [
        "satisfied",
        "passed",
        "initialized",
        "launched",
    ]
    assert started.say(terms.TERMINATED).status_code == 200
    assert started.say(EXPERIENCED, defined=False).status_code == 401
    assert started.launch_data().status_code == 401
    log = get(client, f"{V1}/sessions/{started.launch['session']}/log").json["log"]
    told = [entry.get("requirement") for entry in log if entry["event"] == "refused"]
    assert told == ["11.0.0.0-3", "9.7.0.0-2", None, None]
    assert client.get().json["statements"]
    assert services_rejects(client) == []


def services_rejects(client: Client) -> list[str]:
    services: Services = client.web.application.extensions["lrs"]
    return list(services.rejects.all())
