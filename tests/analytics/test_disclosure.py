"""Why things are collected, whether learners were told, and what they ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lrs.errors import BadRequest
from tests.analytics.places import ADL, COURSE, TODAY, Place, told

MODULE = "http://example.org/module"


def document(place: Place, field: str, why: str = "to mend courses") -> str:
    return place.ledgers.add("purpose", {"field": field, "purpose": why})


def purposes(place: Place) -> dict[str, str]:
    return {row["field"]: row["purpose"] for row in place.rows("purposes")}


def test_what_has_no_purpose_comes_first(place: Place) -> None:
    place.put(told(1, "completed", result={"score": {"scaled": 0.5}}), told(2, "launched"))
    document(place, f"verb {ADL}completed")

    rows = place.rows("purposes")

    assert {row["field"] for row in rows if row["documented"]} == {f"verb {ADL}completed"}
    assert {row["field"] for row in rows if not row["documented"]} == {
        f"verb {ADL}launched",
        "field actor",
        "field score",
    }
    assert "3 of 4 things" in place.answer("purposes").reading


def test_of_several_purposes_the_nearest_holds(place: Place) -> None:
    place.put(told(1, "completed"), told(1, "launched"))
    document(place, f"verb {ADL}*", "in general")
    document(place, f"verb {ADL}launched", "to count clicks")

    assert purposes(place) == {
        f"verb {ADL}completed": "in general",
        f"verb {ADL}launched": "to count clicks",
        "field actor": "",
    }


def test_a_purpose_that_is_closed_or_written_anew_holds_no_more(place: Place) -> None:
    place.put(told(1, "launched"))
    entry = document(place, "field actor", "old")
    assert document(place, "field actor", "new") == entry
    assert purposes(place)["field actor"] == "new"

    place.ledgers.close("purpose", entry)

    assert purposes(place)["field actor"] == ""


def test_noise_is_what_no_report_counts(place: Place) -> None:
    scroll = "http://example.org/verbs/scrolled"
    place.put(*(told(1, scroll, days=days) for days in range(1, 4)), told(1, "launched"))

    noise = {row["field"]: row["noise"] for row in place.rows("purposes")}

    assert (noise[f"verb {scroll}"], noise[f"verb {ADL}launched"]) == (1, 0)
    assert "75% of the statements" in place.answer("purposes").reading


def notice(place: Place, days: float, **more: str) -> str:
    day = (TODAY - timedelta(days=days)).date().isoformat()
    return place.ledgers.add("notice", {"place": COURSE, "version": "1", "day": day, **more})


def test_who_was_told_before_the_first_statement(place: Place) -> None:
    place.put(told(1, "launched", days=10), told(2, "launched", days=30), told(3, "launched"))
    place.put(told(3, "completed", days=1))
    notice(place, 20, version="2026-05")
    notice(place, 31, learner="learner-2@example.org")
    notice(place, 40, learner="learner-3@example.org")

    row = place.row("notices")

    assert (row["learners"], row["told_before"], row["told_late"]) == (3, 2, 1)
    assert row["version"] == "2026-05"
    assert "1 of 1 courses" in place.answer("notices").reading


def test_a_statement_about_a_notice_tells_as_well(place: Place) -> None:
    for who, days in ((1, 10.5), (2, 9.5)):
        shown = told(who, "experienced", "http://example.org/note", kind="notice", days=days)
        place.put(told(who, "launched", MODULE, days=10), shown)
    place.put(told(3, "launched", MODULE, days=10))

    row = place.row("notices")

    assert (row["learners"], row["told_before"], row["told_late"]) == (3, 1, 1)


def test_requests_are_due_in_a_month(place: Place) -> None:
    def ask(ago: float, **more: str) -> str:
        day = (TODAY - timedelta(days=ago)).date().isoformat()
        return place.ledgers.add("request", {"person": "anna@example.org", "day": day, **more})

    late, soon, school = ask(40), ask(20, kind="erase"), ask(40, days="45")
    done = ask(35)
    place.ledgers.close("request", done, note="sent")

    rows = {row["request"]: row for row in place.rows("requests")}

    assert [rows[one]["status"] for one in (late, soon, school, done)] == [
        "overdue",
        "open",
        "open",
        "done late",
    ]
    assert (rows[late]["days_left"], rows[school]["days_left"]) == (-10, 5)
    assert [row["request"] for row in place.rows("requests")] == [late, school, soon, done]


def test_reports_on_requests_say_nothing_of_who_asks(place: Place) -> None:
    place.ledgers.add("request", {"person": "anna@example.org"})

    assert "anna" not in str(place.rows("requests"))
    assert place.ledgers.forget(["mbox|mailto:anna@example.org"]) == 1


def test_a_person_must_be_one(place: Place) -> None:
    for values in ({"person": ""}, {"person": "anna@example.org", "days": "100"}):
        with pytest.raises(BadRequest):
            place.ledgers.add("request", values)
