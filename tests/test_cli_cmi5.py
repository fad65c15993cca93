"""`lrs cmi5`: from a package to a satisfied course."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cmi5.build import au, block, course, package
from tests.command import Command

ANNA = "https://example.org::anna"


@pytest.fixture
def lrs(tmp_path: Path) -> Command:
    return Command(tmp_path)


def run(lrs: Command, *arguments: str | Path) -> str:
    result = lrs.run("cmi5", *arguments)
    assert result.exit_code == 0, result.output
    return str(result.output).strip()


def imported(lrs: Command, *children: str) -> str:
    path = lrs.folder / "course.zip"
    path.write_bytes(package(course(*children)))
    return run(lrs, "import", path)


def test_a_course_goes_from_import_to_satisfied(lrs: Command) -> None:
    course_id = imported(lrs, block("b", au(moveOn="CompletedAndPassed", masteryScore="0.5")))
    assert course_id in run(lrs, "courses", "geology")
    registration = run(lrs, "register", course_id, "--actor", ANNA)
    assert run(lrs, "register", course_id, "--actor", ANNA) == registration
    assert f"registration={registration}" in run(lrs, "launch", registration, "0")
    assert "launched" in run(lrs, "sessions")
    played = run(
        lrs, "simulate", registration, "0", "--passed", "0.9", "--completed", "--progress", "50"
    )
    assert "initialized, progressed, passed, completed, terminated" in played
    assert "[x] Geology" in run(lrs, "status", registration)
    assert "abandoned" in run(lrs, "sessions", "--registration", registration)
    assert "anna" in run(lrs, "report", course_id)


def test_validate_tells_every_violation_and_stores_nothing(lrs: Command) -> None:
    path = lrs.folder / "cmi5.xml"
    path.write_bytes(course(au(moveOn="Bogus")))
    result = lrs.run("cmi5", "validate", path)
    assert result.exit_code == 1
    assert "line 4: The url of an AU is relative" in result.output
    assert "[13.2.0.0-1]" in result.output
    assert lrs.run("cmi5", "import", path).exit_code == 1
    path.write_bytes(course(au(url="https://example.org/a")))
    assert run(lrs, "validate", path) == "A good package: 1 AUs."


def test_what_an_au_may_not_say_the_simulated_one_may_not_either(lrs: Command) -> None:
    registration = run(
        lrs, "register", imported(lrs, au(masteryScore="0.9", moveOn="Passed")), "--actor", ANNA
    )
    refused = lrs.run("cmi5", "simulate", registration, "0", "--passed", "0.5")
    assert refused.exit_code == 1
    assert "The verb does not go with the score" in refused.output
    assert "1 abandoned" in run(lrs, "sweep", "--idle", "0")


def test_sessions_are_abandoned_and_logged(lrs: Command) -> None:
    registration = run(lrs, "register", imported(lrs, au(moveOn="Passed")), "--actor", ANNA)
    run(lrs, "simulate", registration, "0", "--no-terminated")
    session = run(lrs, "sessions").split()[0]
    assert run(lrs, "abandon", session) == "Abandoned."
    assert run(lrs, "abandon", session) == "It had ended before."
    log = run(lrs, "log", session)
    assert "token fetched" in log
    assert "statement       initialized" in log
    assert run(lrs, "waive", registration, "0", "--reason", "Administrative") == "Waived."
    assert "waived: Administrative" in run(lrs, "status", registration)


def test_a_course_is_exported_replaced_and_deleted(lrs: Command) -> None:
    course_id = imported(lrs, au())
    copy = lrs.folder / "copy.zip"
    run(lrs, "export", course_id, "-o", copy)
    assert run(lrs, "import", copy, "--replace", course_id) == course_id
    assert "v2" in run(lrs, "courses")
    assert run(lrs, "delete", course_id) == "Deleted."
    gone = lrs.run("cmi5", "delete", course_id)
    assert (gone.exit_code, "no such course" in gone.output) == (1, True)


def test_an_actor_needs_a_home_page(lrs: Command) -> None:
    result = lrs.run("cmi5", "register", imported(lrs, au()), "--actor", "anna")
    assert "HOME::NAME" in result.output
