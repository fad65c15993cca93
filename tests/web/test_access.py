"""Role by resource: who is let in where, as the README says, and what nobody but the right ones is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lrs.analytics.catalog import catalog
from lrs.assembly import Services
from lrs.auth.roles import ROLES
from lrs.web.pages import PLACES
from tests.analytics.places import attempt, told
from tests.build import agent
from tests.conftest import Client, Visitor

Visit = Callable[..., Visitor]
README = (Path(__file__).parents[2] / "README.md").read_text()
FACES = ("json", "csv", "parquet", "txt", "sql", "svg", "png")
_LINE = re.compile(r"^\| `(/\S*)` \| ((?:yes|no)(?: \| (?:yes|no)){4}) \|$", re.MULTILINE)
MATRIX = {path: cells.split(" | ") for path, cells in _LINE.findall(README)}
ACTIVITY = [name for name, one in catalog().items() if not one.obligations]
OBLIGATIONS = [name for name, one in catalog().items() if one.obligations]


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_let_in_where_the_readme_says(visit: Visit, role: str) -> None:
    visitor = visit(role, agent=agent("anna"))
    column = list(ROLES).index(role)

    found = {path: visitor.get(path).status_code for path in MATRIX}

    allowed = {path: (403, 200)[cells[column] == "yes"] for path, cells in MATRIX.items()}
    assert found == allowed


def test_every_place_is_in_the_matrix() -> None:
    assert {one.path for one in PLACES} <= MATRIX.keys()
    (head,) = re.findall(r"^\| \| (administrator .*) \|$", README, re.MULTILINE)
    assert head.split(" | ") == list(ROLES)


@pytest.mark.parametrize("name", ACTIVITY)
def test_compliance_is_told_nothing_of_what_learners_do(visit: Visit, name: str) -> None:
    visitor = visit("compliance")
    for path in (f"/reports/{name}", *(f"/reports/{name}.{face}" for face in FACES)):
        assert visitor.get(path).status_code == 403, path
    refusal = visitor.get(f"/reports/{name}.json").get_json()
    assert "obligations" in str(refusal)


@pytest.mark.parametrize("name", OBLIGATIONS)
def test_compliance_is_told_of_obligations_and_by_name(visit: Visit, name: str) -> None:
    visitor = visit("compliance")
    for face in ("json", "csv", "txt", "sql"):
        assert visitor.get(f"/reports/{name}.{face}").status_code == 200
    shown = visitor.get("/reports").text
    assert f'"/reports/{name}"' in shown


@pytest.mark.parametrize(
    "query", ["hour=3", "device=mobile", "weekday=1", "sender=x", "activity=http://x.org/a"]
)
def test_compliance_does_not_find_out_when_somebody_learnt(visit: Visit, query: str) -> None:
    refused = visit("compliance").get(f"/reports/audit-pack.json?{query}")

    assert refused.status_code == 403
    assert "department" in refused.text
    assert visit("administrator").get(f"/reports/audit-pack.json?{query}").status_code == 200


def test_compliance_sees_no_statement_and_no_way_to_one(client: Client, visit: Visit) -> None:
    one = told("anna", "launched")
    client.post([one])
    visitor = visit("compliance")

    assert visitor.get(f"/statements/{one['id']}").status_code == 403
    assert visitor.get("/learners?learner=learner-anna@example.org").status_code == 403
    for path in ("/xapi/statements", "/xapi/activities/state", "/xapi/agents/profile"):
        version = {"X-Experience-API-Version": "1.0.3"}
        assert visitor.get(path, headers=version).status_code == 401
    for page in ("/", "/reports", "/reports/obligations", "/reports/audit-pack"):
        text = visitor.get(page).text
        links = set(re.findall(r'href="(/(?!static)[^"?#]*)', text))
        closed = {path for path in links if visitor.get(path).status_code == 403}
        assert closed == set(), page


def test_a_manager_sees_no_score_outside_the_own_team(
    client: Client, visit: Visit, services: Services
) -> None:
    people = "person,identifiers,manager\nBOSS,boss@example.org,\n"
    people += "P1,learner-1@example.org,BOSS\nP2,learner-2@example.org,OTHER\n"
    services.references.import_people(people.splitlines(keepends=True))
    client.post([attempt(who, 1, True, score={"scaled": who / 10}) for who in (1, 2)])

    visitor = visit("manager", agent=agent("boss"))
    rows = visitor.get("/reports/learner-progress.json").get_json()["rows"]

    assert {row["learner"] for row in rows} == {"mbox|mailto:learner-1@example.org"}
    alien = "learner-2@example.org"
    for name in ("learner-progress", "timeline", "obligations"):
        told_of = visitor.get(f"/reports/{name}.json", query_string={"learner": alien})
        assert told_of.get_json()["rows"] == []


def test_the_home_page_of_compliance_is_its_own(client: Client, visit: Visit) -> None:
    client.post([told("anna", "launched")])
    visitor = visit("compliance")

    text = visitor.get("/?for=hr").text

    assert "Is everybody certified?" in text
    assert "Who opens, stays, completes?" not in text
    assert 'aria-label="Point of view"' not in text
    assert "Top courses" not in text
