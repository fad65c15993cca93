"""The `lrs` command but for import and export: first start, credentials, checking, and what it says of mistakes."""

from __future__ import annotations

import re
import socket
import sqlite3
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lrs import clock
from lrs.auth.credentials import Credentials
from lrs.auth.principal import Principal
from tests.build import statement
from tests.command import Command, ndjson
from tests.conftest import Server, headers


@pytest.fixture
def lrs(tmp_path: Path) -> Command:
    return Command(tmp_path)


def verify(lrs: Command, key: str, secret: str) -> Principal | None:
    with closing(lrs.services().store) as store:
        return Credentials(store.records, clock.now).verify(key, secret)


def made(output: str) -> tuple[str, str]:
    """Return the key and the secret that a command has printed."""
    (key,), (secret,) = (
        re.findall(rf"^{name}: +(\S+)$", output, re.M) for name in ("key", "secret")
    )
    return key, secret


def test_init_prints_endpoint_key_and_secret_once(lrs: Command) -> None:
    first = lrs.run("init")
    assert "endpoint: http://127.0.0.1:8080/xapi/" in first.stdout
    assert verify(lrs, *made(first.stdout)) is not None
    second = lrs.run("init")
    assert "secret:" not in second.output
    assert (first.exit_code, second.exit_code) == (0, 0)


def test_the_endpoint_is_that_of_lrs_url(lrs: Command) -> None:
    output = lrs.run("init", LRS_URL="https://lrs.example.org/a/").stdout
    assert "endpoint: https://lrs.example.org/a/xapi/" in output


def test_the_key_of_the_environment_becomes_a_credential_beside_others(lrs: Command) -> None:
    first = made(lrs.run("init").stdout)
    output = lrs.run("init", LRS_KEY="mine", LRS_SECRET="s").output
    assert verify(lrs, "mine", "s") is not None
    assert verify(lrs, *first) is not None
    assert "secret:" not in output


def test_a_changed_secret_of_the_environment_changes_the_credential(lrs: Command) -> None:
    lrs.run("init", LRS_KEY="mine", LRS_SECRET="old")
    lrs.run("init", LRS_KEY="mine", LRS_SECRET="new")
    assert verify(lrs, "mine", "old") is None
    assert verify(lrs, "mine", "new") is not None


def test_a_changed_secret_changes_nothing_else(lrs: Command) -> None:
    records = []
    for secret in ("old", "new"):
        lrs.run("init", LRS_KEY="mine", LRS_SECRET=secret)
        lrs.run("credential", "tolerate", "mine", "--quirk", "null-properties")
        with closing(lrs.services().store) as store:
            records.append(store.records.all("credential")["mine"])
    assert records[0].pop("secretHash") != records[1].pop("secretHash")
    assert records[0] == records[1]


def test_a_revoked_key_of_the_environment_stays_revoked(lrs: Command) -> None:
    lrs.run("init", LRS_KEY="mine", LRS_SECRET="s")
    lrs.run("credential", "revoke", "mine")
    for secret in ("s", "new"):
        done = lrs.run("init", LRS_KEY="mine", LRS_SECRET=secret)
        assert (done.exit_code, "was revoked on" in done.stderr) == (1, True)
        assert verify(lrs, "mine", secret) is None


def test_an_unchanged_key_of_the_environment_is_left_as_it_is(lrs: Command) -> None:
    outputs = []
    for _ in range(2):
        lrs.run("init", LRS_KEY="mine", LRS_SECRET="s")
        with closing(lrs.services().store) as store:
            outputs.append(store.records.all("credential"))
    assert outputs[0] == outputs[1]


def test_serve_takes_the_key_of_the_environment(
    serve: Callable[..., Server],
) -> None:
    server = serve()
    address = f"{server.url}/xapi/statements"
    request = urllib.request.Request(address, headers=headers())  # noqa: S310 our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        assert answer.status == 200


def test_credentials_are_added_listed_and_revoked(lrs: Command) -> None:
    added = lrs.run(
        "credential", "add", "--label", "LMS", "--scope", "statements/write", "--scope", "all/read"
    )
    key, secret = made(added.stdout)
    listed = lrs.run("credential", "list").stdout
    assert re.search(rf"^{key} +in force +statements/write,all/read .* LMS$", listed, re.M)
    assert secret not in listed
    assert lrs.run("credential", "revoke", key).exit_code == 0
    assert "revoked" in lrs.run("credential", "list").stdout
    assert verify(lrs, key, secret) is None


def test_an_unknown_scope_is_refused_with_the_choices(lrs: Command) -> None:
    result = lrs.run("credential", "add", "--scope", "everything")
    assert result.exit_code == 2
    assert "statements/read/mine" in result.stderr


def test_a_credential_that_is_not_there_cannot_be_revoked(lrs: Command) -> None:
    lrs.run("init")
    result = lrs.run("credential", "revoke", "nobody")
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: There is no such credential in force; see `lrs credential list`.\n",
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"LRS_STORE": "mysql://x"}, "The store must be sqlite:///FILE or mongodb://HOST/DATABASE."),
        ({"LRS_STORE": "lrs.sqlite"}, "The store must be sqlite:///FILE or mongodb://HOST/DATABASE."),
        ({"LRS_STORE": "mongodb://a:b@c@d:x/"}, "The store's URI is not a valid MongoDB URI."),
        ({"LRS_PORT": "http"}, "LRS_PORT must be a whole number."),
        ({"LRS_KEY": "key"}, "LRS_KEY and LRS_SECRET must be set together."),
        ({"LRS_KEY": "a:b", "LRS_SECRET": "s"}, "LRS_KEY must not hold a colon."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["init", "export", "serve", "check"])
