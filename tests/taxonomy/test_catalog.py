"""The catalog against the table that it was made from, its schemas and its examples."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs.taxonomy.envelope import Envelope, read_envelope
from lrs.taxonomy.events import STAGES, Event, load_catalog, own_tables, schema_of
from lrs.taxonomy.mapping import Mapper
from lrs.taxonomy.roles import meaning_of
from lrs.taxonomy.values import Kind
from lrs.xapi.validation import validate
from lrs.xapi.version import VERSIONS

ROOT = Path(__file__).parents[2]
BASE = "https://academy.example.org"
MAPPER = Mapper(load_catalog(BASE))
EVENTS = MAPPER.catalog.events
NOW = 1_796_000_000_000_000

# event | properties | volume | verb | object
GOLDEN = (Path(__file__).parent / "golden.txt").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.split("|")] for line in GOLDEN.strip().splitlines()]
STARTERS = [
    "user.signed_up", "enrollment.created", "lesson.completed", "assessment.submitted", "course.completed",
    "certificate.earned", "subscription.created", "course.reviewed", "referral.link_shared",
]  # fmt: skip


def example(name: str) -> Any:
    return json.loads((ROOT / "statement_examples" / "events" / f"{name}.json").read_bytes())


def mapped(name: str, properties: dict[str, Any], **envelope: Any) -> Any:
    event = EVENTS[name]
    sent = Envelope("track", name, properties, **{"user_id": "u1", "message_id": "m1", **envelope})
    return MAPPER.statement_of(event, sent, source="key")


def test_the_taxonomy_has_its_47_events_and_nothing_else() -> None:
    assert len(ROWS) == 47
    assert [name for name, one in EVENTS.items() if one.stage in STAGES] == [row[0] for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_event_has_the_properties_the_volume_and_the_verb_of_the_table(row: list[str]) -> None:
    name, properties, volume, verb, target = row
    table = own_tables()[name]
    required = list(table["properties"])[: properties.count(",") + 1]
    assert ", ".join(required) == properties
    assert all(
        table["properties"][more].get("optional")
        for more in list(table["properties"])[len(required) :]
    )
    assert (table["volume"], table["verb"]) == (volume, verb)
    assert table["object"].get("id", "agent") == target


def test_the_nine_events_to_track_first_are_marked() -> None:
    assert sorted(name for name, one in EVENTS.items() if one.table.get("starter")) == sorted(
        STARTERS
    )


@pytest.mark.parametrize("name", EVENTS)
def test_the_published_schema_of_an_event_is_that_of_its_table(name: str) -> None:
    kept = json.loads((ROOT / "schemas" / "events" / f"{name}.json").read_bytes())
    assert kept == schema_of(name, own_tables()[name])


def test_there_is_a_schema_and_an_example_for_each_event_and_for_nothing_else() -> None:
    for folder in ("schemas/events", "statement_examples/events"):
        assert {path.stem for path in (ROOT / folder).iterdir()} == EVENTS.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_the_example_of_an_event_maps_to_its_statement_and_back(name: str) -> None:
    pair = example(name)
    envelope, found = read_envelope(pair["event"], now=NOW)
    event = EVENTS[envelope.event]
    assert found + MAPPER.check(event, envelope) == []
    statement = MAPPER.statement_of(event, envelope, source="key")
    assert statement == pair["statement"]
    tracked = MAPPER.tracked(statement)
    assert tracked is not None
    assert (tracked.event, tracked.properties) == (name, pair["event"]["properties"])


@pytest.mark.parametrize("name", EVENTS)
def test_the_example_of_an_event_counts_as_its_table_says(name: str) -> None:
    meaning = meaning_of(example(name)["statement"])
    table = own_tables()[name]
    assert (meaning.event, meaning.source) == (name, "taxonomy")
    assert meaning.roles >= set(table.get("roles", ()))
    if "funnel" in table and not table.get("when"):
        assert meaning.funnel == table["funnel"]


@pytest.mark.parametrize("name", EVENTS)
def test_no_mapped_event_claims_the_cmi5_category_or_a_score_that_is_none(name: str) -> None:
    statement = example(name)["statement"]
    assert "cmi5/context/categories" not in json.dumps(statement)
    is_scored = any(one.to == "score" for one in EVENTS[name].properties)
    assert ("score" in statement.get("result", {})) == is_scored


_text = st.text(st.characters(codec="utf-8", exclude_characters="@\0"), max_size=30)


def _within(kind: Kind) -> st.SearchStrategy[Any]:
    low = kind.minimum if kind.minimum is not None else 0
    high = kind.maximum if kind.maximum is not None else 10**7
    whole = st.integers(int(low) + (kind.above is not None), int(high))
    if kind.type == "integer":
        return whole
    return whole | st.floats(low, high, allow_nan=False, exclude_min=kind.above is not None)


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Return values that a property may have."""
    if kind.values is not None:
        found: st.SearchStrategy[Any] = st.sampled_from(sorted(kind.values))
    elif kind.type == "id":
        found = _text.filter(str.strip) | st.integers(-5, 10**12) | st.just("a/b c%20é?#")
    elif kind.type in ("integer", "number"):
        found = _within(kind)
    elif kind.type == "boolean":
        found = st.booleans()
    elif kind.type == "words":
        found = st.lists(_text, max_size=4)
    elif kind.type == "time":
        found = st.just("2027-01-31T00:00:00+13:00")
    elif kind.type == "segments":
        found = st.sampled_from(["", "0[.]1", "0[.]42.608[,]43.168[.]124.692"])
    else:
        found = _text
    return st.none() | found if kind.null else found


