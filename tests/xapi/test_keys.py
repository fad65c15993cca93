"""What statements are found by. Spec: Communication 2.1.3 (1.0.3)."""

from __future__ import annotations

from typing import Any

import pytest

from lrs.xapi import JsonObject
from lrs.xapi.keys import activity_key, agent_key, authority_key, key, keys_of
from lrs.xapi.query import MAX_LIMIT, StatementQuery, filter_keys
from tests.build import activity, agent, reference, statement

ANNA, BEN, CARA = agent("anna"), agent("ben"), agent("cara")
TEAM = {
    "objectType": "Group",
    "mbox": "mailto:team@example.org",
    "member": [BEN, {"mbox": "mailto:CARA@example.org"}],
}
COURSE = "http://example.org/course"
VERB_KEY = -3945685808361648936


def sub(**changes: Any) -> JsonObject:
    inner = {name: part for name, part in statement(**changes).items() if name != "id"}
    return {"objectType": "SubStatement", **inner}


def context_activities(iri: str) -> JsonObject:
    return {"contextActivities": {"grouping": [activity(iri)]}}


def found(who: JsonObject, sent: JsonObject) -> tuple[bool, bool]:
    """Return whether the agent filter finds the statement, plain and with related_agents."""
    keys = keys_of(sent)
    return agent_key(who, related=False) in keys, agent_key(who, related=True) in keys


def found_activity(iri: str, sent: JsonObject) -> tuple[bool, bool]:
    keys = keys_of(sent)
    return activity_key(iri, related=False) in keys, activity_key(iri, related=True) in keys


def test_a_key_is_a_signed_64_bit_integer_that_stays_the_same() -> None:
    assert key("verb", "http://adlnet.gov/expapi/verbs/experienced") == VERB_KEY
    assert all(-(2**63) <= key("verb", str(number)) < 2**63 for number in range(1_000))


def test_kinds_do_not_share_keys() -> None:
    assert key("verb", "x") != key("activity", "x")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (statement(actor=BEN), (True, True)),
        (statement(object=BEN), (True, True)),
        (statement(actor=TEAM), (True, True)),
        (statement(object=TEAM), (True, True)),
        (statement(authority=BEN), (False, True)),
        (statement(context={"instructor": BEN}), (False, True)),
        (statement(context={"team": TEAM}), (False, True)),
        (statement(context={"contextAgents": [{"agent": BEN}]}), (False, True)),
        (statement(context={"contextGroups": [{"group": TEAM}]}), (False, True)),
        (statement(object=sub(actor=BEN)), (False, True)),
        (statement(object=sub(object=BEN)), (False, True)),
        (statement(object=sub(context={"instructor": TEAM})), (False, True)),
        (statement(), (False, False)),
    ],
)
def test_an_agent_is_found_where_the_specification_says(
    sent: JsonObject, expected: tuple[bool, bool]
) -> None:
    assert found(BEN, sent) == expected


def test_a_group_is_found_by_its_own_identifier_too() -> None:
    assert found({"mbox": "mailto:team@example.org"}, statement(actor=TEAM)) == (True, True)


def test_the_case_of_a_mail_domain_does_not_matter() -> None:
    upper = {"mbox": "mailto:ben@EXAMPLE.ORG"}
    assert found(upper, statement(actor=BEN)) == (True, True)
    assert found({"mbox": "mailto:BEN@example.org"}, statement(actor=BEN)) == (False, False)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (statement(object=activity(COURSE)), (True, True)),
        (statement(object={"id": COURSE}), (True, True)),
        (statement(context=context_activities(COURSE)), (False, True)),
        (statement(context={"contextActivities": {"parent": {"id": COURSE}}}), (False, True)),
        (statement(object=sub(object=activity(COURSE))), (False, True)),
        (statement(object=sub(context=context_activities(COURSE))), (False, True)),
        (statement(object=activity(COURSE + "/")), (False, False)),
    ],
)
def test_an_activity_is_found_where_the_specification_says(
    sent: JsonObject, expected: tuple[bool, bool]
) -> None:
    assert found_activity(COURSE, sent) == expected


def test_a_registration_is_found_in_any_case_but_not_in_a_sub_statement() -> None:
    registration = "12345678-1234-4234-8234-123456789ABC"
    (wanted,) = filter_keys(registration=registration)
    held = {"context": {"registration": registration.lower()}}
    assert wanted in keys_of(statement(**held))
    assert wanted not in keys_of(statement(object=sub(**held)))


def test_the_verb_of_a_sub_statement_does_not_count() -> None:
    (wanted,) = filter_keys(verb="http://example.org/did")
    inner = sub(verb={"id": "http://example.org/did"})
    assert wanted not in keys_of(statement(object=inner))


def test_a_reference_has_no_key_of_its_own() -> None:
    assert len(keys_of(statement(object=reference("x")))) == 3


def test_the_authority_key_does_not_depend_on_the_order_of_members() -> None:
    oauth = {"objectType": "Group", "member": [ANNA, BEN]}
    turned = {"objectType": "Group", "member": [BEN, ANNA]}
    assert authority_key(oauth) == authority_key(turned) != authority_key(ANNA)


def test_filters_come_most_selective_first() -> None:
    keys = filter_keys(verb="v", activity="a", agent=BEN, registration="R", authority=7)
    assert keys == (
        key("registration", "r"),
        agent_key(BEN, related=False),
        activity_key("a", related=False),
        key("verb", "v"),
        7,
    )


def test_related_filters_look_for_related_keys() -> None:
    keys = filter_keys(activity="a", agent=BEN, related_agents=True, related_activities=True)
    assert keys == (agent_key(BEN, related=True), activity_key("a", related=True))


@pytest.mark.parametrize(
    ("query", "bounds"),
    [
        (StatementQuery(), (None, None)),
        (StatementQuery(since=3, until=9), (3, 9)),
        (StatementQuery(since=3, until=9, after=7), (3, 6)),
        (StatementQuery(until=5, after=7), (None, 5)),
        (StatementQuery(after=7), (None, 6)),
        (StatementQuery(since=3, until=9, after=7, ascending=True), (7, 9)),
        (StatementQuery(since=8, after=7, ascending=True), (8, None)),
    ],
)
def test_the_cursor_narrows_the_bounds(
    query: StatementQuery, bounds: tuple[int | None, int | None]
) -> None:
    assert (query.lowest, query.highest) == bounds
    assert query.limit == MAX_LIMIT
