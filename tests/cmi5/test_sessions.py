"""Sessions: the token, relaunch, races, batches, the end."""

from __future__ import annotations

import pytest

from lrs.cmi5 import terms
from lrs.cmi5.ledger import REGISTRATION
from lrs.cmi5.violations import Violation
from lrs.errors import Conflict
from tests.cmi5.build import BASE, EXPERIENCED, LEARNER, OTHER, au, block
from tests.cmi5.conftest import Au, Lms, at_once
from tests.cmi5.looking import extensions, launch_data


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
    with pytest.raises(Violation) as refused:
        one.send({**passed, "result": {**passed["result"], "duration": "PT9H"}})
    assert refused.value.requirement == "9.3.0.0-2"


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


def test_a_silent_session_is_swept(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    one = lms.launch(registration).start()
    sessions = lms.services.cmi5.sessions
    assert sessions.sweep() == []
    assert sessions.sweep(idle_seconds=-1) == [one.session]
    assert lms.verbs(registration)[-1] == "abandoned"
    assert list(sessions.active()) == []


def test_a_sweep_goes_on_behind_a_session_that_cannot_be_abandoned(lms: Lms) -> None:
    course = lms.course(au(moveOn="Passed"))
    ones = [lms.launch(lms.enrol(course, actor)).start() for actor in (LEARNER, OTHER)]
    bad, good = sorted(ones, key=lambda one: one.session)
    records = lms.services.store.records
    held = records.get(REGISTRATION, bad.registration)
    assert held is not None
    records.put(REGISTRATION, bad.registration, {**held, "due": [{"id": "x"}]})
    assert lms.services.cmi5.sessions.sweep(idle_seconds=-1) == [good.session]


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
