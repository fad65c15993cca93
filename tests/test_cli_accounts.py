"""`lrs account`, and the first account that `lrs init` makes."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from tests.command import Command


@pytest.fixture
def lrs(tmp_path: Path) -> Command:
    return Command(tmp_path)


def verify(lrs: Command, name: str, password: str) -> bool:
    services = lrs.services()
    with closing(services.store):
        return services.accounts.verify(name, password)


def printed(output: str) -> str:
    (password,) = re.findall(r"^password: (\S+)$", output, re.M)
    return str(password)


def test_init_makes_an_administrator_once(lrs: Command) -> None:
    assert verify(lrs, "admin", printed(lrs.run("init").stdout))
    assert "password:" not in lrs.run("init").stdout
    assert re.match(r"admin +administrator +20", lrs.run("account", "list").stdout)


def test_the_first_account_may_come_from_settings(lrs: Command) -> None:
    settings = {"LRS_ADMIN": "boss", "LRS_ADMIN_PASSWORD": "a long password"}
    assert "a long password" not in lrs.run("init", **settings).output
    assert verify(lrs, "boss", "a long password")
    lrs.run("init", **{**settings, "LRS_ADMIN_PASSWORD": "another password"})
    assert verify(lrs, "boss", "another password")


def test_a_setting_that_is_no_password_is_one_sentence(lrs: Command) -> None:
    result = lrs.run("init", LRS_ADMIN_PASSWORD="short")
    assert result.exit_code == 1
    assert result.stderr.endswith("A password has 12 to 200 signs.\n")


def test_accounts_are_made_changed_and_removed(lrs: Command) -> None:
    lrs.run("init")
    agent = '{"mbox":"mailto:anna@example.org"}'
    made = printed(lrs.run("account", "add", "anna", "--role", "learner", "--agent", agent).stdout)
    assert verify(lrs, "anna", made)
    assert lrs.run("account", "role", "anna", "analyst").exit_code == 0
    listed = lrs.run("account", "list").stdout
    assert re.search(r"^anna +analyst .*mailto:anna@example.org", listed, re.M)
    assert lrs.run("account", "agent", "anna", "").stdout == "anna has no agent now.\n"
    given = lrs.run("account", "password", "anna", "--password-stdin", input=b"from a pipe it is\n")
    assert given.stdout == "account:  anna\n"
    assert verify(lrs, "anna", "from a pipe it is")
    assert lrs.run("account", "remove", "anna").exit_code == 0
    assert "anna" not in lrs.run("account", "list").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["add", "admin", "--role", "analyst"], "There is an account admin already."),
        (["remove", "nobody"], "There is no account nobody."),
        (["remove", "admin"], "admin is the last administrator; make another one first."),
        (["agent", "admin", "{"], "The agent is refused. "),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    lrs: Command, arguments: list[str], sentence: str
) -> None:
    lrs.run("init")
    result = lrs.run("account", *arguments)
    assert (result.exit_code, sentence in result.stderr) == (1, True)


def test_an_unknown_role_is_refused_with_the_choices(lrs: Command) -> None:
    result = lrs.run("account", "add", "anna", "--role", "king")
    assert (result.exit_code, "administrator" in result.stderr) == (2, True)
