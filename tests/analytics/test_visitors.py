"""Visitors who turned out to be persons are counted once, under the name of the person."""

from __future__ import annotations

from lrs import clock
from lrs.analytics.audience import Audience
from lrs.analytics.facts.digests import digest
from lrs.analytics.sql.scope import with_scope
from lrs.taxonomy.persons import Persons
from lrs.xapi import JsonObject
from tests.analytics.places import ACADEMY, Place, told


def account(name: str, kind: str = "") -> JsonObject:
    return {"account": {"homePage": ACADEMY + kind, "name": name}}


def came(actor: JsonObject, verb: str, **more: float) -> JsonObject:
    result = {"completion": True} if verb == "completed" else None
    return {**told("x", verb, result=result, **more), "actor": actor}


def seen(place: Place) -> None:
    """A visitor comes and signs up as u1, who completes; another visitor comes and stays one."""
    place.put(
        came(account("v1", "/anon"), "initialized", days=60),
        came(account("v2", "/anon"), "initialized", days=60),
        came(account("u1"), "completed", days=50),
    )


def links(place: Place) -> Persons:
    return Persons(place.store.records, clock.now)


def test_at_first_a_visitor_is_somebody_else(place: Place) -> None:
    seen(place)

    assert place.rows("people-match", learner=f"account|{ACADEMY}|u1")[0]["learners"] == 1
    assert place.rows("people-match")[0]["learners"] == 3


def test_once_linked_both_are_one_learner(place: Place) -> None:
    seen(place)
    assert place.rows("people-match")[0]["learners"] == 3
    links(place).link("v1", "u1")

    table = place.answer("people-match")

    first, *others = table.rows
    assert (first["learners"], first["matched"]) == (2, 0)
    # The visitor has the name of the person.
    assert [(table.names[one["learner"]], one["statements"]) for one in others] == [
        (f"{ACADEMY}|u1", 2),
        (f"{ACADEMY}/anon|v2", 1),
    ]
    for named in (f"account|{ACADEMY}|u1", f"account|{ACADEMY}/anon|v1"):
        assert place.rows("people-match", learner=named)[1]["statements"] == 2
    (row,) = place.rows("completion")
    assert (row["starters"], row["completed"]) == (2, 1)


def test_what_is_taken_back_parts_them_again(place: Place) -> None:
    seen(place)
    links(place).link("v1", "u1")
    assert place.rows("people-match")[0]["learners"] == 2

    assert links(place).unlink("v1")

    assert place.rows("people-match")[0]["learners"] == 3


def test_who_is_in_the_people_file_is_that_person_as_a_visitor_too(place: Place) -> None:
    seen(place)
    place.references.import_people(
        [
            "person,identifiers,name,department,manager\n",
            f"P1,{ACADEMY}|u1,Una,caves,B1\n",
            "B1,boss@example.org,Bo,caves,\n",
        ]
    )
    links(place).link("v1", "u1")

    first = place.rows("people-match")[0]

    assert (first["learners"], first["matched"]) == (2, 1)
    assert place.rows("people-match", department="caves")[0]["learners"] == 1
    team = Audience(own="team", key=digest("person", "B1"), names=True)
    assert sum(row["starters"] for row in place.answer("completion", audience=team).rows) == 1
    own = Audience(own="self", key=digest("person", "P1"), names=True)
    assert [row["starters"] for row in place.answer("completion", audience=own).rows] == [1]


def test_visitors_are_no_staff(place: Place) -> None:
    seen(place)
    links(place).link("v1", "u1")
    place.references.import_people(["person,identifiers\n", "P9,nina@example.org\n"])

    rows = place.references.rows("people")

    assert sorted(row["person"] for row in rows) == ["", "P9"]
    staff = with_scope("WITH a AS (SELECT 1 FROM staff) SELECT * FROM a", {}, people=True)
    assert "WHERE p.person <> ''" in staff


def test_an_erased_person_is_no_visitor_any_more(place: Place) -> None:
    links(place).link("v1", "u1")
    assert len(place.references.rows("people")) == 1

    links(place).unlink("v1")

    assert place.references.rows("people") == []
