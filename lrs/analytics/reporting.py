"""Answers reports: catch up, run, finish, add rates and intervals; the same for every face."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from threading import Lock
from typing import Any

from lrs.analytics.audience import EVERYONE, Audience, Pseudonyms, learner_key, masked
from lrs.analytics.catalog import report_named
from lrs.analytics.days import days_of
from lrs.analytics.digests import digest
from lrs.analytics.engine import Engine, Outdated, Sources, Watch
from lrs.analytics.lake import Lake
from lrs.analytics.people import References
from lrs.analytics.persons import People
from lrs.analytics.report import MAX_ROWS, Column, Moment, Parameter, Report, Row, Table
from lrs.analytics.scope import FILTERS, Filter, with_scope
from lrs.analytics.small_groups import small_groups
from lrs.analytics.statistics import wilson
from lrs.clock import Clock
from lrs.errors import BadRequest, Forbidden
from lrs.stores.protocol import ActivityStore

_SCALE = 10_000
_LAST = date.max.toordinal()
_DAY = 86_400_000_000
_CACHED = 64
_WHOLE_DIGITS = 9


class Reports:
    """Answers the reports of the catalog."""

    def __init__(
        self,
        lake: Lake,
        references: References,
        activities: ActivityStore,
        engine: Engine,
        clock: Clock,
        persons: People,
        pseudonyms: Pseudonyms,
    ) -> None:
        self._lake = lake
        self._references = references
        self._persons = persons
        self._pseudonyms = pseudonyms
        self._activities = activities
        self._engine = engine
        self._clock = clock
        self._cache: OrderedDict[tuple[Any, ...], Table] = OrderedDict()
        self._lock = Lock()

    def answer(
        self,
        name: str,
        asked: Mapping[str, str],
        *,
        audience: Audience = EVERYONE,
        watch: Watch = lambda interrupt: None,
    ) -> Table:
        """Return the answer, in which every statement is counted that was stored before the call.

        `asked` holds filters and the report's own parameters as text; `watch` is given, before the engine begins, what
        stops it.
        Raises: NotFound (404) for the report; Forbidden (403) if it is about the organisation, and the audience may not
        see everybody's data; BadRequest (400) for a value; Interrupted if `watch` had it stopped.
        """
        report = report_named(name)
        if report.organisational and audience.own != "everyone":
            raise Forbidden(
                "This report is about the organisation as a whole.",
                code="reach",
                allowed="an account that may see everybody's data",
            )
        values = self._typed(report, asked, audience)
        try:
            table = self._counted(report, asked, values, audience, watch)
        except Outdated:
            # Another process has just made tables anew; the lake itself keeps old files for readers.
            self._references.look_again()
            table = self._counted(report, asked, values, audience, watch)
        table = small_groups(audience.least)(table)
        nameless = None if audience.names else self._pseudonyms
        who = self._persons
        return masked(table, key_of=who.key_of, name_of=who.name_of, nameless=nameless)

    def prepare(self) -> None:
        """Load what answering takes: libraries, people, the lake."""
        self._persons.groups()
        self._engine.run("SELECT 1 AS one", {}, Sources(self._lake.catch_up(), {}))

    def _counted(
        self,
        report: Report,
        asked: Mapping[str, str],
        values: tuple[dict[str, Any], dict[str, Any]],
        audience: Audience,
        watch: Watch,
    ) -> Table:
        filters, parameters = values
        snapshot = self._lake.catch_up()
        references = self._references.files()
        today = self._clock() // _DAY
        whose = (audience.own, audience.key, audience.names)
        key = (
            report.name,
            tuple(sorted(asked.items())),
            whose,
            snapshot.version,
            today,
            references,
        )
        table = self._remembered(key)
        if table is None:
            sources = Sources(snapshot, dict(references))
            people = bool(sources.references["people"])
            sql = with_scope(
                report.sql,
                filters,
                people=people,
                own=audience.own,
                names=audience.names,
                now=report.as_of_now,
            )
            moment = {"today": today, "now": self._clock() // 1000, "own": audience.key}
            rows = self._engine.run(sql, {**filters, **parameters, **moment}, sources, watch)
            rows = report.finish(rows, Moment(today, parameters))
            table = self._table(report, rows, asked, parameters, sql, snapshot.through)
            self._remember(key, table)
        return replace(table, through=snapshot.through)

    def _typed(
        self, report: Report, asked: Mapping[str, str], audience: Audience
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        filters, parameters = typed(report, asked)
        if "learner" in filters:
            filters["learner"] = learner_key(
                filters["learner"],
                key_of=self._persons.key_of,
                names=audience.names,
                pseudonyms=self._pseudonyms,
            )
        return filters, parameters

    def _table(
        self,
        report: Report,
        rows: list[Row],
        asked: Mapping[str, str],
        parameters: Mapping[str, Any],
        sql: str,
        through: int,
    ) -> Table:
        columns, shown = rated(report.columns, rows[:MAX_ROWS])
        ids = {
            row[column.name]
            for column in columns
            if column.kind == "activity"
            for row in shown
            if row[column.name]
        }
        return Table(
            report=report,
            columns=columns,
            rows=tuple(shown),
            through=through,
            filters={name: text for name, text in asked.items() if name in FILTERS},
            parameters=parameters,
            sql=sql,
            reading=report.reading(shown) if shown else "There is nothing to show yet.",
            truncated=len(rows) > MAX_ROWS,
            names=_names(self._activities, ids),
        )

    def _remembered(self, key: tuple[Any, ...]) -> Table | None:
        with self._lock:
            table = self._cache.get(key)
            if table is not None:
                self._cache.move_to_end(key)
            return table

    def _remember(self, key: tuple[Any, ...], table: Table) -> None:
        with self._lock:
            self._cache[key] = table
            while len(self._cache) > _CACHED:
                self._cache.popitem(last=False)


def typed(report: Report, asked: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of the filters, and of all of the report's parameters.

    Raises: BadRequest if one is not known or not of its kind.
    """
    own = {parameter.name: parameter for parameter in report.parameters}
    filters: dict[str, Any] = {}
    parameters: dict[str, Any] = {name: one.default for name, one in own.items()}
    for name, text in asked.items():
        if name in own:
            parameters[name] = _parameter(own[name], text)
        elif name in FILTERS:
            filters[name] = _filter(name, FILTERS[name], text)
        else:
            raise BadRequest(
                "The report has no such parameter.",
                code="parameter-unknown",
                allowed=", ".join((*FILTERS, *own)),
            )
    if filters.get("since", 0) > filters.get("until", _LAST):
        raise BadRequest(
            "The period ends before it begins.",
            code="parameter-value",
            allowed="a last day that is not before the first one",
        )
    return filters, parameters


