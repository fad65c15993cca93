"""What an AU may say: each rule of section 9 and 10.2 by one statement that breaks it alone."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.cmi5 import terms
from lrs.cmi5.launchdata import check_preferences, context_template, launch_data
from lrs.cmi5.rules import check, key_of_statement
from lrs.cmi5.violations import Violation
from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from tests.cmi5.build import BASE, EXPERIENCED, LEARNER, RESULTS, says

AU = f"{BASE}/au/a"
REGISTRATION: JsonObject = {
    "id": "1a0b3c4d-0000-4000-8000-000000000001",
    "actor": LEARNER,
    "aus": {},
}
SESSION: JsonObject = {
    "id": "5e551011-0000-4000-8000-000000000001",
    "au": AU,
    "activityId": "https://lrs.example.org/cmi5/au/1",
    "launchMode": "Normal",
    "masteryScore": 0.9,
    "preferences": True,
    "contextTemplate": context_template(
        "5e551011-0000-4000-8000-000000000001",
        AU,
        {
            "contextActivities": {"other": [{"id": "https://example.org/other"}]},
            "extensions": {"https://example.org/e": {"a": 1}},
            "platform": "here",
        },
    ),
    "verbs": {terms.INITIALIZED: {"statement": "x", "stored": True}},
    "ended": None,
}
Alter = Callable[[JsonObject], Any]


def refused(
    statement: JsonObject, session: JsonObject = SESSION, registration: JsonObject = REGISTRATION
) -> str:
    with pytest.raises(Violation) as violation:
        check(session, registration, statement)
    assert violation.value.as_json()["violatedReqId"] == violation.value.requirement
    return violation.value.requirement


def session(**changes: Any) -> JsonObject:
    return {**SESSION, **changes}


def registration(**state: Any) -> JsonObject:
    return {**REGISTRATION, "aus": {AU: state}}


def without(*path: str) -> Alter:
    def alter(statement: JsonObject) -> None:
        held = statement
        for step in path[:-1]:
            held = held[step]
        del held[path[-1]]

    return alter


def with_(value: Any, *path: str) -> Alter:
    def alter(statement: JsonObject) -> None:
        held = statement
        for step in path[:-1]:
            held = held.setdefault(step, {})
        held[path[-1]] = value

    return alter


CATEGORY = ("context", "contextActivities", "category")
EXTENSIONS = ("context", "extensions")
CMI5, MOVEON = {"id": terms.CMI5_CATEGORY}, {"id": terms.MOVEON_CATEGORY}
BREACHES: list[tuple[str, str, Alter]] = [
    ("6.3.0.0-1", EXPERIENCED, with_("http://adlnet.gov/expapi/verbs/voided", "verb", "id")),
    ("9.1.0.0-1", EXPERIENCED, without("id")),
    ("9.7.0.0-1", EXPERIENCED, without("timestamp")),
    ("9.7.0.0-2", EXPERIENCED, with_("2026-01-31T12:00:00-06:00", "timestamp")),
    ("9.7.0.0-2", EXPERIENCED, with_("2026-01-31T12:00:00", "timestamp")),
    ("9.2.0.0-2", terms.PASSED, with_("Group", "actor", "objectType")),
    ("9.2.0.0-3", terms.PASSED, with_({"mbox": "mailto:a@example.org"}, "actor")),
    ("8.1.3.0-3", EXPERIENCED, with_("ben", "actor", "account", "name")),
    ("9.6.0.0-1", terms.PASSED, without("context")),
    ("9.6.1.0-1", terms.PASSED, without("context", "registration")),
    ("9.6.1.0-1", EXPERIENCED, with_(SESSION["id"], "context", "registration")),
    ("9.6.3.1-4", EXPERIENCED, without(*EXTENSIONS, terms.SESSION_ID)),
    ("9.6.3.1-4", terms.PASSED, with_("other", *EXTENSIONS, terms.SESSION_ID)),
    ("10.2.1.0-6", EXPERIENCED, with_([], "context", "contextActivities", "grouping")),
    ("10.2.1.0-6", terms.PASSED, without("context", "contextActivities", "other")),
    ("10.2.1.0-7", EXPERIENCED, without(*EXTENSIONS, "https://example.org/e")),
    ("10.2.1.0-7", terms.PASSED, with_({"a": 2}, *EXTENSIONS, "https://example.org/e")),
    ("10.2.1.0-7", EXPERIENCED, with_("there", "context", "platform")),
    ("9.6.2.2-2", EXPERIENCED, with_([MOVEON], *CATEGORY)),
    ("9.6.2.2-2", terms.TERMINATED, with_([CMI5, MOVEON], *CATEGORY)),
    ("9.6.2.2-1", terms.COMPLETED, with_([CMI5], *CATEGORY)),
    ("9.6.2.2-1", terms.PASSED, with_([CMI5], *CATEGORY)),
    ("9.6.2.2-1", terms.FAILED, with_([CMI5], *CATEGORY)),
    ("9.3.0.0-1", EXPERIENCED, with_([CMI5], *CATEGORY)),
    ("9.3.0.0-1", terms.TERMINATED, with_(terms.WAIVED, "verb", "id")),
    ("8.1.5.0-6", terms.PASSED, with_("https://example.org/x", "object", "id")),
    ("8.1.5.0-6", terms.PASSED, with_("Agent", "object", "objectType")),
    ("9.3.2.0-3", terms.INITIALIZED, lambda _: None),
    ("9.5.2.0-1", terms.PASSED, without("result", "success")),
    ("9.5.2.0-1", terms.PASSED, with_(False, "result", "success")),
    ("9.5.2.0-2", terms.FAILED, with_(True, "result", "success")),
    ("9.5.2.0-2", terms.FAILED, without("result", "success")),
    ("9.5.2.0-3", terms.COMPLETED, with_(True, "result", "success")),
    ("9.5.3.0-1", terms.COMPLETED, without("result", "completion")),
    ("9.5.3.0-1", terms.COMPLETED, with_(False, "result", "completion")),
    ("9.5.3.0-2", terms.PASSED, with_(True, "result", "completion")),
    ("9.5.4.1-1", terms.TERMINATED, without("result")),
    ("9.5.4.1-2", terms.COMPLETED, without("result", "duration")),
    ("9.5.4.1-3", terms.PASSED, without("result", "duration")),
    ("9.5.4.1-4", terms.FAILED, without("result", "duration")),
    ("9.5.1.0-2", terms.COMPLETED, with_({"scaled": 1}, "result", "score")),
    ("9.5.1.0-2", terms.TERMINATED, with_({"scaled": 1}, "result", "score")),
    ("9.5.1.0-3", terms.PASSED, with_({"raw": 9, "max": 10}, "result", "score")),
    ("9.5.1.0-3", terms.PASSED, with_({"raw": 9, "min": 0}, "result", "score")),
    ("9.5.1", terms.PASSED, with_({"raw": 9.5, "min": 0, "max": 10}, "result", "score")),
    ("9.5.1", terms.PASSED, with_({"raw": 11, "min": 0, "max": 10}, "result", "score")),
    ("9.5.1", terms.FAILED, with_({"scaled": -0.5}, "result", "score")),
    ("9.3.4.0-2", terms.PASSED, with_({"scaled": 0.89}, "result", "score")),
    ("9.3.5.0-2", terms.FAILED, with_({"scaled": 0.9}, "result", "score")),
    ("9.6.3.2-2", terms.PASSED, without(*EXTENSIONS, terms.MASTERY_SCORE)),
    ("9.6.3.2-2", terms.PASSED, with_(0.8, *EXTENSIONS, terms.MASTERY_SCORE)),
    ("9.5.5.1", terms.TERMINATED, with_({terms.PROGRESS: 50.5}, "result", "extensions")),
    ("9.5.5.1", terms.TERMINATED, with_({terms.PROGRESS: 101}, "result", "extensions")),
    ("9.5.5.1", terms.TERMINATED, with_({terms.PROGRESS: True}, "result", "extensions")),
    ("9.5.5.1", terms.TERMINATED, with_({terms.PROGRESS: "half"}, "result", "extensions")),
]


@pytest.mark.parametrize(
    ("requirement", "verb", "alter"),
    BREACHES,
    ids=[f"{index}-{breach[0]}" for index, breach in enumerate(BREACHES)],
)
def test_a_statement_with_one_breach_is_refused_for_that(
    requirement: str, verb: str, alter: Alter
) -> None:
    statement = deepcopy(says(verb, SESSION, REGISTRATION, defined=verb != EXPERIENCED))
    alter(statement)
    assert refused(statement) == requirement


@pytest.mark.parametrize("verb", [*terms.AU_VERBS[1:], EXPERIENCED])
def test_a_good_statement_is_let_pass(verb: str) -> None:
    check(SESSION, REGISTRATION, says(verb, SESSION, REGISTRATION, defined=verb != EXPERIENCED))


def test_activities_of_the_template_may_lie_among_others_in_any_order() -> None:
    statement = deepcopy(says(EXPERIENCED, SESSION, REGISTRATION, defined=False))
    statement["context"]["contextActivities"]["grouping"].insert(0, {"id": "https://example.org"})
    check(SESSION, REGISTRATION, statement)


def test_a_lone_activity_counts_as_a_list() -> None:
    statement = deepcopy(says(terms.TERMINATED, SESSION, REGISTRATION))
    activities = statement["context"]["contextActivities"]
    activities["grouping"], activities["category"] = activities["grouping"][0], CMI5
    check(SESSION, REGISTRATION, statement)


@pytest.mark.parametrize("zone", ["Z", "z", "+00:00", "+0000", "+00"])
def test_utc_may_be_spelled_in_every_way(zone: str) -> None:
    statement = says(
        EXPERIENCED, SESSION, REGISTRATION, defined=False, timestamp=f"2026-01-31T12:00:00{zone}"
    )
    check(SESSION, REGISTRATION, statement)


def test_nothing_comes_before_initialized() -> None:
    fresh = session(verbs={})
    for verb, defined in (
        (EXPERIENCED, False),
        (terms.TERMINATED, True),
        (terms.INITIALIZED, False),
    ):
        said = says(verb, fresh, REGISTRATION, defined=defined)
        assert refused(said, fresh) == "9.3.0.0-4"
    check(fresh, REGISTRATION, says(terms.INITIALIZED, fresh, REGISTRATION))


def test_initialized_comes_after_the_learner_preferences_were_read() -> None:
    fresh = session(verbs={}, preferences=False)
    assert refused(says(terms.INITIALIZED, fresh, REGISTRATION), fresh) == "11.0.0.0-3"


def test_nothing_comes_after_terminated_unless_the_lms_waits() -> None:
    claim = {"statement": "t", "stored": True}
    ended = session(verbs={**SESSION["verbs"], terms.TERMINATED: claim})
    for verb, defined in ((EXPERIENCED, False), (terms.COMPLETED, True), (terms.TERMINATED, True)):
        assert refused(says(verb, ended, REGISTRATION, defined=defined), ended) == "9.3.0.0-5"
    check({**ended, "waits": True}, REGISTRATION, says(terms.COMPLETED, ended, REGISTRATION))


def test_the_same_statement_may_come_again() -> None:
    said = says(terms.TERMINATED, SESSION, REGISTRATION)
    own, digest = key_of_statement(said)
    claim = {"statement": own, "digest": digest, "stored": False}
    verbs = {**SESSION["verbs"], terms.TERMINATED: claim}
    check(session(verbs=verbs), REGISTRATION, {**said, "id": said["id"].upper()})


@pytest.mark.parametrize("verb", terms.AU_VERBS[1:4])
def test_a_verb_comes_once_in_a_session(verb: str) -> None:
    twice = session(verbs={**SESSION["verbs"], verb: {"statement": "x", "stored": True}})
    assert refused(says(verb, twice, REGISTRATION), twice) == "9.3.0.0-2"


def test_of_passed_and_failed_only_one_comes_in_a_session() -> None:
    for first, second in ((terms.PASSED, terms.FAILED), (terms.FAILED, terms.PASSED)):
        judged = session(verbs={**SESSION["verbs"], first: {"statement": "x", "stored": True}})
        assert refused(says(second, judged, REGISTRATION), judged) == "9.3.0.0-3"


@pytest.mark.parametrize(
    ("done", "verb", "requirement"),
    [
        ("completed", terms.COMPLETED, "9.3.0.0-6"),
        ("passed", terms.PASSED, "9.3.0.0-7"),
        ("passed", terms.FAILED, "9.3.0.0-8"),
    ],
)
def test_what_was_done_in_a_registration_is_not_done_again(
    done: str, verb: str, requirement: str
) -> None:
    held = registration(**{done: {"statement": "x", "stored": True}})
    assert refused(says(verb, SESSION, held), SESSION, held) == requirement


def test_an_au_may_be_passed_in_a_session_after_it_was_failed() -> None:
    held = registration(completed={"statement": "x", "stored": True})
    check(SESSION, held, says(terms.PASSED, SESSION, held))


@pytest.mark.parametrize(
    ("mode", "requirement"), [("Browse", "10.2.2.0-2"), ("Review", "10.2.2.0-3")]
)
def test_nothing_is_judged_in_browse_and_review(mode: str, requirement: str) -> None:
    looking = session(launchMode=mode)
    for verb in terms.AU_VERBS[1:4]:
        assert refused(says(verb, looking, REGISTRATION), looking) == requirement
    check(looking, REGISTRATION, says(terms.TERMINATED, looking, REGISTRATION))
    check(looking, REGISTRATION, says(EXPERIENCED, looking, REGISTRATION, defined=False))


def test_a_verb_of_cmi5_without_its_category_is_any_verb() -> None:
    for verb in (terms.INITIALIZED, terms.COMPLETED):
        check(SESSION, REGISTRATION, says(verb, SESSION, REGISTRATION, defined=False))


def test_a_mastery_score_of_nought_is_one() -> None:
    easy = session(masteryScore=0)
    result = {**RESULTS[terms.FAILED], "score": {"scaled": 0}}
    failed = says(terms.FAILED, easy, REGISTRATION, result=result)
    assert refused(failed, easy) == "9.3.5.0-2"
    bare = says(terms.PASSED, easy, REGISTRATION)
    del bare["context"]["extensions"][terms.MASTERY_SCORE]
    assert refused(bare, easy) == "9.6.3.2-2"


def test_without_a_mastery_score_any_score_goes_with_any_verb() -> None:
    free = {name: value for name, value in SESSION.items() if name != "masteryScore"}
    score = {"raw": 1, "min": 0, "max": 10, "scaled": 0.1}
    result = {**RESULTS[terms.PASSED], "score": score}
    check(free, REGISTRATION, says(terms.PASSED, free, REGISTRATION, result=result))


@given(st.sampled_from(terms.AU_VERBS[1:]), st.floats(0, 1), st.floats(0, 1))
def test_score_and_mastery_score_decide_between_passed_and_failed(
    verb: str, scaled: float, mastery: float
) -> None:
    judged = session(masteryScore=mastery)
    result = {**RESULTS[verb]}
    if verb in (terms.PASSED, terms.FAILED):
        result["score"] = {"scaled": scaled}
    statement = says(verb, judged, REGISTRATION, result=result)
    fits = {terms.PASSED: scaled >= mastery, terms.FAILED: scaled < mastery}.get(verb, True)
    if fits:
        check(judged, REGISTRATION, statement)
    else:
        assert refused(statement, judged) in ("9.3.4.0-2", "9.3.5.0-2")


@pytest.mark.parametrize(
    "additions",
    [
        {"extensions": {terms.SESSION_ID: "mine"}},
        {"registration": "mine"},
        {"contextActivities": {"category": [CMI5]}},
        {"contextActivities": []},
    ],
)
def test_additions_to_the_template_may_not_take_the_place_of_what_the_lms_says(
    additions: JsonObject,
) -> None:
    with pytest.raises(BadRequest):
        context_template("s", AU, additions)


def test_launch_data_has_what_the_launch_has_and_nothing_else() -> None:
    bare = {"contextTemplate": {}, "launchMode": "Normal", "moveOn": "Passed", "fetch": "secret"}
    assert launch_data(bare).keys() == {"contextTemplate", "launchMode", "moveOn"}
    assert launch_data({**bare, "masteryScore": 0, "returnURL": "u"})["masteryScore"] == 0


@pytest.mark.parametrize("languages", ["en-US", "en-US,fr-FR,fr-BE", "de", "zh-Hant-TW,x-private"])
def test_good_preferences_are_taken(languages: str) -> None:
    check_preferences({"languagePreference": languages, "audioPreference": "off"})


@pytest.mark.parametrize(
    ("document", "requirement"),
    [
        ("text", "11.0.0.0-5"),
        ([], "11.0.0.0-5"),
        ({"languagePreference": "en"}, "11.0.0.0-5"),
        ({"audioPreference": "on"}, "11.0.0.0-5"),
        ({"languagePreference": "en", "audioPreference": True}, "11.0.0.0-5"),
        ({"languagePreference": "en", "audioPreference": "loud"}, "11.0.0.0-5"),
        ({"languagePreference": "not comma separated", "audioPreference": "on"}, "11.1.0.0-1"),
        ({"languagePreference": "", "audioPreference": "on"}, "11.1.0.0-1"),
        ({"languagePreference": "en,", "audioPreference": "on"}, "11.1.0.0-1"),
    ],
)
def test_bad_preferences_are_refused(document: Any, requirement: str) -> None:
    with pytest.raises(Violation) as violation:
        check_preferences(document)
    assert violation.value.requirement == requirement
