"""`lrs rejects`, `lrs quirks` and `lrs credential tolerate`: from a refusal to a stored statement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrs.app import create_app
from lrs.assembly import build_services
from lrs.config import Config
from tests.build import statement
from tests.command import Command
from tests.conftest import KEY, SECRET, Client

SCORE = {"result": {"score": {"raw": 0, "min": 0, "max": 0}}}


@pytest.fixture
def sender(tmp_path: Path) -> Iterator[Client]:
    """Give a client of a server that works on the same store as the commands."""
    services = build_services(Config(data=tmp_path / "data"))
    services.credentials.add(home_page="http://lrs.example.org", key=KEY, secret=SECRET)
    yield Client(create_app(services).test_client())
    services.store.close()


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


def test_a_reject_is_replayed_after_a_tolerance_was_given(sender: Client, command: Command) -> None:
    sent = statement(**SCORE)
    sender.post(sent)
    (line,) = command.run("rejects", "list").stdout.splitlines()
    name = line.split()[0]
    assert "score-range" in line
    assert KEY in line
    assert json.loads(json.loads(command.run("rejects", "show", name).stdout)["body"]) == sent

    again = command.run("rejects", "replay", name)
    assert (again.exit_code, "score-range" in again.stdout) == (1, True)
    given = command.run("credential", "tolerate", KEY, "--quirk", "empty-score-range")
    assert given.exit_code == 0
    assert "tolerates empty-score-range" in command.run("credential", "list").stdout
    assert command.run("rejects", "replay", "--all").exit_code == 0
    assert command.run("rejects", "list").stdout == ""
    assert sender.get(statementId=sent["id"]).status_code == 200
    assert f"1 requests of {KEY}" in command.run("quirks").stdout


def test_a_rejected_put_is_replayed_under_its_id(sender: Client, command: Command) -> None:
    sent = statement(**SCORE)
    statement_id = sent.pop("id")
    sender.put(sent, statement_id)
    command.run("credential", "tolerate", KEY, "--quirk", "empty-score-range")
    assert command.run("rejects", "replay", "--all").exit_code == 0
    assert sender.get(statementId=statement_id).status_code == 200


def test_rejects_of_a_revoked_credential_are_not_replayed(sender: Client, command: Command) -> None:
    sender.post(b"{")
    command.run("credential", "revoke", KEY)
    done = command.run("rejects", "replay", "--all")
    assert (done.exit_code, "not in force" in done.stderr) == (1, True)


def test_rejects_are_removed(sender: Client, command: Command) -> None:
    sender.post(b"{")
    sender.post(b"[")
    first, _ = (line.split()[0] for line in command.run("rejects", "list").stdout.splitlines())
    assert command.run("rejects", "remove", first).exit_code == 0
    assert len(command.run("rejects", "list").stdout.splitlines()) == 1
    assert command.run("rejects", "remove", "--all").exit_code == 0
    assert command.run("rejects", "list").stdout == ""


@pytest.mark.parametrize("verb", ["show", "replay", "remove"])
def test_an_unknown_reject_is_named_as_such(command: Command, verb: str) -> None:
    command.run("init")
    done = command.run("rejects", verb, "nothing")
    assert (done.exit_code, "no such rejected request" in done.stderr) == (1, True)


def test_a_quirk_of_an_unknown_credential_is_refused(command: Command) -> None:
    assert command.run("credential", "tolerate", "nobody").exit_code == 1


def test_a_new_credential_may_have_quirks(command: Command) -> None:
    made = command.run("credential", "add", "--quirk", "null-properties", "--label", "H5P")
    assert made.exit_code == 0
    assert "tolerates null-properties" in command.run("credential", "list").stdout
