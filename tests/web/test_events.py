"""POST /events and the shapes of Segment's libraries, over a real store."""

from __future__ import annotations

import base64
import gzip
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo import MongoClient

from lrs.app import create_app
from lrs.assembly import Services, build_services
from lrs.config import Config
from lrs.taxonomy.persons import Persons
from tests.conftest import headers

BASE = "https://academy.example.org"


MONGO_URI = os.environ.get("LRS_TEST_MONGO_URI", "")


@pytest.fixture(params=["sqlite", *(["mongodb"] if MONGO_URI else [])])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Config]:
    """Over each store, empty at first."""
    name = f"lrs_test_{uuid.uuid4().hex[:12]}"
    store = f"{MONGO_URI.rstrip('/')}/{name}" if request.param == "mongodb" else ""
    yield Config(data=tmp_path, store=store, events_base=BASE, max_body=2_000_000)
    if store:
        with MongoClient[Any](MONGO_URI) as client:
            client.drop_database(name)


@pytest.fixture
def web(services: Services) -> FlaskClient:
    return create_app(services).test_client()


def lesson(message_id: str = "m1", **changes: Any) -> dict[str, Any]:
    properties = {
        "lesson_id": "l1",
        "course_id": "c1",
        "duration_seconds": 42,
        "completion_type": "read",
    }
    return {
        "type": "track",
        "event": "lesson.completed",
        "userId": "u1",
        "messageId": message_id,
        "timestamp": "2026-11-20T10:00:00Z",
        "properties": properties,
        **changes,
    }


def cancelled(reason: str) -> dict[str, Any]:
    properties = {"course_id": "c", "cancellation_reason": reason, "progress_pct": 1}
    return {"event": "enrollment.cancelled", "properties": properties}


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def post(web: FlaskClient, body: Any, path: str = "/events", **more: str) -> Any:
    return web.post(path, json=body, headers={**headers(), **more})


def stored(services: Services) -> list[Any]:
    return [entry.statement for entry in services.store.statements.scan(after=0, limit=1000)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (r"\ud83d", "\ufffd"),
        (r"\uD83D", "\ufffd"),
        (r"\ude00", "\ufffd"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\\ud83d", r"\ud83d"),
        (r"\"\\\ud83d", '"\\\ufffd'),
        (r"\u00e9\ud7ff", "é\ud7ff"),
    ],
)
@pytest.mark.parametrize("lines", [False, True])
def test_half_a_surrogate_pair_costs_no_event(
    web: FlaskClient, services: Services, written: str, kept: str, lines: bool
) -> None:
    odd = json.dumps(lesson("m1")).replace('"read"', f'"{written}"')
    body = f"{odd}\n{json.dumps(lesson('m2'))}" if lines else f"[{odd},{json.dumps(lesson('m2'))}]"
    kind = "application/x-ndjson" if lines else "application/json"
    answer = web.post("/events", data=body, headers={**headers(), "Content-Type": kind})
    assert answer.json["new"] == 2
    kinds = [list(one["result"]["extensions"].values()) for one in stored(services)]
    assert sorted(kinds) == sorted([[kept], ["read"]])


def test_one_event_becomes_one_statement(web: FlaskClient, services: Services) -> None:
    answer = post(web, lesson())
    assert (answer.status_code, answer.json["new"]) == (200, 1)
    [statement] = stored(services)
    assert answer.json["verdicts"] == [
        {
            "status": "accepted",
            "event": "lesson.completed",
            "messageId": "m1",
            "statementId": statement["id"],
        }
    ]
    assert statement["actor"]["account"] == {"homePage": BASE, "name": "u1"}
    assert statement["authority"]["account"]["name"] == "key"


def test_the_same_message_again_changes_nothing(web: FlaskClient, services: Services) -> None:
    for new in (1, 0):
        answer = post(web, lesson())
        assert (answer.json["new"], answer.json["success"]) == (new, True)
    assert len(stored(services)) == 1


def test_the_same_event_without_message_id_is_known_again(web: FlaskClient) -> None:
    event = lesson()
    del event["messageId"]
    assert [post(web, event).json["new"] for _ in range(2)] == [1, 0]
    assert post(web, {**event, "userId": "u2"}).json["new"] == 1


