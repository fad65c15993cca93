"""Formats ids and canonical, and merged activity definitions. Spec: Communication 2.1.3; Data 2.4.4.1 (1.0.3)."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from lrs.xapi import JsonObject
from lrs.xapi.activity import definitions_of, merge_definitions
from lrs.xapi.formats import canonical, ids_only
from tests.build import AUTHORITY, activity, agent, reference, statement

A, B = "http://example.org/a", "http://example.org/b"
BEN = agent("ben")
NAMED = {**BEN, "name": "Ben"}
TEAM = {"objectType": "Group", "name": "Team", "mbox": "mailto:team@example.org", "member": [NAMED]}
CLASS = {"objectType": "Group", "name": "Class", "member": [NAMED, TEAM | {"objectType": "Agent"}]}
BOTH = {"en": "a", "de": "b"}


def german(tags: Sequence[str]) -> str | None:
    return next((tag for tag in tags if tag == "de"), next(iter(tags), None))


def sub(**changes: Any) -> JsonObject:
    inner = {name: part for name, part in statement(**changes).items() if name != "id"}
    return {"objectType": "SubStatement", **inner}


def test_ids_reduces_an_agent_to_its_identifier() -> None:
    assert ids_only(statement(actor=NAMED))["actor"] == BEN


def test_ids_reduces_an_identified_group_to_its_identifier() -> None:
    expected = {"objectType": "Group", "mbox": "mailto:team@example.org"}
    assert ids_only(statement(actor=TEAM))["actor"] == expected


def test_ids_reduces_an_agent_as_object_too() -> None:
    assert ids_only(statement(object=NAMED))["object"] == BEN


def test_ids_keeps_the_members_of_an_anonymous_group() -> None:
    members = [BEN, {"objectType": "Agent", "mbox": "mailto:team@example.org"}]
    expected = {"objectType": "Group", "member": members}
    assert ids_only(statement(actor=CLASS))["actor"] == expected


def test_ids_reduces_verb_and_activities_everywhere() -> None:
    verb = {"id": "http://example.org/v", "display": BOTH}
    held = activity(A, name=BOTH)
    context = {"contextActivities": {"parent": [held]}, "instructor": NAMED, "team": TEAM}
    shown = ids_only(statement(verb=verb, object=sub(verb=verb, object=held, context=context)))
    inner = shown["object"]
    assert shown["verb"] == inner["verb"] == {"id": "http://example.org/v"}
    assert inner["object"] == {"id": A}
    assert inner["context"] == {
        "contextActivities": {"parent": [{"id": A}]},
        "instructor": BEN,
        "team": {"objectType": "Group", "mbox": "mailto:team@example.org"},
    }


def test_ids_reduces_authority_and_context_agents() -> None:
    sent = statement(
        authority={**AUTHORITY, "name": "LMS"},
        context={
            "contextAgents": [{"objectType": "contextAgent", "agent": NAMED}],
            "contextGroups": [{"objectType": "contextGroup", "group": TEAM}],
        },
    )
    shown = ids_only(sent)
    assert shown["authority"] == AUTHORITY
    assert shown["context"]["contextAgents"] == [{"objectType": "contextAgent", "agent": BEN}]
    assert "name" not in shown["context"]["contextGroups"][0]["group"]


def test_ids_leaves_references_results_and_times_alone() -> None:
    sent = statement(object=reference("x"), result={"response": "r"}, timestamp="t")
    assert ids_only(sent) == sent


def test_canonical_shows_what_all_statements_say_of_an_activity() -> None:
    known = {A: {"name": {"de": "A"}, "type": "http://example.org/type"}}
    shown = canonical(statement(object={"id": A}), known, german)
    assert shown["object"] == {"id": A, "definition": known[A]}


def test_canonical_picks_a_language_in_each_map() -> None:
    definition = {
        "name": BOTH,
        "description": {"en": "only"},
        "choices": [{"id": "1", "description": BOTH}, {"id": "2"}],
    }
    sent = statement(
        verb={"id": "http://example.org/v", "display": BOTH},
        object=activity(A, **definition),
        attachments=[{"display": BOTH, "description": BOTH, "sha2": "x"}],
    )
    shown = canonical(sent, {}, german)
    assert shown["verb"]["display"] == {"de": "b"}
    assert shown["object"]["definition"] == {
        "name": {"de": "b"},
        "description": {"en": "only"},
        "choices": [{"id": "1", "description": {"de": "b"}}, {"id": "2"}],
    }
    assert shown["attachments"] == [
        {"display": {"de": "b"}, "description": {"de": "b"}, "sha2": "x"}
    ]


def test_canonical_reaches_context_and_sub_statement() -> None:
    context = {"contextActivities": {"parent": [activity(A, name=BOTH)]}}
    shown = canonical(
        statement(context=context, object=sub(object={"id": B})), {B: {"name": BOTH}}, german
    )
    assert shown["context"]["contextActivities"]["parent"][0]["definition"]["name"] == {"de": "b"}
    assert shown["object"]["object"]["definition"] == {"name": {"de": "b"}}


def test_canonical_picks_in_the_attachments_of_a_sub_statement_too() -> None:
    inner = sub(attachments=[{"display": BOTH, "sha2": "x"}])
    shown = canonical(statement(object=inner), {}, german)
    assert shown["object"]["attachments"] == [{"display": {"de": "b"}, "sha2": "x"}]


def test_canonical_leaves_agents_and_an_empty_map_as_they_are() -> None:
    sent = statement(actor=NAMED, verb={"id": "http://example.org/v", "display": {}})
    shown = canonical(sent, {}, german)
    assert (shown["actor"], shown["verb"]["display"]) == (NAMED, {})


def test_formats_change_nothing_that_they_were_given() -> None:
    sent = statement(
        actor=CLASS,
        object=sub(object=activity(A, name=BOTH), attachments=[{"display": BOTH, "sha2": "x"}]),
        context={"contextActivities": {"parent": [activity(B, name=BOTH)]}},
    )
    known = {A: {"name": BOTH}}
    before = copy.deepcopy((sent, known))
    ids_only(sent)
    canonical(sent, known, german)
    assert (sent, known) == before


def test_definitions_merge_languages_and_extensions_and_replace_the_rest() -> None:
    known = {"name": {"en": "old", "fr": "x"}, "extensions": {A: 1}, "type": A, "moreInfo": A}
    heard = {"name": {"en": "new"}, "extensions": {B: 2}, "type": B}
    assert merge_definitions(known, heard) == {
        "name": {"en": "new", "fr": "x"},
        "extensions": {A: 1, B: 2},
        "type": B,
        "moreInfo": A,
    }


def test_a_definition_of_another_interaction_type_keeps_nothing_of_the_old_type() -> None:
    choice = {
        "interactionType": "choice",
        "correctResponsesPattern": ["a"],
        "choices": [{"id": "a"}],
        "name": {"en": "Question"},
    }
    heard = {"interactionType": "true-false", "moreInfo": A}
    changed = {"name": {"en": "Question"}, **heard}
    assert merge_definitions(choice, heard) == changed
    shown = canonical(statement(object=activity(A, **choice)), {A: changed}, german)
    assert shown["object"]["definition"] == changed
    assert merge_definitions(choice, {"interactionType": "choice"}) == choice


def test_definitions_are_gathered_from_everywhere_in_a_statement() -> None:
    sent = statement(
        object=sub(object=activity(A, name={"en": "A"})),
        context={"contextActivities": {"parent": [activity(B, name={"en": "B"}), {"id": A}]}},
    )
    assert definitions_of(sent) == {A: {"name": {"en": "A"}}, B: {"name": {"en": "B"}}}


def test_a_statement_that_defines_an_activity_twice_has_both_parts() -> None:
    sent = statement(
        object=activity(A, name={"en": "A"}),
        context={"contextActivities": {"other": [activity(A, name={"de": "B"})]}},
    )
    assert definitions_of(sent) == {A: {"name": {"en": "A", "de": "B"}}}
