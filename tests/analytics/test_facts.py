from __future__ import annotations

import json
from datetime import UTC
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs.analytics.facts.details import milliseconds
from lrs.analytics.facts.digests import digest
from lrs.analytics.facts.fact import COLUMNS, facts_of
from lrs.analytics.facts.times import moment_of
from lrs.analytics.facts.video import played_segments
from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.entry import Entry
from lrs.xapi.terms import parse_timestamp
from lrs.xapi.version import V1_0_3, V2_0
from tests.analytics.places import COURSE, told
from tests.build import AUTHORITY, agent, new_id, voiding
from tests.generate import statements, timestamps

STORED = 1_780_000_000_000_000


def entry(statement: JsonObject, sequence: int = STORED, *, voided: bool = False) -> Entry:
    kept = {
        "id": new_id(),
        "timestamp": "2026-05-04T03:02:01Z",
        **statement,
        "authority": AUTHORITY,
    }
    return Entry(sequence, kept["id"].lower(), json.dumps(kept).encode(), voided)


@settings(deadline=None)
@given(timestamps[V1_0_3] | timestamps[V2_0])
def test_a_moment_is_the_same_to_both_readers(timestamp: str) -> None:
    try:
        expected = parse_timestamp(timestamp) // 1000
    except BadRequest:
        return
    assert moment_of(timestamp) == expected


def fact(statement: JsonObject, zone: str = "UTC") -> dict[str, object]:
    facts = facts_of([entry(statement)], ZoneInfo(zone))
    return dict(zip(COLUMNS, facts.rows[0], strict=True))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(statements(V2_0), min_size=2, max_size=3), st.integers(0, 3))
def test_facts_do_not_depend_on_the_batch(sent: list[JsonObject], cut: int) -> None:
    entries = [entry(statement, STORED + index) for index, statement in enumerate(sent)]

    whole = facts_of(entries, UTC)
    parts = [facts_of(entries[:cut], UTC), facts_of(entries[cut:], UTC)]

    assert [*parts[0].rows, *parts[1].rows] == list(whole.rows)
    assert [*parts[0].voids, *parts[1].voids] == list(whole.voids)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(statements(V2_0))
def test_every_statement_has_facts_of_the_right_kinds(sent: JsonObject) -> None:
    kinds = {"text": str, "int": int, "long": int}
    for row in facts_of([entry(sent)], UTC).rows:
        for (name, kind), value in zip(COLUMNS.items(), row, strict=True):
            assert value is None or type(value) is kinds[kind], name
            if isinstance(value, int):
                bits = 31 if kind == "int" else 63
                assert -(2**bits) <= value < 2**bits, name


def test_the_offset_of_a_timestamp_is_the_learners_time() -> None:
    found = fact({**told(1, "completed"), "timestamp": "2026-03-01T23:30:00-05:00"})

    assert (found["hour"], found["weekday"]) == (23, 7)


def test_a_timestamp_in_utc_is_read_in_the_zone_that_is_set() -> None:
    found = fact({**told(1, "completed"), "timestamp": "2026-03-01T23:30:00Z"}, "Europe/Zurich")

    assert (found["hour"], found["weekday"], found["month"]) == (0, 1, "2026-03")


def test_a_negative_scaled_score_of_an_unknown_scale_is_unusable() -> None:
    found = fact(told(1, "passed", result={"score": {"scaled": -0.5}}))

    assert (found["score"], found["score_basis"]) == (None, "unusable")


def test_a_raw_score_comes_before_a_scaled_one() -> None:
    score = {"scaled": 0.0, "raw": 50, "min": 0, "max": 100}

    assert fact(told(1, "passed", result={"score": score}))["score"] == 5000


def test_durations_are_milliseconds() -> None:
    assert milliseconds("PT1H0.5S") == 3_600_500
    assert milliseconds("P1W") == 604_800_000
    assert milliseconds("P200Y") is None


def test_what_people_write_is_left_out() -> None:
    question = told(1, "answered", "http://example.org/q", result={"response": "my own words"})
    question["object"]["definition"] |= {"interactionType": "fill-in"}

    assert fact(question)["response"] == ""


def test_only_the_class_of_a_device_is_kept() -> None:
    found = fact(told(1, "completed", context={"platform": "Mozilla/5.0 (iPhone; CPU 17_5)"}))

    assert found["device"] == "mobile"
    assert not any("iPhone" in str(value) for value in found.values())


def test_a_module_is_the_part_right_below_the_course() -> None:
    parent = {"contextActivities": {"parent": [{"id": "http://example.org/module-1"}]}}

    found = fact(told(1, "completed", "http://example.org/quiz", kind="quiz", context=parent))

    assert (found["course_id"], found["module_id"]) == (COURSE, "http://example.org/module-1")


def test_voided_and_voiding_statements_have_no_facts() -> None:
    target = told(1, "completed")

    facts = facts_of([entry(target, voided=True), entry(voiding(target["id"].upper()))], UTC)

    assert (facts.rows, facts.voids) == ([], [target["id"]])


def test_segments_are_merged_and_the_broken_left_out() -> None:
    broken = "0[.]10[,]5[.]12.5[,]30[.]20[,]40[,]x[.]1[,]50[.]99"

    assert played_segments(broken, 60_000) == [(0, 12_500), (50_000, 60_000)]
    assert played_segments("", None) == []


def test_who_is_rated_is_known_of_ratings_of_persons_alone() -> None:
    rating = {"extensions": {"http://example.org/rating": 4}}
    teacher = {"objectType": "Agent", **agent("teacher")}
    course = fact(told(1, "rated", result=rating))
    person = fact({**told(1, "rated", result=rating), "object": teacher})
    asked = fact({**told(1, "asked"), "object": teacher})

    assert (course["rating"], course["rated"], course["rated_id"]) == (7500, 0, "")
    assert (person["rating"], person["rated_id"]) == (7500, "mbox|mailto:teacher@example.org")
    assert person["rated"] == digest("agent", "mbox|mailto:teacher@example.org")
    assert (asked["rated"], asked["rated_id"]) == (0, "")
