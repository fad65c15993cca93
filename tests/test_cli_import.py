"""`lrs import` and `lrs export`: nothing is lost, nothing stored twice, and every reject is kept with its reason."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.build import activity, agent, new_id, statement, verb, voiding
from tests.command import Command, ndjson

DATA = b"certificate"
SHA2 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def lrs(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture
def other(tmp_path: Path) -> Command:
    """Another LRS."""
    folder = tmp_path / "other"
    folder.mkdir()
    return Command(folder)


def attached() -> dict[str, Any]:
    described = {
        "usageType": "http://example.org/u",
        "display": {"en": "C"},
        "contentType": "text/plain",
        "length": len(DATA),
        "sha2": SHA2,
    }
    return statement(attachments=[described])


def varied() -> bytes:
    """Return lines of statements of many kinds, numbers spelled as Python would not."""
    target = statement(actor={**agent("anna"), "name": "Ännä 😀"})
    sent = [
        voiding(target["id"]),
        target,
        statement(version="2.0.0", timestamp="2020-02-29T12:00:00+02:00"),
        statement(authority={"objectType": "Agent", "mbox": "mailto:lms@example.org"}),
        statement(object=activity("http://example.org/a", name={"en": "A"})),
        statement(context={"contextActivities": {"parent": {"id": "http://example.org/p"}}}),
        statement(result={"extensions": {"http://example.org/x": "NUMBERS"}}),
    ]
    return ndjson(*sent).replace(b'"NUMBERS"', b"[1.10,1E5,-0,12345678901234567890123,0.0000001]")


def without_stored(texts: list[bytes]) -> list[bytes]:
    return [text.partition(b',"stored":')[0] for text in texts]


def test_an_import_says_what_became_of_the_statements(lrs: Command) -> None:
    one = statement()
    assert "2 stored, 0 there already, 0 rejected" in lrs.take(ndjson(one, statement())).stderr
    again = lrs.take(ndjson(one, statement()))
    assert "1 stored, 1 there already, 0 rejected" in again.stderr
    assert again.exit_code == 0


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("array", [False, True])
def test_arrays_and_lines_are_taken_plain_and_packed(
    lrs: Command, array: bool, packed: bool
) -> None:
    sent = [statement() for _ in range(3)]
    content = json.dumps(sent, indent=1).encode() if array else ndjson(*sent)
    result = lrs.take(
        gzip.compress(content) if packed else content, name="in.json" + ".gz" * packed
    )
    assert result.exit_code == 0
    assert [one["id"] for one in lrs.statements()] == [one["id"] for one in sent]


def test_several_files_and_standard_input_are_taken_in_order(lrs: Command) -> None:
    sent = [statement() for _ in range(3)]
    for name, one in (("a", sent[0]), ("c", sent[2])):
        (lrs.folder / name).write_bytes(ndjson(one))
    result = lrs.run(
        "import", lrs.folder / "a", "-", lrs.folder / "c", input=ndjson(sent[1]).rstrip()
    )
    assert result.exit_code == 0
    assert [one["id"] for one in lrs.statements()] == [one["id"] for one in sent]


def test_a_file_that_is_not_there_is_one_sentence(lrs: Command) -> None:
    result = lrs.run("import", lrs.folder / "nothing")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_a_reject_is_kept_with_line_reason_and_statement(lrs: Command) -> None:
    bad = statement(verb={"id": "no iri"})
    result = lrs.take(
        b"\n" + ndjson(statement()) + ndjson(bad) + b"{broken\n" + ndjson(statement())
    )
    assert result.exit_code == 1
    assert "2 stored, 0 there already, 2 rejected" in result.stderr
    assert "line 3: " in result.stderr
    assert "at /verb/id" in result.stderr
    first, second = lrs.rejects()
    assert (first["line"], first["statement"]) == (3, bad)
    assert first["refusal"]["pointer"] == "/verb/id"
    assert first["file"].endswith("in.ndjson")
    assert (second["line"], second["text"]) == (4, "{broken")
    assert second["refusal"]["code"] == "json-malformed"


def test_a_mended_file_of_rejects_is_imported_as_it_is(lrs: Command) -> None:
    sent = statement(verb={"id": "no iri"}, result={"extensions": {"http://example.org/x": 0}})
    lrs.take(ndjson(sent, statement()).replace(b'x": 0', b'x": 1.10'))
    rejects = lrs.folder / "rejects.ndjson"
    mended = rejects.read_bytes().replace(b"no iri", b"http://example.org/v")
    rejects.write_bytes(mended)
    result = lrs.run("import", "--rejects", rejects, rejects)
    assert "1 stored, 0 there already, 0 rejected" in result.stderr
    assert b'"http://example.org/x":1.10' in lrs.texts()[1]


def test_rejects_of_a_file_of_rejects_can_take_its_place(lrs: Command) -> None:
    bad = [statement(verb={"id": f"no iri {number}"}) for number in range(3)]
    lrs.take(ndjson(*bad))
    rejects = lrs.folder / "rejects.ndjson"
    rejects.write_bytes(rejects.read_bytes().replace(b"no iri 1", b"http://example.org/v"))
    result = lrs.run("import", "--rejects", rejects, rejects)
    assert "1 stored, 0 there already, 2 rejected" in result.stderr
    assert [one["statement"] for one in lrs.rejects()] == [bad[0], bad[2]]


@pytest.mark.parametrize(
    "line", [b"[" * 100_000, b'{"a":NaN}', b'{"a":"\\ud800"}', b"\xff\xfe", b"9" * 5_000, b"null"]
)
def test_a_reject_is_kept_whatever_it_is(lrs: Command, line: bytes) -> None:
    result = lrs.take(ndjson(statement()) + line)
    assert result.exit_code == 1
    (reject,) = lrs.rejects()
    assert reject["line"] == 2


def test_many_rejects_are_shown_in_part_and_kept_whole(lrs: Command) -> None:
    result = lrs.take(b"{\n" * 700)
    assert result.stderr.count("in.ndjson: line ") == 20
    assert [reject["line"] for reject in lrs.rejects()] == list(range(1, 701))


def test_a_pretty_printed_reject_of_an_array_is_one_line(lrs: Command) -> None:
    bad = statement(verb={"id": "no iri"})
    lrs.take(json.dumps([statement(), bad], indent=2).encode())
    (reject,) = lrs.rejects()
    assert (reject["line"], reject["statement"]) == (2, bad)


def test_a_conflict_and_a_conflicting_double_are_rejected(lrs: Command) -> None:
    one, two = statement(), statement()
    lrs.take(ndjson(one))
    result = lrs.take(ndjson({**one, "verb": verb("x")}, two, {**two, "verb": verb("x")}, two))
    assert "1 stored, 1 there already, 2 rejected" in result.stderr
    assert [reject["refusal"]["code"] for reject in lrs.rejects()] == ["statement-conflict"] * 2


def test_of_a_file_that_breaks_off_the_whole_statements_go_in(lrs: Command) -> None:
    broken, whole = lrs.folder / "broken.json", lrs.folder / "whole.ndjson"
    broken.write_bytes(json.dumps([statement(), statement(), statement()]).encode()[:-9])
    whole.write_bytes(ndjson(statement()))
    result = lrs.run("import", broken, whole)
    assert result.exit_code == 1
    assert f"{broken}: The array breaks off after element 2." in result.stderr
    assert "3 stored, 0 there already, 0 rejected" in result.stderr


def test_what_is_gzipped_is_known_by_its_content(lrs: Command) -> None:
    packed = gzip.compress(ndjson(statement()))
    assert lrs.take(packed, name="in.ndjson").exit_code == 0
    assert lrs.take(ndjson(statement()), name="in.ndjson.gz").exit_code == 0
    assert lrs.run("import", "-", input=gzip.compress(ndjson(statement()))).exit_code == 0
    assert len(lrs.texts()) == 3


def test_rejects_of_an_earlier_import_are_not_overwritten(lrs: Command) -> None:
    for _ in range(2):
        lrs.take(b"{")
    assert (lrs.folder / "rejects.ndjson").exists()
    assert (lrs.folder / "rejects-1.ndjson").exists()


@pytest.mark.parametrize("change", ["short", "damaged"])
def test_a_damaged_gz_file_is_one_sentence(lrs: Command, change: str) -> None:
    whole = gzip.compress(ndjson(*[statement() for _ in range(50)]))
    damaged = whole[:100] + b"\xff" * 40 + whole[140:]
    content = {"short": whole[:-20], "damaged": damaged}[change]
    result = lrs.take(content, name="in.ndjson.gz")
    assert result.exit_code == 1
    assert "The compressed file is damaged or breaks off." in result.stderr


def test_a_reject_file_that_cannot_be_written_is_one_sentence(lrs: Command) -> None:
    result = lrs.run("import", "--rejects", lrs.folder / "no" / "where", "-", input=b"{")
    assert result.exit_code == 1
    assert result.stderr.endswith("No such file or directory.\n")


@pytest.mark.parametrize("array", [False, True])
def test_export_and_import_give_equal_statements(lrs: Command, other: Command, array: bool) -> None:
    lrs.take(varied())
    exported = lrs.run("export", *["--array"] * array).stdout_bytes
    result = other.run("import", "-", input=exported)
    assert (result.exit_code, "7 stored" in result.stderr) == (0, True)
    assert without_stored(other.texts()) == without_stored(lrs.texts())
    assert other.run("check").exit_code == 0


def test_voided_statements_stay_voided(lrs: Command, other: Command) -> None:
    lrs.take(varied())
    other.run("import", "-", input=lrs.run("export").stdout_bytes)
    marks = []
    for one in (lrs, other):
        with closing(one.services().store) as store:
            scanned = store.statements.scan(after=0, limit=10)
            marks.append([(entry.id, entry.voided) for entry in scanned])
    assert marks[0] == marks[1]
    assert [voided for _, voided in marks[0]].count(True) == 1


def test_an_array_is_json_and_lines_are_lines(lrs: Command) -> None:
    lrs.take(varied())
    lines = lrs.run("export").stdout_bytes
    assert lines.endswith(b"}\n")
    assert json.loads(lrs.run("export", "--array").stdout_bytes) == lrs.statements()


def test_an_empty_store_is_exported_as_nothing_or_an_empty_array(lrs: Command) -> None:
    lrs.run("init")
    assert lrs.run("export").stdout_bytes == b""
    assert json.loads(lrs.run("export", "--array").stdout_bytes) == []


def test_export_into_a_file_packs_it_if_its_name_says_so(lrs: Command) -> None:
    lrs.take(varied())
    plain, packed = lrs.folder / "out.ndjson", lrs.folder / "out.ndjson.gz"
    for path in (plain, packed):
        assert lrs.run("export", "-o", path).exit_code == 0
    assert plain.read_bytes().splitlines() == lrs.texts()
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()


def test_export_into_a_folder_that_is_not_there_is_one_sentence(lrs: Command) -> None:
    lrs.run("init")
    path = lrs.folder / "no" / "where"
    result = lrs.run("export", "-o", path)
    assert (result.exit_code, result.stderr) == (1, f"Error: {path}: No such file or directory.\n")


def test_attachments_go_round_by_a_folder(lrs: Command, other: Command) -> None:
    files = lrs.folder / "files"
    files.mkdir()
    (files / SHA2).write_bytes(DATA)
    assert lrs.take(ndjson(attached(), statement()), "--attachments", files).exit_code == 0
    out = lrs.folder / "out"
    exported = lrs.run("export", "--attachments", out).stdout_bytes
    assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [(SHA2, DATA)]
    assert other.take(exported, "--attachments", out).exit_code == 0
    with closing(other.services().store) as store:
        assert store.attachments.get(SHA2) == DATA


def test_a_statement_whose_attachment_is_missing_is_rejected(lrs: Command) -> None:
    lrs.take(ndjson(attached(), statement()))
    (reject,) = lrs.rejects()
    assert reject["refusal"]["code"] == "attachment-missing"


def test_a_statement_whose_attachment_cannot_be_read_is_rejected(lrs: Command) -> None:
    files = lrs.folder / "files"
    files.mkdir()
    # A file, but nobody can read its beginning.
    (files / SHA2).symlink_to("/proc/self/mem")
    result = lrs.take(ndjson(attached(), statement()), "--attachments", files)
    assert "1 stored, 0 there already, 1 rejected" in result.stderr
    assert lrs.rejects()[0]["refusal"]["code"] == "attachment-unreadable"


def importing(lrs: Command, *, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Start an import of what comes in by standard input, which a signal to its group reaches alone."""
    return subprocess.Popen(
        [sys.executable, "-c", "from lrs.cli import main; main()", "import", "-"],
        stdin=subprocess.PIPE,
        stderr=stderr,
        cwd=lrs.folder,
        env={"LRS_DATA": "data"},
        start_new_session=True,
    )


