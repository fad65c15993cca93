"""Which version serves a request or checks a statement; and that no other file decides it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lrs
from lrs.errors import BadRequest
from lrs.xapi.version import (
    SUPPORTED,
    V1_0_3,
    V2_0,
    Version,
    version_of,
    version_of_statement,
)

PACKAGE = Path(lrs.__file__).parent
LITERAL = re.compile(
    r"v?(?:0\.9\d?|[12]\.(?:\d+\.?(?:\d+)?)?)|[\w./-]*[-/](?:1\.0\.3|2\.0)[\w./-]*"
)


@pytest.mark.parametrize(
    ("header", "version"),
    [
        ("1.0", V1_0_3), ("1.0.0", V1_0_3), ("1.0.1", V1_0_3), ("1.0.3", V1_0_3), ("1.0.17", V1_0_3),
        (" 1.0.3 ", V1_0_3), ("2.0", V2_0), ("2.0.0", V2_0), ("2.0.1", V2_0),
    ],
)  # fmt: skip
def test_a_header_of_a_spoken_version_is_served(header: str, version: Version) -> None:
    assert version_of(header) is version


@pytest.mark.parametrize(
    "header",
    ["", "1", "1.1", "1.1.0", "0.95", "2.1", "3.0", "1.0.", "1.0.x", "v1.0", "1.0.3,2.0", "1.0.3\n2", "11.0"],
)  # fmt: skip
def test_any_other_header_is_refused(header: str) -> None:
    with pytest.raises(BadRequest) as refused:
        version_of(header)
    assert refused.value.code == "version-unsupported"


def test_a_missing_header_is_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        version_of(None)
    assert refused.value.code == "version-missing"


@pytest.mark.parametrize(
    ("given", "version"),
    [
        ("1.0.0", V1_0_3), ("1.0", V1_0_3), ("2.0.0", V2_0), ("2.0", V2_0),
        (None, V1_0_3), ("3.0", V1_0_3), (2.0, V1_0_3), ([], V1_0_3), ({}, V1_0_3),
    ],
)  # fmt: skip
def test_a_statement_of_a_file_is_checked_by_the_version_that_it_names(
    given: object, version: Version
) -> None:
    assert version_of_statement(given) is version


def test_every_supported_version_is_served() -> None:
    assert {version_of(one).name for one in SUPPORTED} == {V1_0_3.name, V2_0.name}


def _docstrings(tree: ast.AST) -> set[int]:
    """Return the ids of string nodes that stand alone as statements."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _decisions(source: str) -> Iterator[str]:
    """Yield what in the source decides by version: its literals, and comparisons with the versions themselves."""
    tree = ast.parse(source)
    free = _docstrings(tree)
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in free else None
        if isinstance(text, str) and LITERAL.fullmatch(text):
            yield f"line {node.lineno}: {text!r}"
        if isinstance(node, ast.Compare):
            names = {ast.unparse(part) for part in (node.left, *node.comparators)}
            if any(name.split(".")[-1] in ("V1_0_3", "V2_0") for name in names):
                yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "xapi" / "version.py"],
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_no_other_file_decides_by_version(path: Path) -> None:
    assert list(_decisions(path.read_text())) == []


@pytest.mark.parametrize(
    "source",
    [
        'x == "1.0.3"', 'name.startswith("2.")', 'SCHEMA = "statement-2.0"', "version is V2_0",
        "version.V1_0_3 == other", 'f("1.0")', '{"2.0.0": 1}',
    ],
)  # fmt: skip
def test_the_search_for_decisions_finds_them(source: str) -> None:
    assert list(_decisions(source))


@pytest.mark.parametrize("source", ['"""Spec: 2.0"""', "x = 2.0", 'section = "Data 2.4.1"'])
def test_the_search_for_decisions_spares_sections_and_numbers(source: str) -> None:
    assert list(_decisions(source)) == []
