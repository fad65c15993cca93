"""Which raw data statements must, may and must not bring along. Spec: Communication 1.5.2; Data 2.4.11 (1.0.3)."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.attachments import Part, attachments_of, check_parts, has_digest
from tests.build import statement

DATA = b"certificate"
SHA2 = hashlib.sha256(DATA).hexdigest()
PARTS = {SHA2: Part(SHA2, DATA)}


def attachment(**changes: Any) -> JsonObject:
    return {"usageType": "http://example.org/u", "sha2": SHA2, **changes}


def sub(**changes: Any) -> JsonObject:
    inner = {name: part for name, part in statement(**changes).items() if name != "id"}
    return {"objectType": "SubStatement", **inner}


@pytest.mark.parametrize("name", ["sha224", "sha256", "sha384", "sha512"])
def test_every_sha_2_digest_is_checked_in_any_case(name: str) -> None:
    digest = hashlib.new(name, DATA).hexdigest()
    assert has_digest(DATA, digest)
    assert has_digest(DATA, digest.upper())
    assert not has_digest(DATA + b"!", digest)


@pytest.mark.parametrize("digest", ["", "abc", hashlib.sha1(DATA).hexdigest()])  # noqa: S324
def test_other_digests_are_never_right(digest: str) -> None:
    assert not has_digest(DATA, digest)


def test_attachments_of_the_sub_statement_are_found_with_their_place() -> None:
    outer, inner = attachment(), attachment(sha2="b")
    sent = statement(attachments=[outer], object=sub(attachments=[inner, inner]))
    assert list(attachments_of(sent)) == [
        ("/attachments/0", outer),
        ("/object/attachments/0", inner),
        ("/object/attachments/1", inner),
    ]


@pytest.mark.parametrize(
    "described",
    [attachment(), attachment(sha2=SHA2.upper()), attachment(fileUrl="http://example.org/f")],
)
def test_an_attachment_with_its_part_is_accepted(described: JsonObject) -> None:
    check_parts([("", statement(attachments=[described]))], PARTS)


def test_an_attachment_with_only_a_file_url_is_accepted() -> None:
    described = attachment(fileUrl="http://example.org/f")
    check_parts([("", statement(attachments=[described]))], {})


def test_one_part_may_serve_several_statements() -> None:
    both = [(f"/{index}", statement(attachments=[attachment()])) for index in range(2)]
    check_parts(both, PARTS)


def test_an_attachment_without_part_and_file_url_is_refused_with_its_place() -> None:
    sent = statement(object=sub(attachments=[attachment()]))
    with pytest.raises(BadRequest) as refused:
        check_parts([("/0", statement()), ("/1", sent)], {})
    assert (refused.value.code, refused.value.pointer) == (
        "attachment-missing",
        "/1/object/attachments/0",
    )


def test_a_part_that_no_statement_declares_is_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        check_parts([("", statement())], PARTS)
    assert refused.value.code == "attachment-excess"
