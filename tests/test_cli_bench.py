"""`lrs bench` against a running LRS. How fast it is is not tested; that it measures is."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrs.cli import main
from tests.conftest import KEY, SECRET, Server, free_port


def bench(url: str, *more: str) -> Result:
    options = ["bench", "--endpoint", f"{url}/xapi", "--key", KEY, "--secret", SECRET]
    return CliRunner().invoke(main, [*options, "--scale", "0.004", *more])


def test_every_kind_of_work_is_measured(serve: Callable[..., Server], tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    result = bench(serve().url, "--load", "500", "--pages", "3", "--json", str(file))
    assert result.exit_code == 0, result.output
    rows = json.loads(file.read_text())["rows"]
    names = {row["work"] for row in rows}
    assert {"POST one", "GET agent + verb", "GET state", "page of 100, from the 1th"} <= names
    assert all(row["errors"] == 0 and row["p50"] > 0 for row in rows)
    assert len(result.output.splitlines()) >= len(rows) + 1


def test_a_wrong_secret_is_told_and_fails(serve: Callable[..., Server]) -> None:
    result = bench(serve().url, "--secret", "wrong", "--only", "documents")
    assert result.exit_code == 1
    assert "401" in result.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--only", "tea"), "there are writes, reads, documents, pages"),
        (("--endpoint", "ftp://x"), "must start with http://"),
        (("--endpoint", f"http://127.0.0.1:{free_port()}/xapi"), "refused"),
    ],
)
def test_what_cannot_be_measured_is_told(options: tuple[str, ...], told: str) -> None:
    result = bench("http://127.0.0.1:1", *options)
    assert result.exit_code == 1
    assert told in result.output
