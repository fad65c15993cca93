"""A running `lrs demo`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path

from tests.conftest import free_port


@dataclass
class Demo:
    """A running demo."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    password: str
    told: str

    def get(self, role: str, path: str) -> str:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        with opener.open(f"{self.url}/sign-in", timeout=20) as page:
            (token,) = re.findall(r'name="csrf" value="(\w+)"', page.read().decode())
        form = {"csrf": token, "name": role, "password": self.password}
        opener.open(
            f"{self.url}/sign-in", urllib.parse.urlencode(form).encode(), timeout=20
        ).close()
        with opener.open(f"{self.url}{path}", timeout=20) as page:
            text: str = page.read().decode()
        return text


@contextmanager
def running_demo(folder: Path, learners: int) -> Iterator[Demo]:
    """Run `lrs demo`, whose temporary folder lies in `folder`, until the block ends."""
    command = ("-c", "from lrs.cli import main; main()", "demo", "--learners", str(learners))
    process = subprocess.Popen(
        [sys.executable, *command, "--port", str(free_port()), "--no-open"],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if line.startswith("Stop with"):
            break
    (url,) = re.findall(r"(http://127[^/]+)/sign-in", told)
    (password, *_) = re.findall(r"password (\S+)", told)
    try:
        yield Demo(process, folder, url, password, told)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
        assert process.stderr is not None
        process.stderr.close()
