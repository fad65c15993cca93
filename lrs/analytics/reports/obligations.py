"""Who must hold which certificate, and where each stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrs.analytics.asking import COURSE
from lrs.analytics.frames import rows_of
from lrs.analytics.report import Column, Moment, Report, Row
from lrs.analytics.sql.certificates import OBLIGED_RULE, OBLIGED_SQL
from lrs.analytics.statistics.standing import obligations

if TYPE_CHECKING:
    from pandas import DataFrame

_URGENT = ("lapsed", "overdue", "revoked", "grace", "critical", "due soon")


def _finish(told: DataFrame, moment: Moment) -> list[Row]:
    states = {state: place for place, state in enumerate((*_URGENT, "assigned", "valid", "exempt"))}
    found = obligations(told, moment.today)
    found["place"] = found.state.map(states)
    return rows_of(found.sort_values(["place", "due", "course", "learner"]))


def _reading(rows: Sequence[Row]) -> str:
    states = Counter(row["state"] for row in rows)
    late = [f"{states[state]} {state}" for state in _URGENT if states[state]]
    if not late:
        return "Nobody is late, and nobody will be within 30 days."
    return f"{', '.join(late)}: begin with the first lines."


REPORT = Report(
    name="obligations",
    title="Certificates that people must hold",
    question="Who must hold which certificate, by when, and where do they stand?",
    level="descriptive",
    covers=("B23", "B13"),
    obligations=True,
    version=3,
    as_of_now=True,
    personal=True,
    ranked_by=("state", "due", "course"),
    columns=(
        COURSE,
        Column("learner", "agent", "Who; as in the people file, if never seen"),
        Column("state", "text", "valid, due soon, critical, grace, lapsed, overdue, assigned, ..."),
        Column("assigned", "day", "Enrolled, or since then in a role that requires it"),
        Column("due", "day", "To be done by the end of this day"),
        Column("days_left", "days", "Days until then"),
        Column("done", "day", "First certificate"),
        Column("granted", "day", "Newest certificate"),
        Column("expires", "day", "Valid through this day; empty: for ever, or none yet"),
    ),
    sql=OBLIGED_SQL,
    finish_frame=_finish,
    reading=_reading,
    definition=OBLIGED_RULE
    + (
        " Critical: 7 days or less are left; due soon: 30. Overdue: never certified, and late; lapsed: expired, and no"
        " days of grace are left."
    ),
)
