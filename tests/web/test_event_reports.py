"""Reports on events of the taxonomy, from the event to the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lrs.analytics.statistics.estimates import wilson
from lrs.assembly import Services
from lrs.config import Config
from tests.conftest import Client

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """It hides no group: those of these tests are small."""
    return Config(data=tmp_path, small_group=1)


def send(client: Client, *events: dict[str, Any]) -> None:
    answer = client.web.post("/events", json=list(events), headers=client.headers)
    assert answer.status_code == 200, answer.text
    verdicts = answer.get_json()["verdicts"]
    assert {one["status"] for one in verdicts} == {"accepted"}, verdicts


def event(name: str, who: str, minutes: float, **properties: Any) -> dict[str, Any]:
    session = properties.pop("session", None)
    told = {
        "event": name,
        "message_id": f"{name} {who} {minutes} {session}",
        "timestamp": (START + timedelta(minutes=minutes)).isoformat(),
        "user_id": who,
        "properties": properties,
    }
    return {**told, "session_id": session} if session else told


def rows(client: Client, name: str, query: str = "") -> list[dict[str, Any]]:
    answer = client.web.get(f"/reports/{name}.json{query}", headers=client.headers)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["rows"]
    return found


def handed_in(who: str, minutes: float) -> dict[str, Any]:
    return event(
        "assignment.submitted", who, minutes,
        assignment_id="a1", course_id="c1", file_count=1, word_count=900,
    )  # fmt: skip


def graded(who: str, minutes: float, *, feedback: bool) -> dict[str, Any]:
    return event(
        "assignment.graded", who, minutes,
        assignment_id="a1", score_pct=80, grader_id="g1", feedback_provided=feedback,
    )  # fmt: skip


def test_how_long_work_waits_for_its_grade(client: Client) -> None:
    for number in range(10):
        send(client, handed_in(f"u{number}", 0))
        send(client, graded(f"u{number}", 60 * (number + 1), feedback=number < 4))
    # Handed in twice before one grade, and never graded.
    send(client, handed_in("u10", 0), handed_in("u10", 100), graded("u10", 130, feedback=False))
    send(client, handed_in("u11", 0))

    (row,) = rows(client, "grading")

    assert (row["learners"], row["submissions"], row["graded"], row["waiting"]) == (12, 13, 11, 1)
    assert (row["p50"], row["p90"]) == (5 * 3600, 9 * 3600)
    assert (row["with_feedback"], row["told"]) == (4, 11)


def sitting(
    who: str, planned: float, real: float | None, focus: float = 50
) -> list[dict[str, Any]]:
    session = f"s-{who}"
    begun = event(
        "study_session.started", who, 0,
        session=session, session_type="solo", planned_duration_minutes=planned,
    )  # fmt: skip
    if real is None:
        return [begun]
    return [
        begun,
        event(
            "study_session.ended", who, real,
            session=session, actual_duration_minutes=real, lessons_completed=1, focus_score=focus,
        ),
    ]  # fmt: skip


def test_planned_and_real_length_of_study_sessions(client: Client) -> None:
    for number, real in enumerate((10, 20, 25)):
        send(client, *sitting(f"u{number}", 25, real, focus=60 + number))
    send(client, *sitting("u3", 25, None), *sitting("u4", 60, 66))

    short, long = sorted(rows(client, "study-sessions"), key=lambda row: -row["sessions"])

    assert (short["intended"], short["sessions"], short["ended"]) == ("up to 30 min", 4, 3)
    assert (short["kept"], short["focus"]) == (0.8, 61)
    assert (long["intended"], long["kept"]) == ("31 to 60 min", 1.1)


def test_sessions_and_grades_of_one_person_are_not_those_of_many(client: Client) -> None:
    for number in range(10):
        for who in ("a", "b"):
            properties = {"session_type": "solo", "planned_duration_minutes": 25}
            begun = event("study_session.started", who, 1000 * number, session=f"{who}{number}")
            ended = event(
                "study_session.ended", who, 1000 * number + 25, session=f"{who}{number}",
                actual_duration_minutes=25, lessons_completed=1, focus_score=50,
            )  # fmt: skip
            send(client, {**begun, "properties": properties}, *([ended] if who == "a" else []))
            send(client, handed_in(who, 1000 * number))
            send(client, graded(who, 1000 * number + 60, feedback=who == "a"))

    (session,), (grade,) = rows(client, "study-sessions"), rows(client, "grading")

    two = pytest.approx(wilson([1], [2])[0])
    assert (session["sessions"], session["ended"]) == (20, 10)
    assert (session["ended_rate_low"], session["ended_rate_high"]) == two
    assert (grade["told"], grade["with_feedback"]) == (20, 10)
    assert (grade["feedback_rate_low"], grade["feedback_rate_high"]) == two


def test_coming_back_to_a_class_counts_no_minute_twice(client: Client) -> None:
    def joined(who: str, minutes: float) -> dict[str, Any]:
        return event(
            "live_class.joined", who, minutes, class_id="k", instructor_id="i", join_method="web"
        )

    def left(who: str, minutes: float, attended: float) -> dict[str, Any]:
        return event(
            "live_class.left", who, minutes,
            class_id="k", duration_attended_minutes=attended, total_duration_minutes=60,
        )  # fmt: skip

    send(client, joined("stays", 0), left("stays", 60, 60))
    # Comes back after ten minutes; the second time its player tells the time since the first.
    send(client, joined("back", 0), left("back", 20, 20), joined("back", 30))
    send(client, left("back", 60, 60))
    send(client, joined("goes", 0), left("goes", 6, 6))
    send(client, joined("silent", 0))

    (row,) = rows(client, "live-classes")

    assert (row["joined"], row["known"], row["total"]) == (4, 3, 3600)
    assert (row["early"], row["stayed"]) == (1, 2)
    assert row["p50_share"] == 0.8333


def test_buyers_who_finish_by_price(client: Client) -> None:
    def bought(who: str, cents: int, currency: str = "NZD") -> dict[str, Any]:
        return event(
            "course.purchased", who, 0, course_id="c1", price_cents=cents, currency=currency
        )

    def finished(who: str) -> dict[str, Any]:
        return event(
            "course.completed", who, 600,
            course_id="c1", course_title="C", total_duration_hours=3, final_score_pct=80,
        )  # fmt: skip

    send(client, *(bought(f"u{number}", 4900) for number in range(4)), bought("rich", 9900))
    send(client, bought("abroad", 4900, "EUR"), finished("u0"), finished("rich"), finished("gift"))

    found = {(row["currency"], row["price"]): row for row in rows(client, "sales")}

    assert set(found) == {("NZD", "up to 50"), ("NZD", "up to 100"), ("EUR", "up to 50")}
    assert found["NZD", "up to 50"]["cents"] == 19_600
    assert found["NZD", "up to 50"]["completion_rate"] == 0.25
    assert found["NZD", "up to 100"]["completion_rate"] == 1


def test_what_was_changed_is_marked_and_compared(client: Client, services: Services) -> None:
    lesson = {"content_id": "l1", "content_type": "lesson"}
    send(
        client,
        event("content.published", "ed", 0, **lesson, course_id="c1", author_id="ed"),
        event("content.updated", "ed", 60, **lesson, change_type="shortened", author_id="ed"),
        event("lesson.started", "u1", 90, lesson_id="l1", course_id="c1", lesson_number=1),
    )

    updated, published = sorted(
        rows(client, "content-changes", "?last=5000"), key=lambda row: row["event"], reverse=True
    )

    assert (updated["change_type"], updated["learners"]) == ("shortened", 1)
    assert published["event"] == "content.published"
    (compared,) = rows(client, "changes")
    assert (compared["kind"], compared["place"]) == ("updated", updated["content"])


def test_integrity_names_nobody(client: Client) -> None:
    for number, share in enumerate((10, 30, 70)):
        send(
            client,
            event(
                "plagiarism.detected", f"u{number}", number,
                assignment_id="a1", similarity_score_pct=share, matched_sources=2,
            ),
        )  # fmt: skip
    milestone = event(
        "accreditation.milestone_reached", "x", 9,
        milestone_type="yearly", course_id="c1", compliance_status="compliant",
    )  # fmt: skip
    del milestone["user_id"]
    send(client, {**milestone, "system": True, "org": "academy"})

    found = rows(client, "integrity")

    assert [row["result"] for row in found] == [
        "compliant",
        "similarity 20 to 50 %",
        "similarity 50 % or more",
        "similarity under 20 %",
    ]
    assert not any("u1" in str(row) for row in found)


def test_the_next_step_of_each_learner(client: Client, services: Services) -> None:
    now = (datetime.now(UTC) - START) / timedelta(minutes=1) - 60 * 24
    base = services.mapper.catalog.base
    modules = [f"{base}/module/m{number}" for number in (1, 2, 3)]
    services.references.import_courses(
        ["course,modules\n", f"{base}/course/c1,{' '.join(modules)}\n"]
    )

    def did(who: str, module: str, minutes: float = 0) -> dict[str, Any]:
        return event(
            "module.completed", who, now + minutes,
            module_id=module, course_id="c1", lessons_completed=2, score_pct=None,
        )  # fmt: skip

    started = event("course.started", "new", now, course_id="c1", course_title="C", category="x")
    over = event(
        "course.completed", "done", now + 9,
        course_id="c1", course_title="C", total_duration_hours=1, final_score_pct=80,
    )  # fmt: skip
    send(client, did("one", "m1"), did("two", "m1"), did("two", "m2", 1), started)
    send(client, did("gap", "m2"), did("done", "m1"), over)

    found = {row["learner"].rpartition("|")[2]: row for row in rows(client, "next-steps")}

    assert {who: row["next"] for who, row in found.items()} == {
        "one": modules[1],
        "two": modules[2],
        "new": modules[0],
        "gap": modules[0],
    }
    assert {row["reason"] for row in found.values()} == {"next in order"}
    assert (found["two"]["done"], found["two"]["modules"]) == (2, 3)
