"""The README says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from lrs.auth.scopes import SCOPES
from lrs.cli import main
from lrs.config import Config

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_table_of_settings_is_the_config() -> None:
    rows = dict(re.findall(r"^\| (LRS_\w+) \|.*\| (.+) \|$", README, re.MULTILINE))
    assert rows == {one.metadata["name"]: one.metadata["about"] for one in fields(Config)}


def test_the_defaults_of_settings_are_those_of_the_config() -> None:
    rows = dict(re.findall(r"^\| (LRS_\w+) \| (.*?) ?\| .+ \|$", README, re.MULTILINE))
    assert rows == {one.metadata["name"]: str(one.default) for one in fields(Config)}


def test_every_command_is_in_the_table_of_commands() -> None:
    assert set(re.findall(r"^\| `lrs (\w+)", README, re.MULTILINE)) == set(main.commands)


def test_every_scope_is_named() -> None:
    (line,) = re.findall(r"^Scopes: (.+)\.$", README, re.MULTILINE)
    assert line.replace("`", "").split(", ") == list(SCOPES)
