"""Registrations: enrolled, found, and where a learner stands."""

from __future__ import annotations

import pytest

from lrs.cmi5 import terms
from lrs.cmi5.status import MAX_SECONDS
from lrs.errors import BadRequest
from lrs.services.statements import Batch, Sender
from lrs.xapi import JsonObject
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS
from tests.build import AUTHORITY
from tests.cmi5.build import EXPERIENCED, LEARNER, OTHER, au, block
from tests.cmi5.conftest import Lms, at_once
from tests.cmi5.looking import BOTH


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


def test_a_session_that_took_forever_counts_for_a_hundred_years(lms: Lms) -> None:
    one = lms.launch(lms.enrol(lms.course(au(moveOn="Passed")))).start()
    one.say(terms.TERMINATED, result={"duration": f"PT{'9' * 400}S"})
    unit = lms.services.cmi5.status(one.registration)["tree"]["children"][0]
    assert unit["seconds"] == {"Normal": MAX_SECONDS}


def test_a_status_outlives_a_change_of_the_public_url(lms: Lms) -> None:
    one = lms.launch(lms.enrol(lms.course(au(moveOn="Passed")))).start()
    one.say(terms.PASSED)
    moved = lms.open(url="https://moved.example.org").cmi5.status(one.registration)
    assert moved["tree"]["children"][0]["score"] == {"scaled": 0.95}


def test_what_others_say_of_a_registration_counts_for_nothing(lms: Lms) -> None:
    one = lms.launch(lms.enrol(lms.course(au(moveOn="Passed")))).start()
    forged = one.says(terms.PASSED)
    sender = Sender(AUTHORITY, may_void=False)
    lms.services.statements.store(Batch(Parsed(forged, forged)), version=VERSIONS[0], sender=sender)
    unit = lms.services.cmi5.status(one.registration)["tree"]["children"][0]
    assert (unit["score"], unit["passed"]) == (None, False)
    assert "passed" not in {entry.get("verb") for entry in lms.services.cmi5.log_of(one.session)}


@pytest.mark.parametrize(
    "actor", [{"mbox": "mailto:a@example.org"}, {"objectType": "Group", **OTHER}, {}]
)
def test_a_learner_is_an_agent_with_an_account(lms: Lms, actor: JsonObject) -> None:
    with pytest.raises(BadRequest):
        lms.enrol(lms.course(au()), actor)


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
