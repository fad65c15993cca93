"""Import: every rule of sections 13 and 14, each fault alone, and all of them at once."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.cmi5 import package as packages
from lrs.cmi5.package import read_package
from lrs.cmi5.structure import aus_of
from lrs.cmi5.terms import NAMESPACE
from lrs.cmi5.violations import InvalidPackage
from tests.cmi5.build import BASE, au, block, course, described, package, texts

OBJECTIVE = f'<objective id="{BASE}/objective/1">{described()}</objective>'
OBJECTIVES = f"<objectives>{OBJECTIVE}</objectives>\n"
REFERENCE = f'<objectives><objective idref="{BASE}/objective/1"/></objectives>'
WEB = "https://example.org/a.html"


def faults(raw: bytes, content_type: str = "") -> list[tuple[str, int | None]]:
    with pytest.raises(InvalidPackage) as refused:
        read_package(raw, content_type=content_type)
    return [(fault.requirement, fault.line) for fault in refused.value.faults]


STRUCTURES = {
    "no XML": (b"<courseStructure", "13.2.0.0-1", 1),
    "another root": (b"<other/>", "13.2.0.0-1", 1),
    "another namespace": (course().replace(NAMESPACE.encode(), b"urn:x"), "13.2.0.0-1", 2),
    "no AU": (course(" "), "13.2.0.0-1", 2),
    "an unknown element": (course(au(url=WEB), "<x/>"), "13.2.0.0-1", 5),
    "an unknown attribute": (course(au(url=WEB, colour="red")), "13.2.0.0-1", 4),
    "an empty block": (course(f'<block id="{BASE}/b">{described()}</block>'), "13.2.0.0-1", 4),
    "an AU without url": (course(f'<au id="{BASE}/a">{described()}</au>'), "13.2.0.0-1", 4),
    "an AU with an empty url": (course(au(url=" ")), "13.2.0.0-1", 4),
    "an AU without id": (
        course(f"<au>{described()}<url>{WEB}</url></au>"),
        "13.2.0.0-1",
        4,
    ),
    "a title without langstring": (
        course(au(url=WEB)).replace(texts("title", "Geology").encode(), b"<title/>"),
        "13.2.0.0-1",
        3,
    ),
    "a lang that is none": (
        course(au(url=WEB)).replace(b'lang="en"', b'lang="not one"', 1),
        "13.2.0.0-1",
        3,
    ),
    "launchParameters after entitlementKey": (
        course(
            au(
                url=WEB,
                inner="<entitlementKey>k</entitlementKey><launchParameters>p</launchParameters>",
            )
        ),
        "13.2.0.0-1",
        4,
    ),
    "two urls": (course(au(url=WEB, inner=f"<url>{WEB}</url>")), "13.2.0.0-1", 4),
    "an unknown moveOn": (course(au(url=WEB, moveOn="Bogus")), "13.2.0.0-1", 4),
    "an unknown launchMethod": (course(au(url=WEB, launchMethod="Tab")), "13.2.0.0-1", 4),
    "a masteryScore beyond 1": (course(au(url=WEB, masteryScore="7")), "13.2.0.0-1", 4),
    "a masteryScore below 0": (course(au(url=WEB, masteryScore="-0.1")), "13.2.0.0-1", 4),
    "a masteryScore in words": (course(au(url=WEB, masteryScore="1e-1")), "13.2.0.0-1", 4),
    "a masteryScore of five decimals": (
        course(au(url=WEB, masteryScore="0.12345")),
        "13.1.4",
        4,
    ),
    "a course id without scheme": (course(au(url=WEB), id="w3id.org/x"), "3.0.0.0-1", 3),
    "an AU id without scheme": (
        course(au(url=WEB)).replace(f'"{BASE}/au/a"'.encode(), b'"w3id.org/x"'),
        "3.0.0.0-1",
        4,
    ),
    "a block id without scheme": (
        course(block("b", au(url=WEB))).replace(f'"{BASE}/block/b"'.encode(), b'"b"'),
        "3.0.0.0-1",
        4,
    ),
    "an objective id without scheme": (
        course(
            au(url=WEB),
            objectives=f'<objectives><objective id="o">{described()}</objective></objectives>\n',
        ),
        "3.0.0.0-1",
        4,
    ),
    "two AUs of one id": (course(au(url=WEB), au(url=WEB)), "13.1.4.0-1", 5),
    "two blocks of one id": (
        course(block("b", au(url=WEB)), block("b", au("c", url=WEB))),
        "13.1.2.0-1",
        6,
    ),
    "two objectives of one id": (
        course(au(url=WEB), objectives=f"<objectives>{OBJECTIVE}\n{OBJECTIVE}</objectives>\n"),
        "13.1.3.0-1",
        5,
    ),
    "a reference to no objective": (
        course(
            f'<au id="{BASE}/a">{described()}{REFERENCE}<url>{WEB}</url></au>',
        ),
        "13.1.3",
        4,
    ),
    "a relative url without zip": (course(au(url="a.html")), "14.2.0.0-1", 4),
    "a rooted url without zip": (course(au(url="/a.html")), "14.2.0.0-1", 4),
    "a space in a host": (course(au(url="https://exa mple.org/")), "13.1.4.0-2", 4),
    "a space in a path": (course(au(url="https://example.org/a b")), "13.1.4.0-2", 4),
    "half an escape": (course(au(url="https://example.org/%2")), "13.1.4.0-2", 4),
    "a host of nothing": (course(au(url="https:///a")), "13.1.4.0-2", 4),
    "a url with a name of the launch": (
        course(au(url=f"{WEB}?x=1&fetch=2")),
        "8.1.0.0-6",
        4,
    ),
    "a document type": (
        course(au(url=WEB)).replace(
            b"<courseStructure", b'<!DOCTYPE c [<!ENTITY e "x">]>\n<courseStructure'
        ),
        "13.2.0.0-1",
        2,
    ),
    "blocks too deep": (course(("<block>" * 200) + ("</block>" * 200)), "13.2.0.0-1", 4),
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_structure_with_one_fault_is_refused_for_that_alone(name: str) -> None:
    raw, requirement, line = STRUCTURES[name]
    found = faults(raw, "text/xml")
    assert {one for one, _ in found} == {requirement}
    assert (requirement, line) in found


def test_all_faults_are_told_at_once_in_the_order_of_lines() -> None:
    raw = course(
        au(url="a.html", moveOn="Bogus"),
        au("b", url=f"{WEB}?actor=1", masteryScore="2"),
        au("b", url=WEB),
        id="none",
    )
    assert faults(raw) == [
        ("3.0.0.0-1", 3),
        ("13.2.0.0-1", 4),
        ("14.2.0.0-1", 4),
        ("13.2.0.0-1", 5),
        ("8.1.0.0-6", 5),
        ("13.1.4.0-1", 6),
    ]


GOOD = {
    "every part": course(
        block(
            "b",
            block("c", au("1", url=WEB, masteryScore="0", moveOn="CompletedOrPassed")),
            f'<au id="{BASE}/2" launchMethod="OwnWindow" activityType="https://example.org/t">'
            f"{described()}{REFERENCE}<url><![CDATA[ {WEB}?a=1&b=2#x ]]></url>"
            "<launchParameters> p </launchParameters><entitlementKey>\nk </entitlementKey></au>",
        ),
        au("3", url="app+x://some/where", masteryScore="0.7500"),
        objectives=OBJECTIVES,
    ),
    "one IRI for a block and an AU": course(
        f'<block id="{BASE}/au/a">{described()}{au(url=WEB)}</block>'
    ),
    "elements of vendors": course(
        au(url=WEB, inner='<v:x xmlns:v="urn:v" y="1"><v:z/></v:x>'),
        '<v:x xmlns:v="urn:v"/>',
    ),
    "UTF-16": course(au(url=WEB)).decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "a langstring without lang": course(au(url=WEB)).replace(b' lang="en"', b""),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_structure_is_read(name: str) -> None:
    assert read_package(GOOD[name]).structure["id"] == BASE


def test_a_structure_is_read_whole_and_without_the_space_around_its_data() -> None:
    structure = read_package(GOOD["every part"]).structure
    one, two, three = aus_of(structure)
    assert one["masteryScore"] == 0
    assert (one["moveOn"], one["launchMethod"]) == ("CompletedOrPassed", "AnyWindow")
    assert (two["moveOn"], two["launchMethod"]) == ("NotApplicable", "OwnWindow")
    assert (two["url"], two["launchParameters"]) == (f"{WEB}?a=1&b=2#x", "p")
    assert (two["entitlementKey"], two["activityType"]) == ("k", "https://example.org/t")
    assert two["objectives"] == [f"{BASE}/objective/1"]
    assert "masteryScore" not in two
    assert three["masteryScore"] == 0.75
    assert structure["title"] == [{"lang": "en", "text": "Geology"}]
    assert [child["type"] for child in structure["children"]] == ["block", "au"]


def test_a_course_may_have_more_than_a_thousand_aus() -> None:
    raw = course(*(au(str(number), url=WEB) for number in range(1_001)))
    assert len(list(aus_of(read_package(raw).structure))) == 1_001


def test_a_zip_may_mix_relative_and_absolute_urls_with_queries_and_escapes() -> None:
    raw = package(
        course(au("1", url="sub/my%20a.html?x=1#y"), au("2", url=WEB), au("3", url="./a.html")),
        {"sub/my a.html": b"", "a.html": b""},
    )
    assert dict(read_package(raw).files())["sub/my a.html"] == b""


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "application/octet-stream", ""]
)
def test_a_sender_need_not_say_what_it_sends(content_type: str) -> None:
    assert read_package(package(course(au())), content_type=content_type).archive is not None


def test_zip64_is_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in (("cmi5.xml", course(au())), ("a.html", b"a")):
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
                entry.write(data)
    assert read_package(packed.getvalue(), content_type="application/zip").structure["id"] == BASE


def _with_symlink() -> bytes:
    packed = io.BytesIO(package(course(au())))
    with zipfile.ZipFile(packed, "a") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return packed.getvalue()


def _lying(raw: bytes, size: int) -> bytes:
    """Return a zip whose directory gives another size for its last file."""
    at = raw.rindex(b"PK\x01\x02") + 24
    return raw[:at] + struct.pack("<I", size) + raw[at + 4 :]


def _damaged(raw: bytes) -> bytes:
    at = raw.index(b"a.html") + 6
    return raw[:at] + b"\xff\xff\xff" + raw[at + 3 :]


ARCHIVES = {
    "no cmi5.xml": (package(None), "14.1.0.0-2"),
    "cmi5.xml in a folder": (package(None, {"x/cmi5.xml": course(au())}), "14.1.0.0-2"),
    "an AU that is not there": (package(course(au(url="b.html"))), "14.1.0.0-4"),
    "an AU outside": (package(course(au(url="../a.html"))), "14.1.0.0-4"),
    "an AU at the root": (package(course(au(url="/a.html"))), "14.1.0.0-4"),
    "half a zip": (package(course(au()))[:-30], "14.1.0.0-1"),
    "a file above": (package(course(au()), {"../a.html": b""}), "14.1.0.0-1"),
    "a file at the root": (package(course(au()), {"/a.html": b""}), "14.1.0.0-1"),
    "a file with a backslash": (package(course(au()), {"..\\a.html": b""}), "14.1.0.0-1"),
    "a file with a drive": (package(course(au()), {"C:/a.html": b""}), "14.1.0.0-1"),
    "a symbolic link": (_with_symlink(), "14.1.0.0-1"),
    "a bomb": (package(course(au()), {"a.html": b"\0" * 11_000_000}), "14.1.0.0-1"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_a_bad_archive_is_refused(name: str) -> None:
    raw, requirement = ARCHIVES[name]
    assert {one for one, _ in faults(raw, "application/zip")} == {requirement}


def test_an_archive_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MAX_FILES", 1)
    assert faults(package(course(au()))) == [("14.1.0.0-1", None)]


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MAX_UNPACKED", 100)
    assert faults(package(course(au()))) == [("14.1.0.0-1", None)]


@pytest.mark.parametrize(
    "spoil", [_damaged, lambda raw: _lying(raw, 5), lambda raw: _lying(raw, 9)]
)
def test_a_damaged_file_is_found_when_it_is_unpacked(spoil: object) -> None:
    raw = spoil(package(course(au())))  # type: ignore[operator]
    with pytest.raises(InvalidPackage):
        dict(read_package(raw).files())


@pytest.mark.parametrize(
    ("raw", "content_type", "requirement"),
    [
        (b"# A course", "text/markdown", "14.0.0.0-1"),
        (package(course(au())), "text/html; charset=utf-8", "14.0.0.0-1"),
        (b"not a zip", "application/zip", "14.1.0.0-1"),
        (b"neither", "", "14.0.0.0-1"),
        (b"", "", "14.0.0.0-1"),
    ],
)
def test_what_is_neither_zip_nor_xml_is_refused(
    raw: bytes, content_type: str, requirement: str
) -> None:
    assert faults(raw, content_type) == [(requirement, None)]


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_package_or_refused(noise: bytes) -> None:
    raw = package(course(au()))
    for spoiled in (noise, raw[:200] + noise + raw[200:], course(au()) + noise, b"<" + noise):
        with suppress(InvalidPackage):
            dict(read_package(spoiled).files())