def test_an_event_with_neither_id_nor_time_is_a_new_one_each_time(web: FlaskClient) -> None:
    event = lesson()
    del event["messageId"], event["timestamp"]
    assert [post(web, event).json["new"] for _ in range(2)] == [1, 1]


def test_one_bad_event_never_fails_its_batch(web: FlaskClient, services: Services) -> None:
    bad = lesson("m2", properties={"lesson_id": "", "course_id": 7, "duration_seconds": -1})
    answer = post(web, [lesson("m1"), bad, 5, lesson("m3"), {"event": "nope", "userId": "u"}])
    assert answer.status_code == 200
    assert [one["status"] for one in answer.json["verdicts"]] == [
        "accepted", "refused", "refused", "accepted", "refused",
    ]  # fmt: skip
    assert len(stored(services)) == 2
    told = answer.json["verdicts"][1]
    assert (told["code"], told["pointer"]) == ("E_ID", "/properties/lesson_id")
    assert [(one["code"], one["pointer"]) for one in told["more"]] == [
        ("E_RANGE", "/properties/duration_seconds"),
        ("E_MISSING_PROP", "/properties/completion_type"),
    ]


def test_a_request_of_which_nothing_was_taken_is_a_bad_one(web: FlaskClient) -> None:
    assert post(web, {"event": "nope", "userId": "u"}).status_code == 400


def test_another_event_under_a_known_message_id_is_a_conflict(
    web: FlaskClient, services: Services
) -> None:
    post(web, lesson("m1"))
    batch = [lesson("m2"), lesson("m1", userId="u2"), lesson("m3"), lesson("m3", userId="u9")]
    answer = post(web, batch)
    assert [one.get("code") for one in answer.json["verdicts"]] == [
        None, "E_CONFLICT", None, "E_CONFLICT",
    ]  # fmt: skip
    assert len(stored(services)) == 3


def test_a_batch_full_of_conflicts_still_stores_the_rest(
    web: FlaskClient, services: Services
) -> None:
    post(web, [lesson(f"m{number}") for number in range(12)])
    batch = [lesson(f"m{number}", userId="other") for number in range(12)] + [lesson("fresh")]
    answer = post(web, batch)
    assert (answer.json["refused"], answer.json["new"]) == (12, 1)
    assert answer.json["verdicts"][-1]["status"] == "accepted"


def test_lines_of_ndjson_are_taken_and_a_broken_line_is_refused_alone(web: FlaskClient) -> None:
    body = b"\n".join(
        [json.dumps(lesson("m1")).encode(), b'{"event": ', b"", json.dumps(lesson("m2")).encode()]
    )
    answer = web.post(
        "/events", data=body, headers={**headers(), "Content-Type": "application/x-ndjson"}
    )
    assert [one["status"] for one in answer.json["verdicts"]] == ["accepted", "refused", "accepted"]
    assert answer.json["verdicts"][1]["code"] == "E_MALFORMED"


def test_a_gzipped_batch_is_taken(web: FlaskClient) -> None:
    body = gzip.compress(json.dumps({"batch": [lesson("m1"), lesson("m2")]}).encode())
    more = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    assert web.post("/v1/batch", data=body, headers={**headers(), **more}).json["new"] == 2


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t", "/v1/batch", "/v1/import", "/events"])
def test_the_paths_of_segments_libraries_are_served(web: FlaskClient, path: str) -> None:
    assert post(web, lesson(), path).json["new"] == 1


def test_the_type_may_be_told_by_the_path_alone(web: FlaskClient, services: Services) -> None:
    page = {"userId": "u1", "properties": {"url": "https://x.org/a/b?mail=a@b.co#c", "title": "B"}}
    assert post(web, page, "/v1/p").json["new"] == 1
    [statement] = stored(services)
    assert statement["object"]["id"] == f"{BASE}/page/%2Fa%2Fb"
    assert "mail" not in json.dumps(statement)


def test_what_no_library_sends_is_refused(web: FlaskClient) -> None:
    assert post(web, {}, "/v1/nothing").status_code == 400
    assert post(web, "text").status_code == 400
    assert post(web, {"type": "sing", "userId": "u"}).json["verdicts"][0]["pointer"] == "/type"


