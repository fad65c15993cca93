"""What holds for every statement of the standard, and for every one with a single fault."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.activity import merge_definitions
from lrs.xapi.schema import schemas
from lrs.xapi.validation import validate
from lrs.xapi.version import VERSIONS, Version
from tests import generate
from tests.build import activity, statement
from tests.faults import FAULTS, PLACES, Fault

INVALID = Path(__file__).parents[2] / "statement_examples" / "invalid"
STATEMENTS = {version: generate.statements(version) for version in VERSIONS}

of_each_version = pytest.mark.parametrize(
    "version", VERSIONS, ids=[version.name for version in VERSIONS]
)


def example_count(count: int) -> settings:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(deadline=None, max_examples=count, suppress_health_check=slow)


@of_each_version
@example_count(150)
@given(data=st.data())
def test_every_generated_statement_is_accepted(data: st.DataObject, version: Version) -> None:
    statement = data.draw(STATEMENTS[version])
    before = copy.deepcopy(statement)
    assert validate(statement, version) is statement
    assert statement == before
    assert_engines_agree(statement)


@example_count(200)
@given(heard=st.lists(generate.definitions, min_size=2, max_size=3))
def test_the_merge_of_valid_definitions_is_valid(heard: list[JsonObject]) -> None:
    merged = reduce(merge_definitions, heard)
    for version in VERSIONS:
        validate(statement(object=activity("http://example.org/a", **merged)), version)


def assert_engines_agree(statement: JsonObject) -> None:
    """Both engines, under both versions: what the one accepts, the other accepts."""
    for version in VERSIONS:
        schema = schemas().statements[version.schema]
        assert schema.decider.is_valid(statement) == schema.explainer.is_valid(statement)


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
@example_count(8)
@given(data=st.data())
def test_statement_with_one_fault_is_refused_for_it(data: st.DataObject, fault: Fault) -> None:
    version = data.draw(st.sampled_from(fault.versions))
    statement = data.draw(STATEMENTS[version])
    nested = statement["object"].get("objectType") == "SubStatement"
    part = statement["object"] if nested and fault.place != "statement" else statement
    if fault.place in PLACES and fault.place != "part":
        sound, put = data.draw(st.sampled_from(list(PLACES[fault.place].values())))
        held = copy.deepcopy(sound)
        put(part, held)
        assert validate(statement, version)
        fault.spoil(held)
    else:
        fault.spoil(part)
    assert refusal_of(statement, version).code == fault.code
    assert_engines_agree(statement)


def test_the_faults_cover_every_code_of_the_invalid_examples() -> None:
    expected = {json.loads(path.read_bytes())["expect"] for path in INVALID.glob("*.json")}
    own = {"null-not-allowed"}  # by the test of nulls below
    assert expected <= {fault.code for fault in FAULTS} | own


def refusal_of(statement: JsonObject, version: Version) -> BadRequest:
    with pytest.raises(BadRequest) as refusal:
        validate(statement, version)
    return refusal.value


def places(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, str | int, str]]:
    """Yield (holder, key or index, pointer) of every value outside extensions."""
    names = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for name in names:
        pointer = "".join(
            f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in (*path, name)
        )
        yield node, name, pointer
        if name != "extensions":
            yield from places(node[name], (*path, name))


@of_each_version
@example_count(40)
@given(data=st.data())
def test_null_is_refused_anywhere_outside_extensions(data: st.DataObject, version: Version) -> None:
    statement = data.draw(STATEMENTS[version])
    holder, name, pointer = data.draw(st.sampled_from(list(places(statement))))
    holder[name] = None
    refusal = refusal_of(statement, version)
    assert (refusal.code, refusal.pointer) == ("null-not-allowed", pointer)
    assert_engines_agree(statement)


@of_each_version
@example_count(40)
@given(data=st.data())
def test_string_in_place_of_an_object_is_refused(data: st.DataObject, version: Version) -> None:
    statement = data.draw(STATEMENTS[version])
    found = [place for place in places(statement) if isinstance(place[0][place[1]], dict)]
    holder, name, pointer = data.draw(st.sampled_from(found))
    holder[name] = "text"
    refusal = refusal_of(statement, version)
    assert (refusal.code, refusal.pointer) == ("wrong-type", pointer)
    assert_engines_agree(statement)


@of_each_version
@example_count(40)
@given(data=st.data())
def test_unknown_property_is_refused_anywhere(data: st.DataObject, version: Version) -> None:
    statement = data.draw(STATEMENTS[version])
    maps = {"display", "description", "extensions", "name"}
    found = [("", statement)] + [
        (pointer, holder[name])
        for holder, name, pointer in places(statement)
        if isinstance(holder[name], dict) and name not in maps
    ]
    pointer, held = data.draw(st.sampled_from(found))
    held["unknown"] = "text"
    refusal = refusal_of(statement, version)
    assert (refusal.code, refusal.pointer) == ("unknown-property", f"{pointer}/unknown")
    assert_engines_agree(statement)
