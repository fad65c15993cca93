"""URLs of AUs that no learner's browser is sent to."""

from __future__ import annotations

import pytest

from lrs.cmi5.package import read_package
from lrs.cmi5.violations import InvalidPackage
from tests.cmi5.build import au, course, package


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JavaScript:1", "data:text/html,hi", "file:///etc/passwd", "blob:x"],
)
def test_a_url_that_runs_in_the_name_of_others_is_refused(url: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        read_package(package(course(au(url=url))))
    assert refused.value.requirement == "13.1.4.0-2"


def test_other_schemes_are_let_pass() -> None:
    assert read_package(package(course(au(url="myapp://open/a"))))