def test_a_visitor_is_linked_later_and_no_statement_is_rewritten(
    web: FlaskClient, services: Services
) -> None:
    visit = lesson("m1", userId=None, anonymousId="v1")
    post(web, visit)
    before = stored(services)
    answer = post(
        web,
        {"type": "identify", "userId": "u1", "anonymousId": "v1", "traits": {"email": "a@b.co"}},
    )
    assert answer.json["verdicts"] == [{"status": "linked", "event": "identify"}]
    assert services.persons.of("v1") == "u1"
    assert stored(services) == before
    assert before[0]["actor"]["account"] == {"homePage": f"{BASE}/anon", "name": "v1"}
    again = post(web, {"type": "identify", "userId": "u2", "anonymousId": "v1"})
    assert again.json["verdicts"][0]["warnings"][0]["code"] == "W_LINK"
    assert Persons(services.store.records, lambda: 0).of("v1") == "u1"


def test_an_alias_and_an_event_with_both_ids_link_as_well(
    web: FlaskClient, services: Services
) -> None:
    post(web, {"type": "alias", "previousId": "v1", "userId": "u1"})
    post(web, lesson("m1", userId="u2", anonymousId="v2"))
    links = {visitor: one["user"] for visitor, one in services.persons.all().items()}
    assert links == {"v1": "u1", "v2": "u2"}
    assert services.persons.unlink("v1")
    assert services.persons.of("v1") is None


def test_group_messages_are_accepted_and_mean_nothing(web: FlaskClient) -> None:
    answer = post(web, {"type": "group", "userId": "u1", "groupId": "g"})
    assert answer.json["verdicts"][0]["status"] == "ignored"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"userId": None}, "E_ACTOR", "/userId"),
        ({"userId": "anna@example.org"}, "E_PII", "/userId"),
        ({"userId": True}, "E_TYPE", "/userId"),
        ({"userId": "x" * 600}, "E_ID", "/userId"),
        ({"system": True}, "E_ACTOR", "/system"),
        ({"timestamp": "yesterday"}, "E_TIME", "/timestamp"),
        ({"timestamp": "2126-01-01T00:00:00Z"}, "E_TIME", "/timestamp"),
        ({"registration": "r"}, "E_ID", "/registration"),
        ({"event": ""}, "E_MALFORMED", "/event"),
        ({"event": None}, "E_MALFORMED", "/event"),
        ({"properties": []}, "E_MISSING_PROP", "/properties/lesson_id"),
        ({"properties": [1]}, "E_TYPE", "/properties"),
        (
            {"context": {"consent": {"categoryPreferences": {"Learning": False}}}},
            "E_CONSENT",
            "/context/consent/categoryPreferences",
        ),
        (cancelled("call +64 21 555 1234"), "E_PII", "/properties/cancellation_reason"),
        (cancelled("see anna@example.org"), "E_PII", "/properties/cancellation_reason"),
    ],
)  # fmt: skip
def test_each_fault_has_its_code_and_its_place(
    web: FlaskClient, services: Services, changes: Any, code: str, pointer: str
) -> None:
    [verdict] = post(web, lesson(**changes)).json["verdicts"]
    assert (verdict["status"], verdict["code"], verdict["pointer"]) == ("refused", code, pointer)
    assert stored(services) == []


def test_a_sender_with_a_wrong_clock_is_put_right_by_what_it_says_it_sent_at(
    web: FlaskClient, services: Services
) -> None:
    body = {"sentAt": "2031-01-01T00:00:10Z", "batch": [lesson(timestamp="2031-01-01T00:00:00Z")]}
    [verdict] = post(web, body, "/v1/batch").json["verdicts"]
    assert verdict["warnings"][0]["code"] == "W_CLOCK"
    assert stored(services)[0]["timestamp"] < "2031"


