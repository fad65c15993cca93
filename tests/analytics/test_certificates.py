"""Certificates: who must hold them, who does, and since when."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from pandas import DataFrame

from lrs.analytics.audience import Audience
from lrs.analytics.catalog import catalog
from lrs.analytics.facts.digests import digest
from lrs.analytics.simulator.work import FIRST_AID, Work
from lrs.analytics.statistics.standing import expiries, months_after, safe_start
from lrs.errors import Forbidden
from tests.analytics.certifying import courses, day, earned, states
from tests.analytics.places import COURSE, TODAY, Place, told


def test_the_safe_start_of_the_golden_case() -> None:
    assert safe_start(day("2026-03-01"), 24) == day("2026-01-29")


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-03-01", 0, "2026-03-01"),
    ],
)
def test_months_end_where_months_end(start: str, months: int, end: str) -> None:
    assert months_after(np.array([day(start)]), np.array([months])).tolist() == [day(end)]


def test_an_early_renewal_keeps_the_anniversary_if_the_course_says_so() -> None:
    def expiry(window: int | None) -> float:
        rule = {"valid_until": None, "valid_months": 12, "renewal_days": window}
        grants = [{"granted": day(text), **rule} for text in ("2025-03-01", "2026-02-01")]
        return float(expiries(DataFrame(grants), np.array([True, False]))[-1])

    assert expiry(60) == day("2027-03-01")
    assert expiry(None) == day("2027-02-01")
    assert expiry(10) == day("2027-02-01")


def test_each_state_is_told_from_the_others(place: Place) -> None:
    courses(place, "certification,12,30,5,,")

    def until(days: int) -> str:
        return (TODAY + timedelta(days=days)).date().isoformat()

    place.put(
        earned("valid", 30),
        earned("soon", 300, f"{until(20)}T00:00:00Z"),
        earned("critical", 300, until(7)),
        earned("today", 300, until(0)),
        earned("grace", 300, until(-5)),
        earned("lapsed", 300, until(-6)),
        earned("revoked", 20),
        told("revoked", "https://w3id.org/xapi/tla/verbs/forfeited", days=10),
        told("overdue", "registered", days=31),
        told("assigned", "registered", days=30),
        told("left", "registered", days=40),
        told("left", "http://id.tincanapi.com/verb/unregistered", days=20),
        told("exempt", "registered", days=90),
        told("exempt", "https://w3id.org/xapi/adl/verbs/waived", days=80),
    )

    found = states(place)

    assert "left" not in found
    assert found.pop("soon") == "due soon"
    assert found.pop("today") == "critical"
    assert {name: state for name, state in found.items() if name != state} == {}
    row = place.row("certifications")
    assert (row["obliged"], row["held"], row["exempt"]) == (9, 5, 1)
    assert (row["lapsed"], row["overdue"], row["revoked"]) == (1, 1, 1)
    months = {one["month"]: one["expiring"] for one in place.rows("certificate-calendar")}
    assert sum(months.values()) == 6
    assert months["2027-05"] == 1


def test_a_completion_counts_only_where_no_certificate_is_told(place: Place) -> None:
    courses(place, "certification,12,,,,")
    place.put(told(1, "completed", result={"completion": True}))
    assert states(place) == {"1": "valid"}

    place.put(earned(2, 10))

    assert states(place) == {"1": "assigned", "2": "valid"}


def test_the_waiver_of_a_part_does_not_exempt(place: Place) -> None:
    courses(place, "certification,12,30,,,")
    waived = "https://w3id.org/xapi/adl/verbs/waived"
    for who, what in (("part", "http://example.org/au"), ("whole", COURSE)):
        place.put(told(who, "registered", days=10), told(who, waived, what, days=5))

    assert states(place) == {"part": "assigned", "whole": "exempt"}


def test_who_was_never_seen_is_shown_by_name(place: Place) -> None:
    place.references.import_people(
        [
            "person,identifiers,name,role\n",
            "Q1,q1@example.org,Quinn Adeyemi,nurse\n",
            "Q2,q2@example.org,,nurse\n",
        ]
    )
    courses(place, "certification,12,30,,,nurse")

    table = place.answer("obligations")

    assert table.names["Q1"] == "Quinn Adeyemi"
    assert table.names["Q2"] == "Q2"


def test_a_satisfied_course_of_cmi5_is_certified(place: Place) -> None:
    courses(place, "certification,6,,,,")
    place.put(told(1, "https://w3id.org/xapi/adl/verbs/satisfied", days=10))

    assert states(place) == {"1": "valid"}


def test_a_role_obliges_from_its_first_day_on_and_no_longer_than_it_lasts(place: Place) -> None:
    courses(place, "mandatory,12,30,,,nurse; head nurse")
    place.references.import_people(
        [
            "person,identifiers,role,department,valid_from\n",
            "A,learner-a@example.org,cook,x,2020-01-01\n",
            "A,learner-a@example.org,nurse,x,2026-05-20\n",
            "A,learner-a@example.org,head nurse,y,2026-05-25\n",
            "B,learner-b@example.org,nurse,x,2020-01-01\n",
            "B,learner-b@example.org,cook,x,2026-05-01\n",
            "C,learner-c@example.org,nurse,y,\n",
        ]
    )
    place.put(
        told("x", "launched", "http://other.example.org/", course="http://other.example.org/")
    )

    rows = {row["learner"]: row for row in place.rows("obligations")}

    assert set(rows) == {"A", "C"}
    assert (rows["A"]["assigned"], rows["A"]["due"]) == (day("2026-05-20"), day("2026-06-19"))
    # Nobody knows since when C has the role.
    assert (rows["C"]["due"], rows["C"]["state"]) == (None, "assigned")
    assert set(states(place, department="y")) == {"A", "C"}
    assert states(place, department="x") == {}


def test_who_has_changed_teams_is_seen_by_the_manager_of_today(place: Place) -> None:
    courses(place, "certification,12,30,,,")
    place.references.import_people(
        [
            "person,identifiers,manager,department,valid_from\n",
            "A,learner-a@example.org,old,x,2020-01-01\n",
            "A,learner-a@example.org,new,y,2026-05-01\n",
            "B,learner-b@example.org,old,x,\n",
        ]
    )
    place.put(earned("a", 200), earned("b", 200), told("a", "launched", days=200))
    names = (
        "certifications",
        "certificate-calendar",
        "obligations",
        "recertification",
        "audit-pack",
    )

    def team(manager: str, name: str) -> set[str]:
        audience = Audience("team", digest("person", manager))
        rows = place.answer(name, audience=audience, **asked.get(name, {})).rows
        return {str(row.get("learner", row.get("obliged", row.get("earned")))) for row in rows}

    asked = {"certificate-calendar": {"ahead": "999"}}
    a, b = ({f"mbox|mailto:learner-{who}@example.org"} for who in "ab")
    assert team("old", "obligations") == b
    assert team("new", "obligations") == a
    # The new manager is told nothing of what somebody failed under the old one.
    with pytest.raises(Forbidden):
        team("new", "audit-pack")
    assert team("old", "certifications") == team("new", "certifications") == {"1"}
    assert all(catalog()[name].as_of_now for name in names)
    # What was earned in another department is held in this one.
    assert states(place, department="y") == {"a": "valid"}
    assert states(place, department="x") == {"b": "valid"}


def test_a_role_held_in_two_departments_obliges_since_the_first(place: Place) -> None:
    courses(place, "mandatory,12,30,,,nurse")
    place.references.import_people(
        [
            "person,identifiers,role,department,valid_from\n",
            "A,learner-a@example.org,cook,x,2020-01-01\n",
            "A,learner-a@example.org,nurse,x,2026-01-01\n",
            "A,learner-a@example.org,nurse,y,2026-05-01\n",
        ]
    )
    place.put(told("b", "launched"))

    row = place.row("obligations", department="y")

    assert (row["assigned"], row["state"]) == (day("2026-01-01"), "overdue")


def test_few_certificates_are_hidden(place: Place) -> None:
    courses(place, "certification,12,,,,")
    place.put(*(earned(who, 10) for who in range(3)))

    (row,) = place.reports.answer("certifications", {}, audience=Audience(least=10)).rows

    assert (row["held"], row["held_rate"]) == (None, None)


def test_the_planted_certificates_are_found(worked: Place) -> None:
    never, lapsed, due, valid = Work().certified
    (row,) = worked.rows("certifications", course=FIRST_AID)

    assert row["obliged"] == 600
    assert row["overdue"] / 600 == pytest.approx(never, abs=0.04)
    assert row["lapsed"] / 600 == pytest.approx(lapsed, abs=0.05)
    assert row["due_soon"] / 600 == pytest.approx(due, abs=0.04)
    assert row["valid"] / 600 == pytest.approx(valid, abs=0.06)
    assert row["held_rate_low"] < due + valid < row["held_rate_high"]
    deadlines = worked.rows("recertification", course=FIRST_AID)
    assert sum(one["alert"] == "late" for one in deadlines) == row["overdue"] + row["lapsed"]
    assert {one["alert"] for one in deadlines} == {"late", "30 days"}
    # Two days to begin, 3 to 22 to the certificate: 9 of 10 within 18 or so.
    assert deadlines[0]["needs"] == pytest.approx(18, abs=2)