@st.composite
def sent_events(draw: st.DrawFn) -> Envelope:
    event: Event = EVENTS[draw(st.sampled_from(sorted(EVENTS)))]
    properties = {
        one.name: draw(values(one.kind))
        for one in event.properties
        if not one.optional or draw(st.booleans())
    }
    names = st.none() | _text.filter(bool)
    return Envelope(
        "track",
        event.name,
        properties,
        user_id=draw(_text.filter(bool)),
        message_id=draw(names),
        session_id=draw(names),
        org=draw(names),
        team=draw(names),
        platform=draw(names),
        source=draw(names),
        locale=draw(st.sampled_from([None, "en-NZ"])),
        device=draw(st.sampled_from([None, "mobile"])),
        timestamp=draw(st.none() | st.datetimes().map(lambda one: one.isoformat() + "Z")),
    )


@settings(max_examples=600, deadline=None)
@given(envelope=sent_events())
def test_every_event_comes_back_exactly_and_is_valid_in_every_version(envelope: Envelope) -> None:
    event = EVENTS[envelope.event]
    if any(one.refuses for one in MAPPER.check(event, envelope)):
        # Random text may look like a telephone number, and random numbers may break a rule between two.
        return
    statement = MAPPER.statement_of(event, envelope, source="key")
    for version in VERSIONS:
        validate(statement, version)
    kept = json.loads(json.dumps(statement))
    tracked = MAPPER.tracked(kept)
    assert tracked is not None
    assert tracked.event == envelope.event
    assert json.dumps(tracked.properties) == json.dumps(envelope.properties)
    assert meaning_of(kept).event == envelope.event


@settings(max_examples=300, deadline=None)
@given(envelope=sent_events(), data=st.data())
def test_the_schema_of_an_event_and_its_check_refuse_the_same(
    envelope: Envelope, data: Any
) -> None:
    event = EVENTS[envelope.event]
    name = data.draw(st.sampled_from([one.name for one in event.properties]))
    wrong = st.sampled_from([None, True, -1, 0.5, 10**9, "", "x", [], {}, ["x"]])
    properties = {**envelope.properties, name: data.draw(wrong)}
    schema = schema_of(event.name, event.table)
    # Rules between properties are beyond JSON Schema.
    plain = replace(event, rules=())
    found = [
        one
        for one in MAPPER.check(plain, Envelope("track", event.name, properties, user_id="u"))
        if one.refuses and one.code != "E_PII"
    ]
    kinds = {one.name: one.kind.type for one in event.properties}
    # Beyond JSON Schema: lists of codes, forms of times and segments, ids of 512 bytes rather than signs.
    beyond = ("currency", "content", "time", "segments")
    if any(kinds[one.pointer.rpartition("/")[2]] in beyond for one in found):
        return
    is_valid = jsonschema_rs.is_valid(schema, {"event": event.name, "properties": properties})
    assert is_valid == (not found)