@pytest.mark.parametrize("message_id", ["m1", None])
def test_a_repeat_by_a_sender_with_a_wrong_clock_is_a_repeat(
    web: FlaskClient, services: Services, message_id: str
) -> None:
    sent = lesson(message_id, timestamp="2031-01-01T00:00:00Z")
    for second in (10, 50):
        body = {"sentAt": f"2031-01-01T00:00:{second}Z", "batch": [sent, sent]}
        verdicts = post(web, body, "/v1/batch").json["verdicts"]
        assert [one["status"] for one in verdicts] == ["accepted", "accepted"]
    assert len(stored(services)) == 1
    other = {**sent, "userId": "u2", "messageId": "m1"}
    body = {"sentAt": "2031-01-01T00:00:55Z", "batch": [other]}
    [verdict] = post(web, body, "/v1/batch").json["verdicts"]
    assert verdict.get("code") == ("E_CONFLICT" if message_id else None)


def test_archived_messages_keep_their_time(web: FlaskClient, services: Services) -> None:
    archived = lesson(
        timestamp="2024-05-01T10:00:00Z",
        sentAt="2024-05-01T10:00:02Z",
        receivedAt="2024-05-01T10:00:03Z",
    )
    assert "warnings" not in post(web, archived).json["verdicts"][0]
    assert stored(services)[0]["timestamp"] == "2024-05-01T10:00:00Z"


def test_events_without_an_id_that_say_different_things_are_different(
    web: FlaskClient, services: Services
) -> None:
    name = "plagiarism.detected"
    path = Path(__file__).parents[2] / "statement_examples" / "events" / f"{name}.json"
    properties = json.loads(path.read_bytes())["event"]["properties"]
    found = [lesson(None, event=name, properties=properties, userId=one) for one in ("u1", "u2")]
    assert post(web, found).json["new"] == 2
    sessions = [lesson(None, sessionId=one) for one in ("s1", "s2")]
    registered = [lesson(None, registration=str(uuid.UUID(int=one))) for one in (1, 2)]
    assert post(web, [*sessions, *registered]).json["new"] == 4
    assert post(web, [*found, *sessions, *registered]).json["new"] == 0


def test_a_secret_key_may_change_between_two_tries(web: FlaskClient, services: Services) -> None:
    services.credentials.add(home_page="http://lrs.example.org", key="new", secret="secret")
    assert post(web, lesson()).json["new"] == 1
    again = web.post("/events", json=lesson(), headers=headers(key="new"))
    assert (again.status_code, again.json["new"]) == (200, 0)
    assert post(web, lesson(source="app")).json["new"] == 1


def test_a_publishable_key_writes_nothing_in_the_name_of_the_system(
    web: FlaskClient, services: Services
) -> None:
    key = services.public_keys.add(home_page="http://x.org")
    lead = lesson(
        event="lead.captured",
        userId=None,
        properties={"source": "s", "campaign_id": "c", "interest_topic": "t"},
        context={"consent": {"categoryPreferences": {"marketing": True}}},
    )
    [verdict] = web.post("/events", json={"writeKey": key, "batch": [lead]}).json["verdicts"]
    assert (verdict["code"], verdict["allowed"]) == ("E_NOT_ALLOWED", "userId or anonymousId")
    assert post(web, lead).json["new"] == 1


def test_a_long_name_is_not_said_again_whole(web: FlaskClient) -> None:
    [verdict] = post(web, lesson(event="x" * 5_000)).json["verdicts"]
    assert len(verdict["event"]) == 200


def test_a_seek_to_where_it_was_is_dropped_and_counted(
    web: FlaskClient, services: Services
) -> None:
    seek = {"video_id": "v", "from_seconds": 5, "to_seconds": 5}
    [verdict] = post(web, lesson(event="video.seeked", properties=seek)).json["verdicts"]
    assert (verdict["status"], verdict["code"]) == ("dropped", "D_NOTHING")
    assert services.store.records.tallies("event-problem") == {"D_NOTHING video.seeked": 1}


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ({}, 401),
        (basic("key:wrong"), 401),
        (basic("nobody:secret"), 401),
        (basic("key:"), 401),
        (basic("key:secret"), 200),
        # Segment's libraries put a colon after their one write key.
        (basic("key:secret:"), 200),
    ],
)
def test_an_api_key_opens_the_door_with_its_secret_only(
    web: FlaskClient, authorization: dict[str, str], status: int
) -> None:
    assert web.post("/events", json=lesson(), headers=authorization).status_code == status


def test_a_credential_that_may_not_write_may_not_send(web: FlaskClient, services: Services) -> None:
    services.credentials.add(home_page="http://x.org", key="r", secret="s", scopes=("all/read",))
    assert web.post("/events", json=lesson(), headers=basic("r:s")).status_code == 403


