"""The commands of ledgers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lrs.analytics.ledgers.kinds import LEDGERS
from tests.analytics.places import COURSE, TODAY, told
from tests.command import Command, ndjson


@pytest.fixture
def command(tmp_path: Path) -> Command:
    made = Command(tmp_path)
    made.run("init")
    return made


def test_an_entry_is_written_listed_and_closed(command: Command) -> None:
    entry = command.run(
        "change", "add", COURSE, "--kind", "split", "--what", "in five"
    ).output.strip()

    assert "in five" in command.run("change", "list").output
    assert command.run("change", "close", entry, "--note", "kept").exit_code == 0
    assert command.run("change", "list").output == ""
    assert "closed" in command.run("change", "list", "--all").output
    assert "no open change" in command.run("change", "close", entry).output


def test_what_cannot_be_written_is_one_sentence(command: Command) -> None:
    refused = command.run("change", "add", COURSE, "--what", "x", "--at", "soon")

    assert refused.exit_code == 1
    assert "a day such as" in refused.output
    assert command.run("change", "add", COURSE).exit_code == 2


def test_a_change_is_compared_by_its_report(command: Command) -> None:
    done = told(1, "completed", days=0, result={"completion": True})
    assert command.take(ndjson(told(1, "initialized", days=0), done)).exit_code == 0
    command.run("change", "add", COURSE, "--what", "shorter", "--at", "2026-05-25")

    answer = command.run("report", "changes", "-f", "json")

    (row,) = json.loads(answer.stdout_bytes)["rows"]
    assert (row["after"], row["done_after"], row["verdict"]) == (1, 1, "too few")


def test_flags_are_gathered(command: Command) -> None:
    assert command.run("flag", "collect").output == "0 new flags, 0 gone\n"


@pytest.mark.parametrize("name", LEDGERS)
def test_every_ledger_is_listed(command: Command, name: str) -> None:
    assert command.run(name, "list").exit_code == 0


def test_what_is_due_is_told_and_logged_once(command: Command) -> None:
    ago = (TODAY - datetime.now(UTC)) / timedelta(days=1) + 40
    gone = [told(1, "initialized", f"http://example.org/{number}", days=ago) for number in (1, 2)]
    assert command.take(ndjson(*gone)).exit_code == 0

    shown = command.run("act")
    again = command.run("act", "--log", "--json")
    after = command.run("act")

    assert "learner   mbox|mailto:learner-1@example.org: remind" in shown.output
    (due,) = json.loads(again.output)
    assert (due["rule"], due["to"], due["place"]) == ("reminder", "learner", COURSE)
    assert after.output == ""
    assert due["id"] in command.run("action", "list").output
    assert "again after 7 days" in command.run("act", "--rules").output
