"""Where nothing differs, reports raise at most one false alarm in twenty."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from scipy.stats import binom

from lrs.analytics.catalog import catalog
from lrs.analytics.lake.engine import Sources
from lrs.analytics.report import Moment, Row
from lrs.analytics.simulator.planted import Planted
from lrs.analytics.simulator.simulation import Simulation
from lrs.analytics.statistics.estimates import SURE, difference, log_rank
from tests.analytics.places import TODAY, Place, place_in, told

NOTHING = Planted(
    at_night=(0.5, 0.5), by_day=0.5, manager_days=0, leadership=(0.5, 0.5), policy=(0.5, 0.5)
)
MOMENT = Moment(20_000, {})


def drawn(chance: random.Random, learners: int, rate: float) -> int:
    return sum(chance.random() < rate for _ in range(learners))


def allowed(reports: int) -> int:
    """Return how many of so many may be wrong at 5 %, chance of the draw included: more happen once in 100 times."""
    return int(binom.ppf(0.99, reports, 0.05))


@pytest.mark.parametrize("sizes", [(20, 20), (30, 40)])
def test_one_comparison_is_wrong_at_most_once_in_twenty_whatever_the_rate(
    sizes: tuple[int, int],
) -> None:
    """Not drawn, but summed over all outcomes that there are."""
    one, other = sizes
    alarms = [
        (x, y)
        for x in range(one + 1)
        for y in range(other + 1)
        if difference(x, one, y, other)[3] < SURE
    ]
    for percent in range(1, 100):
        rate = percent / 100
        left, right = (binom.pmf(range(size + 1), size, rate) for size in sizes)
        assert sum(left[x] * right[y] for x, y in alarms) <= 0.05


def test_a_report_of_ten_revisions_is_wrong_at_most_once_in_twenty() -> None:
    chance = random.Random(6)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(60):
        rows: list[Row] = [
            {"activity": f"a{n // 2}", "learners": size, "completed": drawn(chance, size, 0.5)}
            for n, size in enumerate([chance.randrange(30, 400) for _ in range(20)])
        ]
        found = catalog()["revisions"].finish(rows, MOMENT)
        alarms += any(row["verdict"] in ("better", "worse") for row in found)
    assert alarms <= allowed(60)


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
    rows = place.reports._engine.run(
        sql, {"by": by, "today": 20605, "now": 0, "own": 0},
        Sources(place.lake.catch_up(), dict(place.tables.files())),
    )  # fmt: skip

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


def test_groups_that_are_equally_fast_differ_at_most_once_in_twenty() -> None:
    chance = random.Random(8)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(100):
        rows: list[Row] = [
            {"slice": f"s{n % 3}", "days": chance.randrange(1, 60), "finished": 1, "learners": 1,
             "first": 1}
            for n in range(60)
        ]  # fmt: skip
        for row in rows:
            if row["days"] > 40:
                row["days"], row["finished"] = 40, 0
        alarms += catalog()["completion-time"].finish(rows, MOMENT)[0]["p"] < SURE
    assert alarms <= allowed(100)


def test_fast_persons_of_many_courses_make_no_fast_group() -> None:
    chance = random.Random(9)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(60):
        rows: list[Row] = []
        for who in range(90):
            pace = chance.lognormvariate(3, 0.7)
            for course in range(10):
                days = max(1, round(pace * chance.uniform(0.7, 1.3)))
                rows.append({"slice": str(who % 3), "days": days, "finished": 1, "learners": 1,
                             "first": int(course == 0)})  # fmt: skip
        alarms += catalog()["completion-time"].finish(rows, MOMENT)[0]["p"] < SURE
    assert alarms <= allowed(60)


def test_nothing_is_said_of_times_before_anyone_is_done(place: Place) -> None:
    lines = [
        f"P{n},learner-{n}@example.org,{'ab'[n % 2]},2026-0{1 + 4 * (n % 2)}-05\n"
        for n in range(10)
    ]
    place.references.import_people(["person,identifiers,department,start_date\n", *lines])
    place.put(*(told(n, "launched", days=200) for n in range(10)))

    assert [row["p"] for row in place.rows("completion-time")] == [None, None]
    assert [row["p"] for row in place.rows("time-to-competency")] == [None, None]
    rows: list[Row] = [
        {"change_id": "1", "day": 19000, "place": "p", "what": "w", "due": 19014, "days": 14,
         "next_day": None, "last_day": None, "early": early, "took": 5, "done": 0, "persons": 40}
        for early in (0, 1)
    ]  # fmt: skip
    (found,) = catalog()["change-speed"].finish(rows, MOMENT)
    assert (found["p"], found["verdict"]) == (None, "no clear change")


def test_a_group_that_has_just_begun_does_not_hide_that_others_differ() -> None:
    fast, slow = [[*range(1, 31)], [*range(41, 71)]]
    p = log_rank([fast, slow, [0, 0]], [[True] * 30, [True] * 30, [False, False]])
    assert p is not None
    assert p < SURE


def test_learners_who_do_not_differ_are_not_told_apart(tmp_path: Path) -> None:
    told = 0
    for seed in range(3):
        place = place_in(tmp_path / str(seed))
        simulation = Simulation(learners=120, seed=seed, last=TODAY.date(), planted=NOTHING)
        place.put(*simulation.statements())
        place.references.import_people(simulation.people_csv())
        told += any(row["verdict"] in ("better", "worse") for row in place.rows("revisions"))
        for by in ("department", "role", "device", "shift", "shift-device"):
            told += any(row["differs"] for row in place.rows("slices", by=by))
        place.store.close()
    assert told <= allowed(18)


def test_a_trend_of_sixty_courses_is_wrong_at_most_once_in_twenty() -> None:
    chance = random.Random(10)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(12):
        rows: list[Row] = [
            {"course": f"c{n}", "week": week, "begun": 40, "completed": drawn(chance, 40, 0.5)}
            for n in range(60)
            for week in range(20)
        ]
        found = catalog()["trend"].finish(rows, MOMENT)
        alarms += any(row["shift"] is not None for row in found)
    assert alarms <= allowed(12)


def test_twelve_changes_without_effect_are_wrong_at_most_once_in_twenty() -> None:
    chance = random.Random(11)  # noqa: S311 not a secret
    alarms = 0
    for _ in range(20):
        rows: list[Row] = []
        for change in range(12):
            cells = Counter(
                (early, min(took, seen), int(took <= seen))
                for early in (0, 1)
                for took, seen in (
                    (min(13, int(chance.expovariate(1 / 6))), chance.randrange(14))
                    for _ in range(60)
                )
            )
            rows += [
                {"change_id": str(change), "day": 19000, "place": "p", "what": "w", "due": 19014,
                 "days": 14, "next_day": None, "last_day": None, "early": early, "took": took,
                 "done": done, "persons": persons}
                for (early, took, done), persons in cells.items()
            ]  # fmt: skip
        found = catalog()["change-speed"].finish(rows, MOMENT)
        alarms += any(row["verdict"] in ("faster", "slower") for row in found)
    assert alarms <= allowed(20)


def test_thirty_roles_that_hold_are_alarming_at_most_once_in_twenty() -> None:
    chance = random.Random(12)  # noqa: S311 not a secret
    moment, alarms = Moment(0, {"hold": 8000, "mark": 5000}), 0
    for _ in range(60):
        rows: list[Row] = [
            {"course": f"c{n}", "role": "r", "passed": 30, "tested": 30, "later": 8000,
             "retained": drawn(chance, 30, 0.8)} for n in range(30)
        ]  # fmt: skip
        found = catalog()["critical-roles"].finish(rows, moment)
        alarms += any(row["alert"] == "alert" for row in found)
    assert alarms <= allowed(60)
    lost: Row = {"course": "c", "role": "r", "passed": 30, "tested": 30, "later": 8000}
    (row,) = catalog()["critical-roles"].finish([{**lost, "retained": 15}], moment)
    assert row["alert"] == "alert"


def test_eight_versions_that_are_alike_are_told_apart_at_most_once_in_twenty() -> None:
    chance = random.Random(13)  # noqa: S311 not a secret
    told, reading = 0, catalog()["activation"].reading

    def version(name: int, completed: int) -> Row:
        return {"version": f"v{name}", "started": 60, "completed": completed, "reached": 9}

    for _ in range(12):
        rows = [version(n, drawn(chance, 60, 0.5)) for n in range(8)]
        told += "more often" in reading(rows)
    assert told <= allowed(12)
    assert "Version v1 of the onboarding is completed more often than v0" in reading(
        [version(0, 20), version(1, 45)]
    )
