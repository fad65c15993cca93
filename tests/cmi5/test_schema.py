"""What CourseStructure.xsd refuses beside order and number of elements."""

from __future__ import annotations

import pytest

from lrs.cmi5.package import read_package
from lrs.cmi5.violations import InvalidPackage
from tests.cmi5.build import au, course, package

_VENDOR = '<v:x xmlns:v="https://vendor.example.org">v</v:x>'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<course ", "stray<course "),
        ("<url>", "<url><x/>"),
        ("<url>", '<url foo="1">'),
        ("<courseStructure ", '<courseStructure foo="1" '),
        ("<title>", '<title foo="1">'),
        ("<title>", "<title>stray"),
        ("<title>", f"<title>{_VENDOR}"),
        ("Geology", f"Geology{_VENDOR}"),
        ("<course ", f"{_VENDOR}<course "),
    ],
)
def test_what_the_schema_does_not_know_is_refused(old: str, new: str) -> None:
    raw = course(au()).decode().replace(old, new, 1)
    with pytest.raises(InvalidPackage) as refused:
        read_package(package(raw.encode()))
    assert refused.value.requirement == "13.2.0.0-1"


def test_elements_of_vendors_may_come_last() -> None:
    raw = course(au()).decode().replace("</courseStructure>", f"{_VENDOR}</courseStructure>")
    assert read_package(package(raw.encode()))
