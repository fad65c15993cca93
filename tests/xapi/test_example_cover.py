"""Every rule has an invalid example: without any one part of the schemas or any one rule, an example is accepted."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from lrs.errors import BadRequest
from lrs.xapi import rules
from lrs.xapi.version import VERSIONS

ROOT = Path(__file__).parents[2]
Schemas = dict[str, Any]
Part = tuple[str | int, ...]
"""The path of a part of the schemas, the first step being the `$id`."""

_ANNOTATIONS = {"x-code", "x-allowed", "x-section", "$comment", "title", "$id", "$schema"}
_NAMES = {"properties", "$defs", "dependentSchemas"}
_CONTROL = {"if", "then", "else", "$dynamicAnchor"}

SHADOWED = {
    # What is no object has all identifiers, or none, and so not just one.
    "common/$defs/agent/type",
    "common/$defs/group/type",
    # The branch that is taken demands the same type and objectType.
    "common/$defs/activities/type",
    "common/$defs/actor/type",
    "common/$defs/actor/properties/objectType/enum",
    "common/$defs/object/type",
    "common/$defs/object/properties/objectType/enum",
    "common/$defs/sub-statement-object/type",
    # The branch is taken for these alone.
    "common/$defs/sub-statement/type",
    "common/$defs/sub-statement/properties/objectType/const",
    "common/$defs/sub-statement/required/0",
    # A condition: without any of it more is refused, not less, which the valid examples show.
    "common/$defs/any-ifi/anyOf",
    *(f"common/$defs/any-ifi/anyOf/{index}/required/0" for index in range(4)),
    "common/$defs/authority/then/not/$ref",
    # The schema of each version has its own.
    "common/$defs/context/type",
}
"""Parts without which no example would be accepted, and why. "/" sets the steps apart."""


@cache
def schemas() -> Schemas:
    documents = [json.loads(path.read_bytes()) for path in (ROOT / "schemas").glob("*.json")]
    known = ("common", *(version.schema for version in VERSIONS))
    return {one["$id"]: one for one in documents if one.get("$id") in known}


@cache
def examples() -> dict[str, list[Any]]:
    """Return the invalid statements by the `$id` of the schema that they are to be refused by."""
    found: dict[str, list[Any]] = {version.schema: [] for version in VERSIONS}
    for path in sorted((ROOT / "statement_examples" / "invalid").glob("*.json")):
        example = json.loads(path.read_bytes())
        for version in VERSIONS:
            if version.name in example["versions"]:
                found[version.schema].append(example["statement"])
    return found


def accepted(documents: Schemas, statements: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the statements that these schemas let pass."""
    passed = {}
    for schema, held in statements.items():
        decider = jsonschema_rs.Draft202012Validator(
            {"$ref": schema},
            registry=jsonschema_rs.Registry(list(documents.items())),
            pattern_options=jsonschema_rs.RegexOptions(),
        )
        passed[schema] = [one for one in held if decider.is_valid(one)]
    return passed


def parts(node: Any, path: Part = (), *, named: bool = False) -> Iterator[Part]:
    """Yield each part that refuses something: a keyword, or one of the names that `required` lists."""
    if isinstance(node, list):
        for index, inner in enumerate(node):
            yield from parts(inner, (*path, index))
    if not isinstance(node, dict):
        return
    for name, inner in node.items():
        here = (*path, name)
        if not named and name == "required":
            yield from ((*here, index) for index in range(len(inner)))
        elif not named and name not in _ANNOTATIONS | _NAMES | _CONTROL:
            yield here
        if name != "if":
            yield from parts(inner, here, named=not named and name in _NAMES)


def without(documents: Schemas, path: Part) -> Schemas:
    """Return the schemas without a part."""
    changed = {**documents, str(path[0]): copy.deepcopy(documents[str(path[0])])}
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return changed


def test_without_any_part_of_the_schemas_an_invalid_example_would_be_accepted() -> None:
    by_schema = accepted(schemas(), examples())
    refused = {
        schema: [one for one in held if one not in by_schema[schema]]
        for schema, held in examples().items()
    }
    uncovered = {
        "/".join(map(str, path))
        for document in schemas()
        for path in parts(schemas()[document], (document,))
        if not any(accepted(without(schemas(), path), refused).values())
    }
    assert uncovered == SHADOWED


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_each_rule_refuses_an_example_that_no_other_refuses(rule: rules.Rule) -> None:
    passed = accepted(schemas(), examples())
    others = [one for one in rules.RULES if one is not rule]
    versions = {version.schema: version for version in VERSIONS}
    assert any(
        not _refuses(others, statement, versions[schema])
        for schema, held in passed.items()
        for statement in held
    )


@pytest.mark.parametrize("name", rules._COMPONENT_LISTS)
def test_without_any_row_of_the_component_lists_an_example_would_be_accepted(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(rules._COMPONENT_LISTS, name)
    assert any(
        not _refuses(list(rules.RULES), statement, VERSIONS[0])
        for statement in accepted(schemas(), examples())[VERSIONS[0].schema]
    )


def _refuses(some: list[rules.Rule], statement: Any, version: Any) -> bool:
    try:
        for rule in some:
            rule(statement, version)
    except BadRequest:
        return True
    return False