def test_a_publishable_key_sends_what_a_browser_may_say_and_opens_nothing_else(
    web: FlaskClient, services: Services
) -> None:
    key = services.public_keys.add(home_page="http://lrs.example.org")
    graded = {"assessment_id": "a", "score_pct": 100, "passed": True, "grader_type": "auto"}
    batch = [
        lesson("m1"),
        lesson("m2", event="assessment.graded", properties=graded),
        lesson("m3", userId=None, system=True),
        lesson("m4", org="acme"),
    ]
    answer = web.post("/v1/batch", json={"batch": batch}, headers=basic(f"{key}:"))
    assert [one.get("code") for one in answer.json["verdicts"]] == [
        None, "E_NOT_ALLOWED", "E_NOT_ALLOWED", "E_NOT_ALLOWED",
    ]  # fmt: skip
    assert stored(services)[0]["authority"]["account"]["name"] == key
    for path in ("/xapi/statements", "/xapi/activities/state", "/events/plan", "/plan", "/"):
        refused = web.get(path, headers={**basic(f"{key}:"), "X-Experience-API-Version": "1.0.3"})
        assert refused.status_code == 401, path
    sent = {**basic(f"{key}:"), "X-Experience-API-Version": "1.0.3"}
    assert web.post("/xapi/statements", json=stored(services)[0], headers=sent).status_code == 401


def test_a_publishable_key_may_stand_in_the_body_and_a_secret_one_may_not(
    web: FlaskClient, services: Services
) -> None:
    key = services.public_keys.add(home_page="http://lrs.example.org")
    assert web.post("/events", json={"writeKey": key, "batch": [lesson()]}).status_code == 200
    assert web.post("/events", json={"writeKey": "key", "batch": [lesson()]}).status_code == 401
    assert services.public_keys.revoke(key)
    assert not services.public_keys.revoke(key)
    assert web.post("/events", json={"writeKey": key, "batch": [lesson()]}).status_code == 401


def test_a_publishable_key_can_be_held_to_origins_and_events(
    web: FlaskClient, services: Services
) -> None:
    key = services.public_keys.add(
        home_page="http://x.org", origins=["https://a.org/"], events=["course.started"]
    )
    body = {"writeKey": key, "batch": [lesson()]}
    for origin, status in (
        ({}, 403),
        ({"Origin": "https://b.org"}, 403),
        ({"Origin": "https://a.org"}, 400),
    ):
        assert web.post("/events", json=body, headers=origin).status_code == status
    allowed = web.post("/events", json=body, headers={"Origin": "https://a.org"})
    assert allowed.json["verdicts"][0]["code"] == "E_NOT_ALLOWED"
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://a.org"


def test_a_browser_may_ask_first(web: FlaskClient) -> None:
    asked = {
        "Origin": "https://a.org",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type",
    }
    for path in ("/events", "/v1/t", "/v1/batch"):
        answer = web.options(path, headers=asked)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "https://a.org"
        assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()


def test_no_foreign_page_sends_with_the_sign_in_that_a_browser_keeps(
    web: FlaskClient, services: Services
) -> None:
    body = json.dumps(lesson())
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = web.post("/events", data=body, headers={**headers(), "Content-Type": kind})
        assert (answer.status_code, answer.json["code"]) == (400, "content-type")
    for site in ("cross-site", "same-site"):
        more = {"Origin": "https://evil.org", "Sec-Fetch-Site": site}
        for path in ("/events", "/v1/track"):
            assert post(web, lesson(), path, **more).json["code"] == "origin"
    assert stored(services) == []
    assert post(web, lesson(), **{"Sec-Fetch-Site": "same-origin"}).json["new"] == 1
    key = services.public_keys.add(home_page="http://x.org")
    beacon = json.dumps({"writeKey": key, "batch": [lesson("m2")]})
    more = {"Content-Type": "text/plain", "Sec-Fetch-Site": "cross-site"}
    assert web.post("/events", data=beacon, headers=more).json["new"] == 1


