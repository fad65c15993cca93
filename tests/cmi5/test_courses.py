"""Courses: versions, export, search, deletion."""

from __future__ import annotations

import pytest

from lrs.cmi5 import terms
from lrs.cmi5.violations import InvalidPackage
from lrs.errors import Conflict, NotFound
from tests.cmi5.build import BASE, au, course, package
from tests.cmi5.conftest import Lms


def test_a_new_version_keeps_registrations_and_what_is_satisfied(lms: Lms) -> None:
    course_id = lms.course(au(moveOn="Passed"), au("b", moveOn="Passed"))
    registration = lms.enrol(course_id)
    one = lms.launch(registration).start()
    one.say(terms.PASSED)
    activity = one.held[1]["activityId"]
    lms.open()
    lms.services.cmi5.courses.replace(
        course_id,
        package(course(au("new", moveOn="Passed"), au(moveOn="Completed", masteryScore="0.5"))),
    )
    for services in lms.opened:
        status = services.cmi5.status(registration)
        assert [node["satisfied"] for node in status["tree"]["children"]] == [False, True]
    again = lms.launch(registration, "1", mode="Normal")
    assert again.held[1]["activityId"] == activity
    assert "/2/a.html" in again.held[1]["launchUrl"]
    with pytest.raises(Conflict):
        lms.services.cmi5.courses.replace(course_id, package(course(au(), id="urn:other")))


def test_a_course_is_exported_as_it_was_imported(lms: Lms) -> None:
    structure, files = course(au()), {"a.html": b"a", "b/ä.bin": b"\0\xff" * 1_000}
    courses = lms.services.cmi5.courses
    record = courses.add(package(structure, files))
    packed, media_type = courses.export(record["id"])
    assert media_type == "application/zip"
    again = courses.add(packed)
    assert courses.file(again["id"], 1, "b/ä.bin").data == files["b/ä.bin"]
    assert courses.file(again["id"], 1, "cmi5.xml").data == structure
    alone = course(au(url="https://example.org/a"))
    assert courses.export(courses.add(alone)["id"]) == (alone, "text/xml")


def test_a_refused_package_leaves_nothing_behind(lms: Lms) -> None:
    before = lms.services.store.records.names("cmi5-course")
    raw = package(course(au()), {"a.html": b"a" * 100, "z.bin": b"z" * 100})
    at = raw.index(b"z.bin") + 5
    with pytest.raises(InvalidPackage):
        lms.services.cmi5.courses.add(raw[:at] + b"\xff" + raw[at + 1 :])
    records = lms.services.store.records
    for kind in ("cmi5-course", "cmi5-files", "cmi5-structure"):
        assert records.names(kind) == before


def test_deleting_a_course_keeps_its_statements(lms: Lms) -> None:
    course_id = lms.course(au(moveOn="Passed"))
    registration = lms.enrol(course_id)
    one = lms.launch(registration).start()
    lms.services.cmi5.registrations.delete_course(course_id)
    assert lms.verbs(registration) == ["launched", "initialized", "abandoned"]
    assert one.authenticated("eDp5") is None
    for gone in (
        lambda: lms.services.cmi5.courses.course(course_id),
        lambda: lms.services.cmi5.registrations.get(registration),
        lambda: lms.services.cmi5.registrations.delete_course(course_id),
        lambda: lms.services.cmi5.courses.file(course_id, 1, "a.html"),
    ):
        with pytest.raises(NotFound):
            gone()


def test_courses_are_found_by_what_they_say(lms: Lms) -> None:
    course_id = lms.course(au())
    find = lms.services.cmi5.courses.find
    for text in ("geo", "GEOLOGY", BASE, ""):
        assert [one["id"] for one in find(text=text)] == [course_id]
    assert find(text="history") == []
