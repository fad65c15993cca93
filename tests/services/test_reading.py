"""Statements of files are read one by one, whatever the chunks in which the bytes come."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import cycle
from typing import IO, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.errors import BadRequest
from lrs.services import reading
from lrs.services.importing import parse_item
from lrs.services.reading import Item, read_items
from lrs.xapi.text import write_json
from tests.build import statement


class Trickle:
    """A stream that gives fewer bytes than asked for, as pipes do."""

    def __init__(self, content: bytes, sizes: Sequence[int]) -> None:
        self._content, self._sizes, self._at = content, cycle(sizes), 0

    def read(self, size: int) -> bytes:
        start = self._at
        self._at += min(size, next(self._sizes))
        return self._content[start : self._at]


def items_of(content: bytes, *sizes: int) -> list[Item]:
    return list(read_items(cast("IO[bytes]", Trickle(content, sizes or (1 << 20,)))))


def values_of(content: bytes, *sizes: int) -> list[Any]:
    return [json.loads(item.text) for item in items_of(content, *sizes)]


TEXT = st.text('ab[]{},:"\\\n\té😀', max_size=6)
VALUES = st.recursive(
    TEXT | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(TEXT, VALUES, max_size=4), max_size=6)
SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=4)
BLANK = st.text(" \t\r\n", max_size=3)
MARK = st.sampled_from([b"", b"\xef\xbb\xbf"])


@given(OBJECTS, SIZES, BLANK, st.sampled_from([None, 0, 2]), st.booleans(), MARK)
def test_any_array_is_read_element_by_element(
    objects: list[Any], sizes: list[int], blank: str, indent: int | None, plain: bool, mark: bytes
) -> None:
    texts = [json.dumps(one, indent=indent, ensure_ascii=plain) for one in objects]
    content = blank + "[" + blank + f"{blank},{blank}".join(texts) + blank + "]" + blank
    items = items_of(mark + content.encode(), *sizes)
    assert [json.loads(item.text) for item in items] == objects
    assert [item.number for item in items] == list(range(1, len(objects) + 1))


@given(OBJECTS, SIZES, st.sampled_from(["\n", "\r\n", "\n\n", "\n \r\n\t\n"]), st.booleans(), MARK)
def test_any_lines_are_read_line_by_line(
    objects: list[Any], sizes: list[int], between: str, closed: bool, mark: bytes
) -> None:
    lines = [json.dumps(one, ensure_ascii=False) for one in objects]
    content = between.join(lines) + (between if closed else "")
    assert values_of(mark + content.encode(), *sizes) == objects


def test_blank_lines_count_in_line_numbers() -> None:
    for sizes in ((1,), (1 << 20,)):
        assert [item.number for item in items_of(b"\n\r\n{}\n\n \n{}", *sizes)] == [3, 6]


@pytest.mark.parametrize(
    "content", [b"", b"\n \n", b"\xef\xbb\xbf", b"[]", b" [ \n ] \n", b"\xef\xbb\xbf[]"]
)
def test_an_empty_file_has_no_statements(content: bytes) -> None:
    assert items_of(content) == items_of(content, 1) == []


@pytest.mark.parametrize(
    "content",
    [b"[", b'[{"a":1}', b'[{"a":1},', b'[{"a":1},{"b":"]', b'[{"a":1},{"b"'],
)
def test_an_array_that_breaks_off_is_refused_after_its_whole_elements(content: bytes) -> None:
    found: list[Item] = []
    with pytest.raises(BadRequest, match=r"The array breaks off after element [01]"):
        found.extend(read_items(cast("IO[bytes]", Trickle(content, (3,)))))
    assert len(found) <= 1


def test_a_bracket_too_many_spoils_its_own_element_alone() -> None:
    assert [item.text for item in items_of(b'[{"a":1}},{"b":2},},{"c":3}]')] == [
        b'{"a":1}}',
        b'{"b":2}',
        b"}",
        b'{"c":3}',
    ]


@pytest.mark.parametrize("content", [b'[{"a":1}]{"b":2}', b"[{}]\n[{}]", b"[{}] ]", b"[]x"])
def test_what_follows_an_array_is_refused_not_passed_over(content: bytes) -> None:
    for size in (1, 1 << 20):
        with pytest.raises(BadRequest, match="More follows the end of the array"):
            items_of(content, size)


@pytest.mark.parametrize("start", [b"", b"[{},"])
def test_a_statement_beyond_the_bound_is_refused_before_it_is_whole(
    start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_MAX_ITEM", 1_000)
    endless = start + b'{"a":"' + b"x" * 100_000
    with pytest.raises(BadRequest, match=r"Statement [12] is too long"):
        items_of(endless, 100)


def test_a_long_string_is_read_fast() -> None:
    # A pattern that remembers each sign took a second and a GB for this.
    value = "a\\\n" * 2_000_000
    assert values_of(json.dumps([{"a": value}]).encode()) == [{"a": value}]


def test_a_made_id_depends_on_text_and_number_alone() -> None:
    sent = statement()
    del sent["id"]
    text = json.dumps(sent).encode()
    made = [parse_item(Item(number, text)).value["id"] for number in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


def test_a_made_id_leaves_numbers_as_they_are_spelled() -> None:
    parsed = parse_item(Item(1, b'{"a":1.10}'))
    assert write_json(parsed.literal).endswith(b'"a":1.10}')


@pytest.mark.parametrize(
    "text", [b"1", b"[]", b'"x"', b"null", b"{", b'{"a":1,"a":2}', b"\xff", b""]
)
def test_an_item_that_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_item(Item(1, text))


def test_a_line_of_a_file_of_rejects_stands_for_its_statement() -> None:
    line = b'{"file":"f","line":7,"refusal":{},"statement": {"id":"x","a":1.10}}'
    parsed = parse_item(Item(1, line))
    assert parsed.value == {"id": "x", "a": 1.1}
    assert write_json(parsed.literal) == b'{"id":"x","a":1.10}'