def test_a_killed_import_that_is_taken_up_stores_every_statement_once(lrs: Command) -> None:
    sent = [statement(id=new_id(), result={"response": "x" * 500}) for _ in range(3_000)]
    for one in sent[::7]:
        del one["id"]
    content = ndjson(*sent)
    process = importing(lrs, stderr=subprocess.DEVNULL)
    with closing(lrs.services().store) as store, process:
        assert process.stdin is not None
        # The pipe stays open, so that the command is in the middle whenever it is killed.
        process.stdin.write(content[:-1_000])
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while store.statements.count() == 0:
            assert time.monotonic() < deadline
        process.kill()
        process.wait(15)
        before = store.statements.count()
    assert 0 < before < len(sent)
    result = lrs.take(content)
    told = re.search(r"(\d+) stored, (\d+) there already, 0 rejected", result.stderr)
    assert told is not None
    # What was on its way at the kill may have come in after the count.
    assert int(told[2]) >= before
    assert int(told[1]) + int(told[2]) == len(sent)
    assert [one["id"] for one in lrs.statements() if "id" in one][-1] == sent[-1]["id"]
    assert len(lrs.texts()) == len(sent)


def long_file() -> list[dict[str, Any]]:
    """Return so many statements that several processes import them."""
    return [statement() for _ in range(5_200)]


