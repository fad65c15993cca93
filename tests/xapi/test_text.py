"""JSON text: strict in form, exact in numbers. Spec: Data 2.2; Communication 1.4."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.errors import BadRequest, TooLarge
from lrs.xapi.text import (
    MAX_DEPTH,
    MAX_VALUES,
    Parsed,
    demand_json,
    pointer,
    read_json,
    read_literal,
    write_json,
)

NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?", fullmatch=True
)
SPACES = st.text(" \t\r\n", max_size=2)


def _joined(parts: list[str], signs: str, space: str) -> str:
    return signs[0] + space + f"{space},{space}".join(parts) + space + signs[1]


def _members(names: list[str], values: list[str], space: str) -> str:
    pairs = [f"{json.dumps(name)}{space}:{space}{value}" for name, value in zip(names, values)]  # noqa: B905
    return _joined(pairs, "{}", space)


TEXTS = st.recursive(
    NUMBERS
    | st.sampled_from(["true", "false", "null"])
    | st.builds(json.dumps, st.text('ab[]{}:,1.0\\"é😀', max_size=8)),
    lambda inner: (
        st.builds(_joined, st.lists(inner, max_size=4), st.just("[]"), SPACES)
        | st.builds(
            _members,
            st.lists(st.text('ab1.0-eE:[\\"', max_size=4), min_size=4, max_size=4, unique=True),
            st.lists(inner, max_size=4),
            SPACES,
        )
    ),
    max_leaves=20,
)


def spelled(text: bytes | str) -> Any:
    """Return the JSON with every number as the text that spells it."""
    return json.loads(text, parse_float=lambda s: ("number", s), parse_int=lambda s: ("number", s))


@given(TEXTS)
def test_any_json_is_written_as_it_was_read(text: str) -> None:
    assert spelled(write_json(read_json(text.encode()).literal)) == spelled(text)


@given(TEXTS)
def test_what_was_written_is_read_again_to_the_same(text: str) -> None:
    written = write_json(read_json(text.encode()).literal)
    assert write_json(read_literal(written)) == written


@given(TEXTS)
def test_values_are_those_of_the_json_module_but_for_integers_beyond_64_bits(text: str) -> None:
    def whole(digits: str) -> int | float:
        return int(digits) if -(2**63) <= int(digits) < 2**64 else float(digits)

    assert read_json(text.encode()).value == json.loads(text, parse_int=whole)


@pytest.mark.parametrize(
    "number",
    [
        "0", "-0", "-0.0", "1.0", "1.10", "1.100", "100", "1E5", "1e+5", "1.5E-7", "0.00001", "0.000012", "0.0000001",
        "-0.000001", "12345678901234567890123", "9223372036854775807", "-9223372036854775808", "18446744073709551616",
        "0.1234567890123456789", "3.141592653589793238", "1e308",
    ],
)  # fmt: skip
@pytest.mark.parametrize("frame", ["%s", '{"a":%s}', "[1,%s]", '{"a" : %s}', "[\n%s]"])
def test_a_number_keeps_its_spelling(number: str, frame: str) -> None:
    assert number.encode() in write_json(read_json((frame % number).encode()).literal)


def test_plain_numbers_cost_one_tree() -> None:
    parsed = read_json(b'{"a":[1,2.5,"1.10"]}')
    assert parsed.literal is parsed.value


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"a":1,"a":1}', "/a"),
        ('{"a":1,"b":2,"a":3}', "/a"),
        ('{"x":[0,{"a":{"b":1,"b":2}}]}', "/x/1/a/b"),
        ('{"\\u0061":1,"a":2}', "/a"),
        ('{"a\\u0022":1,"a\\"":2}', '/a"'),
        ('{"a\\u0022":1,"b":2,"b":"\\u0022\\u0022"}', "/b"),
        ('{"a/b":1,"a/b":2}', "/a~1b"),
        ('{"~":1,"~":2}', "/~0"),
        ('{"":1,"":2}', "/"),
        ('{"é":1,"\\u00e9":2}', "/é"),
        ('[{"a":1},{"a":1,"a":2}]', "/1/a"),
    ],
)
def test_a_key_given_twice_is_found(text: str, where: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_json(text.encode())
    assert (refused.value.code, refused.value.pointer) == ("json-duplicate-key", where)


@pytest.mark.parametrize(
    "text",
    ['[{"a":1},{"a":1}]', '{"a":{"a":1}}', '{"a\\u0022":"\\u0022"}', '{"a\\\\u0022":1}', '{"A":1,"a":2}'],
)  # fmt: skip
def test_keys_of_different_objects_may_be_the_same(text: str) -> None:
    assert read_json(text.encode()).value == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        b"", b" ", b"{", b"[1,]", b"{'a':1}", b"NaN", b"[NaN]", b"[Infinity]", b"[-Infinity]", b"[1e400]", b"[01]",
        b"[1.]", b"[.5]", b"[+1]", b"[1] 2", b'["\x01"]', b'["\\x"]', b'["\\ud800"]', b'["\\udc00\\ud800"]',
        b'["\xff"]', b'["\xed\xa0\x80"]', b"\xef\xbb{}", b"{}\xef\xbb\xbf", b"\x00{}", b"[" + b"9" * 5_000 + b"]",
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused(text: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        read_json(text)
    assert refused.value.code == "json-malformed"
    assert refused.value.message.startswith("The JSON is not well-formed:")


@pytest.mark.parametrize(
    "text",
    [
        b'["\\ud83d"]', b'{"a":1,"a":2}', b"[1e400]", b"-1e400", b"[" + b"9" * 5_000 + b"]", b'"\\udc00\\ud800"',
        b" [1] ", b"1", b"null", b'"\\ud83d' + b'"', b"[" * 300 + b"]" * 300,
        (b'{"a":' * MAX_DEPTH) + b'"\\ud83d"' + b"}" * MAX_DEPTH,
    ],
)  # fmt: skip
def test_what_need_not_be_read_is_json_as_rfc_8259_has_it(text: bytes) -> None:
    demand_json(text)


@pytest.mark.parametrize(
    "text",
    [
        b"", b" ", b"{", b"[1,]", b"{'a':1}", b"NaN", b"[NaN]", b"[-Infinity]", b"[01]", b"[1.]", b"[1] 2",
        b'["\x01"]', b'["\\x"]', b'["\xff"]', b'["\xed\xa0\x80"]', b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"),
        b'["\\ud83d", NaN]', b'["\\ud83d"',
    ],
)  # fmt: skip
def test_what_is_kept_unread_must_be_json_all_the_same(text: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        demand_json(text)
    assert refused.value.code == "json-malformed"
    assert refused.value.allowed == "one JSON value in UTF-8"


def test_depth_beyond_every_recursion_is_refused_unread_too() -> None:
    with pytest.raises(BadRequest) as refused:
        demand_json(b"[" * 1_000_000)
    assert refused.value.code == "json-too-deep"


@pytest.mark.parametrize("read", [read_json, demand_json])
def test_a_text_of_too_many_values_is_too_large(read: Callable[[bytes], object]) -> None:
    with pytest.raises(TooLarge) as refused:
        read(b"[" + b"1," * MAX_VALUES + b"1]")
    assert (refused.value.status, refused.value.code) == (413, "json-too-large")


def test_a_surrogate_pair_is_one_sign() -> None:
    assert read_json(b'"\\ud83d\\ude00"').value == "😀"


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")])
def test_the_bound_of_depth_is_exact(start: str, end: str) -> None:
    def nested(depth: int) -> bytes:
        return (start * depth + "1" * (start != "[") + end * depth).encode()

    assert MAX_DEPTH == 200
    assert write_json(read_json(nested(200)).literal) == nested(200)
    with pytest.raises(BadRequest) as refused:
        read_json(nested(201))
    assert refused.value.code == "json-too-deep"


def test_brackets_in_strings_and_side_by_side_are_no_depth() -> None:
    text = json.dumps(["[" * 500, '\\"[{' * 500, *([{}] * 500)])
    assert read_json(text.encode()).value == json.loads(text)


def test_depth_far_beyond_every_recursion_is_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        read_json(b"[" * 1_000_000)
    assert refused.value.code == "json-too-deep"


def test_a_very_long_string_beside_many_brackets_costs_little() -> None:
    # A pattern that remembers each sign of the string took a second and a GB for this.
    text = b"[" + b"[]," * 300 + b'"' + b"a\\n" * 2_000_000 + b'"]'
    assert len(read_json(text).value) == 301


def test_items_of_an_array_keep_value_and_literal_together() -> None:
    items = read_json(b"[1.10,2]").items()
    assert [item.value for item in items] == [1.1, 2]
    assert [write_json(item.literal) for item in items] == [b"1.10", b"2"]


def test_one_object_is_its_own_only_item() -> None:
    parsed = Parsed({"a": 1}, {"a": 1})
    assert parsed.items() == (parsed,)


def test_a_pointer_escapes_as_rfc_6901_says() -> None:
    assert pointer(["a/b", "m~n", 0, ""]) == "/a~1b/m~0n/0/"
