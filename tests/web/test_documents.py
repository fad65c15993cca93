"""State and profiles as a client sees them. Spec: Communication 2.2, 2.3, 2.6, 2.7, 3.1 (1.0.3); 4.1.4 (2.0)."""

from __future__ import annotations

import hashlib
import json
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from lrs.assembly import Services
from tests.build import statement
from tests.conftest import Client, headers

ANNA = json.dumps({"mbox": "mailto:anna@example.org"})
ACTIVITY = "http://example.org/a"
REGISTRATION = "9f1c2f1e-6a52-4b0e-8d3b-3f7a53d6a001"
PLACES = {
    "activities/state": {"activityId": ACTIVITY, "agent": ANNA, "stateId": "bookmark"},
    "activities/profile": {"activityId": ACTIVITY, "profileId": "p"},
    "agents/profile": {"agent": ANNA, "profileId": "p"},
}
OLD, NEW = "1.0.3", "2.0.0"
everywhere = pytest.mark.parametrize("path", PLACES)
profiles = pytest.mark.parametrize("path", ["activities/profile", "agents/profile"])
both = pytest.mark.parametrize("version", [OLD, NEW])


def send(client: Client, method: str, path: str, body: Any = None, **options: Any) -> Any:
    params = {**PLACES[path], **options.pop("params", {})}
    sent = {**client.headers, **options.pop("headers", {})}
    if "version" in options:
        sent["X-Experience-API-Version"] = options.pop("version")
    if isinstance(body, dict):
        body = json.dumps(body)
        sent.setdefault("Content-Type", "application/json")
    query = {name: value for name, value in params.items() if value is not None}
    return client.web.open(
        f"/xapi/{path}", method=method, data=body, query_string=query, headers=sent, **options
    )


def make(client: Client, path: str, body: Any = None) -> str:
    """Store a document and return its quoted ETag."""
    body = {"a": 1} if body is None else body
    answer = send(client, "PUT", path, body, headers={"If-None-Match": "*"})
    assert answer.status_code == 204, answer.text
    etag: str = send(client, "GET", path).headers["ETag"]
    return etag


@everywhere
@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (bytes(range(256)), "application/octet-stream"),
        (b"01", "text/plain; charset=utf-8"),
        (b'{ "a" : 1.0 }\n', "application/json;charset=UTF-8"),
        (b'"Page01.html"', "application/json"),
        (b"", "image/png"),
        (b'{"cut":"\\ud83d","a":1,"a":1e400}', "application/json"),
    ],
)
def test_a_document_comes_back_byte_for_byte(
    client: Client, path: str, content: bytes, content_type: str
) -> None:
    head = {"Content-Type": content_type, "If-None-Match": "*"}
    assert send(client, "PUT", path, content, headers=head).status_code == 204
    answer = send(client, "GET", path)
    assert (answer.data, answer.content_type) == (content, content_type)
    assert answer.headers["ETag"] == f'"{hashlib.sha1(content).hexdigest()}"'  # noqa: S324 the spec's
    assert parsedate_to_datetime(answer.headers["Last-Modified"])


@everywhere
def test_head_answers_as_get_without_a_body(client: Client, path: str) -> None:
    etag = make(client, path)
    answer = send(client, "HEAD", path)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (200, b"", etag)


@everywhere
def test_a_document_that_is_not_there_is_404(client: Client, path: str) -> None:
    answer = send(client, "GET", path)
    assert (answer.status_code, answer.json["code"]) == (404, "document-not-found")


@everywhere
@both
def test_delete_takes_a_document_away_and_may_be_repeated(
    client: Client, path: str, version: str
) -> None:
    make(client, path)
    answer = send(client, "DELETE", path, version=version)
    assert (answer.status_code, "Content-Type" in answer.headers) == (204, False)
    assert send(client, "GET", path).status_code == 404
    assert send(client, "DELETE", path, version=version).status_code == 204