def test_a_long_file_is_stored_in_its_order_by_several_processes(lrs: Command) -> None:
    sent = long_file()
    for place in (10, 2_600, 4_100):
        sent[place] = {**sent[place], "verb": {"id": "no iri"}}
    sent[5_100] = {**sent[2_100], "verb": verb("other")}
    result = lrs.take(ndjson(*sent))
    assert "5196 stored, 0 there already, 4 rejected" in result.stderr
    assert [reject["line"] for reject in lrs.rejects()] == [11, 2_601, 4_101, 5_101]
    assert lrs.rejects()[-1]["refusal"]["code"] == "statement-conflict"
    good = [one["id"] for one in sent if one["verb"] not in ({"id": "no iri"}, verb("other"))]
    assert [one["id"] for one in lrs.statements()] == good


def test_of_a_long_file_that_breaks_off_the_whole_statements_go_in(lrs: Command) -> None:
    result = lrs.take(json.dumps(long_file()).encode()[:-9])
    assert result.exit_code == 1
    assert "The array breaks off after element 5199." in result.stderr
    assert "5199 stored, 0 there already, 0 rejected" in result.stderr


@pytest.mark.parametrize("kept", [1_000, 3_500])
def test_a_store_that_goes_away_is_one_sentence_and_what_came_before_is_kept(
    lrs: Command, kept: int
) -> None:
    lrs.run("init")
    with closing(sqlite3.connect(lrs.database)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON statement"
            f" WHEN (SELECT count FROM head) >= {kept}"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    result = lrs.take(ndjson(*long_file()))
    assert result.exit_code == 1
    assert "The store went away: disk full." in result.stderr
    assert len(lrs.texts()) == kept


def test_a_process_of_an_import_that_dies_is_one_sentence(lrs: Command) -> None:
    content = ndjson(*long_file())
    process = importing(lrs)
    with process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(content[:-1_000])
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while not (crew := crew_of(process.pid)):
            assert time.monotonic() < deadline
        os.kill(crew[0], signal.SIGKILL)
        process.stdin.write(content[-1_000:])
        process.stdin.close()
        told = process.stderr.read().decode()
        assert process.wait(30) == 1
    assert "run it again to go on" in told
    assert "Traceback" not in told
    assert lrs.take(content).exit_code == 0
    assert len(lrs.texts()) == 5_200


def test_control_c_ends_an_import_without_a_word_of_its_processes(lrs: Command) -> None:
    process = importing(lrs)
    with process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(ndjson(*long_file())[:-1_000])
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while not crew_of(process.pid):
            assert time.monotonic() < deadline
        # They are still starting; and one presses again if it was lost on the first.
        while process.poll() is None:
            assert time.monotonic() < deadline
            os.killpg(process.pid, signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
        assert process.returncode == 1
        told = process.stderr.read().decode()
        process.stdin.close()
    assert "Aborted!" in told
    assert "Traceback" not in told


def crew_of(pid: int) -> list[int]:
    """Return the processes that a process has started for an import."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    commands = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    return [child for child, command in commands.items() if b"spawn_main" in command]
