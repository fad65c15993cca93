"""Tolerances: each repairs one fault, and leaves all else alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.errors import BadRequest
from lrs.xapi.quirks import QUIRKS, repaired
from lrs.xapi.text import read_json, write_json
from lrs.xapi.validation import validate
from lrs.xapi.version import V1_0_3
from tests.build import statement

UUID = "9F1C2F1E-6a52-4b0e-8d3b-3f7a53d6a001"
ANNA = {"mbox": "mailto:anna@example.org", "name": "Anna"}

FAULTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "array-valued-agent",
        {"actor": {"objectType": "Agent", "name": ["Anna"], "mbox": ["mailto:anna@example.org"]}},
        {"actor": {"objectType": "Agent", **ANNA}},
    ),
    (
        "array-valued-agent",
        {
            "actor": {
                "account": [
                    {"accountServiceHomePage": "http://lms.example.org", "accountName": "a"}
                ]
            }
        },
        {"actor": {"account": {"homePage": "http://lms.example.org", "name": "a"}}},
    ),
    (
        "array-valued-agent",
        {"actor": {"objectType": "Group", "member": [{"mbox": ["mailto:anna@example.org"]}]}},
        {"actor": {"objectType": "Group", "member": [{"mbox": "mailto:anna@example.org"}]}},
    ),
    (
        "array-valued-agent",
        {"context": {"instructor": {"mbox": ["mailto:anna@example.org"]}}},
        {"context": {"instructor": {"mbox": "mailto:anna@example.org"}}},
    ),
    (
        "bare-uuid-activity",
        {"context": {"contextActivities": {"grouping": [{"id": UUID}]}}},
        {"context": {"contextActivities": {"grouping": [{"id": f"urn:uuid:{UUID.lower()}"}]}}},
    ),
    (
        "bare-uuid-activity",
        {"object": {"id": UUID}},
        {"object": {"id": f"urn:uuid:{UUID.lower()}"}},
    ),
    (
        "group-activity",
        {"object": {"objectType": "GroupActivity", "id": "http://example.org/a"}},
        {"object": {"objectType": "Activity", "id": "http://example.org/a"}},
    ),
    (
        "empty-score-range",
        {"result": {"score": {"raw": 0, "min": 0, "max": 0}}},
        {"result": {"score": {"raw": 0}}},
    ),
    (
        "null-properties",
        {"context": {"registration": None, "extensions": {"http://example.org/x": None}}},
        {"context": {"extensions": {"http://example.org/x": None}}},
    ),
]


@pytest.mark.parametrize(("quirk", "fault", "mended"), FAULTS)
def test_a_quirk_mends_its_fault(quirk: str, fault: dict[str, Any], mended: dict[str, Any]) -> None:
    sent = statement(**fault)
    with pytest.raises(BadRequest):
        validate(sent, V1_0_3)
    result, used = repaired(sent, QUIRKS)
    assert used == {quirk}
    assert result == {**sent, **mended}
    validate(result, V1_0_3)


TOGETHER: list[tuple[dict[str, Any], dict[str, Any], set[str]]] = [
    (
        {"object": {"objectType": "GroupActivity", "id": UUID}},
        {"object": {"objectType": "Activity", "id": f"urn:uuid:{UUID.lower()}"}},
        {"group-activity", "bare-uuid-activity"},
    ),
    (
        {"object": {"objectType": None, "id": UUID}},
        {"object": {"id": f"urn:uuid:{UUID.lower()}"}},
        {"null-properties", "bare-uuid-activity"},
    ),
    (
        {"result": {"score": {"raw": 1, "min": None, "max": None}}},
        {"result": {"score": {"raw": 1}}},
        {"null-properties"},
    ),
]


@pytest.mark.parametrize(("faults", "mended", "quirks"), TOGETHER)
def test_quirks_add_up_and_none_is_named_that_was_not_needed(
    faults: dict[str, Any], mended: dict[str, Any], quirks: set[str]
) -> None:
    sent = statement(**faults)
    for names in (sorted(QUIRKS), sorted(QUIRKS, reverse=True)):
        assert repaired(sent, names) == ({**sent, **mended}, quirks)


def test_the_right_name_of_a_part_is_not_overwritten_by_the_old_one() -> None:
    account = {"homePage": "http://right.example", "name": "a"}
    both = {**account, "accountServiceHomePage": "http://old.example"}
    result, used = repaired(statement(actor={"account": both}), QUIRKS)
    assert (result["actor"]["account"], used) == (both, frozenset())


def test_numbers_are_compared_as_numbers_and_kept_as_spelled() -> None:
    text = b'{"result": {"score": {"raw": 1.50, "min": 0.0, "max": 0.00}}}'
    literal, used = repaired(read_json(text).literal, QUIRKS)
    assert used == {"empty-score-range"}
    assert write_json(literal) == b'{"result":{"score":{"raw":1.50}}}'


@pytest.mark.parametrize(("quirk", "fault", "mended"), FAULTS)
def test_without_the_quirk_nothing_changes(
    quirk: str, fault: dict[str, Any], mended: dict[str, Any]
) -> None:
    sent = statement(**fault)
    assert repaired(sent, QUIRKS.keys() - {quirk}) == (sent, frozenset())


def test_a_right_statement_needs_no_quirk() -> None:
    sent = statement(
        result={
            "score": {"min": 0, "max": 1},
            "extensions": {"http://example.org/x": {"score": {"min": 0, "max": 0}}},
        },
        actor={"objectType": "Group", "member": [ANNA]},
    )
    assert repaired(sent, QUIRKS) == (sent, frozenset())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "actor",
                    "object",
                    "id",
                    "context",
                    "contextActivities",
                    "score",
                    "account",
                    "member",
                    "x",
                ]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(value=json_values)
def test_no_json_whatever_makes_a_repair_fail(value: Any) -> None:
    repaired(value, QUIRKS)
