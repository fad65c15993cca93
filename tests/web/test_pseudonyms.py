"""What an analyst is told of pseudonyms, by every report, ledger and mail: never whose they are."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import pytest

from lrs.analytics.catalog import catalog
from lrs.analytics.narrowing import ATTRIBUTES, lists_persons
from lrs.analytics.report import Report
from lrs.assembly import Services
from lrs.xapi import JsonObject
from tests.analytics.places import COURSE, answer, attempt, told
from tests.build import agent
from tests.conftest import Client, Visitor

Visit = Callable[..., Visitor]
LISTS = [report for report in catalog().values() if lists_persons(report)]
MODULE = f"{COURSE}/module"
PEOPLE = [
    "person,identifiers,name,department,manager,role,location,start_date\n",
    *(
        f"P{who:02},learner-{who:02}@example.org,Name {who},{'kitchen' if who % 2 else 'ward'},"
        f"{'BOSS' if who % 2 else 'LEAD'},{'cook' if who % 2 else 'nurse'},North,2026-01-01\n"
        for who in range(16)
    ),
]
COURSES = [
    "course,title,class,required_of,valid_months,due_days,modules\n",
    f"{COURSE},Safety,certification,nurse;cook,12,30,{MODULE}\n",
]


def life(who: str) -> list[JsonObject]:
    """Return what puts somebody into every list of persons."""
    return [
        told(who, "registered", COURSE, days=40),
        told(who, "launched", MODULE, days=39),
        attempt(who, 1, False, days=38, score={"scaled": 0.2}),
        attempt(who, 2, False, days=37, score={"scaled": 0.3}),
        answer(who, 1, True),
        *(rates(who, teacher) for teacher in ("teacher-1", "teacher-2", "teacher-3")),
    ]


def rates(who: str, teacher: str) -> JsonObject:
    """Return a rating of somebody who teaches the course."""
    rating = told(
        who, "http://id.tincanapi.com/verb/rated", MODULE,
        result={"extensions": {"http://example.org/rating": 4}}, days=36,
    )  # fmt: skip
    return {**rating, "object": {"objectType": "Agent", **agent(teacher)}}


@pytest.fixture
def filled(client: Client, services: Services) -> Services:
    services.references.import_people(PEOPLE)
    services.references.import_courses(COURSES)
    sent = [one for who in range(16) for one in life(f"{who:02}")]
    sent += [one for who in range(4) for one in life(f"unknown-{who}")]
    assert client.post(sent).status_code == 200
    return services


@pytest.fixture
def analyst(filled: Services, visit: Visit) -> Visitor:
    return visit("analyst")


def rows(visitor: Visitor, name: str, query: str = "") -> list[JsonObject]:
    found = visitor.get(f"/reports/{name}.json?{query}")
    assert found.status_code == 200, (name, query, found.text)
    return list(found.get_json()["rows"])


@pytest.mark.parametrize("report", LISTS, ids=lambda report: report.name)
def test_the_place_of_a_pseudonym_does_not_tell_the_address(
    analyst: Visitor, visit: Visit, report: Report
) -> None:
    (who,) = [one.name for one in report.columns if one.kind == "agent"]
    ever = "within=9999" if "within" in [one.name for one in report.parameters] else ""
    named = rows(visit("administrator"), report.name, ever)
    shown = rows(analyst, report.name, ever)

    def rank(row: JsonObject) -> list[object]:
        return [row[name] for name in report.ranked_by]

    assert shown or report.name == "content-changes"
    assert list(map(rank, shown)) == list(map(rank, named))
    for _, alike in groupby(shown, rank):
        told_of = [row[who] for row in alike]
        assert told_of == sorted(told_of)


@pytest.mark.parametrize(
    ("ledger", "field", "more"),
    [
        ("action", "learner", {"place": COURSE, "action": "called"}),
        ("notice", "learner", {"place": COURSE, "version": "1"}),
        ("request", "person", {}),
    ],
)
def test_a_ledger_does_not_tell_the_pseudonym_of_an_address(
    analyst: Visitor, filled: Services, ledger: str, field: str, more: dict[str, str]
) -> None:
    form = {"do": "add", field: "learner-03@example.org", **more}

    refused = analyst.send(f"/ledgers/{ledger}", form, page="/ledgers/change")

    assert refused.status_code == 403
    assert "cannot write whom an entry is about" in refused.text
    assert filled.ledgers.all(ledger) == {}
    page = analyst.get(f"/ledgers/{ledger}").text
    assert f'name="{field}"' not in page
    assert ("Add</button>" in page) == (ledger != "request")


def test_an_analyst_writes_about_nobody_in_particular(analyst: Visitor, filled: Services) -> None:
    form = {"do": "add", "place": COURSE, "version": "1", "learner": " "}

    assert analyst.send("/ledgers/notice", form, page="/ledgers/notice").status_code == 303
    assert len(filled.ledgers.all("notice")) == 1


def test_no_ledger_names_anybody_beside_a_pseudonym(
    analyst: Visitor, visit: Visit, filled: Services
) -> None:
    person, other = "learner-03@example.org", "secret@example.org"
    place, administrator = {"place": COURSE, "owner": other}, visit("administrator")
    for name, values in (
        ("action", {**place, "action": "x", "learner": person, "evidence": other}),
        ("change", {**place, "what": "shorter"}),
        ("request", {"person": person, "owner": other}),
        ("subscription", {"report": "verbs", "recipient": other, "asked": f"manager={other}"}),
        (
            "delivery",
            {"subscription": "1", "report": "verbs", "recipient": other, "result": "sent"},
        ),
    ):
        filled.ledgers.add(name, values)
        assert other in administrator.get(f"/ledgers/{name}.json").text, name
        for face in ("", ".json"):
            shown = analyst.get(f"/ledgers/{name}{face}").text
            assert person not in shown, name
            assert other not in shown, name


ATTRIBUTED = [("critical-roles", ""), ("time-to-competency", "")] + [
    (name, by) for name in ("slices", "completion-time", "pass-rates") for by in ATTRIBUTES
]


@pytest.mark.parametrize(("name", "by"), ATTRIBUTED)
def test_no_report_tells_what_the_people_file_says_of_a_pseudonym(
    analyst: Visitor, name: str, by: str
) -> None:
    learner = rows(analyst, "learner-progress")[0]["learner"]
    query = f"by={by}&" if by else ""

    found = analyst.get(f"/reports/{name}.json?{query}learner={learner}")

    assert (found.status_code, found.get_json()["code"]) == (403, "narrow")
    assert "this report without learner" in found.get_json()["allowed"]
    rows(analyst, name, query)


def test_every_column_of_the_people_file_is_known() -> None:
    """Whether a report whose rows an attribute labels says so."""
    for report in catalog().values():
        for column in report.columns:
            labels = column.name in (*ATTRIBUTES, "cohort") and not column.tells_names
            assert labels == column.attribute, (report.name, column.name)


def test_a_pseudonym_goes_with_what_the_people_file_does_not_say(analyst: Visitor) -> None:
    learner = rows(analyst, "learner-progress")[0]["learner"]

    assert rows(analyst, "slices", f"by=source&learner={learner}&since=2026-04-02")


@pytest.mark.parametrize("query", ["department=kitchen", "by=location", "role=cook&by=source"])
@pytest.mark.parametrize(
    ("period", "status"),
    [
        ("", 200),
        ("since=2026-04-01&until=2026-04-30", 200),
        ("until=2026-05-31", 200),
        ("period=365", 200),
        ("until=2026-04-29", 403),
        ("since=2026-04-02", 403),
        ("since=2026-04-22&until=2026-04-30", 403),
    ],
)
def test_answers_of_single_days_are_not_subtracted(
    analyst: Visitor, visit: Visit, query: str, period: str, status: int
) -> None:
    path = f"/reports/slices.json?{query}&{period}"
    found = analyst.get(path)

    assert found.status_code == status
    assert status == 200 or "whole months" in found.get_json()["message"]
    assert visit("administrator").get(path).status_code == 200


PAIRS = ("slices", "completion-time", "history", "pass-rates")


@pytest.mark.parametrize("role", ["analyst", "administrator"])
@pytest.mark.parametrize("name", PAIRS)
def test_one_person_in_many_courses_is_one_person(
    filled: Services, client: Client, visit: Visit, name: str, role: str
) -> None:
    filled.references.import_people(
        [*PEOPLE, "SOLO,learner-solo@example.org,S,board,,chair,East,\n"]
    )
    courses = [f"http://c{number}.example.org" for number in range(9)]
    sent = [told("solo", "launched", one, course=one) for one in courses]
    sent += [told("solo", "completed", one, course=one) for one in courses]
    passed = {"kind": "assessment", "result": {"success": True}}
    sent += [told("solo", "passed", f"{one}/exam", course=one, **passed) for one in courses]
    assert client.post(sent).status_code == 200
    visitor = visit(role)

    found = rows(visitor, name, "" if name == "history" else "by=department")

    told_apart = [
        row for row in found if row.get("slice") == "board" or row.get("course") in courses
    ]
    assert told_apart
    for row in told_apart:
        assert {value for key, value in row.items() if key not in _LABELS} == {None}, row


_LABELS = ("slice", "course", "first", "last", "months")


@pytest.mark.parametrize("name", ["integrity", "freshness", "grading"])
def test_every_report_of_statements_says_of_how_many_persons(name: str) -> None:
    people = [column.name for column in catalog()[name].columns if column.kind == "people"]
    others = [column for column in catalog()[name].columns if column.kind == "count"]

    assert people
    assert all(column.by in people for column in others if not column.part)


@pytest.mark.parametrize("name", ["certifications", "certificate-calendar"])
def test_few_of_now_are_not_told_of_by_the_department_they_were_in(
    filled: Services, client: Client, visit: Visit, name: str
) -> None:
    header = "person,identifiers,department,role,valid_from\n"
    moved = [
        line
        for who in range(16)
        for person in [f"P{who:02},learner-{who:02}@example.org"]
        for line in (
            f"{person},old,nurse,\n",
            f"{person},{'new' if who else 'tiny'},nurse,2026-05-30\n",
        )
    ]
    filled.references.import_people([header, *moved])
    visitor = visit("analyst")

    few = visitor.get(f"/reports/{name}.json?department=tiny")

    assert (few.status_code, few.get_json()["code"]) == (403, "small-group")
    assert visitor.get(f"/reports/{name}.json?department=new").status_code == 200
    assert visitor.get(f"/reports/{name}.json?department=old").get_json()["code"] == "small-group"


def test_what_narrows_statements_to_few_is_seen_beside_the_people_file(
    analyst: Visitor, client: Client
) -> None:
    few = "http://few.example.org"
    assert client.post([told("03", "launched", few, course=few)]).status_code == 200

    for name, report in catalog().items():
        if "scoped" in report.sql and not report.organisational:
            found = analyst.get(f"/reports/{name}.json?course={few}")
            assert (found.status_code, found.get_json()["code"]) == (403, "small-group"), name


@pytest.mark.parametrize("role", ["manager", "learner"])
def test_the_pack_of_the_auditor_is_not_for_a_part(
    filled: Services, visit: Visit, role: str
) -> None:
    visitor = visit(role, agent=agent("learner-03"))

    assert visitor.get("/reports/audit-pack.csv").status_code == 403
