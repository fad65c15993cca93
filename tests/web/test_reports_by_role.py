"""Whose data a role sees in reports: the same on every face, whatever the address says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from lrs.analytics.catalog import catalog
from lrs.app import create_app
from lrs.assembly import Services, build_services
from lrs.config import Config
from lrs.xapi import JsonObject
from tests.analytics.places import COURSE, answer, attempt, played, told
from tests.build import agent
from tests.conftest import KEY, PASSWORD, SECRET, Client, Visitor, headers

FACES = ("json", "csv", "parquet", "txt", "sql", "svg", "png")
PEOPLE = """person,identifiers,name,department,manager,role,location,start_date,valid_from
BOSS,boss@example.org,Bo Boss,own,,manager,,,
LEAD,learner-lead@example.org,Lena Lead,own,BOSS,manager,,,
P1,learner-1@example.org,Anna Own,own,LEAD,frontline,,,
P2,learner-2@example.org,Berta Own,own,boss@example.org,frontline,,,
P3,learner-3@example.org,Carl Moved,own,BOSS,frontline,,,
P3,learner-3@example.org,Carl Moved,alien,OTHER,frontline,,,2026-05-01
P8,learner-8@example.org,Dora Alien,alien,OTHER,frontline,,,
P9,learner-9@example.org,Emil Alien,alien,OTHER,frontline,,,
OTHER,other@example.org,Otto Other,alien,,manager,,,
"""
TEAM = ("lead", 1, 2)
ALIENS = (8, 9)
THEIRS = "http://alien.example.org/course"


OPEN = [name for name, report in catalog().items() if not report.organisational]
"""The reports that are not about the organisation as a whole."""


def life(who: int | str, course: str) -> list[JsonObject]:
    """Return something for every report to count."""
    film, module = f"{course}/film", f"{course}/module"
    more = {"course": course}
    return [
        told(who, "registered", course, **more),
        told(who, "launched", module, days=59.9, **more),
        told(who, "experienced", module, days=59.8, result={"duration": "PT2M"}, **more),
        told(who, "completed", module, days=59.7, result={"completion": True}, **more),
        played(who, film, 100, "0[.]50", days=59.6, **more),
        attempt(who, 1, False, days=59, score={"scaled": 0.2}),
        attempt(who, 2, False, days=58, score={"scaled": 0.3}),
        answer(who, 1, True),
        told(who, "completed", course, days=57, result={"completion": True}, **more),
    ]


def filled(services: Services, statements: Sequence[JsonObject]) -> Services:
    services.references.import_people(PEOPLE.splitlines(keepends=True))
    services.credentials.add(home_page="http://lrs.example.org", key=KEY, secret=SECRET)
    client = Client(create_app(services).test_client())
    assert client.post(list(statements)).status_code == 200
    return services


@pytest.fixture
def open_services(tmp_path: Path) -> Iterator[Callable[..., Services]]:
    opened = []

    def build(name: str, statements: Sequence[JsonObject], **settings: int) -> Services:
        services = build_services(Config(data=tmp_path / name, **settings))
        opened.append(services)
        return filled(services, statements)

    yield build
    for services in opened:
        services.close()


def own_statements() -> list[JsonObject]:
    then = [one for one in life(3, COURSE) if one["timestamp"] < "2026-05-01"]
    return [one for who in TEAM for one in life(who, COURSE)] + then


def alien_statements() -> list[JsonObject]:
    now = [told(3, "launched", f"{THEIRS}/x", course=THEIRS, days=2)]
    return [one for who in (*ALIENS, "unknown") for one in life(who, THEIRS)] + now


def visit(services: Services, role: str, *, who: str = "") -> Visitor:
    services.accounts.add(role, role=role, password=PASSWORD, agent=agent(who) if who else None)
    visitor = Visitor(create_app(services).test_client())
    sent = visitor.send("/sign-in", {"name": role, "password": PASSWORD}, page="/sign-in")
    assert sent.status_code == 303
    return visitor


def rows(visitor: Visitor, name: str, **query: str) -> list[JsonObject]:
    found = visitor.get(f"/reports/{name}.json", query_string=query)
    assert found.status_code == 200, found.text
    lags = ("p50", "p95", "mean_lag")
    told_rows: list[JsonObject] = [
        {column: value for column, value in row.items() if column not in lags}
        for row in found.get_json()["rows"]
    ]
    return told_rows


def everyone(open_services: Callable[..., Services]) -> Services:
    return open_services("all", [*own_statements(), *alien_statements()], small_group=1)


def test_a_manager_is_told_what_a_store_of_the_own_team_would_tell(
    open_services: Callable[..., Services],
) -> None:
    sent, theirs = own_statements(), alien_statements()
    manager = visit(open_services("all", [*sent, *theirs], small_group=1), "manager", who="boss")
    alone = visit(open_services("own", sent, small_group=1), "administrator")

    for name in OPEN:
        assert rows(manager, name) == rows(alone, name), name
    assert rows(manager, "completion")


def test_a_learner_is_told_what_a_store_of_the_own_statements_would_tell(
    open_services: Callable[..., Services],
) -> None:
    sent, mine = [*own_statements(), *alien_statements()], life(7, COURSE)
    learner = visit(open_services("all", [*sent, *mine]), "learner", who="learner-7")
    alone = visit(open_services("own", mine, small_group=1), "administrator")

    for name in OPEN:
        assert rows(learner, name) == rows(alone, name), name
    assert rows(learner, "completion")


@pytest.mark.parametrize(("role", "who"), [("manager", "boss"), ("learner", "learner-1")])
def test_no_face_tells_of_others_whatever_is_asked_for(
    open_services: Callable[..., Services], role: str, who: str
) -> None:
    visitor = visit(everyone(open_services), role, who=who)
    questions: tuple[dict[str, str], ...] = (
        {"department": "alien"},
        {"manager": "OTHER"},
        {"learner": "P8"},
        {"learner": "learner-9@example.org"},
        {"learner": "mbox|mailto:learner-9@example.org"},
        {"course": THEIRS},
    )
    for name, report in catalog().items():
        for question in ({}, *questions):
            # What is filtered is the rows; that every face shows those rows alone is seen without a filter.
            for face in (".csv",) if question else ("", *(f".{one}" for one in FACES)):
                if face in (".svg", ".png") and report.chart is None:
                    continue
                found = visitor.get(f"/reports/{name}{face}", query_string=question)
                assert found.status_code == (200 if name in OPEN else 403), (name, face, question)
                told_of = found.data.decode("utf-8", "ignore")
                for secret in ("Dora", "Emil", "learner-8", "Otto"):
                    assert secret not in told_of, (name, face, question)
                if not question:
                    assert "alien.example.org" not in told_of, (name, face)
                if face == ".csv" and question:
                    assert "alien" not in told_of, (name, question)


def test_a_team_is_counted_as_it_was_at_the_time(open_services: Callable[..., Services]) -> None:
    services = everyone(open_services)
    boss = visit(services, "manager", who="boss")

    moved = rows(boss, "timeline", learner="P3")

    assert len(moved) == len(life(3, COURSE))
    assert all(row["course"] == COURSE for row in moved)


def test_who_stands_below_a_lead_belongs_to_those_above(
    open_services: Callable[..., Services],
) -> None:
    services = everyone(open_services)
    learners = {row["learner"] for row in rows(visit(services, "manager", who="boss"), "timeline")}
    services.accounts.set_agent("manager", agent("learner-lead"))
    visitor = Visitor(create_app(services).test_client())
    visitor.send("/sign-in", {"name": "manager", "password": PASSWORD}, page="/sign-in")

    assert learners == {f"mbox|mailto:learner-{who}@example.org" for who in ("lead", 1, 2, 3)}
    assert {row["learner"] for row in rows(visitor, "timeline")} == {
        "mbox|mailto:learner-1@example.org"
    }


@pytest.mark.parametrize("role", ["manager", "learner"])
def test_an_account_that_nobody_is_behind_sees_no_report(
    open_services: Callable[..., Services], role: str
) -> None:
    visitor = visit(everyone(open_services), role)

    for face in FACES:
        found = visitor.get(f"/reports/completion.{face}")
        assert found.status_code == 403
    assert found.get_json()["code"] == "no-agent"


def test_an_analyst_sees_everybody_and_nobody_by_name(
    open_services: Callable[..., Services],
) -> None:
    visitor = visit(everyone(open_services), "analyst")
    for name in catalog():
        for face in ("", ".json", ".csv", ".txt", ".parquet"):
            told_of = visitor.get(f"/reports/{name}{face}").data.decode("utf-8", "ignore")
            # The calls that a page shows have made-up people of their own.
            told_of = re.sub(r"<pre.*?</pre>", "", told_of, flags=re.DOTALL)
            assert "@example.org" not in told_of, (name, face)
            assert "Dora" not in told_of, (name, face)

    assert [row["slice"] for row in rows(visitor, "slices", by="manager")] == [""]
    timeline = rows(visitor, "timeline")
    learners = {row["learner"] for row in timeline}
    assert len(learners) == 7
    one = learners.pop()
    mine = rows(visitor, "timeline", learner=one)
    assert mine == [row for row in timeline if row["learner"] == one]
    for name in ("P1", "learner-1@example.org", "mbox|mailto:learner-1@example.org"):
        asked = visitor.get(f"/reports/timeline.json?learner={name}")
        assert (asked.status_code, asked.get_json()["allowed"]) == (400, "a pseudonym")


def test_pseudonyms_stay_and_are_others_in_another_store(
    open_services: Callable[..., Services],
) -> None:
    sent = own_statements()
    first, second = (open_services(name, sent, small_group=1) for name in ("one", "two"))
    analyst, other = visit(first, "analyst"), visit(second, "analyst")
    names = [row["learner"] for row in rows(analyst, "timeline")]

    assert names == [row["learner"] for row in rows(analyst, "timeline")]
    assert not set(names) & {row["learner"] for row in rows(other, "timeline")}


@pytest.mark.parametrize("role", ["administrator", "manager"])
def test_small_groups_are_hidden_on_every_face(
    open_services: Callable[..., Services], role: str
) -> None:
    services = open_services("all", own_statements())
    visitor = visit(services, role, who="boss")

    (row,) = rows(visitor, "completion")
    assert (row["starters"], row["rate_of_starters"]) == (None, None)
    for face in ("", ".csv", ".txt", ".svg"):
        told_of = visitor.get(f"/reports/completion{face}").text
        assert "100.0%" not in told_of
        assert "1.0," not in told_of


def test_the_sentence_does_not_tell_what_the_cells_hide(
    open_services: Callable[..., Services],
) -> None:
    visitor = visit(open_services("all", own_statements()), "administrator")

    reading = visitor.get("/reports/engagement-funnel.json").get_json()["reading"]

    assert "too small" in reading


@pytest.mark.parametrize(
    ("scope", "status"),
    [("statements/read", 200), ("all", 200), ("statements/read/mine", 403), ("state", 403)],
)
def test_credentials_obey_the_same_table(
    open_services: Callable[..., Services], scope: str, status: int
) -> None:
    services = everyone(open_services)
    services.credentials.add(home_page="http://x.example", key="k2", secret="s2", scopes=[scope])
    web = create_app(services).test_client()

    for face in FACES:
        found = web.get(f"/reports/completion.{face}", headers=headers(key="k2", secret="s2"))
        assert found.status_code == status, face


def test_statements_of_a_team_are_not_shown_one_by_one(
    open_services: Callable[..., Services],
) -> None:
    services = everyone(open_services)
    boss = visit(services, "manager", who="boss")
    learner = visit(services, "learner", who="learner-1")
    theirs = json.loads(
        create_app(services)
        .test_client()
        .get("/xapi/statements?limit=1&ascending=false", headers=headers())
        .data
    )["statements"][0]

    assert boss.get("/statements").status_code == 403
    assert boss.get(f"/statements/{theirs['id']}").status_code == 403
    assert learner.get(f"/statements/{theirs['id']}").status_code == 404
    assert "learner-8" not in learner.get("/statements").text
