"""Nobody needs to be a data scientist: each report says one plain sentence, and what comes next."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from lrs.analytics.audience import Audience
from lrs.analytics.catalog import catalog
from lrs.analytics.simulator.simulation import Simulation
from lrs.web.steps import STEPS, step_after
from tests.analytics.examples import put_everything
from tests.analytics.places import TODAY, Place, place_in

_NUMBERS = re.compile(r"\b(None|nan|inf|True|False)\b|\d\.\d{4,}|[{}]")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Everything that a report may read."""
    place = place_in(tmp_path_factory.mktemp("full"))
    simulation = Simulation(learners=80, seed=2, last=TODAY.date())
    put_everything(place, simulation)
    yield place
    place.store.close()


@pytest.mark.parametrize("name", catalog())
def test_every_report_says_one_plain_sentence(name: str, full: Place) -> None:
    table = full.answer(name)

    assert table.rows
    said = table.reading
    assert said.endswith((".", '."'))
    assert said[0].isupper() or said[0].isdigit() or said[0] == "“"
    assert "://" not in said
    assert len(said) <= 400
    assert not _NUMBERS.search(said), said


def test_every_report_has_its_own_next_step() -> None:
    assert set(STEPS) == set(catalog())
    assert len({step.text for step in STEPS.values()}) >= len(STEPS) - 1
    for name, step in STEPS.items():
        assert step.text.endswith((".", "`."))
        assert step.report != name
        assert not step.report or step.report in catalog()
        assert step == step_after(catalog()[name])


@pytest.mark.parametrize("name", catalog())
def test_sentences_are_said_of_hidden_groups_too(name: str, full: Place) -> None:
    """Where cells of small groups are hidden a reading must not stumble."""
    audience = Audience(least=30, names=False)

    said = full.answer(name, audience=audience).reading
    assert said.endswith((".", '."'))
    assert "://" not in said
