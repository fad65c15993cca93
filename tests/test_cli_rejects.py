"""`lrs rejects`, `lrs quirks` and `lrs credential tolerate`: from a refusal to a stored statement."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrs.app import create_app
from lrs.assembly import Services
from lrs.config import Config
from tests.build import statement
from tests.command import Command
from tests.conftest import KEY, Client, headers

SCORE = {"result": {"score": {"raw": 0, "min": 0, "max": 0}}}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """That of a server that works on the same store as the commands."""
    return Config(data=tmp_path / "data", max_body=2_000_000)


@pytest.fixture
def sender(services: Services) -> Client:
    return Client(create_app(services).test_client())


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


def names(command: Command, *options: str) -> list[str]:
    lines = command.run("rejects", "list", *options).stdout.splitlines()
    return [line.split()[0] for line in lines]


def test_what_cannot_be_replayed_is_named_and_the_rest_goes_in(
    sender: Client, command: Command, services: Services
) -> None:
    services.credentials.add(home_page="http://lrs.example.org", key="gone", secret="s")
    Client(sender.web, headers(key="gone", secret="s")).post(statement(**SCORE))
    sender.post(b" " * 3_000_000)
    sender.post(statement(**SCORE))
    gone, large, good = names(command)
    command.run("credential", "revoke", "gone")
    command.run("credential", "tolerate", KEY, "--quirk", "empty-score-range")
    done = command.run("rejects", "replay", gone, "nothing", large, good)
    assert done.exit_code == 1
    assert [line.partition(": ")[2] for line in done.stdout.splitlines()] == [
        "The credential gone is not in force.",
        "There is no such rejected request; see `lrs rejects list`.",
        "Its body is not kept; it must be sent anew.",
        "stored",
    ]
    assert names(command) == [gone, large]


def test_rejects_are_removed(sender: Client, command: Command) -> None:
    sender.post(b"{")
    sender.post(b"[")
    first, second = names(command)
    assert command.run("rejects", "remove", first, "nothing").exit_code == 1
    assert names(command) == [second]
    assert command.run("rejects", "remove", "--all").exit_code == 0
    assert names(command) == []


def test_rejects_are_chosen_by_credential_and_code(
    sender: Client, command: Command, services: Services
) -> None:
    services.credentials.add(home_page="http://x.example", label="Moodle", key="m", secret="s")
    moodle = Client(sender.web, headers(key="m", secret="s"))
    for client in (sender, moodle):
        client.post(b"{")
        client.post(statement(**SCORE))
    _, one, two, three = names(command)
    assert names(command, "--credential", "m", "--code", "score-range") == [three]
    assert names(command, "--code", "score-range") == [one, three]
    assert "m (Moodle)" in command.run("rejects", "list").stdout
    assert command.run("rejects", "remove", "--credential", KEY).exit_code == 0
    assert names(command) == [two, three]


@pytest.mark.parametrize("verb", ["replay", "remove"])
@pytest.mark.parametrize("which", [(), ("one", "--all"), ("one", "--code", "iri")])
def test_it_must_be_said_which(
    sender: Client, command: Command, verb: str, which: tuple[str, ...]
) -> None:
    sender.post(b"{")
    done = command.run("rejects", verb, *which)
    assert (done.exit_code, "Say which" in done.stderr) == (2, True)
    assert len(names(command)) == 1


def test_what_a_request_says_cannot_steer_the_terminal(sender: Client, command: Command) -> None:
    sender.post({**statement(), "\x1b[2J\nforged line \x7f\x9b\u202e": 1})
    listed = command.run("rejects", "list").stdout
    shown = command.run("rejects", "show", *names(command)).stdout
    replayed = command.run("rejects", "replay", "--all").stdout
    for text in (listed, shown, replayed):
        assert text.removesuffix("\n").isprintable()
        assert "\\u001b[2J\\nforged line \\u007f\\u009b\\u202e" in text
    assert json.loads(shown)["refusal"]["pointer"] == "/\x1b[2J\nforged line \x7f\x9b\u202e"


def test_an_unknown_reject_is_named_as_such(command: Command) -> None:
    command.run("init")
    done = command.run("rejects", "show", "nothing")
    assert (done.exit_code, "no such rejected request" in done.stderr) == (1, True)


def test_a_quirk_of_an_unknown_credential_is_refused(command: Command) -> None:
    command.run("init")
    done = command.run("credential", "tolerate", "nobody", "--quirk", "null-properties")
    assert (done.exit_code, "no such credential" in done.stderr) == (1, True)


def test_tolerances_add_up_until_they_are_all_taken_back(command: Command) -> None:
    command.run("init", LRS_KEY="mine", LRS_SECRET="s")
    tolerate = ("credential", "tolerate", "mine")
    command.run(*tolerate, "--quirk", "null-properties")
    added = command.run(*tolerate, "--quirk", "group-activity", "--quirk", "null-properties")
    assert added.stdout == "Tolerated: null-properties, group-activity.\n"
    assert command.run(*tolerate).exit_code == 2
    assert "tolerates null-properties, group-" in command.run("credential", "list").stdout
    assert command.run(*tolerate, "--none").stdout == "Tolerated: nothing.\n"
    assert "tolerates" not in command.run("credential", "list").stdout


def test_a_new_credential_may_have_quirks(command: Command) -> None:
    made = command.run("credential", "add", "--quirk", "null-properties", "--label", "H5P")
    assert made.exit_code == 0
    assert "tolerates null-properties" in command.run("credential", "list").stdout
