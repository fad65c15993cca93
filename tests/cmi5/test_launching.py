"""Launches: URL, LMS.LaunchData, launched, modes."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lrs.cmi5 import terms
from lrs.cmi5.launching import Options
from lrs.errors import BadRequest
from tests.cmi5.build import BASE, LEARNER, OTHER, au, block
from tests.cmi5.conftest import Au, Lms
from tests.cmi5.looking import BOTH, extensions, launch_data

FULL = ["launched", "initialized", "passed", "completed", "satisfied", "satisfied", "terminated"]


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


def test_an_au_that_has_met_its_move_on_is_launched_for_review(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed"), au("b")))
    one = lms.launch(registration).start()
    one.say(terms.PASSED)
    assert lms.launch(registration).held[1]["launchMode"] == "Review"
    assert lms.launch(registration, mode="Normal").held[1]["launchMode"] == "Normal"
    assert lms.launch(registration, "1").held[1]["launchMode"] == "Normal"


@pytest.mark.parametrize(
    "additions",
    [
        {"foo": 1},
        {"platform": 5},
        {"extensions": {"x": 1}},
        {"contextActivities": {"other": [{"id": "not an iri"}]}},
        {"contextActivities": {"other": 5}},
        {"contextActivities": {"grouping": "abc"}},
        {"grouping": "abc"},
        {"contextActivities": 5},
    ],
)
def test_additions_that_no_statement_may_have_launch_nothing(
    lms: Lms, additions: dict[str, Any]
) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    with pytest.raises(BadRequest) as refused:
        lms.services.cmi5.launching.launch(registration, "0", Options(context_additions=additions))
    assert str(refused.value.pointer).startswith("/contextTemplateAdditions")
    lms.launch(registration).start()


def test_a_lone_activity_may_be_added_to_the_context(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed")))
    additions = {"contextActivities": {"grouping": {"id": "https://example.org/g"}}}
    lms.services.cmi5.launching.launch(registration, "0", Options(context_additions=additions))
    held = lms.said(registration)[0]["context"]["contextActivities"]["grouping"]
    assert [one["id"] for one in held] == [f"{BASE}/au/a", "https://example.org/g"]


def test_an_activity_type_that_is_no_iri_is_not_said(lms: Lms) -> None:
    registration = lms.enrol(lms.course(au(moveOn="Passed", activityType="quiz")))
    lms.launch(registration).start()
    assert "type" not in lms.said(registration)[0]["object"]["definition"]
    lms.services.cmi5.registrations.waive(registration, "0", "Administrative")


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
