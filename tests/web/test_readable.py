"""Statements in words, and JSON in lines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.web.readable import in_lines, results_of, thing
from lrs.xapi.text import write_json
from tests.build import activity, agent, statement

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def first(tags: Any) -> str | None:
    return next(iter(tags), None)


@given(JSON)
def test_json_in_lines_is_the_same_json(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert json.loads(in_lines(text)) == value


@pytest.mark.parametrize("number", ["1.0", "1e2", "0.10", "12345678901234567890.123"])
def test_numbers_stay_as_they_are_spelled(number: str) -> None:
    assert in_lines(f'{{"a":{number}}}') == f'{{\n  "a": {number}\n}}'


def test_each_value_has_a_line_and_empty_things_take_none() -> None:
    assert in_lines('{"a":[],"b":[1,{}]}') == '{\n  "a": [],\n  "b": [\n    1,\n    {}\n  ]\n}'


def test_signs_that_cannot_be_seen_are_shown_by_their_number() -> None:
    assert in_lines('"a\u202eb\u200b"') == '"a\\u202eb\\u200b"'


def test_a_long_list_deep_inside_others_is_cut_off() -> None:
    text = "[" * 150 + "1," * 100_000 + "1" + "]" * 150
    assert len(in_lines(text)) < 5_000_000
    assert in_lines(text).endswith("(it goes on)")


@pytest.mark.parametrize(
    ("one", "text", "parameter"),
    [
        (agent("anna"), "anna@example.org", "agent"),
        ({**agent("anna"), "name": "Anna"}, "Anna", "agent"),
        ({"account": {"homePage": "http://a.example", "name": "x"}}, "http://a.example x", "agent"),
        ({"objectType": "Group", "member": [agent("a"), agent("b")]}, "a group of 2", ""),
        (activity("http://a.example/1"), "http://a.example/1", "activity"),
        (activity("http://a.example/1", name={"de": "Eins"}), "Eins", "activity"),
        (activity("http://a.example/2"), "Two", "activity"),
        ({"objectType": "StatementRef", "id": "A"}, "the statement A", "statement"),
        (
            {**statement(verb={"id": "http://v.example/did"}), "objectType": "SubStatement"},
            "that anna@example.org did http://example.org/activity",
            "",
        ),
    ],
)
def test_every_kind_of_thing_has_words(one: Any, text: str, parameter: str) -> None:
    shown = thing(one, {"http://a.example/2": {"name": {"en": "Two"}}}, first)
    assert (shown.text, shown.filter) == (text, parameter)


def test_a_result_is_told_in_parts() -> None:
    score = {"scaled": 0.875, "raw": 7, "max": 8}
    result = {"completion": True, "success": False, "score": score, "duration": "PT5M"}
    assert results_of({**result, "response": "x" * 400}) == (
        "complete",
        "no success",
        "87.5 %",
        "7 of 8 points",
        "PT5M",
        f"“{'x' * 300}…”",
    )


def test_what_is_written_is_read() -> None:
    assert json.loads(in_lines(write_json(statement()).decode())).keys() == statement().keys()
