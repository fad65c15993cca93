"""The tracking plan: what it counts, on both stores, and how it is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lrs.app import create_app
from lrs.assembly import Services
from lrs.cli import main
from lrs.clock import now
from lrs.services.statements import Sender
from lrs.taxonomy.intake import Tracker
from lrs.taxonomy.plan import Plan
from tests.build import AUTHORITY
from tests.conftest import headers

TRACKER = Tracker("key", Sender(AUTHORITY, may_void=False))
DAY = 86_400_000_000


def started(number: int) -> Any:
    properties = {"lesson_id": f"l{number}", "course_id": "c", "lesson_number": 1}
    return {
        "event": "lesson.started",
        "user_id": "u",
        "message_id": f"s{number}",
        "properties": properties,
    }


def published(number: int) -> Any:
    properties = {
        "content_id": f"x{number}",
        "content_type": "lesson",
        "course_id": "c",
        "author_id": "a",
    }
    return {"event": "content.published", "message_id": f"p{number}", "properties": properties}


def earned() -> Any:
    properties = {"course_id": "c", "certificate_id": "z", "credential_type": "completion"}
    return {
        "event": "certificate.earned",
        "user_id": "u",
        "message_id": "e",
        "properties": properties,
    }


def line(plan: Plan, event: str) -> Any:
    return next(one for one in plan.report().lines if one.event == event)


def later(services: Services, days: int) -> Plan:
    return Plan(services.mapper, services.store, lambda: now() + days * DAY)


def test_an_event_is_missing_then_sent_then_stale(services: Services) -> None:
    assert line(services.plan, "lesson.started").status == "missing"
    services.intake.take([started(1), started(2)], tracker=TRACKER)
    seen = line(services.plan, "lesson.started")
    assert (seen.status, seen.total, seen.recent, seen.share) == ("sent", 2, 2, 1.0)
    old = line(later(services, 8), "lesson.started")
    assert (old.status, old.recent) == ("stale", 2)
    assert line(later(services, 30), "lesson.started").recent == 0


def test_counts_go_on_where_they_were_and_come_out_the_same_anew(services: Services) -> None:
    services.intake.take([started(1)], tracker=TRACKER)
    services.plan.report()
    services.intake.take([started(1), started(2)], tracker=TRACKER)
    assert line(services.plan, "lesson.started").total == 2
    services.store.records.delete("plan", "coverage")
    assert line(services.plan, "lesson.started").total == 2


def test_the_nine_first_events_are_a_checklist(services: Services) -> None:
    services.intake.take([earned()], tracker=TRACKER)
    starters = dict(services.plan.report().starters)
    assert len(starters) == 9
    assert [name for name, sent in starters.items() if sent] == ["certificate.earned"]


def test_an_event_that_comes_more_often_than_its_class_is_marked(services: Services) -> None:
    messages = [started(number) for number in range(590)] + [published(n) for n in range(10)]
    services.intake.take(messages, tracker=TRACKER)
    assert line(services.plan, "content.published").volume_exceeded
    assert not line(services.plan, "lesson.started").volume_exceeded
    assert not line(later(services, 40), "content.published").volume_exceeded


def test_what_is_unknown_is_counted(services: Services) -> None:
    extra = started(1)
    extra["properties"]["mood"] = "good"
    services.intake.take([extra, {"event": "Lesson Started", "user_id": "u"}], tracker=TRACKER)
    report = services.plan.report()
    assert report.unknown_events == {"Lesson Started": 1}
    assert report.unknown_properties == {"lesson.started mood": 1}
    assert report.problems == {"E_UNKNOWN_EVENT -": 1, "W_EXTRA_PROP lesson.started": 1}


def test_a_page_does_not_wait_for_a_long_backlog(services: Services) -> None:
    services.intake.take([started(number) for number in range(40)], tracker=TRACKER)
    assert services.plan.report(at_most=0).complete is False
    assert services.plan.report().complete is True


def test_the_page_and_the_reports_say_the_same(services: Services) -> None:
    services.intake.take([started(1), {"event": "<b>x</b>", "user_id": "u"}], tracker=TRACKER)
    web = create_app(services).test_client()
    told = web.get("/events/plan", headers=headers()).json
    assert told["coverage"]["engage"] == {"planned": 24, "sent": 1}
    assert sum(stage["planned"] for stage in told["coverage"].values()) == 49
    shown = web.get("/plan", headers=headers())
    assert shown.status_code == 200
    assert "<b>x</b>" not in shown.text
    assert "&lt;b&gt;x&lt;/b&gt;" in shown.text
    assert "lesson.started" in shown.text
    assert web.get("/plan").status_code == 303


def test_the_commands_show_the_plan_and_make_keys(
    tmp_path: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.intake.take([started(1), {"event": "nope", "user_id": "u"}], tracker=TRACKER)
    monkeypatch.setenv("LRS_DATA", str(tmp_path))
    run = CliRunner().invoke
    shown = run(main, ["taxonomy", "plan"]).output
    assert "lesson.started" in shown
    assert "nope" in shown
    told = json.loads(run(main, ["taxonomy", "plan", "--json"]).output)
    assert told["unknownEvents"] == {"nope": 1}
    key = run(main, ["taxonomy", "key", "add", "--origin", "https://a.org"]).output.strip()
    assert key in run(main, ["taxonomy", "key", "list"]).output
    assert run(main, ["taxonomy", "key", "revoke", key]).exit_code == 0
    assert run(main, ["taxonomy", "key", "revoke", key]).exit_code == 1
    assert run(main, ["taxonomy", "key", "add", "--event", "no.such"]).exit_code == 1
    assert '"events/video.played"' in run(main, ["taxonomy", "schema", "video.played"]).output
    assert run(main, ["taxonomy", "schema", "no.such"]).exit_code == 1


def test_the_commands_show_links_and_take_them_back(
    tmp_path: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.persons.link("v1", "u1")
    monkeypatch.setenv("LRS_DATA", str(tmp_path))
    run = CliRunner().invoke
    assert run(main, ["taxonomy", "person", "list"]).output.startswith("v1  u1  20")
    assert run(main, ["taxonomy", "person", "unlink", "v1"]).exit_code == 0
    assert run(main, ["taxonomy", "person", "unlink", "v1"]).exit_code == 1
    assert run(main, ["taxonomy", "person", "list"]).output == ""