def rated(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[tuple[Column, ...], list[Row]]:
    """Return columns and rows with each quotient computed, its interval in two columns after it."""
    whole: list[Column] = []
    shown = [dict(row) for row in rows]
    for column in columns:
        whole.append(column)
        if not column.part:
            continue
        low, high = f"{column.name}_low", f"{column.name}_high"
        whole.append(Column(low, "ratio", f"Lower end of the 95 % interval of {column.name}"))
        whole.append(Column(high, "ratio", f"Upper end of the 95 % interval of {column.name}"))
        possible = [row for row in shown if row[column.whole]]
        intervals = wilson(
            [row[column.part] for row in possible], [row[column.whole] for row in possible]
        )
        for row in shown:
            row[column.name] = row[low] = row[high] = None
        for row, interval in zip(possible, intervals, strict=True):
            row[column.name] = row[column.part] / row[column.whole]
            row[low], row[high] = interval
    for row in shown:
        for column in columns:
            if column.kind == "score" and row[column.name] is not None:
                row[column.name] = row[column.name] / _SCALE
            elif column.kind == "seconds" and row[column.name] is not None:
                row[column.name] = row[column.name] / 1000
    names = [column.name for column in whole]
    return tuple(whole), [{name: row[name] for name in names} for row in shown]


def _names(activities: ActivityStore, ids: set[str]) -> dict[str, str]:
    names = {}
    for iri, definition in activities.definitions(sorted(ids)).items():
        texts = definition.get("name") or {}
        if texts:
            names[iri] = texts.get("en-US") or texts.get("en") or next(iter(texts.values()))
    return names


def _parameter(parameter: Parameter, text: str) -> int | str:
    if isinstance(parameter.default, int):
        return _whole(parameter.name, text)
    if parameter.choices and text not in parameter.choices:
        raise BadRequest(
            f"{parameter.name} cannot be that.",
            code="parameter-value",
            allowed=", ".join(parameter.choices),
        )
    return text


def _filter(name: str, chosen: Filter, text: str) -> int | str:
    if chosen.kind == "activity":
        return digest("activity", text)
    if chosen.kind == "whole":
        return _whole(name, text)
    if chosen.kind in ("text", "learner"):
        return text
    try:
        return days_of(date.fromisoformat(text))
    except ValueError:
        raise BadRequest(
            f"{name} is not a day.", code="parameter-value", allowed="a day such as 2026-01-31"
        ) from None


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _WHOLE_DIGITS):
        raise BadRequest(
            f"{name} is not a whole number.", code="parameter-value", allowed="a whole number"
        )
    return int(text)
