from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.analytics.places import COURSE, told
from tests.command import Command, ndjson

PEOPLE = """person,identifiers,name,department,role,valid_from
P1,learner-1@example.org https://hr.example.org|77,Anna,nursing,manager,
P2,mailto:learner-2@EXAMPLE.org,Berta,sales,frontline,2020-01-01
"""


@pytest.fixture
def command(tmp_path: Path) -> Command:
    made = Command(tmp_path)
    made.run("init")
    sent = [told(who, "completed", result={"completion": True}) for who in (1, 2, 3)]
    anna = {
        **told(9, "launched"),
        "actor": {"account": {"homePage": "https://hr.example.org", "name": "77"}},
    }
    assert made.take(ndjson(*sent, anna)).exit_code == 0
    return made


def table(command: Command, name: str, *options: str) -> list[dict[str, object]]:
    result = command.run("report", name, "-f", "json", *options)
    assert result.exit_code == 0, result.output
    rows: list[dict[str, object]] = json.loads(result.stdout_bytes)["rows"]
    return rows


def file(command: Command, name: str, content: str) -> Path:
    path = command.folder / name
    path.write_text(content, encoding="utf-8-sig")
    return path


def test_a_report_is_shown_as_text(command: Command) -> None:
    shown = command.run("report", "completion")

    assert "data through" in shown.output
    assert COURSE in shown.output
    assert "75.0%" in shown.output


def test_the_reports_are_listed(command: Command) -> None:
    assert "engagement-funnel" in command.run("report").output


def test_a_file_takes_the_face_of_its_ending(command: Command) -> None:
    for ending, start in (
        ("csv", b"course,"),
        ("svg", b"<svg"),
        ("parquet", b"PAR1"),
        ("png", b"\x89PNG"),
    ):
        path = command.folder / f"out.{ending}"
        assert command.run("report", "completion", "-o", path).exit_code == 0
        assert path.read_bytes().startswith(start)


def test_what_cannot_be_asked_is_one_sentence(command: Command) -> None:
    unknown = command.run("report", "nope")
    wrong = command.run("report", "verbs", "--with", "since=soon")
    half = command.run("report", "verbs", "--with", "since")

    assert (unknown.exit_code, wrong.exit_code, half.exit_code) == (1, 1, 2)
    assert "since: say NAME=VALUE" in half.output
    assert "engagement-funnel" in unknown.output
    assert "a day such as" in wrong.output


def test_people_are_matched_and_the_others_listed(command: Command) -> None:
    result = command.run("people", "import", file(command, "people.csv", PEOPLE))

    assert "2 people, 2 periods" in result.output
    assert "2 of 3 learners are known" in result.output
    assert "learner-3@example.org" in result.output


def test_who_signs_in_by_two_names_is_one_person(command: Command) -> None:
    command.run("people", "import", file(command, "people.csv", PEOPLE))

    (row,) = table(command, "verbs", "--with", "department=nursing", "--with", "role=manager")[:1]
    assert (
        sum(one["statements"] for one in table(command, "verbs", "--with", "department=nursing"))
        == 2
    )  # type: ignore[misc]
    assert row["learners"] == 1


def test_a_wrong_line_is_named_and_nothing_is_kept(command: Command) -> None:
    wrong = PEOPLE + "P3,x@example.org,,,,soon\n"

    result = command.run("people", "import", file(command, "people.csv", wrong))

    assert result.exit_code == 1
    assert "Line 4: valid_from cannot be used. Allowed: a day such as 2026-01-31." in result.output
    services = command.services()
    assert services.store.records.names("person") == []
    services.close()


def test_courses_bring_class_length_and_target(command: Command) -> None:
    courses = f"course,title,minutes,class,target,modules\n{COURSE},Safety,30,onboarding,90,\n"

    command.run("courses", "import", file(command, "courses.csv", courses))

    (row,) = table(command, "completion", "--with", "mature=1")
    assert (row["class"], row["minutes"], row["rule"], row["verdict"]) == (
        "onboarding",
        30,
        "T0",
        "bad",
    )
    assert row["target"] == 0.9


def test_outcomes_are_matched_and_the_others_listed(command: Command) -> None:
    lines = (
        "person,group,measure,value,date,exposure\n"
        "learner-1@example.org,,sales,12.5,2026-05-01,\nNobody,,sales,1,2026-05-01,\n"
    )

    result = command.run("outcomes", "import", file(command, "outcomes.csv", lines))

    assert "2 outcomes" in result.output
    assert "sales: 1 of 2 persons are known" in result.output
    assert "  Nobody  (1 outcomes)" in result.output
    assert table(command, "outcome-modules")[0]["verdict"] == "too few"


def test_content_facts_stand_beside_modules(command: Command) -> None:
    lines = f"activity,words\n{COURSE}/m,900\n"
    assert command.take(ndjson(told(7, "launched", COURSE + "/m"))).exit_code == 0

    result = command.run("content", "import", file(command, "content.csv", lines))

    assert "1 activities" in result.output
    assert [row["words"] for row in table(command, "module-hints")] == [900]


