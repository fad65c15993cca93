"""The `lrs` command in a folder of its own: run it, read what it keeps."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from lrs.assembly import Services, build_services
from lrs.cli import main
from lrs.config import Config


@dataclass(frozen=True)
class Command:
    """`lrs` with its data, and the file of rejects, in `folder`."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "data" / "lrs.sqlite"

    def run(self, *arguments: str | Path, input: bytes | None = None, **settings: str) -> Result:
        """Run a command; any exception but the end of the program fails the test: it would be a traceback."""
        unset = {name: None for name in os.environ if name.startswith("LRS_")}
        environment = {**unset, "LRS_DATA": str(self.folder / "data"), **settings}
        result = CliRunner().invoke(main, [*map(str, arguments)], input=input, env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def take(self, content: bytes, *options: str | Path, name: str = "in.ndjson") -> Result:
        """Import a file that holds `content`."""
        path = self.folder / name
        path.write_bytes(content)
        return self.run("import", "--rejects", self.folder / "rejects.ndjson", *options, path)

    def texts(self) -> list[bytes]:
        """Return the lines of an export."""
        return self.run("export").stdout_bytes.splitlines()

    def statements(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts()]

    def rejects(self) -> list[dict[str, Any]]:
        lines = (self.folder / "rejects.ndjson").read_bytes().splitlines()
        return [json.loads(line) for line in lines]

    def services(self) -> Services:
        return build_services(Config(data=self.folder / "data"))


def ndjson(*statements: Any) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in statements)
