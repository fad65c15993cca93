from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analytics.places import Place, place_in


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = place_in(tmp_path)
    yield made
    made.store.close()


# Spark takes ten seconds to start, Java, and jars from Maven Central.
collect_ignore = [] if os.environ.get("LRS_TEST_SPARK") else ["test_spark.py"]
