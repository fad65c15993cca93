from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.privacy.world import World
from tests.stores.conftest import WIRE_URI, empty_backend


@pytest.fixture(params=("packing", "wire") if WIRE_URI else ("packing",))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """An LRS, empty at first, over each store."""
    with empty_backend("wire" if request.param == "wire" else "sqlite") as backend:
        uri = backend.uri if request.param == "wire" else ""
        made = World(tmp_path, uri)
        yield made
        made.close()
