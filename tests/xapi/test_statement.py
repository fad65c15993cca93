"""What the LRS adds to a statement, and when two statements are the same. Spec: Data 2.3.1, 2.4 (1.0.3)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from lrs.clock import to_iso
from lrs.xapi import JsonObject
from lrs.xapi.statement import complete, equivalent, is_voiding, target_of, with_times
from tests.build import AUTHORITY, activity, agent, reference, statement, voiding

ID = "12345678-1234-4234-8234-123456789abc"
STORED = "2026-01-31T12:00:00.000001Z"
BEN, CARA = agent("ben"), agent("cara")
ACCOUNT = {"account": {"homePage": "http://lms.example.org", "name": "dan"}}
SHA1 = "a" * 40


def completed(**changes: Any) -> JsonObject:
    return complete(statement(id=ID, **changes), id=ID, authority=AUTHORITY, stamp="1.0.0")


def kept(sent: JsonObject) -> JsonObject:
    """Return the statement as a store keeps it."""
    whole = complete(sent, id=sent.get("id", ID), authority=AUTHORITY, stamp="1.0.0")
    return {"timestamp": STORED, **whole, "stored": STORED}


def test_complete_puts_the_id_first_if_there_was_none() -> None:
    sent = statement()
    del sent["id"]
    assert next(iter(complete(sent, id=ID, authority=AUTHORITY, stamp="1.0.0").items())) == (
        "id",
        ID,
    )


def test_complete_keeps_the_spelling_of_an_id() -> None:
    sent = statement(id=ID.upper())
    done = complete(sent, id=ID.upper(), authority=AUTHORITY, stamp="1.0.0")
    assert done["id"] == ID.upper()


def test_complete_overwrites_the_authority_and_drops_stored() -> None:
    done = completed(authority=BEN, stored="2001-01-01T00:00:00Z")
    assert done["authority"] == AUTHORITY
    assert "stored" not in done


def test_complete_stamps_a_version_only_where_none_came() -> None:
    assert completed()["version"] == "1.0.0"
    assert completed(version="1.0.2")["version"] == "1.0.2"


def test_complete_turns_single_context_activities_into_arrays_inside_too() -> None:
    parent = activity("http://example.org/parent")
    context = {"contextActivities": {"parent": parent, "other": [parent]}}
    inner = {"objectType": "SubStatement", **statement(context=context)}
    done = completed(context=context, object=inner)
    arrays = {"parent": [parent], "other": [parent]}
    assert done["context"]["contextActivities"] == arrays
    assert done["object"]["context"]["contextActivities"] == arrays


def test_complete_changes_nothing_that_it_was_given() -> None:
    context = {"contextActivities": {"parent": activity("http://example.org/parent")}}
    sent = statement(context=context, stored="2001-01-01T00:00:00Z", authority=BEN)
    before = copy.deepcopy(sent)
    complete(sent, id=ID, authority=AUTHORITY, stamp="1.0.0")
    assert sent == before


def test_complete_leaves_all_else_as_it_came() -> None:
    sent = statement(
        id=ID,
        actor={"mbox": "mailto:Anna@Example.ORG"},
        result={"extensions": {"http://example.org/x": None}, "duration": "PT60S"},
        timestamp="2026-01-31T13:00:00+01",
    )
    done = complete(sent, id=ID, authority=AUTHORITY, stamp="1.0.0")
    assert {name: done[name] for name in sent} == sent


@pytest.mark.parametrize("timestamp_too", [True, False])
def test_with_times_puts_the_moment_at_the_end(timestamp_too: bool) -> None:
    text = with_times(b'{"id":"x"}', 1_769_860_800_000_001, timestamp_too=timestamp_too)
    moment = to_iso(1_769_860_800_000_001)
    assert moment == STORED
    times = {"timestamp": moment} if timestamp_too else {}
    assert json.loads(text) == {"id": "x", **times, "stored": moment}


def test_only_a_reference_as_object_is_a_target() -> None:
    assert target_of(statement(object=reference(ID.upper()))) == ID
    assert target_of(statement(context={"statement": reference(ID)})) is None
    assert target_of(statement(object=BEN)) is None


def test_only_the_verb_makes_a_voiding_statement() -> None:
    assert is_voiding(voiding(ID))
    assert not is_voiding(statement(object=reference(ID)))


def sub(**changes: Any) -> JsonObject:
    inner = {name: part for name, part in statement(**changes).items() if name != "id"}
    return {"objectType": "SubStatement", **inner}


def extension(value: Any) -> JsonObject:
    return {"result": {"extensions": {"http://example.org/x": value}}}


def group(*members: JsonObject) -> JsonObject:
    return {"actor": {"objectType": "Group", "member": list(members)}}


def attachment(**changes: Any) -> JsonObject:
    described = {
        "usageType": "http://example.org/usage",
        "display": {"en": "A"},
        "contentType": "text/plain",
        "length": 1,
        "sha2": "a" * 64,
    }
    return {"attachments": [{**described, **changes}]}


def agents_2_0(*members: JsonObject) -> JsonObject:
    held = {"objectType": "Group", "member": list(members)}
    return {"context": {"contextGroups": [{"objectType": "contextGroup", "group": held}]}}


def context_activities(held: Any) -> JsonObject:
    return {"context": {"contextActivities": {"parent": held}}}


A, B = activity("http://example.org/a"), activity("http://example.org/b")

MAY_DIFFER: dict[str, tuple[JsonObject, JsonObject]] = {
    "id case": ({"id": ID}, {"id": ID.upper()}),
    "authority": ({}, {"authority": BEN}),
    "stored": ({}, {"stored": "2001-01-01T00:00:00Z"}),
    "version": ({"version": "1.0.0"}, {"version": "1.0.3"}),
    "timestamp set by the LRS": ({}, {"timestamp": "2001-01-01T00:00:00Z"}),
    "timestamp left out": ({"timestamp": "2001-01-01T00:00:00Z"}, {}),
    "timestamp zone": (
        {"timestamp": "2026-01-31T13:00:00+01:00"},
        {"timestamp": "2026-01-31T12:00:00.000Z"},
    ),
    "verb display": (
        {"verb": {"id": "http://example.org/v", "display": {"en": "did"}}},
        {"verb": {"id": "http://example.org/v"}},
    ),
    "definition": (
        {"object": activity("http://example.org/a", name={"en": "A"})},
        {"object": activity("http://example.org/a", description={"en": "B"})},
    ),
    "object type of an activity": ({"object": A}, {"object": {"id": A["id"]}}),
    "definition in context": (
        context_activities([activity("http://example.org/a", name={"en": "A"})]),
        context_activities([A]),
    ),
    "single context activity": (context_activities(A), context_activities([A])),
    "object type of an agent": (
        {"actor": {"mbox": "mailto:anna@example.org"}},
        {"actor": {"objectType": "Agent", "mbox": "mailto:anna@example.org"}},
    ),
    "mbox domain": (
        {"actor": {"mbox": "mailto:anna@EXAMPLE.org"}},
        {"actor": {"mbox": "mailto:anna@example.ORG"}},
    ),
    "mbox_sha1sum case": (
        {"actor": {"mbox_sha1sum": SHA1}},
        {"actor": {"mbox_sha1sum": SHA1.upper()}},
    ),
    "member order": (group(BEN, CARA, ACCOUNT), group(ACCOUNT, CARA, BEN)),
    "member order, one twice": (
        group({**BEN, "name": "1"}, {**BEN, "name": "2"}),
        group({**BEN, "name": "2"}, {**BEN, "name": "1"}),
    ),
    "member order in team": (
        {"context": {"team": group(BEN, CARA)["actor"]}},
        {"context": {"team": group(CARA, BEN)["actor"]}},
    ),
    "member order in contextGroups": (agents_2_0(BEN, CARA), agents_2_0(CARA, BEN)),
    "agent in contextAgents": (
        {"context": {"contextAgents": [{"agent": {"mbox": "mailto:a@EXAMPLE.org"}}]}},
        {"context": {"contextAgents": [{"agent": agent("a")}]}},
    ),
    "member order of an object": (
        {"object": group(BEN, CARA)["actor"]},
        {"object": group(CARA, BEN)["actor"]},
    ),
    "registration case": (
        {"context": {"registration": ID}},
        {"context": {"registration": ID.upper()}},
    ),
    "reference case": ({"object": reference(ID)}, {"object": reference(ID.upper())}),
    "reference case in context": (
        {"context": {"statement": reference(ID)}},
        {"context": {"statement": reference(ID.upper())}},
    ),
    "digest case": (attachment(), attachment(sha2="A" * 64)),
    "key order": (
        {"actor": {"account": {"homePage": "http://example.org", "name": "a"}}},
        {"actor": {"account": {"name": "a", "homePage": "http://example.org"}}},
    ),
    "1 and 1.0": (extension(1), extension(1.0)),
    "0 and -0.0": (extension(0), extension(-0.0)),
    "1e20 and its digits": (extension(1e20), extension(10**20)),
    "whole numbers deep inside": (extension([{"a": 2.0}]), extension([{"a": 2}])),
    "duration below 0.01 s": (
        {"result": {"duration": "PT1.234S"}},
        {"result": {"duration": "PT1.239S"}},
    ),
    "duration, closing zeros": (
        {"result": {"duration": "PT1.50S"}},
        {"result": {"duration": "PT1.5S"}},
    ),
    "sub-statement": (
        {"object": sub(timestamp="2026-01-31T13:00:00+01:00", verb={"id": "http://example.org/v"})},
        {
            "object": sub(
                timestamp="2026-01-31T12:00:00Z",
                verb={"id": "http://example.org/v", "display": {"en": "did"}},
            )
        },
    ),
}

MUST_NOT_DIFFER: dict[str, tuple[JsonObject, JsonObject]] = {
    "actor": ({}, {"actor": BEN}),
    "actor name": ({}, {"actor": {**agent("anna"), "name": "Anna"}}),
    "mbox local part": ({"actor": agent("anna")}, {"actor": agent("Anna")}),
    "account name case": (
        {"actor": ACCOUNT},
        {"actor": {"account": {"homePage": "http://lms.example.org", "name": "DAN"}}},
    ),
    "agent and group": (
        {"actor": BEN},
        {"actor": {**BEN, "objectType": "Group"}},
    ),
    "members": (group(BEN), group(BEN, CARA)),
    "verb": ({}, {"verb": {"id": "http://example.org/other"}}),
    "verb case": (
        {"verb": {"id": "http://example.org/a"}},
        {"verb": {"id": "http://example.org/A"}},
    ),
    "object": ({"object": A}, {"object": B}),
    "object kind": ({"object": A}, {"object": BEN}),
    "reference": ({"object": reference(ID)}, {"object": reference(ID[::-1])}),
    "result": ({}, {"result": {"success": True}}),
    "score": ({"result": {"score": {"raw": 1}}}, {"result": {"score": {"raw": 1.01}}}),
    "response spaces": ({"result": {"response": "a"}}, {"result": {"response": "a "}}),
    "true and 1": (extension(True), extension(1)),
    "false and 0": (extension(False), extension(0)),
    "false and null": (extension(False), extension(None)),
    "1 and '1'": (extension(1), extension("1")),
    "order of an array": (extension([1, 2]), extension([2, 1])),
    "duration by 0.01 s": (
        {"result": {"duration": "PT1.23S"}},
        {"result": {"duration": "PT1.24S"}},
    ),
    "duration unit": ({"result": {"duration": "PT60S"}}, {"result": {"duration": "PT1M"}}),
    "context": ({}, {"context": {"platform": "x"}}),
    "order of context activities": (context_activities([A, B]), context_activities([B, A])),
    "context activity": (context_activities([A]), context_activities([B])),
    "timestamp": (
        {"timestamp": "2026-01-31T12:00:00Z"},
        {"timestamp": "2026-01-31T12:00:00.001Z"},
    ),
    "timestamp of a sub-statement": (
        {"object": sub(timestamp="2026-01-31T12:00:00Z")},
        {"object": sub()},
    ),
    "attachment": ({}, attachment()),
    "attachment length": (attachment(), attachment(length=2)),
}


@pytest.mark.parametrize("what", MAY_DIFFER)
@pytest.mark.parametrize("turned", [False, True])
def test_statements_are_the_same_although_this_differs(what: str, turned: bool) -> None:
    left, right = (statement(**{"id": ID, **changes}) for changes in MAY_DIFFER[what])
    if turned:
        left, right = right, left
    assert equivalent(kept(left), complete(right, id=ID, authority=AUTHORITY, stamp="1.0.0"))


@pytest.mark.parametrize("what", MUST_NOT_DIFFER)
@pytest.mark.parametrize("turned", [False, True])
def test_statements_are_not_the_same_if_this_differs(what: str, turned: bool) -> None:
    left, right = (statement(**{"id": ID, **changes}) for changes in MUST_NOT_DIFFER[what])
    if turned:
        left, right = right, left
    assert not equivalent(kept(left), complete(right, id=ID, authority=AUTHORITY, stamp="1.0.0"))
