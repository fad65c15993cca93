"""Who is satisfied by what, and what is said of it."""

from __future__ import annotations

import pytest

from lrs.cmi5 import terms
from lrs.errors import BadRequest, Conflict
from tests.cmi5.build import BASE, au, block, course, package
from tests.cmi5.conftest import Lms
from tests.cmi5.looking import BOTH, extensions


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


def test_a_new_version_without_what_was_missing_satisfies(lms: Lms) -> None:
    course_id = lms.course(au(moveOn="Passed"), au("b", moveOn="Passed"))
    registration = lms.enrol(course_id)
    lms.launch(registration).start().say(terms.PASSED)
    courses = lms.services.cmi5.courses
    courses.replace(course_id, package(course(au(moveOn="Passed"))))
    status = lms.services.cmi5.status(registration)
    assert lms.verbs(registration)[-1] == "satisfied"
    assert status["tree"]["satisfiedBy"] == lms.said(registration)[-1]["id"]
    lms.services.cmi5.status(registration)
    assert lms.verbs(registration).count("satisfied") == 1


def test_an_override_satisfies_who_has_done_what_it_asks(lms: Lms) -> None:
    course_id = lms.course(au(moveOn="Passed"))
    registration = lms.enrol(course_id)
    lms.services.cmi5.courses.override(course_id, f"{BASE}/au/a", {"moveOn": "NotApplicable"})
    assert lms.services.cmi5.status(registration)["satisfied"]
    assert lms.verbs(registration) == ["satisfied"]


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
