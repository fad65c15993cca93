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
from lrs.services.statements import Sender
from lrs.taxonomy.intake import Tracker
from tests.build import AUTHORITY
from tests.conftest import headers

TRACKER = Tracker("key", Sender(AUTHORITY, may_void=False))


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


def line(services: Services, event: str) -> Any:
    return next(row for row in services.plan.report().rows if row["event"] == event)


def test_what_was_sent_counts_at_once(services: Services) -> None:
    assert line(services, "lesson.started")["status"] == "missing"
    services.intake.take([started(1), started(2)], tracker=TRACKER)
    seen = line(services, "lesson.started")
    assert (seen["status"], seen["n"], seen["recent"], seen["share"]) == ("sent", 2, 2, 1.0)
    services.intake.take([started(1), started(3)], tracker=TRACKER)
    assert line(services, "lesson.started")["n"] == 3


def test_the_nine_first_events_are_a_checklist(services: Services) -> None:
    services.intake.take([earned()], tracker=TRACKER)
    starters = services.plan.report().starters
    assert len(starters) == 9
    assert [row["event"] for row in starters if row["status"] == "sent"] == ["certificate.earned"]


def test_an_event_that_comes_more_often_than_its_class_is_marked(services: Services) -> None:
    messages = [started(number) for number in range(590)] + [published(n) for n in range(10)]
    services.intake.take(messages, tracker=TRACKER)
    assert line(services, "content.published")["too_often"]
    assert not line(services, "lesson.started")["too_often"]
    shown = create_app(services).test_client().get("/plan", headers=headers()).text
    assert "exceeded: 1 % at most" in shown
    assert "More often than planned: content.published" in shown


def test_what_is_unknown_is_counted(services: Services) -> None:
    extra = started(1)
    extra["properties"]["mood"] = "good"
    services.intake.take([extra, {"event": "Lesson Started", "user_id": "u"}], tracker=TRACKER)
    report = services.plan.report()
    assert report.unknown_events == {"Lesson Started": 1}
    assert report.unknown_properties == {"lesson.started mood": 1}
    assert report.problems == {"E_UNKNOWN_EVENT -": 1, "W_EXTRA_PROP lesson.started": 1}


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
