"""Who may not see names cannot narrow what is told down to a person, on any face."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lrs.analytics.catalog import catalog
from lrs.analytics.narrowing import ATTRIBUTES, lists_persons
from lrs.assembly import Services
from tests.analytics.places import told
from tests.build import agent
from tests.conftest import Client, Visitor, settled

Visit = Callable[..., Visitor]
FACES = ("json", "csv", "parquet", "txt", "svg", "png")
PEOPLE = [
    "person,identifiers,name,department,manager,role,location\n",
    *(
        f"P{who},learner-{who}@example.org,Name {who},{'large' if who < 12 else 'small'},"
        f"{'BOSS' if who < 12 else 'LEAD'},nurse,{'North' if who % 2 else 'South'}\n"
        for who in range(15)
    ),
]


@pytest.fixture
def analyst(client: Client, services: Services, visit: Visit) -> Visitor:
    services.references.import_people(PEOPLE)
    sent = [told(who, "launched") for who in range(15)]
    sent += [
        told(who, "launched", "http://few.example.org", course="http://few.example.org", days=9)
        for who in range(3)
    ]
    assert client.post(sent).status_code == 200
    return visit("analyst")


@pytest.mark.parametrize(
    "query",
    [
        "manager=LEAD",
        "department=small",
        "department=small&location=North",
        "department=none",
        "course=http://few.example.org",
        "until=2000-01-01",
    ],
)
def test_few_persons_are_told_nothing_about(analyst: Visitor, query: str) -> None:
    for face in FACES:
        found = analyst.get(f"/reports/top-courses.{face}?{query}")

        assert (found.status_code, found.get_json()["code"]) == (403, "small-group"), face
        assert found.get_json()["message"].startswith("Fewer than 5 persons fit these filters")


def test_no_report_is_narrowed_down_to_few(analyst: Visitor) -> None:
    for name, report in catalog().items():
        found = analyst.get(f"/reports/{name}.json?manager=LEAD")

        about_none = found.status_code == 200 and not found.get_json()["rows"]
        assert found.status_code == 403 or about_none or report.organisational, name


def test_a_list_of_pseudonyms_is_not_told_apart_by_what_others_know(analyst: Visitor) -> None:
    known = {"department": "large", "role": "nurse", "location": "South", "manager": "BOSS"}
    assert set(known) == set(ATTRIBUTES)
    for report in filter(lists_persons, catalog().values()):
        for name, value in known.items():
            found = analyst.get(f"/reports/{report.name}.csv?{name}={value}")

            told_why = (found.status_code, found.get_json()["code"])
            assert told_why == (403, "narrow"), (report.name, name)


def test_whether_a_pseudonym_is_in_a_department_is_not_told(analyst: Visitor) -> None:
    learner = analyst.get("/reports/timeline.json").get_json()["rows"][0]["learner"]

    assert analyst.get(f"/reports/verbs.json?learner={learner}").status_code == 200
    found = analyst.get(f"/reports/verbs.json?learner={learner}&department=large")
    assert found.get_json()["code"] == "narrow"


@pytest.mark.parametrize("path", ["/", "/courses", "/learners", "/reports/top-courses"])
def test_a_page_about_few_persons_is_a_plain_sentence(analyst: Visitor, path: str) -> None:
    page = settled(lambda: analyst.get(f"{path}?department=small"))

    assert page.status_code == 403, path
    assert ("Fewer than 5 persons" in page.text) != ("not told apart by department" in page.text)
    assert "learner-" not in page.text


def test_groups_that_are_large_enough_are_told_about(analyst: Visitor) -> None:
    found = analyst.get("/reports/verbs.json?department=large").get_json()

    assert found["rows"][0]["learners"] == 12
    assert analyst.get("/reports/learner-progress.json").get_json()["rows"]


def test_a_page_of_pseudonyms_offers_no_departments(analyst: Visitor) -> None:
    assert 'name="department"' not in analyst.get("/reports/at-risk").text
    assert 'name="department"' in analyst.get("/reports/verbs").text


@pytest.mark.parametrize(
    ("role", "query", "learners"), [("administrator", "department=small", 3), ("manager", "", 2)]
)
def test_who_may_see_names_sees_few_persons(
    analyst: Visitor, services: Services, visit: Visit, role: str, query: str, learners: int
) -> None:
    services.references.import_people(
        [
            "person,identifiers,manager\n",
            *(f"P{n},learner-{n}@example.org,boss@example.org\n" for n in range(2)),
        ]
    )
    visitor = visit(role, agent=agent("boss"))

    rows = visitor.get(f"/reports/learner-progress.json?{query}").get_json()["rows"]

    assert len({row["learner"] for row in rows}) == learners
    assert all(row["learner"].startswith("mbox|") for row in rows)