@everywhere
def test_post_merges_the_top_level_alone(client: Client, path: str) -> None:
    make(client, path, {"x": {"a": 1}, "y": "bar"})
    body = b'{"x":{"b":2.10},"z":12345678901234567890123}'
    answer = send(client, "POST", path, body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 204
    assert send(client, "GET", path).data == (
        b'{"x":{"b":2.10},"y":"bar","z":12345678901234567890123}'
    )


@everywhere
def test_post_of_a_new_document_stores_it(client: Client, path: str) -> None:
    head = {"Content-Type": "text/plain"}
    assert send(client, "POST", path, b"new", headers=head).status_code == 204
    assert send(client, "GET", path).data == b"new"


@everywhere
@pytest.mark.parametrize("body", [b"[1]", b'"text"', b'{"cut":"\\ud83d"}'])
def test_any_json_may_be_posted_where_there_is_nothing_to_merge_it_with(
    client: Client, path: str, body: bytes
) -> None:
    head = {"Content-Type": "application/json"}
    assert send(client, "POST", path, body, headers=head).status_code == 204
    assert send(client, "GET", path).data == body


@everywhere
def test_what_calls_itself_json_and_is_not_may_not_be_posted_either(
    client: Client, path: str
) -> None:
    answer = send(client, "POST", path, b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (400, "json-malformed")
    assert send(client, "GET", path).status_code == 404


@pytest.mark.parametrize("held", [b"[]", b'{"cut":"\\ud83d"}', b'{"a":1,"a":2}'])
def test_a_merge_says_that_the_document_that_is_there_is_at_fault(
    client: Client, held: bytes
) -> None:
    head = {"Content-Type": "application/json"}
    send(client, "PUT", "activities/state", held, headers=head)
    answer = send(client, "POST", "activities/state", {"b": 1})
    assert (answer.status_code, answer.json["code"]) == (400, "document-merge")
    assert answer.json["message"].startswith("The document that is there")
    assert send(client, "GET", "activities/state").data == held


@everywhere
@pytest.mark.parametrize(
    ("held", "posted"),
    [
        (("text/plain", b"{}"), ("application/json", b"{}")),
        (("application/json", b"{}"), ("text/plain", b"{}")),
        (("application/json", b"[]"), ("application/json", b"{}")),
        (("application/json", b"{}"), ("application/json", b"[]")),
        (("application/json", b"{}"), ("application/json", b"{")),
        (("application/json", b"{}"), ("application/json", b'{"cut":"\\ud83d"}')),
    ],
)
def test_only_json_objects_are_merged(
    client: Client, path: str, held: tuple[str, bytes], posted: tuple[str, bytes]
) -> None:
    head = {"Content-Type": held[0], "If-None-Match": "*"}
    send(client, "PUT", path, held[1], headers=head)
    answer = send(client, "POST", path, posted[1], headers={"Content-Type": posted[0]})
    assert answer.status_code == 400
    assert send(client, "GET", path).data == held[1]


@everywhere
def test_json_that_is_not_json_is_refused(client: Client, path: str) -> None:
    head = {"Content-Type": "application/json", "If-None-Match": "*"}
    answer = send(client, "PUT", path, b"Page01.html", headers=head)
    assert (answer.status_code, answer.json["code"]) == (400, "json-malformed")


@everywhere
@both
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_if_match_decides(client: Client, path: str, version: str, method: str) -> None:
    etag = make(client, path)
    wrong = {"If-Match": '"1234"'}
    answer = send(client, method, path, {"b": 2}, headers=wrong, version=version)
    assert (answer.status_code, answer.json["code"]) == (412, "precondition-failed")
    assert send(client, "GET", path).json == {"a": 1}
    right = {"If-Match": f'"other", {etag}'}
    assert send(client, method, path, {"b": 2}, headers=right, version=version).status_code == 204


@everywhere
@pytest.mark.parametrize("spelling", ["{}", "W/{}", "{bare}"])
def test_etags_are_known_in_every_spelling(client: Client, path: str, spelling: str) -> None:
    etag = make(client, path)
    head = {"If-Match": spelling.format(etag, bare=etag.strip('"'))}
    assert send(client, "PUT", path, {"b": 2}, headers=head).status_code == 204


@everywhere
def test_if_match_star_needs_a_document(client: Client, path: str) -> None:
    head = {"If-Match": "*"}
    assert send(client, "PUT", path, {"b": 2}, headers=head).status_code == 412
    make(client, path)
    assert send(client, "PUT", path, {"b": 2}, headers=head).status_code == 204


@everywhere
def test_a_quoted_star_is_an_etag_that_no_document_has(client: Client, path: str) -> None:
    head = {"If-None-Match": '"*"'}
    make(client, path)
    assert send(client, "PUT", path, {"b": 2}, headers=head).status_code == 204
    for star in ('"*"', 'W/"*"'):
        head = {"If-Match": star}
        assert send(client, "PUT", path, {"b": 2}, headers=head).status_code == 412


@everywhere
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("spelling", ["{}", "W/{}", '"other", {}', "*"])
def test_a_document_that_the_client_has_is_not_sent_again(
    client: Client, path: str, method: str, spelling: str
) -> None:
    etag = make(client, path)
    head = {"If-None-Match": spelling.format(etag)}
    answer = send(client, method, path, headers=head)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", etag)
    assert answer.headers["Cache-Control"] == "private, no-cache"
    send(client, "PUT", path, {"b": 2}, headers={"If-Match": etag})
    assert send(client, "GET", path, headers={"If-None-Match": etag}).json == {"b": 2}


@everywhere
def test_get_if_match_needs_that_document(client: Client, path: str) -> None:
    etag = make(client, path)
    assert send(client, "GET", path, headers={"If-Match": etag}).status_code == 200
    answer = send(client, "GET", path, headers={"If-Match": '"other"', "If-None-Match": etag})
    assert (answer.status_code, answer.json["code"]) == (412, "precondition-failed")


@everywhere
def test_a_list_of_ids_has_an_etag_too(client: Client, path: str) -> None:
    make(client, path)
    nameless = {"stateId": None, "profileId": None}
    listed = send(client, "GET", path, params=nameless)
    etag = listed.headers["ETag"]
    assert etag == f'"{hashlib.sha1(listed.data).hexdigest()}"'  # noqa: S324 the spec's
    head = {"If-None-Match": etag}
    assert send(client, "GET", path, params=nameless, headers=head).status_code == 304
    other = {"stateId": "x"} if path == "activities/state" else {"profileId": "x"}
    send(client, "PUT", path, {}, params=other, headers={"If-None-Match": "*"})
    assert send(client, "GET", path, params=nameless, headers=head).status_code == 200


def test_no_script_in_a_document_runs_at_the_address_of_the_lrs(client: Client) -> None:
    head = {"Content-Type": "text/html"}
    send(client, "PUT", "activities/state", b"<script>1</script>", headers=head)
    answer = send(client, "GET", "activities/state")
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@everywhere
@both
def test_if_none_match_star_needs_no_document(client: Client, path: str, version: str) -> None:
    make(client, path)
    head = {"If-None-Match": "*"}
    assert send(client, "PUT", path, {"b": 2}, headers=head, version=version).status_code == 412


@everywhere
def test_an_unguarded_put_over_a_document_conflicts_where_the_version_says_so(
    client: Client, path: str
) -> None:
    make(client, path)
    old = send(client, "PUT", path, {"b": 2}, version=OLD)
    assert old.status_code == (204 if path == "activities/state" else 409)
    new = send(client, "PUT", path, {"c": 3}, version=NEW)
    assert (new.status_code, new.json["code"]) == (409, "document-exists")
    assert "If-Match" in new.json["message"]
    assert send(client, "GET", path).json == ({"b": 2} if old.status_code == 204 else {"a": 1})


@profiles
def test_an_unguarded_put_of_a_new_profile_is_refused_in_1_0_3_alone(
    client: Client, path: str
) -> None:
    answer = send(client, "PUT", path, {"b": 2}, version=OLD)
    assert (answer.status_code, answer.json["code"]) == (400, "precondition-missing")
    assert send(client, "PUT", path, {"b": 2}, version=NEW).status_code == 204


@both
def test_an_unguarded_put_of_a_new_state_is_accepted(client: Client, version: str) -> None:
    assert send(client, "PUT", "activities/state", {"b": 2}, version=version).status_code == 204


@everywhere
def test_ids_are_listed_and_since_is_exclusive(client: Client, path: str) -> None:
    make(client, path)
    nameless = {"stateId": None, "profileId": None}
    answer = send(client, "GET", path, params=nameless)
    assert answer.json == [PLACES[path].get("stateId", "p")]
    assert answer.headers["Last-Modified"]
    late = send(client, "GET", path, params={**nameless, "since": "2100-01-01T00:00:00Z"})
    assert late.json == []
    early = send(client, "GET", path, params={**nameless, "since": "2001-01-01T00:00:00Z"})
    assert early.json == answer.json


def test_states_of_a_registration_are_states_of_their_own(client: Client) -> None:
    path, inside = "activities/state", {"registration": REGISTRATION}
    send(client, "PUT", path, {"in": 0})
    send(client, "PUT", path, {"in": 1}, params={"registration": REGISTRATION.upper()})
    assert send(client, "GET", path).json == {"in": 0}
    assert send(client, "GET", path, params=inside).json == {"in": 1}
    answer = send(client, "DELETE", path, params={**inside, "stateId": None})
    assert answer.status_code == 204
    assert send(client, "GET", path, params=inside).status_code == 404
    assert send(client, "GET", path).status_code == 200
    send(client, "DELETE", path, params={"stateId": None})
    assert send(client, "GET", path).status_code == 404


def test_an_agent_is_the_same_whatever_its_name(client: Client) -> None:
    send(client, "PUT", "activities/state", {"a": 1})
    named = json.dumps({"objectType": "Agent", "name": "Anna", "mbox": "mailto:anna@EXAMPLE.org"})
    assert send(client, "GET", "activities/state", params={"agent": named}).json == {"a": 1}


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_a_delete_of_many_states_takes_no_precondition(client: Client, header: str) -> None:
    etag = make(client, "activities/state")
    answer = send(
        client, "DELETE", "activities/state", params={"stateId": None}, headers={header: etag}
    )
    assert (answer.status_code, answer.json["code"]) == (400, "parameter-clash")
    assert send(client, "GET", "activities/state").status_code == 200


@profiles
def test_profiles_are_not_deleted_all_at_once(client: Client, path: str) -> None:
    answer = send(client, "DELETE", path, params={"profileId": None})
    assert (answer.status_code, answer.json["code"]) == (400, "parameter-missing")


@everywhere
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"activityId": "a b", "agent": "{}"}, None),
        ({"foo": "1"}, "parameter-unknown"),
        ({"since": "2020-01-01T00:00:00Z"}, "parameter-clash"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_bad_parameters_are_refused(
    client: Client, path: str, method: str, change: dict[str, str], code: str | None
) -> None:
    known = {name: value for name, value in change.items() if name in PLACES[path] or code}
    answer = send(client, method, path, {"a": 1}, params=known)
    assert answer.status_code == 400
    assert code is None or answer.json["code"] == code


@pytest.mark.parametrize(
    ("scope", "state", "profile"),
    [
        ("all/read", (200, 403), (200, 403)),
        ("state", (200, 204), (403, 403)),
        ("profile", (403, 403), (200, 204)),
    ],
)
def test_scopes_open_documents(
    client: Client, services: Services, scope: str, state: tuple[int, int], profile: tuple[int, int]
) -> None:
    for path in PLACES:
        make(client, path)
    services.credentials.add(
        home_page="http://lrs.example.org", key="d", secret="s", scopes=[scope]
    )
    client.headers = headers(key="d", secret="s")
    for path in PLACES:
        expected = state if path == "activities/state" else profile
        seen = (send(client, "GET", path).status_code, send(client, "POST", path, {}).status_code)
        assert seen == expected


def test_a_person_has_its_identifier_and_every_name_it_was_seen_with(client: Client) -> None:
    agent = {"mbox": "mailto:anna@example.org"}
    client.post(
        [statement(actor={**agent, "name": "Anna"}), statement(actor={**agent, "name": "Ann"})]
    )
    answer = client.web.get("/xapi/agents", query_string={"agent": ANNA}, headers=client.headers)
    assert answer.json == {"objectType": "Person", "name": ["Ann", "Anna"], "mbox": [agent["mbox"]]}


def test_a_group_is_not_a_person(client: Client) -> None:
    group = json.dumps({"objectType": "Group", "mbox": "mailto:all@example.org"})
    answer = client.web.get("/xapi/agents", query_string={"agent": group}, headers=client.headers)
    assert answer.status_code == 400


def test_an_activity_has_what_all_statements_say_of_it(client: Client) -> None:
    query = {"activityId": ACTIVITY}
    unseen = client.web.get("/xapi/activities", query_string=query, headers=client.headers)
    assert unseen.json == {"objectType": "Activity", "id": ACTIVITY}
    for name in ({"en": "A"}, {"de": "Ä"}):
        client.post(statement(object={"id": ACTIVITY, "definition": {"name": name}}))
    seen = client.web.get("/xapi/activities", query_string=query, headers=client.headers)
    assert seen.json["definition"] == {"name": {"en": "A", "de": "Ä"}}


@both
def test_a_request_without_a_version_is_refused_in_the_one_last_spoken(
    client: Client, version: str
) -> None:
    client.headers = headers(version=version)
    client.get()
    del client.headers["X-Experience-API-Version"]
    answer = client.get()
    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (400, version)
