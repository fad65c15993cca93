"""What happens while somebody is erased, or after an erasure has died."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from lrs import clock
from lrs.assembly import build_services
from lrs.errors import Conflict
from lrs.privacy.person import Person
from lrs.services.maintenance import check
from tests.build import agent, voiding
from tests.privacy.world import BY_MAIL, MAIL, NAME, OWN, World, described, digest, made


class Died(BaseException):
    pass


def zarathustra(world: World) -> Person:
    return world.services.who.is_meant_by([MAIL])


def erase(world: World, **options: Any) -> Any:
    return world.services.erasure.erase(zarathustra(world), by="test", **options)


def facts(world: World) -> list[str]:
    """Return the ids of the statements in the lake."""
    files = list(world.services.lake.catch_up().files)
    if not files:
        return []
    found = duckdb.read_parquet(files, hive_partitioning=True).filter("part = 's'").select("id")
    return sorted(id for (id,) in found.fetchall())


def once(holder: Any, name: str, before: Callable[[], object]) -> None:
    """Do something before the next call of a method."""
    call = getattr(holder, name)

    def called(*arguments: Any, **options: Any) -> Any:
        setattr(holder, name, call)
        before()
        return call(*arguments, **options)

    setattr(holder, name, called)


def die() -> None:
    raise Died


def test_a_second_erasure_is_told_that_one_is_under_way(world: World) -> None:
    world.put(made(BY_MAIL), made(agent("anna")))
    other = build_services(world.config)
    refused: list[str] = []

    def try_too() -> None:
        anna = other.who.is_meant_by(["anna@example.org"])
        with pytest.raises(Conflict) as refusal:
            other.erasure.erase(anna, by="test")
        refused.append(refusal.value.message)

    once(world.services.lake, "erase", try_too)
    erase(world)

    assert len(refused) == 1
    assert refused[0].startswith("Another erasure is under way")
    assert world.services.store.statements.count() == 1
    other.erasure.erase(other.who.is_meant_by(["anna@example.org"]), by="test")
    assert world.services.store.statements.count() == 0
    other.close()


def test_a_turn_ends_with_its_process_or_its_lease(world: World) -> None:
    world.put(made(BY_MAIL))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    records, turns = world.services.store.records, world.services.erasure._turns
    alive = {**turns._turn("other"), "process": os.getppid()}
    elsewhere = {**alive, "place": "another machine", "process": gone.pid}
    for held in (alive, elsewhere):
        records.put("erasure-turn", "", held)
        with pytest.raises(Conflict):
            erase(world)

    for held in ({**alive, "process": gone.pid}, {**elsewhere, "until": clock.now() - 1}):
        records.put("erasure-turn", "", held)
        erase(world)
        assert records.get("erasure-turn", "") is None


def test_whoever_is_erased_next_what_was_begun_is_finished(world: World) -> None:
    world.fill()
    once(world.services.references, "forget", die)
    with pytest.raises(Died):
        erase(world, mentions=True)
    assert world.services.erasure.unfinished()

    nobody = world.services.who.is_meant_by(["nobody@example.org"])
    world.services.erasure.erase(nobody, by="test")

    assert not world.services.erasure.unfinished()
    assert list(world.services.references.people()) == ["B1"]
    assert NAME.encode() not in world.texts()
    assert world.holding(NAME.encode()) == []
    assert len(world.services.erasure.log()) == 2


def test_tables_do_not_name_whom_an_erasure_forgot_before_it_died(world: World) -> None:
    world.fill()
    world.services.tables.files()
    delete = world.services.store.records.delete

    def forget(kind: str, name: str) -> bool:
        done = delete(kind, name)
        if kind == "person":
            raise Died
        return done

    world.services.store.records.delete = forget  # type: ignore[method-assign]
    with pytest.raises(Died):
        erase(world, mentions=True)
    world.close()

    world.lrs("erase", MAIL, "--yes", "--mentions")

    assert world.holding(NAME.encode()) == []


def test_what_they_voided_does_not_count_again(world: World) -> None:
    target = made(agent("berta"))
    world.put(target)
    assert facts(world) == [target["id"]]
    world.put(voiding(target["id"], actor=BY_MAIL))

    erase(world)

    assert facts(world) == []
    world.services.lake.rebuild()
    assert facts(world) == []


def test_what_comes_in_of_them_meanwhile_stays_in_the_lake_too(world: World) -> None:
    new = made(BY_MAIL)
    world.put(made(BY_MAIL), made(agent("berta")))
    facts(world)

    def go_on() -> None:
        world.put(new)
        facts(world)

    once(world.services.lake, "erase", go_on)
    erase(world)

    assert world.services.store.statements.get(new["id"]) is not None
    assert new["id"] in facts(world)


def test_a_voided_statement_that_comes_meanwhile_stays_and_is_voided(world: World) -> None:
    target = made(agent("berta"))
    world.put(voiding(target["id"], actor=BY_MAIL))

    once(world.services.store.statements, "erase", lambda: world.put(target))
    erase(world)

    entry = world.services.store.statements.get(target["id"])
    assert entry is not None
    assert entry.voided
    assert list(check(world.services.store, lambda entries, length: entries)) == []


def test_an_attachment_that_others_send_meanwhile_stays(world: World) -> None:
    late = made(agent("berta"), attachments=[described(OWN)])
    world.put(made(BY_MAIL, attachments=[described(OWN)]), parts=(OWN,))

    once(world.services.store.statements, "insert", lambda: erase(world))
    world.put(late, parts=(OWN,))

    assert world.services.store.attachments.get(digest(OWN)) == OWN


def test_a_group_that_lists_a_member_twice_goes_from_the_lake(world: World) -> None:
    other = made(agent("berta"))
    world.put(made({"objectType": "Group", "member": [BY_MAIL, BY_MAIL]}), other)
    facts(world)

    erase(world)

    assert facts(world) == [other["id"]]
    assert world.holding(NAME.encode()) == []


def test_of_whom_nothing_is_known_nothing_is_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(made(agent("berta")))
    monkeypatch.setattr(world.services.store, "scrub", die)

    entry = erase(world)

    assert entry["counts"] == {}
    assert NAME.encode() not in world.texts()
    assert world.holding(NAME.encode()) == []
