"""Where each certificate stands, for an audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lrs.analytics.asking import COURSE
from lrs.analytics.report import Chart, Column, Moment, Report, Row
from lrs.analytics.sql.certificates import OBLIGED_RULE, STANDING_SQL
from lrs.analytics.statistics.standing import HELD, OWED, obligations

if TYPE_CHECKING:
    from pandas import DataFrame

_TARGET = 0.95


def _finish(told: DataFrame, moment: Moment) -> list[Row]:
    found = []
    for course, people in obligations(told, moment.today).groupby("course"):
        states = Counter(people.state)
        found.append(
            {
                "course": course,
                "obliged": sum(states[state] for state in OWED),
                "held": sum(states[state] for state in HELD),
                "ever": int((people.done.notna() & people.state.isin(OWED)).sum()),
                **{state.replace(" ", "_"): states[state] for state in (*OWED, "exempt")},
            }
        )
    return found


def _reading(rows: Sequence[Row]) -> str:
    low = [row for row in rows if row["obliged"] and row["held"] / row["obliged"] < _TARGET]
    if not low:
        return "Of every certificate at least 95 % of those who must hold it do."
    gone = sum(row["lapsed"] + row["overdue"] + row["revoked"] for row in low)
    return (
        f"{len(low)} certificates are held by fewer than 95 % of those who must: {gone} are late."
        " See `obligations` for who they are, `recertification` for who is next."
    )


REPORT = Report(
    name="certifications",
    title="Certificates",
    question="Would an audit today find everybody certified?",
    level="descriptive",
    covers=("B13", "B6", "B8"),
    obligations=True,
    version=3,
    as_of_now=True,
    columns=(
        COURSE,
        Column("obliged", "people", "Persons who must hold it, without those exempt"),
        Column("held", "people", "Those who hold it today"),
        Column("held_rate", "ratio", "Held of obliged", part="held", whole="obliged"),
        Column("ever", "people", "Those who were ever certified"),
        Column("ever_rate", "ratio", "Ever certified of obliged", part="ever", whole="obliged"),
        Column("valid", "people", "Held for more than 30 days yet, or for ever", adds_to="obliged"),
        Column("due_soon", "people", "8 to 30 days are left", adds_to="obliged"),
        Column("critical", "people", "7 days or less are left", adds_to="obliged"),
        Column("grace", "people", "Expired, within the days of grace", adds_to="obliged"),
        Column("lapsed", "people", "Expired", adds_to="obliged"),
        Column("revoked", "people", "Taken back", adds_to="obliged"),
        Column("overdue", "people", "Never certified, and late", adds_to="obliged"),
        Column("assigned", "people", "Never certified, and not late", adds_to="obliged"),
        Column("exempt", "people", "Let off"),
    ),
    sql=STANDING_SQL,
    finish_frame=_finish,
    reading=_reading,
    chart=Chart("bar", "course", "held_rate"),
    definition=OBLIGED_RULE,
)
