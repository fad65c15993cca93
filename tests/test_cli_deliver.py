"""Reports by mail, through a real mail server."""

from __future__ import annotations

import contextlib
import mailbox
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from lrs.analytics.delivery import is_due
from tests.analytics.places import told
from tests.command import Command, ndjson
from tests.conftest import free_port

TO = "kim@example.org"


@dataclass
class Post:
    """A mail server, and what it has taken."""

    url: str
    folder: Path

    def mails(self) -> list[EmailMessage]:
        box = mailbox.Maildir(self.folder, factory=None, create=False)
        return [message_from_bytes(raw, policy=default) for raw in map(box.get_bytes, box.keys())]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    port, folder = free_port(), tmp_path / "mail"
    address = f"127.0.0.1:{port}"
    handler = ("-c", "aiosmtpd.handlers.Mailbox", str(folder))
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "aiosmtpd", "-n", "-l", address, *handler]
    )
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield Post(f"smtp://{address}", folder)
    process.terminate()
    process.wait(10)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    made = Command(tmp_path)
    made.run("init")
    big = [told(who, "completed", result={"completion": True}) for who in range(30)]
    big += [told(who, "launched") for who in range(30, 60)]
    other = "http://other.example.org/course"
    small = [told(who, "completed", other, course=other) for who in range(4)]
    # Hidden as well, since the total less this and the big one would tell the small one.
    third = "http://third.example.org/course"
    middle = [told(who, "completed", third, course=third) for who in range(20)]
    assert made.take(ndjson(*big, *small, *middle)).exit_code == 0
    return made


def subscribe(command: Command, report: str = "completion", *more: str) -> str:
    added = command.run("subscription", "add", report, "--to", TO, *more)
    assert added.exit_code == 0, added.output
    return added.output.strip()


def test_a_report_is_mailed_once_a_week_with_table_and_chart(command: Command, post: Post) -> None:
    subscribe(command)

    sent = command.run("deliver", LRS_SMTP=post.url, LRS_MAIL_FROM="lrs@example.org")
    again = command.run("deliver", LRS_SMTP=post.url)

    assert (sent.exit_code, sent.output) == (0, f"completion to {TO}: sent\n")
    assert (again.exit_code, again.output) == (0, "")
    (mail,) = post.mails()
    assert (mail["To"], mail["From"]) == (TO, "lrs@example.org")
    assert mail["Subject"].startswith("Completion: ")
    body = mail.get_body()
    assert body is not None
    assert "data through" in body.get_content()
    parts = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert parts["completion.csv"].splitlines()[0].startswith("\ufeffcourse,")
    assert parts["completion.png"].startswith(b"\x89PNG")


def test_nothing_of_small_groups_is_mailed(command: Command, post: Post) -> None:
    subscribe(command)
    command.run("deliver", LRS_SMTP=post.url)

    (mail,) = post.mails()
    body = mail.get_body()
    assert body is not None
    assert "http://example.org/course" in body.get_content()
    assert "other.example.org" not in body.get_content()
    assert "cells hidden" in body.get_content()
    assert all(
        b"other.example.org" not in part.get_payload(decode=True) for part in mail.iter_parts()
    )


def test_what_cannot_be_mailed_is_refused_when_it_is_subscribed_to(command: Command) -> None:
    for report, more, said in (
        ("at-risk", (), "names learners"),
        ("freshness", ("--with", "learner=learner-3@example.org"), "one learner"),
        ("verbs", ("--with", "department=x since=2026-01-02"), "whole months"),
        ("completion", ("--with", "nothing=1"), "no such parameter"),
        ("completion", ("--with", "since"), "no filter"),
        ("nothing", (), "no such report"),
    ):
        refused = command.run("subscription", "add", report, "--to", TO, *more)
        assert refused.exit_code == 1
        assert said in refused.output
    assert command.run("subscription", "add", "completion", "--to", "x\nBcc: y@z").exit_code == 1


def test_a_mail_tells_nothing_of_few_however_they_are_chosen(command: Command, post: Post) -> None:
    course = "http://other.example.org/course"
    subscribe(command, "verbs", "--with", f"course={course}")

    refused = command.run("deliver", LRS_SMTP=post.url)

    assert "Fewer than 10 persons fit these filters" in refused.output
    assert post.mails() == []


def test_filters_of_a_subscription_hold(command: Command, post: Post) -> None:
    subscribe(command, "verbs", "--with", "course=http://example.org/course since=2026-01-01")
    command.run("deliver", LRS_SMTP=post.url)

    (mail,) = post.mails()
    (table,) = [
        part.get_content() for part in mail.iter_attachments() if ".csv" in str(part.get_filename())
    ]
    assert "verbs/completed" in table
    assert ",30" in table


def test_what_fails_is_logged_and_tried_again(command: Command, post: Post) -> None:
    subscribe(command)

    failed = command.run("deliver", LRS_SMTP=f"smtp://127.0.0.1:{free_port()}")
    sent = command.run("deliver", LRS_SMTP=post.url)

    assert failed.exit_code == 1
    assert "cannot be used" in failed.output
    assert sent.exit_code == 0
    log = command.run("delivery", "list").output
    assert "cannot be used" in log
    assert "sent" in log
    assert command.run("deliver", LRS_SMTP="").exit_code == 1


def test_a_password_does_not_go_out_without_tls(command: Command, post: Post) -> None:
    subscribe(command)
    server = post.url.replace("//", "//ari:open-sesame@")

    refused = command.run("deliver", LRS_SMTP=server)

    assert refused.exit_code == 1
    assert "STARTTLS" in refused.output
    assert "sesame" not in refused.output + command.run("delivery", "list").output
    assert post.mails() == []


def test_closed_subscriptions_are_not_sent(command: Command, post: Post) -> None:
    command.run("subscription", "close", subscribe(command))

    assert command.run("deliver", LRS_SMTP=post.url).output == ""


@pytest.mark.parametrize(
    ("cadence", "sent", "today", "due"),
    [
        ("week", "", "2026-11-21", True),
        ("week", "2026-11-16", "2026-11-22", False),
        ("week", "2026-11-22", "2026-11-23", True),
        ("week", "2026-12-31", "2027-01-01", False),
        ("month", "2026-11-01", "2026-11-30", False),
        ("month", "2026-11-30", "2026-12-01", True),
        ("day", "2026-11-21", "2026-11-21", False),
        ("day", "2026-11-21", "2026-11-22", True),
    ],
)
def test_a_report_is_due_once_in_each_calendar_period(
    cadence: str, sent: str, today: str, due: bool
) -> None:
    assert is_due(cadence, sent, date.fromisoformat(today)) is due
