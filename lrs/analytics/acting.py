"""Rules that say what to do now, for whom, and when to leave it be.

A rule reads a report; nothing that rules do is a statement, so none fires on what another did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from lrs.analytics.facts.days import date_of, days_of
from lrs.analytics.facts.digests import digest
from lrs.analytics.ledgers.ledgers import Ledgers
from lrs.analytics.references.references import References
from lrs.analytics.report import Row
from lrs.analytics.reporting import Reports
from lrs.xapi import JsonObject

_LEDGER = "action"
NUDGE_REST = 3
"""Days in which a learner is asked no second time, whatever the rule."""
_MOST_NUDGES = 3
"""Times that a learner is asked by one rule about one place."""
_ENOUGH = 20
"""Persons from whom on content is judged."""
_HALF, _MUTED = 0.5, 0.3
_LONG_VIDEO = 1200
"""Seconds."""

Recipient = Literal["learner", "manager", "owner"]


@dataclass(frozen=True, slots=True)
class Rule:
    """`evidence` says why a row of `report` calls for the action, or "" if it does not."""

    name: str
    report: str
    place: str
    recipient: Recipient
    action: str
    evidence: Callable[[Row], str]
    cooldown: int
    """Days before it fires again for the same learner and place."""
    stop: str
    """When it stops, in words."""
    after: str = ""
    """The rule that must have fired before, at least NUDGE_REST days ago."""

    @property
    def about_learners(self) -> bool:
        """Whether it is about a learner, and not about content."""
        return self.recipient != "owner"


_BACK = "the learner is back, has finished, has left, or was asked three times"
_RENEWED = "it is held again, or not owed any more"
_LOST = ("late", "too late to make it", "due today", "7 days")
_NEAR = ("14 days", "30 days", "start")
_AWAY = ("missed the first two", "never came", "gone quiet", "stopped early")
_MENDED = "the report shows it no more"

RULES: tuple[Rule, ...] = (
    Rule(
        "certificate-lost", "recertification", "course", "manager",
        "the certificate is late or can hardly be made in time: give time for it now",
        lambda row: _deadline(row, _LOST),
        7, _RENEWED,
    ),
    Rule(
        "certificate-due", "recertification", "course", "learner",
        "remind of the certificate, and of the day to begin on",
        lambda row: _deadline(row, _NEAR),
        14, _RENEWED,
    ),
    Rule(
        "manager-after-reminders", "at-risk", "course", "manager",
        "ask the manager to make time for the course",
        lambda row: row["rules"] if _away(row) else "",
        14, "the learner is back, has finished or has left", after="reminder",
    ),
    Rule(
        "reminder", "at-risk", "course", "learner", "remind, and ask what is in the way",
        lambda row: row["rules"] if _away(row) else "", 7, _BACK,
    ),
    Rule(
        "remediation", "at-risk", "course", "learner",
        "offer the modules that the test asks for, and a test after a day",
        lambda row: f"{row['fails']} failed attempts" if "failed twice" in row["rules"] else "",
        7, _BACK,
    ),
    Rule(
        "worst-stage", "engagement-funnel", "module", "owner", "mend the stage that loses most",
        lambda row: row["advice"] if row["clickers"] >= _ENOUGH else "", 28, _MENDED,
    ),
    Rule(
        "first-attempts", "assessments", "assessment", "owner",
        "review the questions; if they are fine, the content before them",
        lambda row: f"{row['first_failed']} of {row['graded']} fail the first attempt" * row["flag"],
        28, _MENDED,
    ),
    Rule(
        "hook", "video-summary", "video", "owner", "begin with what matters to them",
        lambda row: row["verdict"] if row["verdict"] == "no hook" and row["viewers"] >= _ENOUGH else "",
        28, _MENDED,
    ),
    Rule(
        "captions", "video-muted", "video", "owner", "add captions and a preview of 30 seconds",
        lambda row: f"{row['autoplay']} of {row['plays']} play muted, by themselves"
        if row["viewers"] >= _ENOUGH and row["autoplay"] >= _MUTED * row["plays"]
        else "",
        28, _MENDED,
    ),
    Rule(
        "split", "video-summary", "video", "owner", "split it into parts of 10 minutes at most",
        lambda row: f"{row['length'] / 60:.0f} minutes, most do not reach the end"
        if row["viewers"] >= _ENOUGH
        and row["length"] >= _LONG_VIDEO
        and row["past_75"] < _HALF * row["viewers"]
        else "",
        28, _MENDED,
    ),
    Rule(
        "refresher", "retention", "course", "owner", "add a refresher two weeks after the course",
        lambda row: f"{row['retained']} of {row['tested']} pass again later"
        if row["tested"] >= _ENOUGH and row["retained"] < _HALF * row["tested"]
        else "",
        28, _MENDED,
    ),
)  # fmt: skip
"""In the order in which they fire: of two for a learner the first does."""


@dataclass(frozen=True, slots=True)
class Due:
    """An action that is due now; `learner` is "" if it is about content."""

    rule: Rule
    place: str
    learner: str
    evidence: str
    owner: str


class Actions:
    """Finds what is due, and logs what is done."""

    def __init__(self, reports: Reports, ledgers: Ledgers, references: References) -> None:
        self._reports = reports
        self._ledgers = ledgers
        self._references = references

    def due(self) -> list[Due]:
        """Return the actions due now, at most one for each learner."""
        past: dict[str, list[JsonObject]] = {}
        for record in self._ledgers.all(_LEDGER).values():
            past.setdefault(record["learner"], []).append(record)
        owners, managers = self._owners(), self._managers()
        asked: set[str] = set()
        tables: dict[str, tuple[Row, ...]] = {}
        found = []
        for rule in RULES:
            if rule.report not in tables:
                tables[rule.report] = self._reports.answer(rule.report, {}).rows
            for row in tables[rule.report]:
                evidence = rule.evidence(row)
                place = row[rule.place] or row.get("course", "")
                learner = row["learner"] if rule.about_learners else ""
                if not evidence or learner in asked:
                    continue
                if not self._may(rule, place, past.get(learner, ())):
                    continue
                asked |= {learner} - {""}
                manager = managers.get(digest("agent", learner), "")
                owner = manager if learner else owners.get(place, "")
                found.append(Due(rule, place, learner, evidence, owner))
        return found

    def log(self, due: Due) -> str:
        """Note that an action was taken; returns the entry's id."""
        values = {
            "rule": due.rule.name,
            "action": due.rule.action,
            "place": due.place,
            "learner": due.learner,
            "evidence": due.evidence,
            "owner": due.owner,
        }
        return self._ledgers.add(_LEDGER, values)

    def _may(self, rule: Rule, place: str, about: Sequence[JsonObject]) -> bool:
        """Whether a rule may fire, by what was done for that learner, or about content, before."""
        today = self._ledgers.today()
        here = [one for one in about if one["place"] == place]
        same = [_age(one, today) for one in here if one["rule"] == rule.name]
        if same and min(same) < rule.cooldown:
            return False
        if not rule.about_learners:
            return True
        before = [_age(one, today) for one in here if one["rule"] == rule.after]
        if rule.after and not any(age >= NUDGE_REST for age in before):
            return False
        return len(same) < _MOST_NUDGES and all(_age(one, today) >= NUDGE_REST for one in about)

    def _owners(self) -> dict[str, str]:
        courses = {row["course_id"]: row for row in self._references.rows("courses")}
        owners = {course: str(row["owner"]) for course, row in courses.items()}
        by_key = {row["course"]: str(row["owner"]) for row in courses.values()}
        for row in self._references.rows("modules"):
            owners.setdefault(row["module_id"], by_key.get(row["course"], ""))
        return owners

    def _managers(self) -> dict[int, str]:
        """Return key of a learner -> who manages that person today."""
        today = self._ledgers.today()
        return {
            row["learner"]: row["manager"]
            for row in self._references.rows("people")
            if row["valid_from"] <= today < row["valid_to"]
        }


def _deadline(row: Row, alerts: Sequence[str]) -> str:
    # Who was never seen has no identity to write down; the report names them.
    known = "|" in row["learner"] and row["alert"] in alerts
    return f"{row['alert']}, due {date_of(row['due'])}" if known else ""


def _away(row: Row) -> bool:
    return any(rule in row["rules"] for rule in _AWAY)


def _age(record: Mapping[str, Any], today: int) -> int:
    return today - days_of(date.fromisoformat(record["day"]))
