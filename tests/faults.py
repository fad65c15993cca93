"""Faults: each makes exactly one thing wrong in a statement that is right, and names the code that must refuse it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lrs.xapi import JsonObject
from lrs.xapi.version import V1_0_3, V2_0, VERSIONS, Version
from tests.build import VOIDED, activity, agent, reference

Spoil = Callable[[Any], None]
Put = Callable[[JsonObject, JsonObject], None]
"""Puts a value into a statement or SubStatement, where nothing else becomes wrong by it."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: `spoil` changes what stands at a place of the kind `place`."""

    name: str
    code: str
    place: str
    spoil: Spoil
    versions: tuple[Version, ...] = VERSIONS


def set_object(part: JsonObject, value: JsonObject) -> None:
    """Put an object into a part, and take out what would not go with it."""
    part["object"] = value
    if value.get("objectType", "Activity") != "Activity":
        for name in ("revision", "platform"):
            part.get("context", {}).pop(name, None)
    if part["verb"]["id"] == VOIDED and value.get("objectType") != "StatementRef":
        part["verb"] = {"id": "http://example.org/did"}


def set_context(name: str) -> Put:
    return lambda part, value: part.setdefault("context", {}).update({name: value})


def set_context_activity(part: JsonObject, value: JsonObject) -> None:
    context = part.setdefault("context", {})
    context.setdefault("contextActivities", {})["grouping"] = [
        activity("http://example.org"),
        value,
    ]


def group_of(*members: JsonObject) -> JsonObject:
    return {"objectType": "Group", "member": list(members)}


PLACES: dict[str, dict[str, tuple[JsonObject, Put]]] = {
    "part": {"itself": ({}, lambda part, value: None)},
    "agent": {
        "actor": (agent("anna"), lambda part, value: part.update(actor=value)),
        "object": (agent("anna"), set_object),
        "instructor": (agent("anna"), set_context("instructor")),
        "member": (
            agent("anna"),
            lambda part, value: set_context("team")(part, group_of(agent("ben"), value)),
        ),
    },
    "group": {
        "actor": (group_of(agent("anna")), lambda part, value: part.update(actor=value)),
        "object": (group_of(agent("anna")), set_object),
        "team": (group_of(agent("anna")), set_context("team")),
    },
    "activity": {
        "object": (activity("http://example.org/a"), set_object),
        "grouping": (activity("http://example.org/a"), set_context_activity),
    },
    "attachment": {
        "attachments": (
            {
                "usageType": "http://example.org/usage",
                "display": {"en": "text"},
                "contentType": "text/plain",
                "length": 4,
                "sha2": "0" * 64,
                "fileUrl": "http://example.org/file",
            },
            lambda part, value: part.setdefault("attachments", []).append(value),
        )
    },
    "contextAgent": {
        "contextAgents": (
            {"objectType": "contextAgent", "agent": agent("anna")},
            lambda part, value: set_context("contextAgents")(part, [value]),
        )
    },
    "contextGroup": {
        "contextGroups": (
            {"objectType": "contextGroup", "group": group_of(agent("anna"))},
            lambda part, value: set_context("contextGroups")(part, [value]),
        )
    },
}


def give(**changes: Any) -> Spoil:
    return lambda held: held.update(changes)


def drop(name: str) -> Spoil:
    return lambda held: held.pop(name)


def in_result(**changes: Any) -> Spoil:
    return lambda part: part.setdefault("result", {}).update(changes)


def in_context(**changes: Any) -> Spoil:
    return lambda part: part.setdefault("context", {}).update(changes)


def define(**definition: Any) -> Spoil:
    return give(definition=definition)


def interaction(kind: str, **lists: Any) -> Spoil:
    return define(interactionType=kind, **lists)


def object_with_context(value: JsonObject, **context: Any) -> Spoil:
    def spoil(part: JsonObject) -> None:
        set_object(part, value)
        in_context(**context)(part)

    return spoil


def set_(place: str, value: Any) -> Spoil:
    """Replace the object by a faulty one."""
    return lambda part: (
        set_object(part, value) if place == "object" else part.update({place: value})
    )


SOME_ID = "6690e6c9-3ef0-4ed3-8b37-7f3964730bee"
TWICE = [{"id": "a"}, {"id": "b"}, {"id": "a"}]

