"""Answered reports as pages show them: sentence, chart, table, next step; or why there is none of these yet."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from lrs.analytics.audience import Audience
from lrs.analytics.catalog import catalog, report_named
from lrs.analytics.faces import render
from lrs.analytics.narrowing import lists_persons
from lrs.analytics.report import Column, Report, Row, Table, last_part
from lrs.analytics.runs import Pending
from lrs.analytics.sql.scope import FILTERS
from lrs.auth.roles import Reach
from lrs.auth.scopes import ACTIVITY
from lrs.clock import to_iso
from lrs.errors import BadRequest, LrsError
from lrs.web import context
from lrs.web.audiences import audience
from lrs.web.drawing import drawn
from lrs.web.samples import Sample, sample_for
from lrs.web.steps import Step, step_after

_WHOLE = ("day", "hour", "flag")
_WORD = 24
"""Signs of a word that stands in one line."""
MOST_ROWS = 100
"""Rows of a table on a page; the other faces hold all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table on a page."""

    text: str
    href: str = ""
    number: bool = False
    whole: bool = False
    """Whether it is not to be broken into lines, being short: a day, an hour, a pseudonym, a flag or a verdict."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page knows of a report that was asked for."""

    report: Report
    asked: Mapping[str, str]
    table: Table | None = None
    seconds: float = 0
    problem: LrsError | None = None

    @property
    def id(self) -> str:
        return f"answer-{self.report.name}"

    @property
    def pending(self) -> bool:
        return self.table is None and self.problem is None

    @property
    def rows(self) -> Sequence[Row]:
        return () if self.table is None else self.table.rows

    @property
    def columns(self) -> list[Column]:
        """The columns; the ends of an interval stand in the cell of its rate."""
        if self.table is None:
            return []
        ends = {
            f"{one.name}_{end}" for one in self.table.columns for end in ("low", "high") if one.part
        }
        return [one for one in self.table.columns if one.name not in ends]

    @property
    def chart(self) -> Markup:
        if self.table is None:
            return Markup()
        reading = self.table.reading.replace("`", "")
        label = f"Chart: {self.report.title}. {reading} The table holds its numbers."
        return drawn(self.table, label=label)

    @property
    def footing(self) -> str:
        """What makes the table repeatable; the moment to the minute, as people read it."""
        if self.table is None:
            return ""
        told = render.footing(self.table)
        through = to_iso(self.table.through)
        return told.replace(through, f"{through[:16].replace('T', ' ')} UTC")

    @property
    def sample(self) -> Sample:
        """What to send so that this report has something to say."""
        return sample_for(self.report.name)

    @property
    def step(self) -> Step:
        return step_after(self.report)

    @property
    def goes_on(self) -> bool:
        """Whether there is a report after this one that the one who looks may see."""
        following = catalog().get(self.step.report)
        return following is not None and audience().may_ask(following)

    @property
    def lists_persons(self) -> bool:
        return lists_persons(self.report)

    @property
    def filtered(self) -> list[str]:
        """The filters that were asked for."""
        return [name for name in self.asked if name in FILTERS]

    @property
    def bare(self) -> str:
        """The address of the report without filters."""
        return f"/reports/{self.report.name}"

    def link(self, ending: str = "") -> str:
        """Return the address of the report, or of another face of it."""
        return f"/reports/{self.report.name}{ending}" + (
            f"?{urlencode(self.asked)}" if self.asked else ""
        )

    def cells(self, most: int = MOST_ROWS, without: Sequence[str] = ()) -> list[list[Cell]]:
        """Return the first rows of the table, without the columns that every row has the same."""
        if self.table is None:
            return []
        shown = [one for one in self.columns if one.name not in without]
        return [[_cell(self.table, one, row) for one in shown] for row in self.table.rows[:most]]


def answer(
    name: str, asked: Mapping[str, str], audience: Audience, *, patience: float, age: float = 0
) -> Answer:
    """Return what there is of a report after `patience` seconds; a wrong filter is part of it.

    An answer that is `age` seconds old will do.

    Raises: NotFound (404) if there is no such report.
    """
    report = report_named(name)
    try:
        found = context.services().runs.ask(name, asked, audience, patience=patience, age=age)
    except LrsError as problem:
        return Answer(report, asked, problem=problem)
    if isinstance(found, Pending):
        return Answer(report, asked, seconds=found.seconds)
    return Answer(report, asked, table=found)


def answers(
    questions: Mapping[str, Mapping[str, str]],
    audience: Audience,
    *,
    patience: float,
    age: float = 0,
) -> dict[str, Answer]:
    """Return what there is of several reports, asked side by side: name -> answer."""
    found = {
        name: answer(name, asked, audience, patience=0, age=age)
        for name, asked in questions.items()
    }
    deadline = time.monotonic() + patience
    for name, one in found.items():
        if one.pending:
            left = max(0.0, deadline - time.monotonic())
            found[name] = answer(name, questions[name], audience, patience=left)
    return found


def problem_of(found: Mapping[str, Answer]) -> LrsError | None:
    """Return what is wrong with what was asked, or why nothing can be answered; else that stands on each card."""
    problems = [one.problem for one in found.values()]
    asked = next((one for one in problems if isinstance(one, BadRequest)), None)
    return asked or (problems[0] if all(problems) else None)


def _cell(table: Table, column: Column, row: Row) -> Cell:
    """Return a cell; a rate has its interval in the same one."""
    text = render.shown(table, column, row)
    number = render.is_number(column)
    value: Any = row[column.name]
    if column.part and not column.counted and value is not None:
        text += f" ({row[column.name + '_low']:.0%} to {row[column.name + '_high']:.0%})"
    if column.kind == "iri" and value:
        text = last_part(str(value))
    href = ""
    if not context.principal().may(ACTIVITY):
        # The pages of courses and learners tell what is done there.
        href = ""
    elif column.kind == "agent" and value:
        alone = context.principal().reach is Reach.SELF
        href = "/me" if alone else f"/learners?{urlencode({'learner': value})}"
    elif column.name == "course" and column.kind == "activity" and value:
        href = f"/courses?{urlencode({'course': value})}"
    whole = column.kind in _WHOLE or (column.kind == "agent" and text.startswith("learner-"))
    return Cell(text, href, number, whole or (" " not in text and len(text) <= _WORD))
