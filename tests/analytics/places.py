"""A store with statements of known days, its lake and its reports; builders of what learners do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lrs import clock
from lrs.analytics.audience import EVERYONE, Audience, Pseudonyms
from lrs.analytics.lake.engine import DuckDB, Engine
from lrs.analytics.lake.lake import Lake
from lrs.analytics.lake.mirror import Mirror
from lrs.analytics.lake.small_tables import SmallTables
from lrs.analytics.ledgers.ledgers import Ledgers
from lrs.analytics.references.persons import People
from lrs.analytics.references.references import References
from lrs.analytics.references.visitors import Visitors
from lrs.analytics.report import Row, Table
from lrs.analytics.reporting import Reports
from lrs.services.statements import Batch, Sender, Statements
from lrs.stores.protocol import Store
from lrs.stores.sqlite import SqliteStore
from lrs.taxonomy.persons import Persons
from lrs.xapi import JsonObject
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS
from tests.build import AUTHORITY, activity, agent, new_id

ADL = "http://adlnet.gov/expapi/verbs/"
TYPES = "http://adlnet.gov/expapi/activities/"
TODAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
COURSE = "http://example.org/course"
ACADEMY = "https://academy.example.org"
VIDEO = "https://w3id.org/xapi/video/extensions/"
SENDER = Sender(AUTHORITY, may_void=True)


@dataclass
class Place:
    """A store, its lake, and reports for which it is TODAY."""

    store: Store
    lake: Lake
    references: References
    tables: SmallTables
    reports: Reports
    ledgers: Ledgers

    def put(self, *statements: JsonObject) -> None:
        door = Statements(self.store, new_id)
        for start in range(0, len(statements), 500):
            batch = list(statements[start : start + 500])
            door.store(Batch(Parsed(batch, batch)), version=VERSIONS[0], sender=SENDER)

    def answer(self, name: str, *, audience: Audience = EVERYONE, **asked: str) -> Table:
        return self.reports.answer(name, asked, audience=audience)

    def rows(self, name: str, **asked: str) -> tuple[Row, ...]:
        return self.answer(name, **asked).rows

    def row(self, name: str, **asked: str) -> Row:
        (row,) = self.rows(name, **asked)
        return row


def place_in(folder: Path, store: Store | None = None) -> Place:
    """Return a place whose files lie in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    store = store or SqliteStore(folder / "store.sqlite", clock.now)
    lake = Lake(str(folder / "lake" / "facts"), store, zone=UTC, lock=folder / "lock")
    references = References(store.records, visitors_of(store))
    tables = SmallTables(str(folder / "lake"), store.records, references)
    reports = reports_of(store, lake, tables, duckdb_in(folder))
    now = int(TODAY.timestamp()) * 1_000_000
    ledgers = Ledgers(store.records, lambda: now, new_id)
    return Place(store, lake, references, tables, reports, ledgers)


def duckdb_in(folder: Path, *, memory: str = "2GB") -> DuckDB:
    """Return an engine whose files lie in the folder."""
    return DuckDB(folder / "scratch", Mirror(folder / "scratch" / "lake"), memory=memory)


def visitors_of(store: Store) -> Visitors:
    return Visitors(Persons(store.records, clock.now), ACADEMY)


def reports_of(store: Store, lake: Lake, tables: SmallTables, engine: Engine) -> Reports:
    """Return the reports of a place, asked at TODAY."""
    now = int(TODAY.timestamp()) * 1_000_000
    return Reports(
        lake,
        tables,
        store.activities,
        engine,
        lambda: now,
        People(store.records, visitors_of(store)),
        Pseudonyms(store.records),
    )


def told(
    who: int | str,
    verb: str,
    what: str = COURSE,
    *,
    days: float = 60,
    kind: str = "module",
    course: str = COURSE,
    context: Mapping[str, Any] | None = None,
    result: JsonObject | None = None,
) -> JsonObject:
    """Return a statement of `days` before TODAY; what is not the course lies in it."""
    around: dict[str, Any] = dict(context or {})
    if what != course:
        grouping = [activity(course, type=TYPES + "course")]
        around["contextActivities"] = {
            "grouping": grouping,
            **around.get("contextActivities", {}),
        }
    statement: JsonObject = {
        "id": new_id(),
        "actor": agent(f"learner-{who}"),
        "verb": {"id": verb if ":" in verb else ADL + verb},
        "object": activity(what, type=TYPES + ("course" if what == course else kind)),
        "timestamp": (TODAY - timedelta(days=days)).isoformat(),
    }
    return {
        **statement,
        **({"context": around} if around else {}),
        **({"result": result} if result is not None else {}),
    }


def played(who: int | str, video: str, length: float, segments: str, **more: Any) -> JsonObject:
    """Return a pause of a video that tells what was played."""
    statement = told(
        who,
        "https://w3id.org/xapi/video/verbs/paused",
        video,
        context={
            "contextActivities": {"category": [activity("https://w3id.org/xapi/video")]},
            "extensions": {VIDEO + "length": length},
        },
        result={"extensions": {VIDEO + "played-segments": segments, VIDEO + "time": 1.0}},
        **more,
    )
    statement["object"]["definition"]["type"] = "https://w3id.org/xapi/video/activity-type/video"
    return statement


def attempt(
    who: int | str, number: int, passed: bool, *, days: float = 60, **more: Any
) -> JsonObject:
    """Return a graded attempt at a test."""
    return told(
        who,
        "passed" if passed else "failed",
        "http://example.org/test",
        kind="assessment",
        days=days,
        context={"extensions": {"http://id.tincanapi.com/extension/attempt-id": number}},
        result={"success": passed, **more},
    )


def answer(who: int | str, item: int, right: bool, response: str = "a") -> JsonObject:
    """Return an answer to an item of a test."""
    question = told(
        who,
        "answered",
        f"http://example.org/test/{item}",
        kind="cmi.interaction",
        context={"contextActivities": {"parent": [activity("http://example.org/test")]}},
        result={"success": right, "response": response, "score": {"scaled": int(right)}},
    )
    question["object"]["definition"] |= {
        "interactionType": "choice",
        "correctResponsesPattern": ["a"],
        "choices": [{"id": "a"}, {"id": "b"}],
    }
    return question


def funnel(place: Place, clicks: Sequence[int], views: Sequence[int], done: Sequence[int]) -> None:
    """Put persons who click, view and complete a module."""
    module = "http://example.org/module"
    place.put(
        *(told(who, "launched", module, days=60) for who in clicks),
        *(
            told(who, "experienced", module, days=59.9, result={"duration": "PT1M"})
            for who in views
        ),
        *(told(who, "completed", module, days=59.8, result={"completion": True}) for who in done),
    )
