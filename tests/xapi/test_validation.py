from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrs.errors import BadRequest
from lrs.xapi.schema import schemas
from lrs.xapi.validation import validate, validate_agent
from lrs.xapi.version import V1_0_3, V2_0, VERSIONS, Version

EXAMPLES = Path(__file__).parents[2] / "statement_examples"
EVERYTHING: list[Any] = [
    content.get("statement", content)
    for content in (json.loads(path.read_bytes()) for path in sorted(EXAMPLES.glob("*/*.json")))
]
STATEMENTS = [one for one in EVERYTHING if isinstance(one, dict)]
SECRET = "tell-tale 4711"

any_version = st.sampled_from(VERSIONS)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_both_engines_agree_on_every_example(version: Version) -> None:
    schema = schemas().statements[version.schema]
    verdicts = [
        (schema.decider.is_valid(statement), schema.explainer.is_valid(statement))
        for statement in EVERYTHING
    ]
    assert all(fast == slow for fast, slow in verdicts)


@settings(deadline=None, max_examples=300)
@given(st.data(), any_version)
def test_both_engines_agree_on_mutated_examples(data: st.DataObject, version: Version) -> None:
    schema = schemas().statements[version.schema]
    mutated = data.draw(_mutated())
    assert schema.decider.is_valid(mutated) == schema.explainer.is_valid(mutated)


@settings(deadline=None, max_examples=300)
@given(st.data(), any_version)
def test_mutated_example_is_accepted_or_refused_at_a_place_it_has(
    data: st.DataObject, version: Version
) -> None:
    mutated = data.draw(_mutated())
    before = copy.deepcopy(mutated)
    refusal = _refusal(mutated, version)
    if refusal is not None:
        assert refusal.pointer in {"", *_pointers(mutated)}
        assert refusal.allowed
        assert refusal.section
    assert mutated == before


@settings(deadline=None, max_examples=300)
@given(st.data(), any_version)
def test_refusal_does_not_repeat_the_value(data: st.DataObject, version: Version) -> None:
    statement = copy.deepcopy(data.draw(st.sampled_from(STATEMENTS)))
    holder, name = data.draw(st.sampled_from(list(_places(statement))))
    holder[name] = SECRET
    refusal = _refusal(statement, version)
    assert refusal is None or SECRET not in json.dumps(refusal.as_json())


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "statement", [], [{}], {}])
def test_what_is_no_statement_is_refused_at_the_top(value: object) -> None:
    with pytest.raises(BadRequest) as refusal:
        validate(value, V1_0_3)
    assert refusal.value.pointer == ""


def test_number_that_json_cannot_hold_is_refused() -> None:
    statement = _simple(result={"score": {"raw": float("inf")}})
    with pytest.raises(BadRequest):
        validate(statement, V1_0_3)


@pytest.mark.parametrize("value", [None, "", 0, False, [], {}, {"a.b": {"$c": [None]}}, "\u0000"])
def test_extension_may_hold_any_value(value: object) -> None:
    statement = _simple(result={"extensions": {"http://example.com/x": value}})
    assert validate(statement, V1_0_3)


def test_context_agents_are_known_to_2_0_only() -> None:
    statement = _simple(context={"contextAgents": []})
    assert validate(statement, V2_0)
    with pytest.raises(BadRequest):
        validate(statement, V1_0_3)


@pytest.mark.parametrize(
    ("score", "code"),
    [
        ({"min": 0, "max": 10, "raw": 0}, None),
        ({"min": 0, "max": 10, "raw": 10.0}, None),
        ({"raw": -(10**30)}, None),
        ({"min": 5, "raw": 5}, None),
        ({"min": 1, "max": 1}, "score-range"),
        ({"min": 2, "max": 1, "raw": 1}, "score-range"),
        ({"max": 10, "raw": 10.000001}, "score-raw"),
    ],
)
def test_score_lies_between_its_bounds(score: dict[str, float], code: str | None) -> None:
    assert _code(_simple(result={"score": score})) == code