def test_an_origin_that_is_listed_may_send_with_a_secret_key(tmp_path: Path) -> None:
    services = build_services(Config(data=tmp_path, origins="https://a.org, https://b.org"))
    services.credentials.add(home_page="http://lrs.example.org", key="key", secret="secret")
    web = create_app(services).test_client()
    more = {"Origin": "https://b.org", "Sec-Fetch-Site": "cross-site"}
    assert post(web, lesson(), **more).json["new"] == 1
    services.close()


def test_a_link_by_a_credential_stands_above_one_by_a_publishable_key(
    web: FlaskClient, services: Services
) -> None:
    key = services.public_keys.add(home_page="http://x.org")

    def identify(user: str, visitor: str = "v1", **more: str) -> Any:
        message = {"type": "identify", "userId": user, "anonymousId": visitor}
        if more:
            return web.post("/events", json={**more, "batch": [message]}).json["verdicts"][0]
        return post(web, message).json["verdicts"][0]

    assert identify("thief", writeKey=key)["status"] == "linked"
    assert identify("u1")["status"] == "linked"
    assert services.persons.of("v1") == "u1"
    assert identify("thief", writeKey=key)["status"] == "ignored"
    assert identify("u2")["status"] == "ignored"
    assert services.persons.all()["v1"]["public"] is False
    # What a public key said first and a credential then says as well is the credential's.
    identify("u3", "v3", writeKey=key)
    identify("u3", "v3")
    assert services.persons.all()["v3"]["public"] is False


def test_links_by_publishable_keys_are_bounded_by_the_day(services: Services) -> None:
    now = [0]
    persons = Persons(services.store.records, lambda: now[0])
    services.store.records.add_up("person-link-public", {"1970-01-01": 9_999})
    assert persons.link("v1", "u1", public=True)
    assert not persons.link("v2", "u2", public=True)
    assert persons.link("v2", "u2")
    now[0] = 86_400_000_000
    assert persons.link("v3", "u3", public=True)


def test_who_refuses_learning_is_linked_to_nobody(web: FlaskClient, services: Services) -> None:
    refusing = {"consent": {"categoryPreferences": {"learning": False}}}
    message = {"type": "identify", "userId": "u1", "anonymousId": "v1", "context": refusing}
    [verdict] = post(web, message).json["verdicts"]
    assert (verdict["status"], verdict["code"]) == ("refused", "E_CONSENT")
    bought = {"course_id": "c", "price_cents": 1, "currency": "EUR"}
    sent = lesson(event="course.purchased", properties=bought, anonymousId="v1", context=refusing)
    assert post(web, sent).json["new"] == 1
    assert services.persons.all() == {}


def test_a_lead_from_a_browser_needs_a_yes_to_marketing(
    web: FlaskClient, services: Services
) -> None:
    key = services.public_keys.add(home_page="http://x.org")
    properties = {"source": "s", "campaign_id": "c", "interest_topic": "t"}
    for number, (answers, code) in enumerate(
        (({}, "E_CONSENT"), ({"marketing": False}, "E_CONSENT"), ({"marketing": True}, None))
    ):
        context = {"consent": {"categoryPreferences": answers}}
        lead = lesson(f"m{number}", event="lead.captured", properties=properties, context=context)
        answer = web.post("/events", json={"writeKey": key, "batch": [lead]})
        assert answer.json["verdicts"][0].get("code") == code
    plain = lesson("m9", event="lead.captured", properties=properties)
    assert post(web, plain).json["new"] == 1


@pytest.mark.parametrize(
    "name", ["sessionId", "platform", "source", "org", "team", "messageId", "userId", "anonymousId"]
)
@pytest.mark.parametrize("text", ["bob@example.com", "bob%40example.com", "bob\uff20example.com"])
def test_no_text_around_an_event_is_an_address(web: FlaskClient, name: str, text: str) -> None:
    [verdict] = post(web, lesson(**{name: text})).json["verdicts"]
    assert (verdict["code"], verdict["pointer"]) == ("E_PII", f"/{name}")


@pytest.mark.parametrize("text", ["555-123-4567", "+64 21 555 1234", "(021) 555-1234"])
def test_no_telephone_number_is_an_id_of_a_person(web: FlaskClient, text: str) -> None:
    for name in ("userId", "anonymousId"):
        [verdict] = post(web, lesson(**{name: text})).json["verdicts"]
        assert (verdict["code"], verdict["pointer"]) == ("E_PII", f"/{name}")
    assert post(web, lesson("m0", userId="0012345678")).json["new"] == 1