def test_a_wrong_setting_is_one_sentence(
    lrs: Command, settings: dict[str, str], sentence: str, command: str
) -> None:
    result = lrs.run(command, **settings)
    assert (result.exit_code, result.stderr) == (1, f"Error: {sentence}\n")


@pytest.mark.parametrize("command", ["check", "reindex", "export", "quirks"])
def test_a_command_for_a_store_that_is_not_there_makes_none(lrs: Command, command: str) -> None:
    result = lrs.run(command)
    assert (result.exit_code, "There is no store at" in result.stderr) == (1, True)
    assert not lrs.database.exists()


def test_a_port_in_use_is_one_sentence(lrs: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = lrs.run("serve", "--port", str(port))
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: Cannot listen on 127.0.0.1, port {port}: Address already in use.\n",
    )


def test_a_key_that_was_replaced_is_named(lrs: Command) -> None:
    lrs.run("init", LRS_KEY="old", LRS_SECRET="s")
    result = lrs.run("init", LRS_KEY="new", LRS_SECRET="s")
    assert "old, which LRS_KEY was before, is still in force" in result.stdout


def test_a_data_folder_that_cannot_be_made_is_one_sentence(lrs: Command) -> None:
    file = lrs.folder / "file"
    file.write_text("in the way")
    for data in (file, file / "below"):
        result = lrs.run("init", LRS_DATA=str(data))
        assert result.exit_code == 1
        assert re.fullmatch(rf"Error: {re.escape(str(data))}: [\w ]+\.\n", result.stderr)


def test_a_store_that_cannot_be_opened_is_one_sentence(lrs: Command) -> None:
    (lrs.folder / "folder").mkdir()
    (lrs.folder / "text").write_bytes(b"not a database" * 1_000)
    for name, cause in (
        ("folder", "unable to open database file"),
        ("text", "file is not a database"),
    ):
        result = lrs.run("check", LRS_STORE=f"sqlite:///{lrs.folder / name}")
        assert (result.exit_code, result.stderr) == (
            1,
            f"Error: The store cannot be opened: {cause}.\n",
        )


def test_a_store_that_goes_away_ends_the_import_with_one_sentence(lrs: Command) -> None:
    lrs.run("init")
    with closing(sqlite3.connect(lrs.database, isolation_level=None)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON statement BEGIN SELECT RAISE(FAIL, 'disk full'); END"
        )
    result = lrs.take(ndjson(statement(), statement()))
    assert result.exit_code == 1
    assert "Error: The store went away: disk full." in result.stderr
    assert not (lrs.folder / "rejects.ndjson").exists()


def test_check_says_that_a_store_is_consistent(lrs: Command) -> None:
    lrs.take(ndjson(statement(), statement()))
    result = lrs.run("check")
    assert (result.exit_code, result.stdout) == (0, "The store is consistent.\n")


def test_check_finds_a_fault_and_reindex_mends_it(lrs: Command) -> None:
    lrs.take(ndjson(statement()))
    with closing(sqlite3.connect(lrs.database, isolation_level=None)) as connection:
        connection.execute("INSERT INTO finder (finder) VALUES ('delete-all')")
    result = lrs.run("check")
    assert result.exit_code == 1
    assert "the index finds it by other keys" in result.stdout
    assert "1 faults; `lrs reindex` mends the index." in result.stderr
    assert lrs.run("reindex").exit_code == 0
    assert lrs.run("check").exit_code == 0


def test_reindex_tells_of_damaged_text(lrs: Command) -> None:
    lrs.take(ndjson(statement(), statement()))
    with closing(sqlite3.connect(lrs.database, isolation_level=None)) as connection:
        connection.execute("UPDATE statement SET text = X'7B' WHERE sequence % 2 = 0")
    result = lrs.run("reindex")
    assert result.exit_code == 1
    assert "its text is damaged" in result.stdout


def test_an_index_of_another_version_is_pointed_out(lrs: Command) -> None:
    lrs.run("init")
    with closing(lrs.services().store) as store:
        store.records.put("meta", "keys", {"version": -1})
    assert "run `lrs reindex`" in lrs.run("check").stderr
    lrs.run("reindex")
    assert "run `lrs reindex`" not in lrs.run("check").stderr


def test_validate_says_what_is_wrong_and_stores_nothing(lrs: Command) -> None:
    path = lrs.folder / "in.ndjson"
    bad = {**statement(), "verb": {"id": "no iri"}}
    path.write_bytes(ndjson(statement(), bad) + b"\n{\n" + ndjson(statement(version="2.0.0")))
    result = lrs.run("validate", path)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["line 2", "line 4"]
    assert "at /verb/id" in lines[0]
    assert "2 valid, 2 not valid" in result.stderr
    assert not lrs.database.exists()


def test_validate_takes_standard_input(lrs: Command) -> None:
    result = lrs.run("validate", "-", input=ndjson(statement()))
    assert (result.exit_code, result.stdout) == (0, "")


def test_validate_of_an_array_that_breaks_off_is_one_sentence(lrs: Command) -> None:
    result = lrs.run("validate", "-", input=b"[" + ndjson(statement()))
    assert result.exit_code == 1
    assert "Error: The array breaks off after element 1." in result.stderr


@pytest.mark.parametrize(
    "command", [[], ["-h"], ["import", "--help"], ["serve", "-h"], ["--version"]]
)
def test_help_and_version_need_no_store(lrs: Command, command: list[str]) -> None:
    lrs.run(*command)
    assert not (lrs.folder / "data").exists()