@pytest.mark.parametrize(
    ("own", "under_1_0_3", "under_2_0"),
    [
        ("1.0", True, True),
        ("1.0.0", True, True),
        ("1.0.9", True, True),
        ("2.0.0", False, True),
        ("0.9.9", False, False),
        ("1.1.0", False, False),
        ("1.0.0\n", False, False),
        ("", False, False),
    ],
)
def test_version_of_a_statement_goes_with_that_of_the_request(
    own: str, *, under_1_0_3: bool, under_2_0: bool
) -> None:
    statement = _simple(version=own)
    assert (_code(statement) is None) is under_1_0_3
    assert (_code(statement, V2_0) is None) is under_2_0


def test_agent_is_accepted_where_a_group_is_allowed_or_not() -> None:
    agent = {"mbox": "mailto:sally@example.com"}
    assert validate_agent(agent, group_allowed=False) is agent
    assert validate_agent(agent, group_allowed=True) is agent


def test_group_is_refused_where_only_agents_are_allowed() -> None:
    group = {"objectType": "Group", "mbox": "mailto:team@example.com"}
    assert validate_agent(group, group_allowed=True) is group
    with pytest.raises(BadRequest) as refusal:
        validate_agent(group, group_allowed=False)
    assert (refusal.value.code, refusal.value.pointer) == ("object-type", "/objectType")


@pytest.mark.parametrize("group_allowed", [True, False])
@pytest.mark.parametrize("value", [None, [], "mailto:sally@example.com", {}, {"name": "Sally"}])
def test_what_is_no_agent_is_refused(value: object, *, group_allowed: bool) -> None:
    with pytest.raises(BadRequest):
        validate_agent(value, group_allowed=group_allowed)


def _simple(**more: object) -> dict[str, object]:
    return {
        "actor": {"mbox": "mailto:sally@example.com"},
        "verb": {"id": "http://example.com/did"},
        "object": {"id": "http://example.com/it"},
        **more,
    }


def _refusal(statement: object, version: Version) -> BadRequest | None:
    try:
        assert validate(statement, version) is statement
    except BadRequest as refusal:
        return refusal
    return None


def _code(statement: object, version: Version = V1_0_3) -> str | None:
    refusal = _refusal(statement, version)
    return refusal.code if refusal else None


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield (holder, key or index) of every value inside the node."""
    names = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for name in names:
        yield node, name
        yield from _places(node[name])


def _pointers(node: Any, prefix: str = "") -> Iterator[str]:
    names = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for name in names:
        pointer = f"{prefix}/{str(name).replace('~', '~0').replace('/', '~1')}"
        yield pointer
        yield from _pointers(node[name], pointer)


@st.composite
def _mutated(draw: st.DrawFn) -> Any:
    """Draw an example in which a few values are dropped, exchanged or put under another name."""
    statement = copy.deepcopy(draw(st.sampled_from(STATEMENTS)))
    parts = [
        value for one in STATEMENTS for holder, name in _places(one) for value in [holder[name]]
    ]
    strange = st.sampled_from(
        [None, True, 0, -1.5, "", "x", "\n", "1\n", [], {}, ["x"], {"x": None}]
    )
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(statement))
        if not places:
            break
        holder, name = draw(st.sampled_from(places))
        match draw(st.sampled_from(["drop", "exchange", "spoil", "rename", "line feed"])):
            case "drop":
                del holder[name]
            case "exchange":
                holder[name] = copy.deepcopy(draw(st.sampled_from(parts)))
            case "rename" if isinstance(holder, dict):
                holder[
                    draw(st.sampled_from(["x", "id", "ID", "name", "objectType", "http://x"]))
                ] = holder.pop(name)
            case "line feed" if isinstance(holder[name], str):
                holder[name] += "\n"
            case _:
                # A copy: put into itself, one object would make a statement without an end.
                holder[name] = copy.deepcopy(draw(strange))
    return statement
