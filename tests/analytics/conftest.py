from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrs.analytics.simulator.simulation import Simulation
from tests.analytics.examples import put_everything
from tests.analytics.places import TODAY, Place, place_in, played
from tests.stores.conftest import WIRE_URI, Backend, empty_backend


@pytest.fixture(params=("sqlite", "wire") if WIRE_URI else ("sqlite",))
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Each store that several processes can share."""
    with empty_backend(request.param) as made:
        yield made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = place_in(tmp_path)
    yield made
    made.store.close()


@pytest.fixture(scope="session")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Simulated learners, with every file there is. Nothing may be put there."""
    place = place_in(tmp_path_factory.mktemp("work"))
    simulation = Simulation(learners=600, seed=5, last=TODAY.date())
    place.put(*simulation.statements())
    simulation.import_files(place.references)
    yield place
    place.store.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Every table of a lake with rows. Nothing may be put there."""
    place = place_in(tmp_path_factory.mktemp("filled"))
    put_everything(place, Simulation(learners=60, seed=11, last=TODAY.date()))
    place.lake.catch_up()
    place.put(
        *(played(who, "http://example.org/v", 90.5, f"0[.]{who}.25[,]40[.]50") for who in range(30))
    )
    place.lake.catch_up()
    # Now it also has files that are no longer part of it.
    place.lake.compact()
    place.tables.write()
    yield place
    place.store.close()


# Spark takes ten seconds to start, Java, and jars from Maven Central.
collect_ignore = [] if os.environ.get("LRS_TEST_SPARK") else ["test_spark.py"]
