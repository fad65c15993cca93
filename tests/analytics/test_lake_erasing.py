"""What is erased from a lake: facts, files, and nothing that came later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import pyarrow.dataset
import pytest

from lrs.analytics.lake.lake import Lake
from lrs.xapi.entry import Entry
from tests.analytics.lakes import ids
from tests.analytics.places import Place, place_in, told
from tests.build import agent
from tests.stores.conftest import Backend


@pytest.fixture
def place(backend: Backend, tmp_path: Path) -> Place:
    """A lake over each store."""
    return place_in(tmp_path, backend.open())


def test_an_erased_learner_is_in_no_file_any_more(place: Place, tmp_path: Path) -> None:
    place.put(told("anna", "completed"), told("berta", "completed"), told("anna", "launched"))
    place.lake.catch_up()

    assert place.lake.erase(["mbox|mailto:learner-anna@example.org"]) == 2

    lake = tmp_path / "lake"
    rows = pyarrow.dataset.dataset([str(f) for f in lake.rglob("*.parquet")]).to_table().to_pylist()
    assert [row["actor"] for row in rows] == ["mbox|mailto:learner-berta@example.org"]
    logs = b"".join(log.read_bytes() for log in lake.rglob("*.json"))
    assert b"learner-anna" not in logs


def test_what_is_stored_while_a_learner_is_erased_stays(place: Place) -> None:
    place.put(told("anna", "completed"), told("berta", "completed"))
    last = place.store.statements.scan(after=0, limit=9)[0].sequence
    place.put(new := told("anna", "launched"))
    place.lake.catch_up()

    assert place.lake.erase(["mbox|mailto:learner-anna@example.org"], through=last) == 1

    assert new["id"] in ids(place)


def test_who_reads_statements_while_they_are_erased_elsewhere_does_not_bring_them_back(
    place: Place, tmp_path: Path
) -> None:
    kept, gone = told("berta", "completed"), told("anna", "completed")
    place.put(told("anna", "launched"))
    place.lake.catch_up()
    place.put(kept, gone)
    other = Lake(place.lake.uri, place.store, zone=UTC, lock=tmp_path / "other")
    scan, erased = place.store.statements.scan, list[int]()

    def erasing(*, after: int, limit: int) -> Sequence[Entry]:
        entries = scan(after=after, limit=limit)
        if limit > 1 and not erased:
            erased.append(place.store.statements.erase([gone["id"]]))
            other.erase(["mbox|mailto:learner-anna@example.org"])
        return entries

    place.store.statements.scan = erasing  # type: ignore[method-assign]

    assert ids(place) == [kept["id"]]
    assert erased == [1]


def test_what_a_group_did_is_erased_by_the_ids(place: Place) -> None:
    members = [agent("learner-anna"), agent("learner-berta")]
    group = {**told("x", "completed"), "actor": {"objectType": "Group", "member": members}}
    alone = told("berta", "completed")
    place.put(group, alone, told("anna", "completed"))
    place.lake.catch_up()
    place.store.statements.erase([group["id"]])

    assert place.lake.erase(["mbox|mailto:learner-anna@example.org"], [group["id"]]) == 2

    assert ids(place) == [alone["id"]]
