"""What a report is: declared once, shown on every face."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pandas import DataFrame

Row = dict[str, Any]

MAX_ROWS = 10_000
"""Rows that are shown; a table that was cut says so. A report that might give many more stops one after these."""

ColumnKind = Literal[
    "count", "people", "ratio", "score", "seconds", "days", "day", "hour", "number", "iri",
    "activity", "agent", "text", "flag",
]  # fmt: skip
"""count: of anything; people: of persons (hidden in small groups); ratio, score: 0..1; seconds; days; day: days since
1970; hour: milliseconds since 1970; activity: an activity id, shown by its name; agent: who; flag: 1 or 0.

SQL gives scores in ten-thousandths and seconds in milliseconds."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a report. One with `part` and `whole` is their quotient, its 95 % interval follows it."""

    name: str
    kind: ColumnKind
    about: str
    part: str = ""
    whole: str = ""
    spread: tuple[str, str, str, str] | None = None
    """Of a quotient whose whole counts a person several times: what the SQL calls the number of persons, and their sums
    of the square of the part, of part times whole, and of the square of the whole, by which its interval is honest."""
    counted: bool = False
    """Of a quotient: its whole is all that there is, and no sample of it. It has no interval."""
    by: str = ""
    """Of a count of other things, or a measure: the column of those persons by whom they are; hidden with it."""
    among: str = ""
    """Of persons: which ones they are among, such as those before a change. Others are not compared with them."""
    adds_to: str = ""
    """Of persons: the column that it adds up to, together with others that say the same."""
    attribute: bool = False
    """Of what a row is about: it comes from the people file, and others know it of a person as well."""
    tells_names: bool = False
    """Of a text: it may name people, and is empty for those who may not see names."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a report can be asked with beside the filters; bound as :name; one of `choices`, if any."""

    name: str
    default: int | str
    about: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of columns. `y` may have an interval; `series` colours; `facet` repeats."""

    kind: Literal["bar", "line", "step", "point", "heat"]
    x: str
    y: str
    series: str = ""
    facet: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a report is asked for, and with what."""

    today: int
    """Days since 1970."""
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """A question, the one portable SQL that answers it, and how the answer is shown.

    `sql` starts with WITH, reads the views of lrs.analytics.sql.scope and the tables of lrs.analytics.references, binds
    :name, returns integers and texts only, and orders its rows. `finish` does what SQL cannot: statistics, verdicts,
    interval limits.
    """

    name: str
    title: str
    question: str
    level: Literal["descriptive", "diagnostic", "predictive", "prescriptive"]
    covers: tuple[str, ...]
    """The rows of the requirements that it answers, such as "A16". A38, a plain sentence and a next step, each does."""
    columns: tuple[Column, ...]
    sql: str
    reading: Callable[[Sequence[Row]], str]
    """One plain sentence about the rows, with what to do next."""
    version: int = 1
    parameters: tuple[Parameter, ...] = ()
    finish: Callable[[list[Row], Moment], list[Row]] = field(default=lambda rows, moment: rows)
    finish_frame: Callable[[DataFrame, Moment], list[Row]] | None = None
    """Finishes instead, from columns, where there are very many rows."""
    chart: Chart | None = None
    definition: str = ""
    """How each number is defined, in words."""
    personal: bool = False
    """Whether it names single learners."""
    overlapping: bool = False
    """Whether the persons of every row are among those of the first one: then no total is the sum of rows."""
    ranked_by: tuple[str, ...] = ()
    """Of a report that lists persons: the columns that order its rows before the person does."""
    organisational: bool = False
    """Whether it is for those alone who may see everyone's data: it reads ledgers, which know no teams, or tells what
    persons did in the teams that they were in before."""
    obligations: bool = False
    """Whether it is about who must hold what: for those as well who may not see what learners do."""
    as_of_now: bool = False
    """Whether departments, roles and teams are those of today, and not those of the time of each statement."""


@dataclass(frozen=True, slots=True)
class Table:
    """An answered report."""

    report: Report
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    through: int
    """Every statement stored up to this moment, in microseconds, is counted."""
    filters: Mapping[str, str]
    parameters: Mapping[str, Any]
    sql: str
    reading: str
    truncated: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    """Activity id -> name."""
    hidden: int = 0
    """How many cells are hidden, since their group is small."""

    def __post_init__(self) -> None:
        # Whoever makes a sentence of rows, has their addresses in it: it is told in names wherever the table goes.
        object.__setattr__(self, "reading", self._in_names(self.reading))

    def _in_names(self, reading: str) -> str:
        """Return a sentence with activities by their names, or else by the last part of their addresses."""
        if ":" not in reading:
            return reading
        columns = [one.name for one in self.columns if one.kind in ("activity", "iri")]
        told = {row[name] for row in self.rows for name in columns if row.get(name)}
        for iri in sorted(filter(reading.__contains__, told), key=len, reverse=True):
            reading = reading.replace(iri, f"“{self.names.get(iri) or last_part(iri)}”")
        return reading


def last_part(iri: str) -> str:
    """Return what an address ends with, which says most to people."""
    return re.split(r"[/#]", iri.rstrip("/#"))[-1] or iri
