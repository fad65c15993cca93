"""Registrations, launches, sessions and moveOn over both stores."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lrs.cmi5 import terms
from lrs.cmi5.launching import Options
from lrs.cmi5.ledger import Ledger
from lrs.cmi5.violations import InvalidPackage, Violation
from lrs.errors import BadRequest, Conflict, NotFound, StoreUnavailable
from lrs.xapi import JsonObject
from lrs.xapi.document import DocumentKey, Scope
from tests.cmi5.build import BASE, EXPERIENCED, LEARNER, OTHER, au, block, course, package
from tests.cmi5.conftest import Au, Lms, asked, at_once

FULL = ["launched", "initialized", "passed", "completed", "satisfied", "satisfied", "terminated"]
BOTH = {"moveOn": "CompletedAndPassed", "masteryScore": "0.9"}


def launch_data(lms: Lms, one: Au) -> JsonObject:
    registration, session = one.held
    scope = Scope(
        resource="state",
        activity=session["activityId"],
        agent=f"account|{LEARNER['account']['homePage']}|{LEARNER['account']['name']}",
        registration=registration["id"],
    )
    held = lms.services.documents.get(DocumentKey(scope, terms.LAUNCH_DATA))
    document: JsonObject = json.loads(held.content)
    return document


def extensions(statement: JsonObject) -> JsonObject:
    found: JsonObject = statement["context"]["extensions"]
    return found


def test_a_session_goes_its_way_and_block_and_course_are_satisfied_in_it(lms: Lms) -> None:
    registration = lms.enrol(lms.course(block("b", au(**BOTH))))
    one = lms.launch(registration).start()
    for verb in (terms.PASSED, terms.COMPLETED, terms.TERMINATED):
        one.say(verb)
    assert lms.verbs(registration) == FULL
    said = lms.said(registration)
    for statement, kind, iri in zip(said[4:6], ("block", "course"), ("/block/b", ""), strict=True):
        assert statement["object"]["definition"]["type"].endswith(f"activitytype/{kind}")
        assert statement["object"]["id"] != BASE + iri
        assert statement["context"]["contextActivities"]["grouping"][0]["id"] == BASE + iri
    for statement in said:
        assert statement["actor"] == LEARNER
        assert statement["context"]["registration"] == registration
        assert extensions(statement)[terms.SESSION_ID] == one.session
        assert statement["timestamp"].endswith("Z")
    assert lms.services.cmi5.status(registration)["satisfied"]


def test_a_launch_url_has_the_five_parameters_after_the_query_of_the_au(lms: Lms) -> None:
    course_id = lms.course(au(url="https://example.org/a?x=1&y=%20#z"))
    registration = lms.enrol(course_id)
    url = urlsplit(lms.launch(registration).url)
    assert url.query.startswith("x=1&y=%20&endpoint=")
    assert url.fragment == "z"
    values = {name: held[0] for name, held in parse_qs(url.query).items()}
    assert values["endpoint"].endswith("/cmi5/lrs")
    assert json.loads(values["actor"]) == LEARNER
    assert values["registration"] == registration
    launched = lms.said(registration)[-1]
    assert launched["object"]["id"] == values["activityId"] != f"{BASE}/au/a"
    assert extensions(launched)[terms.LAUNCH_URL] == "https://example.org/a?x=1&y=%20#z"


def test_launch_data_and_launched_say_what_holds_for_the_launch(lms: Lms) -> None:
    inner = "<launchParameters>p</launchParameters><entitlementKey>k</entitlementKey>"
    course_id = lms.course(au(inner=inner, masteryScore="0", moveOn="Passed"))
    registration = lms.enrol(course_id)
    one = lms.launch(registration)
    data = launch_data(lms, one)
    assert data["launchParameters"] == "p"
    assert data["entitlementKey"] == {"courseStructure": "k"}
    assert (data["masteryScore"], data["moveOn"], data["launchMode"]) == (0, "Passed", "Normal")
    assert data["contextTemplate"]["extensions"] == {terms.SESSION_ID: one.session}
    said = extensions(lms.said(registration)[0])
    assert (said[terms.MASTERY_SCORE], said[terms.LAUNCH_PARAMETERS]) == (0, "p")
    assert (said[terms.MOVE_ON], said[terms.LAUNCH_MODE]) == ("Passed", "Normal")
    lms.services.cmi5.courses.override(
        course_id, f"{BASE}/au/a", {"alternateEntitlementKey": "alt", "masteryScore": 0.5}
    )
    data = launch_data(lms, lms.launch(registration, launchParameters="q", mode="Browse"))
    assert data["entitlementKey"] == {"courseStructure": "k", "alternate": "alt"}
    assert (data["masteryScore"], data["launchParameters"]) == (0.5, "q")
    assert data["launchMode"] == "Browse"


def test_the_activity_of_an_au_is_the_same_in_every_launch_and_registration(lms: Lms) -> None:
    course_id = lms.course(au(), au("b"))
    first, second = lms.enrol(course_id), lms.enrol(course_id, OTHER)
    ids = {lms.launch(one).held[1]["activityId"] for one in (first, first, second)}
    assert len(ids) == 1
    assert lms.launch(first, "1").held[1]["activityId"] not in ids


@pytest.mark.parametrize("option", [{"moveOn": "Bogus"}, {"masteryScore": 2}, {"colour": "red"}])
def test_an_option_that_cannot_be_launches_nothing(lms: Lms, option: dict[str, Any]) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    with pytest.raises(BadRequest):
        lms.launch(registration, **option)
    assert lms.verbs(registration) == []


def test_a_token_is_given_once_and_known_as_long_as_the_session(lms: Lms) -> None:
    one = lms.launch(lms.enrol(lms.course(au(moveOn="Passed"))))
    assert lms.services.cmi5.access.principal(one.session, "") is None
    token = one.fetch()["auth-token"]
    assert one.fetch() == {"error-code": "1", "error-text": "The token was returned before."}
    assert one.authenticated(token) is not None
    assert lms.services.cmi5.access.principal(one.session, "guess") is None
    one.principal = one.authenticated(token)
    one.read(terms.PREFERENCES, "agents/profile")
    one.say(terms.INITIALIZED)
    one.say(terms.TERMINATED)
    assert one.authenticated(token) is None


@pytest.mark.parametrize("key", ["", "nobody.x", "../x", "a"])
def test_an_unknown_fetch_key_is_a_security_error(lms: Lms, key: str) -> None:
    assert lms.services.cmi5.access.fetch(key)["error-code"] == "2"


def test_a_guessed_fetch_secret_is_a_security_error(lms: Lms) -> None:
    one = lms.launch(lms.enrol(lms.course()))
    assert lms.services.cmi5.access.fetch(f"{one.session}.guess")["error-code"] == "2"


def test_of_many_who_fetch_at_once_one_gets_the_token(lms: Lms) -> None:
    one = lms.launch(lms.enrol(lms.course()))
    others = [lms.open() for _ in range(3)]
    answers = at_once(*(lambda s=s: s.cmi5.access.fetch(one.fetch_key) for s in others))
    assert sorted("auth-token" in answer for answer in answers) == [False, False, True]


def test_a_relaunch_abandons_what_went_on_in_the_registration(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed"), au("b", moveOn="Passed")))
    first = lms.launch(registration).start()
    second = lms.launch(registration, "1").start()
    assert lms.verbs(registration) == [
        "launched",
        "initialized",
        "abandoned",
        "launched",
        "initialized",
    ]
    abandoned = lms.said(registration)[2]
    assert extensions(abandoned)[terms.SESSION_ID] == first.session
    assert abandoned["object"]["id"] == first.held[1]["activityId"]
    assert abandoned["context"]["contextActivities"]["grouping"][0]["id"] == f"{BASE}/au/a"
    assert abandoned["result"]["duration"].startswith("PT")
    with pytest.raises(Violation) as refused:
        first.say(EXPERIENCED, defined=False)
    assert refused.value.requirement == "9.3.6.0-2"
    assert not lms.services.cmi5.sessions.abandon(first.session, by="api")
    assert second.held[1]["ended"] is None
    assert [one["id"] for _, one in lms.services.cmi5.sessions.active()] == [second.session]


def test_of_launches_at_once_one_session_goes_on_and_its_launch_data_holds(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    others = [lms.open() for _ in range(3)]
    launched = at_once(*(lambda s=s: lms.launch(registration, services=s) for s in others))
    active = [one for one in launched if one.held[1]["ended"] is None]
    assert len(active) == 1
    active[0].start()
    template = launch_data(lms, active[0])["contextTemplate"]
    assert template["extensions"][terms.SESSION_ID] == active[0].session
    assert sorted(lms.verbs(registration)) == sorted(
        ["launched"] * 3 + ["abandoned"] * 2 + ["initialized"]
    )


def test_of_statements_at_once_a_verb_gets_through_once(lms: Lms) -> None:
    registration = lms.enrol(lms.course(block("b", au(moveOn="CompletedOrPassed"))))
    one = lms.launch(registration).start()
    others = [Au(lms.open(), registration, one.session, one.url, one.principal) for _ in range(3)]
    for verb in (terms.PASSED, terms.COMPLETED):
        outcomes = at_once(*(lambda o=o, v=verb: o.say(v) for o in others))
        assert sum(isinstance(outcome, Violation) for outcome in outcomes) == 2
    verbs = lms.verbs(registration)
    assert sorted(verbs[2:]) == ["completed", "passed", "satisfied", "satisfied"]


def test_two_aus_that_satisfy_a_course_at_once_satisfy_it_once(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Completed"), au("b", moveOn="Completed")))
    one = lms.launch(registration).start()
    waive = lms.open().cmi5.registrations.waive
    outcomes = at_once(
        lambda: one.say(terms.COMPLETED),
        lambda: waive(registration, "1", "Administrative"),
        lambda: lms.open().cmi5.registrations.waive(registration, "1", "Administrative"),
    )
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    assert sorted(lms.verbs(registration)[2:]) == ["completed", "satisfied", "waived"]


def test_a_statement_sent_again_is_accepted_and_counts_once(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    one = lms.launch(registration).start()
    passed = one.say(terms.PASSED)
    one.send(passed)
    assert lms.verbs(registration) == ["launched", "initialized", "passed", "satisfied"]
    with pytest.raises(Conflict):
        one.send({**passed, "result": {**passed["result"], "duration": "PT9H"}})


def test_a_batch_is_stored_whole_or_not_at_all_and_holds_to_the_rules_within(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    one = lms.launch(registration)
    one.principal = one.authenticated(one.fetch()["auth-token"])
    one.read(terms.PREFERENCES, "agents/profile")
    initialized, experienced = one.says(terms.INITIALIZED), one.says(EXPERIENCED, defined=False)
    with pytest.raises(Violation) as refused:
        one.send(initialized, one.says(terms.PASSED), one.says(terms.PASSED))
    assert (refused.value.requirement, refused.value.pointer) == ("9.3.0.0-2", "/2/verb/id")
    assert lms.verbs(registration) == ["launched"]
    one.send(initialized, experienced, one.says(terms.PASSED), one.says(terms.TERMINATED))
    assert lms.verbs(registration)[1:] == [
        "initialized",
        "experienced",
        "passed",
        "terminated",
        "satisfied",
    ]
    assert one.held[1]["ended"]["how"] == "terminated"


def test_passed_and_completed_may_come_in_two_sessions(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(**BOTH)))
    first = lms.launch(registration).start()
    first.say(terms.FAILED)
    first.say(terms.COMPLETED)
    first.say(terms.TERMINATED)
    assert "satisfied" not in lms.verbs(registration)
    second = lms.launch(registration).start()
    second.say(terms.PASSED)
    said = lms.said(registration)[-1]
    assert said["verb"]["id"] == terms.SATISFIED
    assert extensions(said)[terms.SESSION_ID] == second.session


def test_the_move_on_of_the_launch_decides(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="CompletedAndPassed")))
    one = lms.launch(registration, moveOn="Completed").start()
    one.say(terms.COMPLETED)
    assert lms.verbs(registration)[-1] == "satisfied"


def test_nested_blocks_are_satisfied_from_within_and_each_once(lms: Lms) -> None:
    inner = block("inner", au(moveOn="Completed"))
    registration = lms.enrol(
        lms.course(
            block("outer", inner, au("b", moveOn="Passed")), au("c"), au("d", moveOn="Passed")
        )
    )
    names = []
    for index, verb in (("0", terms.COMPLETED), ("1", terms.PASSED), ("3", terms.PASSED)):
        one = lms.launch(registration, index).start()
        one.say(verb)
        one.say(terms.TERMINATED)
    for statement in lms.said(registration):
        if statement["verb"]["id"] == terms.SATISFIED:
            names.append(statement["context"]["contextActivities"]["grouping"][0]["id"])
    assert names == [f"{BASE}/block/inner", f"{BASE}/block/outer", BASE]


def test_what_asks_for_nothing_is_satisfied_at_registration(lms: Lms) -> None:
    registration = lms.enrol(lms.course(block("b", au()), au("c")))
    assert lms.verbs(registration) == ["satisfied", "satisfied"]
    sessions = {extensions(one)[terms.SESSION_ID] for one in lms.said(registration)}
    assert len(sessions) == 1
    lms.launch(registration)
    assert lms.verbs(registration) == ["satisfied", "satisfied", "launched"]


def test_a_waiver_counts_and_is_given_once(lms: Lms) -> None:
    registration = lms.enrol(lms.course(block("b", au(moveOn="Passed")), au("c", moveOn="Passed")))
    waive = lms.services.cmi5.registrations.waive
    waive(registration, "0", "Tested Out")
    with pytest.raises(Conflict):
        waive(registration, f"{BASE}/au/a", "Tested Out")
    with pytest.raises(BadRequest):
        waive(registration, "1", " ")
    waived, satisfied = lms.said(registration)
    assert waived["result"]["extensions"] == {terms.REASON: "Tested Out"}
    assert (waived["result"]["success"], waived["result"]["completion"]) == (True, True)
    activities = waived["context"]["contextActivities"]
    assert {one["id"] for one in activities["category"]} == {
        terms.CMI5_CATEGORY,
        terms.MOVEON_CATEGORY,
    }
    assert activities["grouping"][0]["id"] == f"{BASE}/au/a"
    assert extensions(waived)[terms.SESSION_ID] == extensions(satisfied)[terms.SESSION_ID]
    waive(registration, "1", "Administrative")
    last = lms.said(registration)[2]
    assert extensions(last)[terms.SESSION_ID] != extensions(waived)[terms.SESSION_ID]


def test_a_video_that_says_initialized_and_completed_is_stored_and_not_counted(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Completed")))
    one = lms.launch(registration).start()
    for verb in (terms.INITIALIZED, terms.COMPLETED, terms.COMPLETED):
        one.say(verb, defined=False, object={"id": "https://example.org/video"})
    assert lms.verbs(registration)[2:] == ["initialized", "completed", "completed"]
    assert not lms.services.cmi5.status(registration)["satisfied"]


def test_an_au_that_has_met_its_move_on_is_launched_for_review(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed"), au("b")))
    one = lms.launch(registration).start()
    one.say(terms.PASSED)
    assert lms.launch(registration).held[1]["launchMode"] == "Review"
    assert lms.launch(registration, mode="Normal").held[1]["launchMode"] == "Normal"
    assert lms.launch(registration, "1").held[1]["launchMode"] == "Normal"


def test_a_silent_session_is_swept(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    one = lms.launch(registration).start()
    sessions = lms.services.cmi5.sessions
    assert sessions.sweep() == []
    assert sessions.sweep(idle_seconds=-1) == [one.session]
    assert lms.verbs(registration)[-1] == "abandoned"
    assert list(sessions.active()) == []


def test_the_lms_may_wait_for_what_comes_late(lms: Lms) -> None:
    lms.open(cmi5_wait=600)
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    one = lms.launch(registration)
    token = one.fetch()["auth-token"]
    one.principal = one.authenticated(token)
    one.read(terms.PREFERENCES, "agents/profile")
    one.send(one.says(terms.INITIALIZED), one.says(terms.TERMINATED))
    assert one.authenticated(token) is not None
    one.say(EXPERIENCED, defined=False)
    one.say(terms.PASSED)
    assert lms.verbs(registration)[-2:] == ["passed", "satisfied"]


class _Died(Exception):
    pass


def test_what_a_dead_process_had_to_say_is_said_by_the_next(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = lms.enrol(lms.course(block("b", au(moveOn="Passed"))))
    one = lms.launch(registration).start()
    say_due = Ledger.say_due

    def die(ledger: Ledger, held: JsonObject) -> JsonObject:
        if held["due"]:
            raise _Died
        return say_due(ledger, held)

    for act in (
        lambda: one.say(terms.PASSED),
        lambda: one.services.cmi5.registrations.waive(registration, "0", "Administrative"),
    ):
        monkeypatch.setattr(Ledger, "say_due", die)
        with pytest.raises(_Died):
            act()
        monkeypatch.setattr(Ledger, "say_due", say_due)
        before = lms.verbs(registration)
        lms.open().cmi5.registrations.get(registration)
        assert len(lms.verbs(registration)) > len(before)
    assert lms.verbs(registration)[2:] == ["passed", "satisfied", "satisfied", "waived"]


def test_a_claim_whose_statement_never_came_is_dropped(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    one = lms.launch(registration).start()
    store = one.services.store.statements

    def away(*_: object) -> int:
        raise StoreUnavailable("Away.")

    with monkeypatch.context() as patch:
        patch.setattr(type(store), "insert", away)
        with pytest.raises(StoreUnavailable):
            one.say(terms.PASSED)
    with pytest.raises(Violation):
        one.say(terms.PASSED)
    monkeypatch.setattr("lrs.cmi5.sessions._SETTLED_AFTER", -1)
    one.say(terms.PASSED)
    assert lms.verbs(registration)[-2:] == ["passed", "satisfied"]


def test_a_statement_that_was_stored_as_the_process_died_counts(
    lms: Lms, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Completed")))
    one = lms.launch(registration).start()
    monkeypatch.setattr(one.services.statements, "_listeners", [])
    one.say(terms.COMPLETED)
    one.say(terms.TERMINATED)
    assert one.held[1]["ended"] is None
    monkeypatch.setattr("lrs.cmi5.sessions._SETTLED_AFTER", -1)
    status = lms.open().cmi5.status(registration)
    assert status["satisfied"]
    assert status["sessions"][0]["state"] == "terminated"
    assert lms.verbs(registration)[-1] == "satisfied"


def test_enrolling_twice_at_once_is_enrolling_once(lms: Lms) -> None:
    course_id = lms.course(au())
    others = [lms.open() for _ in range(3)]
    made = at_once(
        *(lambda s=s: s.cmi5.registrations.enrol(course_id, LEARNER)["id"] for s in others)
    )
    assert len(set(made)) == 1
    assert lms.verbs(made[0]) == ["satisfied"]
    again = lms.services.cmi5.registrations.enrol(course_id, LEARNER, again=True)["id"]
    assert again not in made


def test_registrations_are_found_by_course_and_learner(lms: Lms) -> None:
    first, second = lms.course(au()), lms.course(au("b"))
    made = {
        (c, a["account"]["name"]): lms.enrol(c, a)
        for c in (first, second)
        for a in (LEARNER, OTHER)
    }
    find = lms.services.cmi5.registrations.find
    assert {one["id"] for one in find()} == set(made.values())
    assert {one["id"] for one in find(course=first)} == {made[first, "anna"], made[first, "ben"]}
    assert {one["id"] for one in find(actor=OTHER)} == {made[first, "ben"], made[second, "ben"]}
    assert [one["id"] for one in find(course=second, actor=LEARNER)] == [made[second, "anna"]]
    lms.services.cmi5.registrations.delete(made[second, "anna"])
    assert list(find(course=second, actor=LEARNER)) == []
    assert lms.enrol(second) not in made.values()


@pytest.mark.parametrize(
    "actor", [{"mbox": "mailto:a@example.org"}, {"objectType": "Group", **OTHER}, {}]
)
def test_a_learner_is_an_agent_with_an_account(lms: Lms, actor: JsonObject) -> None:
    with pytest.raises(BadRequest):
        lms.enrol(lms.course(au()), actor)


def test_a_new_version_keeps_registrations_and_what_is_satisfied(lms: Lms) -> None:
    course_id = lms.course(au(moveOn="Passed"), au("b", moveOn="Passed"))
    registration = lms.enrol(course_id)
    one = lms.launch(registration).start()
    one.say(terms.PASSED)
    activity = one.held[1]["activityId"]
    lms.open()
    lms.services.cmi5.courses.replace(
        course_id, package(course(au("new"), au(moveOn="Completed", masteryScore="0.5")))
    )
    for services in lms.opened:
        status = services.cmi5.status(registration)
        assert [node["satisfied"] for node in status["tree"]["children"]] == [False, True]
    again = lms.launch(registration, "1", mode="Normal")
    assert again.held[1]["activityId"] == activity
    assert "/2/a.html" in again.held[1]["launchUrl"]
    with pytest.raises(Conflict):
        lms.services.cmi5.courses.replace(course_id, package(course(au(), id="urn:other")))


def test_a_course_is_exported_as_it_was_imported(lms: Lms) -> None:
    structure, files = course(au()), {"a.html": b"a", "b/ä.bin": b"\0\xff" * 1_000}
    courses = lms.services.cmi5.courses
    record = courses.add(package(structure, files))
    packed, media_type = courses.export(record["id"])
    assert media_type == "application/zip"
    again = courses.add(packed)
    assert courses.file(again["id"], 1, "b/ä.bin").data == files["b/ä.bin"]
    assert courses.file(again["id"], 1, "cmi5.xml").data == structure
    alone = course(au(url="https://example.org/a"))
    assert courses.export(courses.add(alone)["id"]) == (alone, "text/xml")


def test_a_refused_package_leaves_nothing_behind(lms: Lms) -> None:
    before = lms.services.store.records.names("cmi5-course")
    raw = package(course(au()), {"a.html": b"a" * 100, "z.bin": b"z" * 100})
    at = raw.index(b"z.bin") + 5
    with pytest.raises(InvalidPackage):
        lms.services.cmi5.courses.add(raw[:at] + b"\xff" + raw[at + 1 :])
    records = lms.services.store.records
    for kind in ("cmi5-course", "cmi5-files", "cmi5-structure"):
        assert records.names(kind) == before


def test_deleting_a_course_keeps_its_statements(lms: Lms) -> None:
    course_id = lms.course(au(moveOn="Passed"))
    registration = lms.enrol(course_id)
    one = lms.launch(registration).start()
    lms.services.cmi5.registrations.delete_course(course_id)
    assert lms.verbs(registration) == ["launched", "initialized", "abandoned"]
    assert one.authenticated("eDp5") is None
    for gone in (
        lambda: lms.services.cmi5.courses.course(course_id),
        lambda: lms.services.cmi5.registrations.get(registration),
        lambda: lms.services.cmi5.registrations.delete_course(course_id),
        lambda: lms.services.cmi5.courses.file(course_id, 1, "a.html"),
    ):
        with pytest.raises(NotFound):
            gone()


def test_courses_are_found_by_what_they_say(lms: Lms) -> None:
    course_id = lms.course(au())
    find = lms.services.cmi5.courses.find
    for text in ("geo", "GEOLOGY", BASE, ""):
        assert [one["id"] for one in find(text=text)] == [course_id]
    assert find(text="history") == []


def test_a_status_tells_score_progress_time_and_attempts(lms: Lms) -> None:
    registration = lms.enrol(lms.course(block("b", au(**BOTH)), au("c")))
    first = lms.launch(registration).start()
    half = {"extensions": {terms.PROGRESS: 50}}
    first.say(EXPERIENCED, defined=False, result=half)
    first.say(terms.FAILED)
    first.say(terms.TERMINATED)
    second = lms.launch(registration).start()
    tree = lms.services.cmi5.status(registration)["tree"]
    unit = tree["children"][0]["children"][0]
    assert (unit["attempts"], unit["failed"], unit["progress"]) == (2, 1, 50)
    assert (unit["score"], unit["seconds"]) == ({"scaled": 0.1}, {"Normal": 60})
    passed = second.say(terms.PASSED)
    second.say(terms.COMPLETED)
    lms.launch(registration, "1")
    unit = lms.services.cmi5.status(registration)["tree"]["children"][0]["children"][0]
    assert (unit["satisfied"], unit["progress"], unit["abandoned"]) == (True, 100, 1)
    assert unit["satisfiedBy"]["passed"] == passed["id"]


def test_a_session_log_tells_statements_and_what_was_read(lms: Lms) -> None:
    one = lms.launch(lms.enrol(lms.course(au(moveOn="Passed"))))
    one.start()
    one.read(terms.LAUNCH_DATA)
    events = [
        entry.get("verb") or entry["event"] for entry in lms.services.cmi5.log_of(one.session)
    ]
    assert events == [
        "launched",
        "token fetched",
        "cmi5LearnerPreferences read",
        "initialized",
        "LMS.LaunchData read",
    ]


PREFERENCES = {"languagePreference": "en", "audioPreference": "on"}
STATE, PROFILE = "activities/state", "agents/profile"
FOREIGN = {"account": {"homePage": "https://example.org", "name": "eve"}}
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("8.1.3.0-3", STATE, {"agent": FOREIGN}),
    ("8.1.3.0-3", "agents", {"agent": FOREIGN}),
    ("11.0.0.0-1", PROFILE, {"agent": {"mbox": "mailto:a@example.org"}}),
    ("8.1.4.0-3", STATE, {"registration": "1a0b3c4d-0000-4000-8000-000000000001"}),
    ("10.2.1.0-5", STATE, {"method": "PUT", "document_id": terms.LAUNCH_DATA}),
    ("10.2.1.0-5", STATE, {"method": "POST", "document_id": terms.LAUNCH_DATA}),
    ("10.2.1.0-5", STATE, {"method": "DELETE", "document_id": terms.LAUNCH_DATA}),
    ("10.2.1.0-5", STATE, {"method": "DELETE"}),
    ("11.0.0.0-5", PROFILE, {"body": b"{", "content_type": "application/json"}),
    (
        "11.0.0.0-5",
        PROFILE,
        {"body": json.dumps(PREFERENCES).encode(), "content_type": "text/plain"},
    ),
    ("11.1.0.0-1", PROFILE, {"body": b'{"languagePreference": "", "audioPreference": "on"}'}),
]


@pytest.mark.parametrize(("requirement", "resource", "parts"), REFUSED)
def test_an_au_is_kept_to_its_own_documents(
    tmp_path: Any, requirement: str, resource: str, parts: dict[str, Any], lms: Lms
) -> None:
    one = lms.launch(lms.enrol(lms.course()))
    if "body" in parts:
        parts = {
            "method": "PUT",
            "document_id": terms.PREFERENCES,
            "content_type": "application/json; charset=utf-8",
            **parts,
        }
    with pytest.raises(Violation) as refused:
        one.services.cmi5.access.admit(one.session, asked(resource, **parts))
    assert refused.value.requirement == requirement


def test_the_options_of_a_launch_may_add_to_the_context(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    additions = {"contextActivities": {"other": [{"id": "https://example.org/o"}]}}
    launched = lms.services.cmi5.launching.launch(
        registration, "0", Options(context_additions=additions, return_url="https://example.org/r")
    )
    said = lms.said(registration)[-1]["context"]["contextActivities"]
    assert said["other"][0]["id"] == "https://example.org/o"
    data = launch_data(lms, Au(lms.services, registration, launched.session, launched.url))
    assert data["returnURL"] == "https://example.org/r"
