"""Answers reports: catch up, run, finish, add rates and intervals; the same for every face."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import Lock
from typing import Any

from lrs.analytics.audience import EVERYONE, Audience, Pseudonyms, learner_key, masked
from lrs.analytics.catalog import catalog, report_named
from lrs.analytics.facts.days import day_at
from lrs.analytics.lake.engine import Engine, Outdated, Query, Sources, Watch, unwatched
from lrs.analytics.lake.lake import Lake
from lrs.analytics.lake.small_tables import SmallTables
from lrs.analytics.narrowing import (
    asked_of_all,
    check_attributes,
    check_number,
    filters_of,
    is_guarded,
    persons_sql,
)
from lrs.analytics.references.persons import People
from lrs.analytics.report import MAX_ROWS, Moment, Report, Row, Table
from lrs.analytics.small_groups import small_groups
from lrs.analytics.sql.scope import FILTERS, with_scope
from lrs.analytics.statistics.rates import rated
from lrs.analytics.values import typed
from lrs.clock import Clock
from lrs.errors import Forbidden
from lrs.stores.protocol import ActivityStore

_CACHED = 64


class Reports:
    """Answers the reports of the catalog."""

    def __init__(
        self,
        lake: Lake,
        tables: SmallTables,
        activities: ActivityStore,
        engine: Engine,
        clock: Clock,
        persons: People,
        pseudonyms: Pseudonyms,
    ) -> None:
        self._lake = lake
        self._tables = tables
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
        watch: Watch = unwatched,
    ) -> Table:
        """Return the answer, in which every statement is counted that was stored before the call.

        `asked` holds filters and the report's own parameters as text; `watch` is given, before the engine begins, what
        stops it.
        Raises: NotFound (404) for the report; Forbidden (403) if it is about the organisation, and the audience may not
        see everybody's data, or if what is asked for is about too few persons for who may not see names; BadRequest
        (400) for a value; Interrupted if `watch` had it stopped.
        """
        report, values = self._asked(name, asked, audience)
        try:
            table = self._counted(report, asked, values, audience, watch)
        except Outdated:
            # Another process has just made tables anew; the lake itself keeps old files for readers.
            self._tables.look_again()
            table = self._counted(report, asked, values, audience, watch)
        guard = small_groups(
            audience.least, differences=is_guarded(audience), whole_rows=audience.whole_rows
        )
        table = guard(table)
        nameless = None if audience.names else self._pseudonyms
        who = self._persons.known()
        return masked(table, key_of=who.key_of, name_of=who.name_of, nameless=nameless)

    def sql(self, name: str, asked: Mapping[str, str], *, audience: Audience = EVERYONE) -> str:
        """Return the SQL of a report as it would be run; nothing is run. Raises: what `answer` raises before that."""
        report, (filters, _) = self._asked(name, asked, audience)
        return _narrowed(report.sql, report, filters, audience, dict(self._tables.files()))

    def prepare(self) -> None:
        """Load what answering takes: libraries, people, the lake."""
        self._persons.groups()
        self._engine.run(Query("SELECT 1 AS one", {}, Sources(self._lake.catch_up(), {})))

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
        tables = self._tables.files()
        today = day_at(self._clock())
        key = (
            report.name,
            tuple(sorted(asked.items())),
            audience,
            snapshot.version,
            today,
            tables,
        )
        table = self._remembered(key)
        if table is None:
            sources = Sources(snapshot, dict(tables))
            self._check_number(report, filters, audience, sources, watch)
            sql = _narrowed(report.sql, report, filters, audience, sources.tables)
            moment = {"today": today, "now": self._clock() // 1000, "own": audience.key}
            bound = {**filters, **parameters, **moment}
            query = Query(sql, bound, sources)
            rows = self._finished(report, query, Moment(today, parameters), watch)
            table = self._table(report, rows, asked, parameters, sql, snapshot.through)
            self._remember(key, table)
        return replace(table, through=snapshot.through)

    def _finished(self, report: Report, query: Query, moment: Moment, watch: Watch) -> list[Row]:
        if report.finish_frame is None:
            return report.finish(self._engine.run(query, watch), moment)
        return report.finish_frame(self._engine.frame(query, watch), moment)

    def _check_number(
        self,
        report: Report,
        filters: Mapping[str, Any],
        audience: Audience,
        sources: Sources,
        watch: Watch,
    ) -> None:
        """Raises: Forbidden (403) if the report would be about too few persons for the audience."""
        counting = persons_sql(report)
        if not counting or not is_guarded(audience):
            return
        chosen = asked_of_all(filters)
        sql = _narrowed(counting, report, chosen, audience, sources.tables)
        query = Query(sql, {**chosen, "today": day_at(self._clock())}, sources)
        (row,) = self._engine.run(query, watch)
        check_number(row["persons"], chosen, audience)

    def _asked(
        self, name: str, asked: Mapping[str, str], audience: Audience
    ) -> tuple[Report, tuple[dict[str, Any], dict[str, Any]]]:
        """Return the report, and the values of filters and parameters, if the audience may ask for that."""
        report = report_named(name)
        _demand(report, asked, audience)
        filters, parameters = typed(report, asked)
        if "learner" in filters:
            filters["learner"] = learner_key(
                filters["learner"],
                key_of=self._persons.key_of,
                names=audience.names,
                pseudonyms=self._pseudonyms,
            )
        check_attributes(report, filters, parameters, audience)
        return report, (filters, parameters)

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


def _narrowed(
    sql: str,
    report: Report,
    filters: Mapping[str, Any],
    audience: Audience,
    tables: Mapping[str, Sequence[str]],
) -> str:
    """Return SQL about what a report reads with the views in front that keep it to the filters and the audience."""
    return with_scope(
        sql,
        filters,
        people=bool(tables["people"]),
        own=audience.own,
        names=audience.names,
        now=report.as_of_now,
    )


def _demand(report: Report, asked: Mapping[str, str], audience: Audience) -> None:
    """Raises: Forbidden (403) if a report is not for somebody, or not by these filters."""
    if audience.obligations and not report.obligations:
        raise Forbidden(
            "This report tells what learners do.",
            code="reach",
            allowed=", ".join(one.name for one in catalog().values() if one.obligations),
        )
    if not audience.may_ask(report):
        raise Forbidden(
            "This report is about the organisation as a whole.",
            code="reach",
            allowed="an account that may see everybody's data",
        )
    allowed = filters_of(None, audience)
    others = sorted(asked.keys() & (FILTERS.keys() - set(allowed)))
    if others:
        raise Forbidden(
            f"By {', '.join(others)} it would tell what learners do.",
            code="reach",
            allowed=", ".join(allowed),
        )


def _names(activities: ActivityStore, ids: set[str]) -> dict[str, str]:
    names = {}
    for iri, definition in activities.definitions(sorted(ids)).items():
        texts = definition.get("name") or {}
        if texts:
            names[iri] = texts.get("en-US") or texts.get("en") or next(iter(texts.values()))
    return names