def test_names_that_are_personal_data_are_counted_and_not_shown(
    web: FlaskClient, services: Services
) -> None:
    post(web, lesson("m1", event="mail.to.bob@example.com"))
    extra = {**lesson()["properties"], "bob@example.com": 1}
    post(web, lesson("m2", properties=extra))
    report = services.plan.report()
    assert report.unknown_events == {"(personal data)": 1}
    assert report.unknown_properties == {"lesson.completed (personal data)": 1}
    assert "bob" not in web.get("/plan", headers=headers()).text


def test_a_publishable_key_cannot_rename_what_everybody_sees(
    web: FlaskClient, services: Services
) -> None:
    key = services.public_keys.add(home_page="http://x.org")
    started = {"course_id": "c", "course_title": "Defaced", "category": "x"}
    web.post(
        "/events",
        json={"writeKey": key, "batch": [lesson(event="course.started", properties=started)]},
    )
    [statement] = stored(services)
    assert "name" not in statement["object"]["definition"]
    tracked = services.mapper.tracked(statement)
    assert tracked is not None
    assert tracked.properties == started


def test_message_ids_of_different_keys_do_not_meet(web: FlaskClient, services: Services) -> None:
    key = services.public_keys.add(home_page="http://x.org")
    web.post("/events", json={"writeKey": key, "batch": [lesson("m1", userId="x")]})
    assert post(web, lesson("m1")).json["new"] == 1


def test_bounds_hold_for_publishable_keys_and_for_all(web: FlaskClient, services: Services) -> None:
    key = services.public_keys.add(home_page="http://x.org")
    long = {"writeKey": key, "batch": [], "pad": "x" * 520_000}
    assert web.post("/events", json=long).status_code == 413
    assert post(web, [{}] * 2_001).status_code == 413


def test_segments_browser_library_is_told_where_to_send(web: FlaskClient) -> None:
    answer = web.get("/v1/projects/pk_x/settings")
    assert answer.json["integrations"]["Segment.io"]["apiKey"] == "pk_x"
    assert post(web, {"series": []}, "/v1/m").json == {"success": True}


def test_extra_properties_are_dropped_and_counted_within_bounds(
    web: FlaskClient, services: Services
) -> None:
    for number in range(3):
        extra = {**lesson()["properties"], **{f"x{number}{one}": 1 for one in range(300)}}
        [verdict] = post(web, lesson(f"m{number}", properties=extra)).json["verdicts"]
        assert verdict["status"] == "accepted"
        assert len(verdict["warnings"]) == 300
    counts = services.store.records.tallies("event-extra")
    assert len(counts) == 501
    assert counts["(others)"] == 400
    assert "x00" not in json.dumps(stored(services))


def test_preferences_are_an_agent_profile_as_well_and_the_newest_hold(web: FlaskClient) -> None:
    def prefer(message_id: str, level: str, day: int) -> Any:
        properties = {"preferred_topics": ["a"], "skill_level": level, "learning_goals": []}
        return lesson(
            message_id,
            event="profile.learning_preferences_set",
            properties=properties,
            timestamp=f"2026-11-{day:02}T10:00:00Z",
        )

    agent = json.dumps({"account": {"homePage": BASE, "name": "u1"}})
    for sent, holds in (
        (prefer("m1", "beginner", 10), "beginner"),
        (prefer("m2", "expert", 12), "expert"),
        # An old message that comes late, or again, does not turn things back.
        (prefer("m1", "beginner", 10), "expert"),
    ):
        post(web, sent)
        kept = web.get(
            "/xapi/agents/profile",
            query_string={"agent": agent, "profileId": "learning-preferences"},
            headers=headers(),
        )
        assert kept.json["skill_level"] == holds


def test_the_catalog_tells_every_event_with_its_schema(web: FlaskClient) -> None:
    events = web.get("/events/catalog", headers=headers()).json["events"]
    assert len(events) == 49
    assert {one["event"]: one["schema"]["$id"] for one in events}[
        "video.played"
    ] == "events/video.played"