def test_a_video_that_was_not_watched_to_the_end_is_terminated_not_completed() -> None:
    properties = {"video_id": "v", "lesson_id": "l", "watch_pct": 93, "duration_seconds": 60}
    statement = mapped("video.completed", properties)
    assert statement["verb"]["id"].endswith("/terminated")
    assert statement["result"]["completion"] is False
    assert meaning_of(statement).funnel == "view"


def test_a_grade_passes_or_fails_as_it_says() -> None:
    graded = {"assessment_id": "a", "score_pct": 50, "grader_type": "auto"}
    for passed, verb in ((True, "passed"), (False, "failed")):
        statement = mapped("assessment.graded", {**graded, "passed": passed})
        assert statement["verb"]["id"] == f"http://adlnet.gov/expapi/verbs/{verb}"
        assert statement["result"] == {
            "success": passed,
            "score": {"scaled": 0.5, "raw": 50, "min": 0, "max": 100},
        }
        assert meaning_of(statement).score == 0.5


@pytest.mark.parametrize(("minutes", "funnel"), [(48, "completion"), (47, "view")])
def test_who_stayed_for_four_fifths_of_a_class_has_completed_it(minutes: int, funnel: str) -> None:
    left = {"class_id": "k", "duration_attended_minutes": minutes, "total_duration_minutes": 60}
    assert meaning_of(mapped("live_class.left", left)).funnel == funnel


def test_twelve_and_a_half_hours_are_one_canonical_duration() -> None:
    properties = {
        "course_id": "c",
        "course_title": "C",
        "total_duration_hours": 12.5,
        "final_score_pct": None,
    }
    statement = mapped("course.completed", properties)
    assert statement["result"]["duration"] == "PT45000S"
    assert "score" not in statement["result"]


def test_an_instructor_as_object_has_no_platform_beside_it() -> None:
    properties = {"instructor_id": "t1", "rating": 4, "course_id": "c"}
    assert "platform" not in mapped("instructor.rated", properties, platform="Academy")["context"]


def test_staff_and_systems_and_organisations_act_where_no_learner_does() -> None:
    content = {"content_id": "x", "content_type": "lesson", "course_id": "c", "author_id": "ann"}
    assert mapped("content.published", content)["actor"]["account"]["name"] == "ann"
    milestone = {"milestone_type": "audit", "course_id": "c", "compliance_status": "compliant"}
    by_organisation = mapped("accreditation.milestone_reached", milestone, org="acme")["actor"]
    assert by_organisation == {
        "objectType": "Group",
        "account": {"homePage": f"{BASE}/org", "name": "acme"},
    }
    found = mapped(
        "plagiarism.detected",
        {"assignment_id": "a", "similarity_score_pct": 80, "matched_sources": 2},
    )
    assert found["actor"]["account"]["homePage"] == f"{BASE}/system"
    assert found["context"]["extensions"][f"{BASE}/vocab/learner"]["account"]["name"] == "u1"


def test_an_anonymous_visitor_has_an_account_of_its_own_kind() -> None:
    statement = mapped("page.viewed", {"path": "/"}, user_id=None, anonymous_id="v1")
    assert statement["actor"]["account"] == {"homePage": f"{BASE}/anon", "name": "v1"}


def test_the_same_event_without_a_message_id_has_the_same_id_and_another_has_not() -> None:
    def id_of(second: str, lesson: str) -> Any:
        properties = {"lesson_id": lesson, "course_id": "c", "lesson_number": 1}
        moment = f"2026-11-20T10:00:{second}Z"
        return mapped("lesson.started", properties, message_id=None, timestamp=moment)["id"]

    assert id_of("00", "a") == id_of("00.000", "a")
    assert len({id_of("00", "a"), id_of("00", "b"), id_of("01", "a")}) == 3
