"""People, courses and outcomes: what is known beside the statements; from files, kept as records.

Reports read them from small Delta tables beside the facts, made anew with every import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from lrs.analytics.courses import (
    CONTENT,
    COURSES,
    MODULES,
    content_record,
    content_row,
    course_record,
    course_row,
    module_rows,
)
from lrs.analytics.digests import digest
from lrs.analytics.lines import csv_lines, day_of, day_text
from lrs.analytics.outcomes import OUTCOMES, Values, outcome_of, outcome_rows
from lrs.analytics.scope import PEOPLE
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject
from lrs.xapi.terms import normalise_mbox

_PERSON, _COURSE, _CONTENT, _OUTCOME = "person", "course", "content", "outcome"
_META = "meta"
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""The years 1 to 9999 in days since 1970."""
_TEXTS = ("name", "department", "manager", "role", "location")
_LAYOUT = 2
"""Raised whenever the columns of a table change; then the tables are made anew."""
TABLES: dict[str, dict[str, str]] = {
    "people": PEOPLE,
    "courses": COURSES,
    "modules": MODULES,
    "content": CONTENT,
    "outcomes": OUTCOMES,
}
"""The tables beside the facts, and their columns."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import of people has brought."""

    people: int
    periods: int


class References:
    """Keeps people, courses and outcomes as records, and as tables beside the lake for reports to read."""

    def __init__(self, records: RecordStore, uri: str) -> None:
        self._records = records
        self._uri = uri
        self._lock = Lock()
        self._seen: tuple[Any, tuple[tuple[str, tuple[str, ...]], ...]] | None = None

    def import_people(self, lines: Iterable[str]) -> Loaded:
        """Keep the people of a CSV file, in place of what was known of each of them, and return how many.

        Columns: person, identifiers (split by spaces or semicolons: e-mail addresses, mailto: IRIs or
        "homePage|name"), name, department, manager, role, location, start_date, valid_from. Several lines of a person
        are their history: each holds from its valid_from until the next one's.
        Raises: BadRequest, naming the line, if one cannot be used; then nothing is kept.
        """
        people: dict[str, list[JsonObject]] = {}
        for number, row in csv_lines(lines, required=("person", "identifiers")):
            people.setdefault(row["person"], []).append(_period(row, number))
        for person, periods in people.items():
            ordered = sorted(periods, key=lambda period: str(period["validFrom"]))
            self._records.put(_PERSON, person, {"periods": ordered})
        self._changed()
        return Loaded(len(people), sum(map(len, people.values())))

    def import_courses(self, lines: Iterable[str]) -> int:
        """Keep the courses of a CSV file and return how many.

        Columns: course (its id), title, minutes (planned), class (mandatory, elective, certification, onboarding),
        target (a completion rate in per cent), owner, modules (ids in their order, split by spaces); for certificates
        valid_months, due_days, grace_days, renewal_days and required_of (roles, split by semicolons); cost,
        cost_per_hour.
        Raises: BadRequest, naming the line.
        """
        return self._keep(_COURSE, "course", lines, course_record)

    def import_content(self, lines: Iterable[str]) -> int:
        """Keep what activities are made of, from a CSV file, and return how many.

        Columns: activity (its id), video_seconds, chapters, words, reading_grade, examples.
        Raises: BadRequest, naming the line.
        """
        return self._keep(_CONTENT, "activity", lines, content_record)

    def import_outcomes(self, lines: Iterable[str]) -> int:
        """Keep the outcomes of a CSV file beside those that are known, and return how many.

        Columns: person (as in the people file, or an identifier) or group (a department), measure, value, date,
        exposure. One of the same subject, measure and date takes the place of the older one.
        Raises: BadRequest, naming the line; then nothing is kept.
        """
        found = [
            outcome_of(row, line) for line, row in csv_lines(lines, ("measure", "value", "date"))
        ]
        subjects: dict[str, Values] = {}
        for subject, measure, day, told in found:
            subjects.setdefault(subject, {}).setdefault(measure, {})[day] = told
        for subject, values in subjects.items():
            known: Values = (self._records.get(_OUTCOME, subject) or {}).get("values", {})
            for measure, days in values.items():
                known[measure] = {**known.get(measure, {}), **days}
            self._records.put(_OUTCOME, subject, {"values": known})
        self._changed()
        return len(found)

    def _keep(
        self,
        kind: str,
        column: str,
        lines: Iterable[str],
        record_of: Callable[[Mapping[str, str], int], JsonObject],
    ) -> int:
        records = [(row[column], record_of(row, line)) for line, row in csv_lines(lines, (column,))]
        for name, record in records:
            self._records.put(kind, name, record)
        self._changed()
        return len(records)

    def forget(self, person: str) -> bool:
        """Forget a person, with what came of it at work; returns whether there was one."""
        keys = self._keys()
        for subject in self._records.names(_OUTCOME, prefix="person|"):
            if keys[subject.partition("|")[2]] == digest("person", person):
                self._records.delete(_OUTCOME, subject)
        gone = self._records.delete(_PERSON, person)
        self._changed()
        return gone

    def files(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return (table, its files), made from the records if they are of an older state."""
        from deltalake import DeltaTable  # noqa: PLC0415 see lake

        state = (self._records.get(_META, "references") or {}).get("state", 0)
        with self._lock:
            if self._seen is None or self._seen[0] != state:
                found = []
                for name in TABLES:
                    uri = f"{self._uri}/{name}"
                    there = DeltaTable.is_deltatable(uri)
                    if state and (
                        not there or DeltaTable(uri).metadata().description != _mark(state)
                    ):
                        self._write(name, state)
                        there = True
                    found.append((name, tuple(DeltaTable(uri).file_uris()) if there else ()))
                self._seen = (state, tuple(found))
            return self._seen[1]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of one of TABLES."""
        if table == "people":
            return [
                row
                for person, record in self._records.all(_PERSON).items()
                for row in _people_rows(person, record["periods"])
            ]
        if table == "outcomes":
            keys, outcomes = self._keys(), self._records.all(_OUTCOME).items()
            return [
                row for subject, record in outcomes for row in outcome_rows(subject, record, keys)
            ]
        if table == "content":
            return [content_row(*one) for one in self._records.all(_CONTENT).items()]
        courses = self._records.all(_COURSE).items()
        if table == "courses":
            return [course_row(*one) for one in courses]
        return [row for one in courses for row in module_rows(*one)]

    def _keys(self) -> Mapping[str, int]:
        return _Keys(self._records.all(_PERSON))

    def _changed(self) -> None:
        state = (self._records.get(_META, "references") or {}).get("state", 0)
        self._records.put(_META, "references", {"state": state + 1})

    def _write(self, name: str, state: int) -> None:
        import pyarrow as pa  # noqa: PLC0415
        from deltalake import DeltaTable, write_deltalake  # noqa: PLC0415

        kinds = {"text": pa.string(), "int": pa.int32(), "long": pa.int64()}
        schema = pa.schema([(column, kinds[kind]) for column, kind in TABLES[name].items()])
        table = pa.Table.from_pylist(self.rows(name), schema=schema)
        uri = f"{self._uri}/{name}"
        write_deltalake(
            uri, table, mode="overwrite", schema_mode="overwrite", description=_mark(state)
        )
        written = DeltaTable(uri)
        written.alter.set_table_description(_mark(state))
        # Names of people: older files are not kept for anybody.
        written.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)


