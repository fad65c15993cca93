"""Groups of persons who count once for each course: held apart at most once in twenty by chance."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from lrs.analytics.catalog import catalog
from lrs.analytics.lake.engine import Query
from lrs.analytics.report import Row
from lrs.analytics.statistics.estimates import SURE
from tests.analytics.chance import MOMENT, allowed, drawn
from tests.analytics.comparing import sources_of
from tests.analytics.places import place_in, told


def told_apart(persons: Sequence[tuple[int, int, int]]) -> list[Row]:
    """Return rows of CLUSTERED, of (slice, part, whole) of each person; nobody is in two slices."""

    def squares(some: Sequence[tuple[int, int, int]]) -> list[int]:
        return [sum(a * a for _, a, _ in some), sum(a * n for _, a, n in some),
                sum(n * n for _, _, n in some)]  # fmt: skip

    rows: list[Row] = []
    for name in sorted({name for name, _, _ in persons}):
        inside = [one for one in persons if one[0] == name]
        rest = [one for one in persons if one[0] != name]
        rows.append(
            {"slice": str(name), "learners": sum(n for _, _, n in inside),
             "completed": sum(a for _, a, _ in inside), "persons": len(inside),
             "rest_persons": len(rest)}
            | dict(zip(("aa", "an", "nn"), squares(inside), strict=True))
            | dict(zip(("rest_aa", "rest_an", "rest_nn"), squares(rest), strict=True))
        )  # fmt: skip
    return rows


@pytest.mark.parametrize(
    ("courses", "unlike"), [(5, (0.8, 0.8)), (15, (0.8, 0.8)), (15, (0.2, 0.8))]
)
def test_groups_of_persons_who_differ_are_wrong_at_most_once_in_twenty(
    courses: int, unlike: tuple[float, float]
) -> None:
    """Persons complete more or less of their courses, whatever their group."""
    chance = random.Random(courses)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(40):
        persons = []
        for who in range(160):
            able, begun = chance.betavariate(*unlike), chance.randint(1, 2 * courses - 1)
            persons.append((who % 4, drawn(chance, begun, able), begun))
        found = catalog()["slices"].finish(told_apart(persons), MOMENT)
        alarms += any(row["differs"] for row in found)
    assert alarms <= allowed(40)


def test_groups_that_do_differ_are_told_apart_by_persons_of_many_courses() -> None:
    chance = random.Random(3)  # noqa: S311 not a secret
    persons = []
    for who in range(160):
        able = chance.betavariate(2, 4) + 0.3 * (who % 4 == 0)
        persons.append((who % 4, drawn(chance, 10, able), 10))

    found = catalog()["slices"].finish(told_apart(persons), MOMENT)

    assert found[0]["differs"] == 1


def test_one_person_of_forty_courses_is_not_thirty_persons(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    lines = [f"P{n},learner-{n}@example.org,{'solo' if n == 0 else 'crowd'}\n" for n in range(20)]
    place.references.import_people(["person,identifiers,department\n", *lines])
    for number in range(40):
        what = f"http://example.org/c{number}"
        place.put(*(told(who, "launched", what, course=what, days=60) for who in range(20)))
        done = {"course": what, "days": 50, "result": {"completion": True}}
        place.put(*(told(who, "completed", what, **done) for who in range(1, 15)))

    rows = place.rows("slices")

    assert [(row["slice"], row["learners"], row["completed"]) for row in rows] == [
        ("crowd", 760, 560), ("solo", 40, 0)
    ]  # fmt: skip
    assert not any(row["differs"] for row in rows)
    assert all(row["p"] > SURE for row in rows)
    place.store.close()


@pytest.mark.parametrize("by", ["department", "hour"])
def test_squares_of_persons_are_those_that_sql_gives(tmp_path: Path, by: str) -> None:
    """Six persons of two departments, each at two hours: those inside and outside of a group are who they are."""
    place = place_in(tmp_path)
    lines = [f"P{n},learner-{n}@example.org,{'ab'[n % 2]}\n" for n in range(6)]
    place.references.import_people(["person,identifiers,department\n", *lines])
    begun: dict[tuple[str, int], list[int]] = {}
    for who in range(6):
        for number in range(who + 2):
            what, late = f"http://example.org/c{number}", number % 2
            place.put(told(who, "launched", what, course=what, days=60 - late / 24))
            cell = begun.setdefault(
                ("ab"[who % 2] if by == "department" else str(12 + late), who), [0, 0]
            )
            cell[1] += 1
            if number % 3 == 0:
                cell[0] += 1
                done = {"completion": True}
                place.put(told(who, "completed", what, course=what, days=50, result=done))
    sql = place.answer("slices", by=by).sql
    values = {"by": by, "today": 20605, "now": 0, "own": 0}
    rows = place.reports._engine.run(Query(sql, values, sources_of(place)))

    def summed(cells: Iterable[Sequence[int]]) -> list[int]:
        kept = [(a, n) for a, n in cells if n]
        return [len(kept), sum(a * a for a, _ in kept), sum(a * n for a, n in kept),
                sum(n * n for _, n in kept)]  # fmt: skip

    for row in rows:
        mine = {who: cell for (name, who), cell in begun.items() if name == row["slice"]}
        rest = [
            [sum(cell[place] for (name, one), cell in begun.items() if one == who and name != row["slice"])
             for place in (0, 1)]
            for who in range(6)
        ]  # fmt: skip
        assert [row[name] for name in ("persons", "aa", "an", "nn")] == summed(mine.values())
        assert [row[name] for name in ("rest_persons", "rest_aa", "rest_an", "rest_nn")] == summed(
            rest
        )
    assert len(rows) == 2
    place.store.close()


def test_a_report_of_twelve_slices_is_wrong_at_most_once_in_twenty() -> None:
    chance = random.Random(7)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(60):
        sizes = [chance.randrange(5, 300) for _ in range(12)]
        persons = [
            (n, drawn(chance, 1, 0.6), 1) for n, size in enumerate(sizes) for _ in range(size)
        ]
        found = catalog()["slices"].finish(told_apart(persons), MOMENT)
        alarms += any(row["differs"] for row in found)
    assert alarms <= allowed(60)