FAULTS = [
    Fault("no actor", "missing-property", "part", drop("actor")),
    Fault("no verb", "missing-property", "part", drop("verb")),
    Fault("no object", "missing-property", "part", drop("object")),
    Fault("unknown property", "unknown-property", "part", give(foo=1)),
    Fault("verb without id", "missing-property", "part", give(verb={"display": {"en": "did"}})),
    Fault("verb id relative", "iri", "part", give(verb={"id": "did"})),
    Fault("verb id with space", "iri", "part", give(verb={"id": "http://example.org/a b"})),
    Fault("verb display in no language", "language-tag", "part",
          give(verb={"id": "http://example.org/did", "display": {"en_US": "did"}})),
    Fault("verb display a string", "wrong-type", "part",
          give(verb={"id": "http://example.org/did", "display": "did"})),
    Fault("actor a list", "wrong-type", "part", give(actor=[agent("anna")])),
    Fault("actor of another type", "object-type", "part", give(actor={**agent("anna"), "objectType": "Person"})),
    Fault("object of another type", "object-type", "part",
          set_("object", {"objectType": "GroupActivity", "id": "http://example.org"})),
    Fault("object type in lower case", "object-type", "part",
          set_("object", {"objectType": "activity", "id": "http://example.org"})),
    Fault("reference without id", "missing-property", "part", set_("object", {"objectType": "StatementRef"})),
    Fault("reference to no UUID", "uuid", "part", set_("object", reference(SOME_ID[:-1]))),
    Fault("timestamp a day", "timestamp", "part", give(timestamp="2026-01-31")),
    Fault("timestamp not in the calendar", "timestamp", "part", give(timestamp="2025-02-29T12:00:00Z")),
    Fault("timestamp beyond hour 24", "timestamp", "part", give(timestamp="2026-01-31T24:00:01Z")),
    *(
        Fault(f"timestamp {name}", "timestamp-rfc-3339", "part", give(timestamp=text), (V2_0,))
        for name, text in (
            ("basic", "20260131T120000Z"),
            ("of hours", "2026-01-31T12Z"),
            ("of minutes", "2026-01-31T12:00Z"),
            ("without zone", "2026-01-31T12:00:00"),
            ("with a comma", "2026-01-31T12:00:00,5Z"),
            ("at hour 24", "2026-01-31T24:00:00Z"),
            ("with a zone of hours", "2026-01-31T12:00:00+05"),
            ("with a zone without colon", "2026-01-31T12:00:00+0500"),
        )
    ),
    Fault("timestamp of minus nought", "timestamp", "part", give(timestamp="2026-01-31T12:00:00-00:00")),
    Fault("timestamp a number", "wrong-type", "part", give(timestamp=1769860800)),
    Fault("duration without parts", "duration", "part", in_result(duration="PT")),
    Fault("duration of weeks and days", "duration", "part", in_result(duration="P1W2D")),
    Fault("duration with an early fraction", "duration", "part", in_result(duration="PT1.5H3M")),
    Fault("duration with a line feed", "duration", "part", in_result(duration="PT1S\n")),
    Fault("success a string", "wrong-type", "part", in_result(success="true")),
    Fault("score a number", "wrong-type", "part", in_result(score=1)),
    Fault("score scaled above 1", "score-scaled", "part", in_result(score={"scaled": 1.01})),
    Fault("score min above max", "score-range", "part", in_result(score={"min": 2, "max": 1})),
    Fault("score raw above max", "score-raw", "part", in_result(score={"raw": 2, "max": 1})),
    Fault("score raw below min", "score-raw", "part", in_result(score={"raw": 0, "min": 0.5, "max": 1})),
    Fault("extension key no IRI", "iri", "part", in_result(extensions={"key": 1})),
    Fault("extensions a list", "wrong-type", "part", in_context(extensions=[])),
    Fault("registration no UUID", "uuid", "part", in_context(registration=SOME_ID.replace("-", ""))),
    Fault("team an agent", "object-type", "part", in_context(team=agent("anna"))),
    Fault("context language unknown", "language-tag", "part", in_context(language="en_US")),
    Fault("context statement an activity", "object-type", "part",
          in_context(statement={"objectType": "Activity", "id": SOME_ID})),
    Fault("unknown context activities", "unknown-property", "part", in_context(contextActivities={"child": []})),
    Fault("revision about an agent", "context-revision", "part", object_with_context(agent("anna"), revision="1")),
    Fault("platform about a reference", "context-platform", "part",
          object_with_context(reference(SOME_ID), platform="x")),
    Fault("contextAgents in 1.0.3", "unknown-property", "part", in_context(contextAgents=[]), (V1_0_3,)),
    Fault("id no UUID", "uuid", "statement", give(id="1")),
    Fault("version of the future", "statement-version", "statement", give(version="3.0.0")),
    Fault("version of the past", "statement-version", "statement", give(version="0.95")),
    Fault("version 2 under 1.0.3", "statement-version", "statement", give(version="2.0.0"), (V1_0_3,)),
    Fault("stored no time", "timestamp", "statement", give(stored="now")),
    Fault("authority of three", "authority-members", "statement",
          give(authority=group_of(*map(agent, "abc")))),
    Fault("authority an identified group", "authority-group", "statement",
          give(authority={**group_of(agent("a"), agent("b")), "mbox": "mailto:c@example.org"})),
    Fault("voiding an activity", "voiding-object", "statement",
          give(verb={"id": VOIDED}, object=activity("http://example.org"))),
    Fault("SubStatement in a SubStatement", "object-type", "statement",
          set_("object", {
              "objectType": "SubStatement", "actor": agent("anna"), "verb": {"id": "http://example.org/did"},
              "object": {"objectType": "SubStatement"},
          })),
    Fault("SubStatement with an id", "unknown-property", "statement",
          set_("object", {
              "objectType": "SubStatement", "id": SOME_ID, "actor": agent("anna"),
              "verb": {"id": "http://example.org/did"}, "object": activity("http://example.org"),
          })),
    Fault("agent without identifier", "agent-ifi", "agent", drop("mbox")),
    Fault("agent with two identifiers", "agent-ifi", "agent", give(openid="http://example.org/anna")),
    Fault("agent with members", "unknown-property", "agent", give(member=[])),
    Fault("mbox without mailto", "mbox", "agent", give(mbox="anna@example.org")),
    Fault("mbox of two addresses", "mbox", "agent", give(mbox="mailto:a@example.org,b@example.org")),
    Fault("agent name a number", "wrong-type", "agent", give(name=4711)),
    Fault("group of both identifiers", "agent-ifi", "group",
          give(mbox="mailto:a@example.org", openid="http://example.org/a")),
    Fault("group without anything", "missing-property", "group", drop("member")),
    Fault("group in a group", "object-type", "group", give(member=[group_of(agent("anna"))])),
    Fault("member without identifier", "agent-ifi", "group", give(member=[{"name": "Anna"}])),
    Fault("activity without id", "missing-property", "activity", drop("id")),
    Fault("activity id relative", "iri", "activity", give(id="course/1")),
    Fault("activity type no IRI", "iri", "activity", define(type="course")),
    Fault("activity name a string", "wrong-type", "activity", define(name="Course")),
    Fault("unknown interaction", "interaction-type", "activity", interaction("multiple-choice")),
    Fault("choices without interactionType", "missing-property", "activity", define(choices=[])),
    Fault("choices of likert", "interaction-components", "activity", interaction("likert", choices=[])),
    Fault("steps of choice", "interaction-components", "activity", interaction("choice", steps=[])),
    Fault("choices with one id twice", "component-id", "activity", interaction("choice", choices=TWICE)),
    Fault("targets with one id twice", "component-id", "activity", interaction("matching", target=TWICE)),
    Fault("component without id", "missing-property", "activity", interaction("likert", scale=[{}])),
    Fault("responses not a list", "wrong-type", "activity",
          interaction("numeric", correctResponsesPattern="1[:]5")),
    Fault("attachment without sha2", "missing-property", "attachment", drop("sha2")),
    Fault("attachment sha2 too short", "sha2", "attachment", give(sha2="0" * 40)),
    Fault("attachment of no media type", "media-type", "attachment", give(contentType="text")),
    Fault("attachment of negative length", "attachment-length", "attachment", give(length=-1)),
    Fault("attachment fileUrl relative", "iri", "attachment", give(fileUrl="file.txt")),
    Fault("contextAgent of no type", "missing-property", "contextAgent", drop("objectType"), (V2_0,)),
    Fault("contextAgent of wrong type", "object-type", "contextAgent", give(objectType="Agent"), (V2_0,)),
    Fault("contextAgent of no relevant types", "relevant-types", "contextAgent",
          give(relevantTypes=[]), (V2_0,)),
    Fault("contextGroup of no group", "object-type", "contextGroup", give(group=agent("anna")), (V2_0,)),
    Fault("contextGroup of relevant types no IRI", "iri", "contextGroup",
          give(relevantTypes=["teacher"]), (V2_0,)),
]  # fmt: skip
SHA1 = Fault(
    "mbox_sha1sum too long",
    "sha1",
    "agent",
    lambda held: (held.pop("mbox"), held.update(mbox_sha1sum="0" * 41)),
)
FAULTS.append(SHA1)
