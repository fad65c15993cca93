"""The ledgers there are."""

from __future__ import annotations

from lrs.analytics.ledgers.ledger import Field, Ledger

_OWNER = Field("owner", "Who sees to it", tells_names=True)

LEDGERS: dict[str, Ledger] = {
    ledger.name: ledger
    for ledger in (
        Ledger(
            "change",
            "changes",
            "Changes",
            "What was changed in a course or activity; two weeks later the report changes says whether it helped",
            (
                Field("place", "Id of the course, module or activity", "activity", required=True),
                Field(
                    "kind",
                    "What kind of change",
                    choices=(
                        "revise", "split", "shorten", "captions", "opening", "question",
                        "checkpoint", "title", "other",
                    ),
                    default="revise",
                ),
                Field("day", "Day from which it holds", "day", default="today", flag="at"),
                Field("what", "What was changed: one thing", required=True),
                Field("why", "The diagnosis: the report or flag that led to it", default="skipped"),
                _OWNER,
                Field(
                    "metric",
                    "What it should move: completion, view (who stays of who opens) or pass (first attempt)",
                    choices=("completion", "view", "pass"),
                    default="completion",
                ),
                Field(
                    "days", "Days before and after that are compared", "whole", default="14",
                    bounds=(7, 180),
                ),
                Field(
                    "expect", "Percentage points by which it should move", "whole", default="20",
                    bounds=(5, 90),
                ),
            ),
            reports=("changes", "change-speed"),
        ),
        Ledger(
            "review",
            "reviewed",
            "Reviews",
            "When somebody looked at how a course does; the report review-calendar says when the next one is due",
            (
                Field("place", "Id of the course", "activity", required=True),
                Field("day", "Day of the review", "day", default="today", flag="at"),
                _OWNER,
            ),
            reports=("review-calendar",),
        ),
        Ledger(
            "flag",
            "flags",
            "Flags",
            "What reports have flagged; the report unactioned says which flags nobody has acted on",
            (
                Field("place", "Id of what was flagged", "activity", required=True),
                Field("report", "The report", "report", required=True),
                Field("what", "What it said", required=True),
                Field("day", "Day on which it was first seen", "day", default="today", flag="at"),
            ),
            reports=("unactioned",),
            by_hand=False,
        ),
        Ledger(
            "question",
            "questions",
            "Questions",
            "What somebody wants to know; the report questions shows what is missing, and what nobody asked for",
            (
                Field("wording", "The question in words", required=True),
                Field("report", "The report that answers it", "report"),
                _OWNER,
                Field("team", "Whose question it is"),
                Field("source", "Where its data come from, such as LMS or HR file"),
            ),
            reports=("questions", "phases"),
        ),
        Ledger(
            "subscription",
            "subscriptions",
            "Subscriptions",
            "Which reports go out by mail; `lrs deliver` sends those that are due",
            (
                Field("report", "A report without names of learners", "report", required=True),
                Field(
                    "recipient", "E-mail address", required=True, flag="to", tells_names=True
                ),
                Field(
                    "cadence", "How often", choices=("day", "week", "month"), default="week",
                    flag="every",
                ),
                Field(
                    "asked", "Filters, NAME=VALUE with spaces between", flag="with",
                    tells_names=True,
                ),
                _OWNER,
            ),
            reports=("deliveries",),
        ),
        Ledger(
            "delivery",
            "deliveries",
            "Deliveries",
            "What was mailed to whom, and what could not be",
            (
                Field("subscription", "The subscription", required=True),
                Field("report", "The report", "report", required=True),
                Field("recipient", "E-mail address", required=True, tells_names=True),
                Field("day", "Day", "day", default="today"),
                Field("result", "sent, or why not", required=True),
            ),
            reports=("deliveries",),
            by_hand=False,
        ),
        Ledger(
            "action",
            "actions",
            "Actions",
            "What was done for a learner or about content, by a rule of `lrs act` or by hand",
            (
                Field("action", "What was done", required=True),
                Field("rule", "The rule that asked for it", default="by hand"),
                Field("place", "Id of the course or activity", "activity", required=True),
                Field("learner", "For whom: e-mail address, or homePage|name", "agent"),
                Field("day", "Day", "day", default="today", flag="at"),
                Field("evidence", "Why", tells_names=True),
                _OWNER,
            ),
            reports=("actions", "lead-time"),
        ),
        Ledger(
            "purpose",
            "purposes",
            "Purposes",
            "Why each thing is collected; the report purposes lists what is collected without one",
            (
                Field(
                    "field",
                    "verb IRI, event NAME, or field NAME as the report purposes spells it; * at its end: all such",
                    required=True,
                ),
                Field("purpose", "What it is needed for", required=True, flag="why"),
                Field("question", "The question that it answers"),
                Field(
                    "basis",
                    "Legal basis",
                    choices=(
                        "consent", "contract", "legal obligation", "legitimate interest",
                        "public task", "vital interests",
                    ),
                    default="legitimate interest",
                ),
                Field(
                    "months", "Months after which it goes", "whole", default="13", bounds=(1, 1200),
                    flag="retention",
                ),
                _OWNER,
            ),
            reports=("purposes",),
            single=True,
        ),
        Ledger(
            "notice",
            "notices",
            "Notices",
            "Where and when learners were told what is collected and why",
            (
                Field("place", "Id of the course", "activity", required=True),
                Field("version", "Version of the text", required=True),
                Field("language", "Its language, such as en", default="en"),
                Field(
                    "wording", "The text",
                    default="We track your progress to improve this course for you.",
                ),
                Field("learner", "Who was told: empty for everybody from that day on", "agent"),
                Field("day", "Day", "day", default="today", flag="at"),
            ),
            reports=("notices",),
        ),
        Ledger(
            "request",
            "requests",
            "Requests of persons",
            "What persons ask about their data, and by when they must be answered",
            (
                Field("person", "Who asks: e-mail address, or homePage|name", "agent", required=True),
                Field(
                    "kind",
                    "What for",
                    choices=("access", "erase", "rectify", "restrict", "object", "portability"),
                    default="access",
                ),
                Field("day", "Day on which it was received", "day", default="today", flag="received"),
                Field(
                    "days", "Days until the answer: 30 (GDPR), 45 (FERPA)", "whole", default="30",
                    bounds=(1, 90),
                ),
                _OWNER,
            ),
            reports=("requests",),
            between=True,
        ),
    )
}  # fmt: skip
"""Name -> ledger, in the order of pages and commands."""

TABLES: dict[str, dict[str, str]] = {ledger.table: ledger.columns for ledger in LEDGERS.values()}
"""Table -> its columns."""
