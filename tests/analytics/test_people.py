"""The people file: history that grows with each import, and identifiers of one person each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lrs.errors import BadRequest
from tests.analytics.places import Place, place_in, told
from tests.stores.conftest import WIRE_URI, empty_backend

HEAD = "person,identifiers,department,valid_from\n"


@pytest.fixture(params=("sqlite", "wire") if WIRE_URI else ("sqlite",))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with empty_backend(request.param) as backend:
        yield place_in(tmp_path, backend.open())


def departments(place: Place) -> list[str]:
    return [row["department"] for row in place.references.rows("people")]


def refused(place: Place, *lines: str) -> str:
    before = place.references.rows("people")
    with pytest.raises(BadRequest) as refusal:
        place.references.import_people([HEAD, *lines])
    assert refusal.value.code == "csv-shared-identifier"
    assert place.references.rows("people") == before
    return refusal.value.message


def test_the_next_file_adds_a_period(place: Place) -> None:
    place.put(told(1, "launched", days=60))
    mail = "learner-1@example.org"
    place.references.import_people([HEAD, f"A,{mail},red,2025-01-01\n"])

    place.references.import_people([HEAD, f"A,{mail},blue,2026-05-30\n"])

    assert departments(place) == ["red", "blue"]
    assert place.row("slices")["slice"] == "red"


def test_a_period_of_the_same_day_takes_the_place_of_the_older_one(place: Place) -> None:
    for department in ("red", "blue"):
        place.references.import_people([HEAD, f"A,a@x.org,{department},\n"])

    assert departments(place) == ["blue"]
    place.references.import_people([HEAD, "A,a@x.org,red,2026-01-01\n", "B,b@x.org,green,\n"])
    assert departments(place) == ["blue", "red", "green"]


def test_history_can_be_replaced(place: Place) -> None:
    lines = [HEAD, "A,a@x.org,red,2025-01-01\n", "A,a@x.org,blue,2026-01-01\n"]
    place.references.import_people(lines)

    place.references.import_people([HEAD, "A,a@x.org,green,2026-02-01\n"], replace=True)

    assert departments(place) == ["green"]


def test_an_identifier_of_two_persons_is_refused_with_both_lines(place: Place) -> None:
    told = refused(place, "A,a@x.org;kiosk@x.org,red,\n", "B,b@x.org;kiosk@x.org,blue,\n")

    assert told.startswith("Line 2: kiosk@x.org is an identifier of B in line 3")


def test_an_identifier_of_somebody_known_is_refused_until_it_is_taken_back(place: Place) -> None:
    place.references.import_people([HEAD, "A,a@x.org;kiosk@x.org,red,\n"])

    told = refused(place, "B,kiosk@x.org,blue,2026-01-01\n")

    assert told.startswith("Line 2: kiosk@x.org is an identifier of A already")
    place.references.import_people(
        [HEAD, "A,a@x.org,red,\n", "B,kiosk@x.org,blue,2026-01-01\n"], replace=True
    )
    assert departments(place) == ["red", "blue"]


def test_a_person_may_have_an_identifier_in_several_periods(place: Place) -> None:
    place.put(told(1, "launched", days=60))
    lines = [f"A,learner-1@example.org,{one}\n" for one in ("red,2025-01-01", "blue,2026-01-01")]

    place.references.import_people([HEAD, *lines])

    assert place.row("verbs")["statements"] == 1
