"""Mails the reports that are subscribed to: once in each calendar day, week or month."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from lrs.analytics.audience import Audience
from lrs.analytics.catalog import report_named
from lrs.analytics.faces import charts, render
from lrs.analytics.facts.days import date_of
from lrs.analytics.ledgers.ledgers import Ledgers
from lrs.analytics.narrowing import check_attributes
from lrs.analytics.report import Table
from lrs.analytics.reporting import Reports
from lrs.analytics.values import typed
from lrs.errors import BadRequest, LrsError
from lrs.xapi import JsonObject

READERS = Audience(names=False, least=10, whole_rows=True)
"""For whom mails are answered: nobody knows who reads them."""
_LEDGER, _LOG = "subscription", "delivery"
_SENT = "sent"
_ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")
_PATIENCE = 30
"""Seconds that the mail server is waited for."""
_REASON = 200
"""Signs of what it says that are kept."""
_PERIODS = {"day": "%Y-%j", "week": "%G-%V", "month": "%Y-%m"}
"""Cadence -> what two days of one period have in common."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one mail; `problem` is "" if it was sent."""

    report: str
    recipient: str
    problem: str


def check_subscription(record: JsonObject) -> None:
    """Raises: BadRequest or Forbidden if a report cannot be mailed as a subscription says."""
    report = report_named(record["report"])
    if report.personal:
        raise BadRequest(
            "A report that names learners is not mailed.",
            code="subscription",
            allowed="a report about groups",
        )
    if _ADDRESS.fullmatch(record["recipient"]) is None:
        raise BadRequest(
            "recipient cannot be used.", code="subscription", allowed="an address: ari@example.org"
        )
    filters, parameters = typed(report, asked_of(record))
    if "learner" in filters:
        raise BadRequest(
            "What one learner did is not mailed.",
            code="subscription",
            allowed="filters without learner",
        )
    check_attributes(report, filters, parameters, READERS)


def asked_of(record: Mapping[str, str]) -> dict[str, str]:
    """Return the filters of a subscription. Raises: BadRequest."""
    asked = {}
    for one in record["asked"].split():
        name, separator, value = one.partition("=")
        if not separator:
            raise BadRequest(
                f"{one} is no filter.",
                code="subscription",
                allowed="NAME=VALUE with spaces between",
            )
        asked[name] = value
    return asked


class Deliveries:
    """Sends what is due by one mail server."""

    def __init__(self, ledgers: Ledgers, reports: Reports, server: str, sender: str) -> None:
        self._ledgers = ledgers
        self._reports = reports
        self._server = urlsplit(server)
        self._sender = sender

    def deliver(self) -> list[Delivered]:
        """Send what is due, log it, and return what became of each mail.

        Of two processes at the same time one sends. What fails is due again.
        Raises: BadRequest if there is no mail server.
        """
        if not self._server.hostname:
            raise BadRequest("There is no mail server.", code="smtp", allowed="LRS_SMTP=smtp://...")
        today = date_of(self._ledgers.today())
        done = []
        for entry, record in self._ledgers.all(_LEDGER).items():
            if record["closed"] or not is_due(record["cadence"], record.get(_SENT, ""), today):
                continue
            claimed = {**record, _SENT: today.isoformat()}
            if not self._ledgers.change(_LEDGER, entry, record, claimed):
                continue
            problem = "It could not be made."
            try:
                problem = self._try(record)
            finally:
                if problem:
                    self._ledgers.change(_LEDGER, entry, claimed, record)
            kept = {name: record[name] for name in ("report", "recipient")}
            self._ledgers.add(_LOG, {**kept, "subscription": entry, "result": problem or "sent"})
            done.append(Delivered(record["report"], record["recipient"], problem))
        return done

    def _try(self, record: JsonObject) -> str:
        """Send one; returns what went wrong."""
        try:
            table = self._reports.answer(record["report"], asked_of(record), audience=READERS)
            message = message_of(table, self._sender, record["recipient"])
            _send(message, self._server)
        except LrsError as refusal:
            return refusal.message
        except smtplib.SMTPRecipientsRefused:
            # Its text holds the address, which the log shows to those who may not see names.
            return "The mail server refuses the recipient."
        except smtplib.SMTPResponseException as refusal:
            return f"The mail server says {refusal.smtp_code}."
        except (OSError, smtplib.SMTPException) as problem:
            return f"The mail server cannot be used: {problem}"[:_REASON]
        return ""


def is_due(cadence: str, sent: str, today: date) -> bool:
    """Whether a report is due that was last sent on an ISO day, "" if never."""
    period = _PERIODS[cadence]
    return not sent or date.fromisoformat(sent).strftime(period) != today.strftime(period)


def message_of(table: Table, sender: str, recipient: str) -> EmailMessage:
    """Return a mail: the reading and the table as text, with the table as CSV and the chart beside it."""
    name = table.report.name
    message = EmailMessage()
    message["Subject"] = f"{table.report.title}: {table.report.question}"
    message["From"], message["To"] = sender, recipient
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(render.as_text(table))
    message.add_attachment(
        render.as_csv(table, bom=True),
        maintype="text",
        subtype="csv",
        filename=f"{name}.csv",
        params={"charset": "utf-8"},
    )
    if table.report.chart is not None and table.rows:
        drawn = charts.draw(table, "png")
        message.add_attachment(drawn, maintype="image", subtype="png", filename=f"{name}.png")
    return message


def _send(message: EmailMessage, server: SplitResult) -> None:
    host, secure = server.hostname or "", ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.scheme == "smtps":
        smtp = smtplib.SMTP_SSL(host, server.port or 465, timeout=_PATIENCE, context=secure)
    else:
        smtp = smtplib.SMTP(host, server.port or 25, timeout=_PATIENCE)
    with smtp:
        if server.username:
            if server.scheme == "smtp":
                # A password goes over TLS or not at all: this raises if the server offers none.
                smtp.starttls(context=secure)
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)
