"""A lake that is made anew, by this process or another, for other settings or the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lrs.analytics.lake import lake as lakes
from lrs.analytics.lake.lake import Lake
from lrs.analytics.lake.state import LakeOutdated
from lrs.taxonomy.roles import load_roles
from lrs.xapi.entry import Entry
from tests.analytics.lakes import ids, kinds
from tests.analytics.places import Place, place_in, told
from tests.stores.conftest import Backend


@pytest.fixture
def place(backend: Backend, tmp_path: Path) -> Place:
    """A lake over each store."""
    return place_in(tmp_path, backend.open())


def test_rebuilding_gives_the_same(place: Place) -> None:
    place.put(*kinds())
    before = ids(place)
    counts: list[int] = []

    place.lake.rebuild(counts.append)

    assert ids(place) == before
    assert sum(counts) == place.store.statements.count()


def test_a_lake_of_another_zone_wants_a_rebuild(place: Place, tmp_path: Path) -> None:
    place.put(told(1, "completed"))
    place.lake.catch_up()
    other = Lake(place.lake.uri, place.store, zone=ZoneInfo("Asia/Tokyo"), lock=tmp_path / "lock")

    with pytest.raises(LakeOutdated):
        other.catch_up()

    other.rebuild()
    assert other.status().current


def test_who_was_open_before_a_rebuild_with_other_settings_appends_nothing(
    place: Place, tmp_path: Path
) -> None:
    place.put(told(1, "completed"))
    place.lake.catch_up()
    other = Lake(place.lake.uri, place.store, zone=ZoneInfo("Asia/Tokyo"), lock=tmp_path / "lock")
    other.rebuild()
    place.put(told(2, "completed"))

    for project in (place.lake.catch_up, place.lake.advance):
        with pytest.raises(LakeOutdated):
            project()

    assert other.status().facts == 1
    other.catch_up()
    assert (other.status().facts, other.status().current) == (2, True)


def test_a_rebuild_with_other_settings_between_two_batches_stops_the_old_ones(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lakes, "BATCH", 5)
    place.put(*(told(number, "completed") for number in range(20)))
    # Of another machine: it does not see the lease.
    other = Lake(place.lake.uri, place.store, zone=ZoneInfo("Asia/Tokyo"), lock=tmp_path / "other")

    with pytest.raises(LakeOutdated):
        place.lake.catch_up(lambda count: other.clear())

    other.catch_up()
    assert (other.status().facts, other.status().current) == (20, True)


def test_who_reads_statements_while_the_lake_is_made_anew_elsewhere_does_not_append_them(
    place: Place, tmp_path: Path
) -> None:
    place.put(*(told(number, "completed") for number in range(5)))
    place.lake.catch_up()
    place.put(told("late", "completed"))
    other = Lake(place.lake.uri, place.store, zone=ZoneInfo("Asia/Tokyo"), lock=tmp_path / "other")
    scan, cleared = place.store.statements.scan, list[None]()

    def clearing(*, after: int, limit: int) -> Sequence[Entry]:
        entries = scan(after=after, limit=limit)
        if limit > 1 and not cleared:
            cleared.append(other.clear())
        return entries

    place.store.statements.scan = clearing  # type: ignore[method-assign]
    with pytest.raises(LakeOutdated):
        place.lake.catch_up()

    assert other.status().facts == 0


def test_other_definitions_of_events_want_a_rebuild(place: Place, tmp_path: Path) -> None:
    place.put(told(1, "completed"))
    place.lake.catch_up()
    own = {"seminar.attended": {"roles": ["view"], "funnel": "view"}}
    before, after = load_roles({}), load_roles(own)
    assert before.fingerprint != after.fingerprint == load_roles(own).fingerprint
    other = Lake(
        place.lake.uri,
        place.store,
        zone=UTC,
        lock=tmp_path / "lock",
        meaning=after.of,
        definitions=after.fingerprint,
    )

    assert not other.is_current()
    with pytest.raises(LakeOutdated):
        other.advance()

    other.clear()
    assert (other.advance(), other.advance()) == (1, 0)
    assert other.status().current