def _mark(state: int) -> str:
    return f"{_LAYOUT}.{state}"


def identities_of(identifiers: str) -> list[str]:
    """Return the IFIs, as facts spell them, of identifiers split by spaces or semicolons."""
    found = []
    for one in identifiers.replace(";", " ").split():
        home_page, separator, name = one.rpartition("|")
        if separator:
            found.append(f"account|{home_page}|{name}")
        elif one.startswith(("http://", "https://")):
            found.append(f"openid|{one}")
        else:
            found.append("mbox|" + normalise_mbox("mailto:" + one.removeprefix("mailto:")))
    return found


def _period(row: Mapping[str, str], line: int) -> JsonObject:
    return {
        "identities": identities_of(row["identifiers"]),
        **{name: row.get(name, "") for name in _TEXTS},
        "startDate": day_text(row, "start_date", line),
        "validFrom": day_text(row, "valid_from", line),
    }


class _Keys(dict[str, int]):
    """The key under which `scoped` knows a person of an outcome: by the name in the people file, or an identifier."""

    def __init__(self, people: Mapping[str, JsonObject]) -> None:
        self._by_identity = {
            identity: person
            for person, record in people.items()
            for period in record["periods"]
            for identity in period["identities"]
        }
        super().__init__((person, digest("person", person)) for person in people)

    def __missing__(self, name: str) -> int:
        identity = next(iter(identities_of(name)), "")
        person = self._by_identity.get(identity)
        found = digest("agent", identity) if person is None else self[person]
        self[name] = found
        return found


def _people_rows(person: str, periods: Sequence[JsonObject]) -> Iterator[dict[str, Any]]:
    starts = [day_of(period["validFrom"]) or FIRST_DAY for period in periods]
    everything = sorted({one for period in periods for one in period["identities"]})
    for index, period in enumerate(periods):
        for identity in everything:
            yield {
                "learner": digest("agent", identity),
                "person": person,
                "person_key": digest("person", person),
                **{name: period[name] for name in _TEXTS},
                "start_day": day_of(period["startDate"]),
                # Before the first line of their history people are who they were on its first day.
                "valid_from": FIRST_DAY if index == 0 else starts[index],
                "valid_to": LAST_DAY if index + 1 == len(periods) else starts[index + 1],
            }
