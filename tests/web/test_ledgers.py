from __future__ import annotations

from collections.abc import Callable

import pytest

from lrs.analytics.ledgers.kinds import LEDGERS
from lrs.assembly import Services
from tests.analytics.places import COURSE
from tests.build import agent
from tests.conftest import Client, Visitor

Visit = Callable[..., Visitor]
PAGE = "/ledgers/change"
CHANGE = {"do": "add", "place": COURSE, "what": "<b>shorter</b>", "kind": "shorten"}


def test_an_entry_is_written_and_closed_on_the_page(visit: Visit, services: Services) -> None:
    visitor = visit()

    assert visitor.send(PAGE, CHANGE, page=PAGE).status_code == 303
    shown = visitor.get(PAGE).text
    assert "&lt;b&gt;shorter&lt;/b&gt;" in shown
    ((entry, record),) = services.ledgers.all("change").items()
    assert (record["kind"], record["by"], record["why"]) == ("shorten", "administrator", "skipped")

    closing = {"do": "close", "entry": entry, "note": "kept"}
    assert visitor.send(PAGE, closing, page=PAGE).status_code == 303
    assert services.ledgers.all("change")[entry]["note"] == "kept"


def test_a_form_that_cannot_be_used_is_shown_again_with_what_was_typed(visit: Visit) -> None:
    answer = visit().send(PAGE, {**CHANGE, "days": "1"}, page=PAGE)

    assert answer.status_code == 400
    assert "a whole number from 7 to 180" in answer.text
    assert COURSE in answer.text


def test_what_the_lrs_writes_is_not_written_by_hand(visit: Visit) -> None:
    form = {"do": "add", "place": COURSE}
    assert visit().send("/ledgers/flag", form, page=PAGE).status_code == 403


@pytest.mark.parametrize("name", LEDGERS)
def test_every_ledger_has_a_page_and_json(visit: Visit, name: str) -> None:
    visitor = visit()

    assert LEDGERS[name].title in visitor.get(f"/ledgers/{name}").text
    assert visitor.get(f"/ledgers/{name}.json").get_json() == {"entries": []}


def test_the_form_offers_courses_and_the_page_leads_to_reports(
    visit: Visit, services: Services
) -> None:
    services.references.import_courses(
        ["course,title,modules\n", f"{COURSE},Safety <1>,http://example.org/m\n"]
    )

    shown = visit().get(PAGE).text

    assert f'<option value="{COURSE}">Safety &lt;1&gt;</option>' in shown
    assert '<option value="http://example.org/m">' in shown
    assert 'href="/reports/change-speed"' in shown


def test_a_ledger_that_is_not_there_is_told(visit: Visit) -> None:
    assert visit().get("/ledgers/nothing").status_code == 404


@pytest.fixture
def acted(services: Services) -> Services:
    services.references.import_people(
        [
            "person,identifiers,name,manager\n",
            "A,anna@example.org,Anna,LEAD\n",
            "B,berta@example.org,Berta,OTHER\n",
            "LEAD,lead@example.org,Lena,BOSS\n",
            "BOSS,boss@example.org,Bo,\n",
        ]
    )
    for who in ("anna", "berta"):
        action = {"place": COURSE, "learner": f"{who}@example.org", "action": "called"}
        services.ledgers.add("action", {**action, "evidence": f"{who} was away"})
        services.ledgers.add("request", {"person": f"{who}@example.org"})
    return services


def persons(visitor: Visitor, name: str, field: str) -> list[str]:
    return [one[field] for one in visitor.get(f"/ledgers/{name}.json").get_json()["entries"]]


@pytest.mark.parametrize(
    ("role", "who", "actions", "requests"),
    [
        ("administrator", "boss", {"anna", "berta"}, {"anna", "berta"}),
        ("manager", "boss", {"anna"}, set()),
        ("learner", "berta", {"berta"}, {"berta"}),
    ],
)
def test_one_sees_what_concerns_one(
    acted: Services, visit: Visit, role: str, who: str, actions: set[str], requests: set[str]
) -> None:
    visitor = visit(role, agent=agent(who))
    wanted = {"action": ("learner", actions), "request": ("person", requests)}

    for name, (field, expected) in wanted.items():
        found = {one.rpartition(":")[2].partition("@")[0] for one in persons(visitor, name, field)}
        assert found == expected
        for other in {"anna", "berta"} - expected:
            assert other not in visitor.get(f"/ledgers/{name}").text
    few = visitor.get("/ledgers/change").status_code
    assert few == (200 if role == "administrator" else 403)


def test_an_analyst_sees_no_names_in_ledgers_and_writes_in_them(
    acted: Services, visit: Visit
) -> None:
    visitor = visit("analyst")

    for name, field in (("action", "learner"), ("request", "person")):
        assert all(one.startswith("learner-") for one in persons(visitor, name, field))
        for told in ("anna", "berta"):
            assert told not in visitor.get(f"/ledgers/{name}").text
    assert visitor.send(PAGE, CHANGE, page=PAGE).status_code == 303


@pytest.mark.parametrize("role", ["manager", "learner"])
def test_who_only_looks_does_not_write(acted: Services, visit: Visit, role: str) -> None:
    visitor = visit(role, agent=agent("boss"))

    assert "Add</button>" not in visitor.get("/ledgers/action").text
    form = {"do": "add", "place": COURSE, "action": "called"}
    assert visitor.send("/ledgers/action", form).status_code == 403
    assert len(acted.ledgers.all("action")) == 2


def test_ledgers_are_not_for_everybody(visit: Visit, client: Client) -> None:
    assert visit("learner").get("/ledgers").status_code == 403
    assert client.web.post(PAGE, data=CHANGE, headers=client.headers).status_code == 403
