"""cmi5 over HTTP: what AUs see, the native REST, CATAPULT's names, course files, pages."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from lrs.app import create_app
from lrs.assembly import Services, build_services
from lrs.cmi5 import terms
from lrs.config import Config
from tests.cmi5.build import BASE, EXPERIENCED, LEARNER, OTHER, au, block, course, package, says
from tests.conftest import KEY, SECRET, Client, headers

V1 = "/cmi5/v1"
PLAYER = "/cmi5/player/api/v1"
ORIGIN = "https://content.example.org"


@dataclass
class AuClient:
    """An AU that speaks HTTP."""

    web: FlaskClient
    services: Services
    launch: dict[str, Any]
    token: str = ""

    @property
    def values(self) -> dict[str, str]:
        query = urlsplit(self.launch["url"]).query
        return {name: held[0] for name, held in parse_qs(query).items()}

    def fetch(self) -> Any:
        answer = self.web.post(urlsplit(self.values["fetch"]).path)
        self.token = answer.json.get("auth-token", self.token)
        return answer

    def send(self, method: str, path: str, **options: Any) -> Any:
        sent = {
            "Authorization": f"Basic {self.token}",
            "X-Experience-API-Version": "1.0.3",
            "Origin": ORIGIN,
            **options.pop("headers", {}),
        }
        return self.web.open(f"/cmi5/lrs/{path}", method=method, headers=sent, **options)

    def document(self, method: str, path: str, **options: Any) -> Any:
        values = self.values
        query = {"agent": values["actor"], **options.pop("query", {})}
        if path == "activities/state":
            query = {
                "activityId": values["activityId"],
                "registration": values["registration"],
                **query,
            }
        return self.send(method, path, query_string=query, **options)

    def preferences(self, method: str = "GET", **options: Any) -> Any:
        return self.document(
            method, "agents/profile", query={"profileId": terms.PREFERENCES}, **options
        )

    def launch_data(self, method: str = "GET", **options: Any) -> Any:
        return self.document(
            method, "activities/state", query={"stateId": terms.LAUNCH_DATA}, **options
        )

    def say(self, verb: str, **changes: Any) -> Any:
        registration, session = self.services.cmi5.sessions.get(self.launch["session"])
        return self.send("POST", "statements", json=says(verb, session, registration, **changes))


@pytest.fixture
def started(client: Client, services: Services) -> AuClient:
    """An AU whose token is fetched."""
    one = launched(client, services, au(moveOn="Passed", masteryScore="0.5"))
    one.fetch()
    return one


def launched(client: Client, services: Services, *children: str) -> AuClient:
    made = post(client, f"{V1}/courses", data=package(course(*children))).json
    enrolled = post(
        client, f"{V1}/registrations", json={"course": made["id"], "actor": LEARNER}
    ).json
    url = f"{V1}/registrations/{enrolled['id']}/launches"
    return AuClient(client.web, services, post(client, url, json={"au": 0}).json)


def post(client: Client, url: str, **options: Any) -> Any:
    return client.web.post(url, headers=client.headers, **options)


def get(client: Client, url: str, **params: str) -> Any:
    return client.web.get(url, headers=client.headers, query_string=params)


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


def test_launch_data_is_read_fresh_and_not_written(started: AuClient) -> None:
    read = started.launch_data()
    assert read.headers["Cache-Control"] == "no-store"
    assert "ETag" in read.headers
    assert read.json["masteryScore"] == 0.5
    for method in ("PUT", "POST", "DELETE"):
        refused = started.launch_data(method, json={})
        assert (refused.status_code, refused.json["violatedReqId"]) == (403, "10.2.1.0-5")
    assert started.document("DELETE", "activities/state").status_code == 403


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
    [{"colour": "red"}, [], {"au": 0, "launchMode": "Fast"}, {"au": 0, "moveOn": 1}, {"au": 7}],
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


def content(client: Client, one: AuClient, path: str = "") -> Any:
    url = urlsplit(one.launch["url"]).path
    return client.web.get(url.rpartition("/")[0] + "/" + path if path else url)


def test_course_files_come_in_a_sandbox(client: Client, services: Services) -> None:
    answer = content(client, launched(client, services))
    assert (answer.data, answer.mimetype) == (b"<p>a</p>", "text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for missing in ("b.html", "../a.html", "%2e%2e/a.html"):
        assert content(client, launched(client, services), missing).status_code == 404


def test_course_files_are_given_in_parts_to_players_of_videos(
    client: Client, services: Services
) -> None:
    url = urlsplit(launched(client, services).launch["url"]).path
    part = client.web.get(url, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.data) == (206, b"p>a")


def test_course_files_may_have_an_origin_of_their_own(tmp_path: Any) -> None:
    config = Config(data=tmp_path, url="http://localhost", cmi5_content_url="http://content.test")
    services = build_services(config)
    services.credentials.add(home_page="http://x.example", key=KEY, secret=SECRET)
    client = Client(create_app(services).test_client())
    one = launched(client, services)
    assert one.launch["url"].startswith("http://content.test/cmi5/content/")
    path = urlsplit(one.launch["url"]).path
    own = client.web.get(path, base_url="http://content.test")
    assert own.status_code == 200
    assert "Content-Security-Policy" not in own.headers
    assert client.web.get(path).status_code == 404
    for other in ("/xapi/about", "/cmi5", "/"):
        assert client.web.get(other, base_url="http://content.test").status_code == 404
    services.store.close()


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


def sent_form(client: Client, url: str, **options: Any) -> Any:
    sent = {**client.headers, "Origin": "http://localhost", **options.pop("headers", {})}
    return client.web.post(url, headers=sent, **options)


def test_the_pages_lead_from_a_package_to_a_log(client: Client, services: Services) -> None:
    assert "Import the first one" in get(client, "/cmi5").text
    bad = {"package": (io.BytesIO(course(au())), "cmi5.xml")}
    refused = sent_form(client, "/cmi5", data=bad)
    assert (refused.status_code, "14.2.0.0-1" in refused.text) == (400, True)
    raw = package(course(block("b", au(moveOn="Passed", masteryScore="0.5")), au("c")))
    made = sent_form(client, "/cmi5", data={"package": (io.BytesIO(raw), "c.zip")})
    where = made.headers["Location"]
    assert "Nobody is registered yet" in get(client, where).text
    learner = {"homePage": "https://example.org", "name": "anna <b>"}
    enrolled = sent_form(client, f"{where}/registrations", data=learner).headers["Location"]
    assert "anna &lt;b&gt;" in get(client, enrolled).text
    launch = sent_form(client, f"{enrolled}/launch", data={"au": "0", "mode": "Browse"})
    assert launch.status_code == 303
    assert "/cmi5/content/" in launch.headers["Location"]
    waived = sent_form(client, f"{enrolled}/waive", data={"au": "0", "reason": "Tested Out"})
    assert waived.status_code == 303
    shown = get(client, enrolled)
    assert "waived: Tested Out" in shown.text
    assert "form-action 'self' http://127.0.0.1:8080" in shown.headers["Content-Security-Policy"]
    session = next(services.cmi5.sessions.active())[1]["id"]
    assert "launched" in get(client, f"/cmi5/sessions/{session}").text
    assert sent_form(client, f"/cmi5/sessions/{session}/abandon").status_code == 303
    assert "abandoned" in get(client, f"/cmi5/sessions/{session}").text
    assert get(client, f"{where}/package").data[:2] == b"PK"
    again = {"package": (io.BytesIO(raw), "c.zip"), "course": where.rpartition("/")[2]}
    assert sent_form(client, "/cmi5", data=again).status_code == 303
    assert "version 2" in get(client, where).text
    assert sent_form(client, f"{where}/delete").status_code == 303
    assert get(client, where).status_code == 404
    assert sent_form(client, "/cmi5").status_code == 400


@pytest.mark.parametrize(
    "sent",
    [{"Origin": "null"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_a_form_of_another_site_changes_nothing(
    client: Client, services: Services, sent: dict[str, str]
) -> None:
    one = launched(client, services)
    url = f"/cmi5/sessions/{one.launch['session']}/abandon"
    assert client.web.post(url, headers={**client.headers, **sent}).status_code == 403
    assert len(list(services.cmi5.sessions.active())) == 1
