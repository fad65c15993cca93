"""Erases a person, and kills itself at the given step: run in a process of its own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lrs.privacy import erasure
from tests.privacy.world import MAIL, World

_STEPS = {
    "records": ("put", "delete", "swap"),
    "documents": ("delete_of",),
    "attachments": ("delete", "put"),
    "statements": ("erase", "scrub"),
    "store": ("scrub",),
    "lake": ("erase",),
    "tables": ("files",),
}


def _dying(call: Callable[..., Any], left: list[int], *, before: bool) -> Callable[..., Any]:
    def called(*arguments: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] <= 0 and before:
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*arguments, **options)
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return called


if __name__ == "__main__":
    folder, uri, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    erasure._SIZE = 3
    services = World(folder, uri).services
    person, left = services.who.is_meant_by([MAIL]), [step]
    for part, names in _STEPS.items():
        holder = (
            getattr(services, part, None) or getattr(services.store, part, None) or services.store
        )
        for name in names:
            if hasattr(holder, name):
                call = getattr(holder, name)
                setattr(holder, name, _dying(call, left, before=step % 2 == 0))
    services.erasure.erase(person, by="test", mentions=True)
