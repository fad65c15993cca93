"""The files of statement_examples/: each valid one is accepted, each invalid one refused for its one reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lrs.errors import BadRequest
from lrs.xapi.schema import schemas
from lrs.xapi.terms import is_iri
from lrs.xapi.validation import validate
from lrs.xapi.version import V1_0_3, V2_0, VERSIONS, Version

EXAMPLES = Path(__file__).parents[2] / "statement_examples"
INVALID = sorted((EXAMPLES / "invalid").glob("*.json"))
VALID = [
    path
    for path in sorted(EXAMPLES.glob("*/*.json"))
    if path.parent.name not in ("invalid", "events")
]


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes())


def _cases(paths: list[Path]) -> list[Any]:
    return [
        pytest.param(path, version, id=f"{path.parent.name}/{path.stem}-{version.name}")
        for path in paths
        for version in VERSIONS
        if version.name in _read(path).get("versions", [version.name])
    ]


@pytest.mark.parametrize(("path", "version"), _cases(VALID))
def test_valid_example_is_accepted(path: Path, version: Version) -> None:
    statement = _read(path)
    if (path.parent.name, version) in (("v2", V1_0_3), ("v1", V2_0)):
        with pytest.raises(BadRequest):
            validate(statement, version)
    else:
        assert validate(statement, version) is statement


@pytest.mark.parametrize(("path", "version"), _cases(INVALID))
def test_invalid_example_is_refused_with_its_code_and_pointer(path: Path, version: Version) -> None:
    example = _read(path)
    with pytest.raises(BadRequest) as refusal:
        validate(example["statement"], version)
    assert (refusal.value.code, refusal.value.pointer) == (example["expect"], example["pointer"])


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_refusal_of_invalid_example_says_what_is_allowed_and_where_that_stands(path: Path) -> None:
    example = _read(path)
    version = next(one for one in VERSIONS if one.name in example["versions"])
    with pytest.raises(BadRequest) as refusal:
        validate(example["statement"], version)
    assert refusal.value.allowed
    assert refusal.value.section == example["section"]


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_example_has_no_fault_outside_the_place_it_names(path: Path) -> None:
    example = _read(path)
    version = next(one for one in VERSIONS if one.name in example["versions"])
    faults = schemas().statements[version.schema].faults(example["statement"])
    places = [f"{fault.pointer}/" for fault in faults]
    assert all(place.startswith(f"{example['pointer']}/") for place in places)


def test_ids_of_valid_examples_are_distinct() -> None:
    ids = [_read(path)["id"] for path in VALID]
    assert len(set(ids)) == len(ids)


def test_every_code_of_the_schemas_has_an_example() -> None:
    codes = set()
    for path in (EXAMPLES.parent / "schemas").glob("*.json"):
        if path.stem == "common" or path.stem.startswith("statement-"):
            codes |= _codes(_read(path))
    assert codes <= {_read(path)["expect"] for path in INVALID}


def test_verbs_of_examples_are_iris() -> None:
    assert all(is_iri(_read(path)["verb"]["id"]) for path in VALID)


def _codes(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_codes, node))
    if not isinstance(node, dict):
        return set()
    own = {node["x-code"]} if "x-code" in node else set()
    return own.union(*map(_codes, node.values()))