@pytest.mark.parametrize(
    "line", ["c,ten,,,", "c,10,perhaps,,", "c,,,soon,", "c,,,,-5", "c,,,,much"]
)
def test_a_course_that_makes_no_sense_is_refused(line: str, command: Command) -> None:
    path = file(command, "courses.csv", f"course,minutes,class,due_days,cost\n{line}\n")

    assert "Line 2" in command.run("courses", "import", path).output


def test_the_lake_is_kept_by_commands(command: Command) -> None:
    assert "waiting    4" in command.run("lake", "status").output
    command.run("lake", "update")
    assert "facts      4" in command.run("lake", "status").output
    assert command.run("lake", "rebuild").exit_code == 0
    assert "files fewer" in command.run("lake", "compact").output
    assert "waiting    0" in command.run("lake", "status").output


def test_another_zone_wants_a_rebuild(command: Command) -> None:
    command.run("lake", "update")

    refused = command.run("report", "verbs", LRS_ZONE="Asia/Tokyo")

    assert refused.exit_code == 1
    assert "lrs lake rebuild" in refused.output
    assert "lrs lake rebuild" in command.run("lake", "status", LRS_ZONE="Asia/Tokyo").output


def test_simulated_learners_come_through_the_one_door(tmp_path: Path) -> None:
    command = Command(tmp_path)

    result = command.run("simulate", "--learners", "5", "--seed", "2", "--last", "2026-05-01")

    assert result.exit_code == 0, result.output
    first = command.texts()
    assert f"{len(first)} statements of 5 learners" in result.output
    again = command.run("simulate", "--learners", "5", "--seed", "2", "--last", "2026-05-01")
    assert again.output.splitlines()[-1] == "0 statements of 5 learners"
    assert command.texts() == first


def sealed(command: Command, ending: str = "csv") -> tuple[Path, Path]:
    """Write a pack and the key; return their paths."""
    pack, key = command.folder / f"pack.{ending}", command.folder / "key.pem"
    assert command.run("audit", "pack", pack).exit_code == 0
    key.write_text(command.run("audit", "key").output, "utf-8")
    return pack, key


def test_no_part_of_a_pack_is_sealed_for_the_whole(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    courses = command.folder / "courses.csv"
    courses.write_text(f"course,class\n{COURSE},certification\n", "utf-8")
    assert command.run("courses", "import", courses).exit_code == 0
    monkeypatch.setattr("lrs.analytics.reporting.MAX_ROWS", 1)
    pack = command.folder / "pack.csv"
    result = command.run("audit", "pack", pack)
    assert result.exit_code == 1
    assert "no part is sealed" in result.output
    assert not pack.exists()


@pytest.mark.parametrize("ending", ["csv", "json", "parquet"])
def test_an_auditor_tells_an_untouched_pack_without_the_store(
    ending: str, command: Command, tmp_path: Path
) -> None:
    pack, key = sealed(command, ending)
    auditor = Command(tmp_path / "auditor")

    found = auditor.run("audit", "verify", pack, "--key", key)

    assert (found.exit_code, "untouched" in found.output) == (0, True)
    assert not (tmp_path / "auditor").exists()
    # Any other tool says the same: the seal is the plain signature of the file.
    public_key = load_pem_public_key(key.read_bytes())
    assert isinstance(public_key, Ed25519PublicKey)
    public_key.verify(Path(f"{pack}.sig").read_bytes(), pack.read_bytes())


def test_a_pack_that_was_touched_is_told(command: Command, tmp_path: Path) -> None:
    pack, key = sealed(command)
    whole = pack.read_bytes()
    for touched in (whole[:-1], whole + b"\n", whole.replace(b"course", b"coursf", 1), b""):
        pack.write_bytes(touched)
        found = command.run("audit", "verify", pack, "--key", key)
        assert (found.exit_code, "is not what was sealed" in found.output) == (1, True)
    pack.write_bytes(whole)
    assert command.run("audit", "verify", pack).exit_code == 0

    Path(f"{pack}.sig").write_bytes(b"")
    assert command.run("audit", "verify", pack).exit_code == 1


def test_the_key_of_another_store_says_no(command: Command, tmp_path: Path) -> None:
    pack, _ = sealed(command)
    other = Command(tmp_path / "other")
    assert other.run("init").exit_code == 0
    key = tmp_path / "other.pem"
    key.write_text(other.run("audit", "key").output, "utf-8")

    assert command.run("audit", "verify", pack, "--key", key).exit_code == 1
    wrong = command.run("audit", "verify", pack, "--key", pack)
    assert "This is no key for seals." in wrong.output
    missing = command.run("audit", "verify", key, "--key", key)
    assert "There is no seal" in missing.output
