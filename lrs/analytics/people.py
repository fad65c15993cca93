"""People and courses: who they are and were, what courses are meant to be; from files, kept as records.

Reports read them from small Delta tables beside the facts, made anew with every import.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from lrs.analytics import ledger_tables
from lrs.analytics.chains import Span, chains
from lrs.analytics.digests import digest
from lrs.analytics.ledger_kinds import TABLES as LEDGERS
from lrs.analytics.scope import CHAINS, COURSES, MODULES, PEOPLE
from lrs.errors import BadRequest
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject
from lrs.xapi.terms import normalise_mbox

PERSON, _COURSE = "person", "course"
_META = "meta"
_EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""The years 1 to 9999 in days since 1970."""
_TEXTS = ("name", "department", "manager", "role", "location")
CLASSES = ("mandatory", "elective", "certification", "onboarding", "")
_TABLES: dict[str, dict[str, str]] = {
    "people": PEOPLE,
    "chains": CHAINS,
    "courses": COURSES,
    "modules": MODULES,
    **LEDGERS,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import of people has brought."""

    people: int
    periods: int


class References:
    """Keeps people and courses as records, and as tables beside the lake for reports to read."""

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
        for number, row in _lines(lines, required=("person", "identifiers")):
            people.setdefault(row["person"], []).append(_period(row, number))
        for person, periods in people.items():
            ordered = sorted(periods, key=lambda period: str(period["validFrom"]))
            self._records.put(PERSON, person, {"periods": ordered})
        self._changed()
        return Loaded(len(people), sum(map(len, people.values())))

    def import_courses(self, lines: Iterable[str]) -> int:
        """Keep the courses of a CSV file and return how many.

        Columns: course (its id), title, minutes (planned), class (mandatory, elective, certification, onboarding),
        target (a completion rate in per cent), owner, modules (ids in their order, split by spaces).
        Raises: BadRequest, naming the line.
        """
        count = 0
        courses = [
            (row["course"], _course(row, number)) for number, row in _lines(lines, ("course",))
        ]
        for course, record in courses:
            self._records.put(_COURSE, course, record)
            count += 1
        self._changed()
        return count

    def forget(self, person: str) -> bool:
        """Forget a person; returns whether there was one."""
        gone = self._records.delete(PERSON, person)
        self._changed()
        return gone

    def files(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return (table, its files), made from the records if they are of an older state."""
        from deltalake import DeltaTable  # noqa: PLC0415 see lake

        imported = state_of(self._records)
        states = dict.fromkeys(_TABLES, imported) | ledger_tables.states(self._records)
        with self._lock:
            if self._seen is None or self._seen[0] != states:
                found = []
                for name, state in states.items():
                    uri = f"{self._uri}/{name}"
                    there = DeltaTable.is_deltatable(uri)
                    if state and (
                        not there or DeltaTable(uri).metadata().description != str(state)
                    ):
                        self._write(name, state)
                        there = True
                    found.append((name, tuple(DeltaTable(uri).file_uris()) if there else ()))
                self._seen = (states, tuple(found))
            return self._seen[1]

    def look_again(self) -> None:
        """Forget which files there are: another process has made them anew."""
        with self._lock:
            self._seen = None

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of `people`, `chains`, `courses`, `modules` or the table of a ledger."""
        if table in LEDGERS:
            return ledger_tables.rows_of(self._records, table)
        if table in ("people", "chains"):
            periods = {one: record["periods"] for one, record in self._records.all(PERSON).items()}
            if table == "chains":
                return list(_chain_rows(periods))
            return [row for person in periods for row in _people_rows(person, periods[person])]
        courses = self._records.all(_COURSE)
        if table == "courses":
            return [_course_row(course, record) for course, record in courses.items()]
        return [
            {
                "course": digest("activity", course),
                "module": digest("activity", module),
                "module_id": module,
                "rank": rank,
            }
            for course, record in courses.items()
            for rank, module in enumerate(record["modules"], start=1)
        ]

    def _changed(self) -> None:
        state = state_of(self._records)
        self._records.put(_META, "references", {"state": state + 1})

    def _write(self, name: str, state: int) -> None:
        import pyarrow as pa  # noqa: PLC0415
        from deltalake import DeltaTable, write_deltalake  # noqa: PLC0415

        kinds = {"text": pa.string(), "int": pa.int32(), "long": pa.int64()}
        schema = pa.schema([(column, kinds[kind]) for column, kind in _TABLES[name].items()])
        table = pa.Table.from_pylist(self.rows(name), schema=schema)
        uri = f"{self._uri}/{name}"
        write_deltalake(uri, table, mode="overwrite", description=str(state))
        written = DeltaTable(uri)
        written.alter.set_table_description(str(state))
        # Names of people: older files are not kept for anybody.
        written.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)


def state_of(records: RecordStore) -> int:
    """Return the number that rises with every import."""
    return int((records.get(_META, "references") or {}).get("state", 0))


def identities_of(identifiers: str) -> list[str]:
    """Return the IFIs, as facts spell them, of identifiers split by spaces or semicolons."""
    return [identity_of(one) for one in identifiers.replace(";", " ").split()]


def identity_of(identifier: str) -> str:
    """Return the IFI of "homePage|name", a URL, an e-mail address or its mailto: IRI."""
    home_page, separator, name = identifier.rpartition("|")
    if separator:
        return f"account|{home_page}|{name}"
    if identifier.startswith(("http://", "https://")):
        return f"openid|{identifier}"
    return "mbox|" + normalise_mbox("mailto:" + identifier.removeprefix("mailto:"))


def _lines(lines: Iterable[str], required: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(lines)
    missing = [name for name in required if name not in (reader.fieldnames or ())]
    if missing:
        raise BadRequest(
            f"The file has no column {missing[0]}.",
            code="csv-column",
            allowed="a first line with the names of the columns",
        )
    for row in reader:
        values = {name: (text or "").strip() for name, text in row.items() if isinstance(name, str)}
        empty = [name for name in required if not values[name]]
        if empty:
            raise _wrong(reader.line_num, empty[0], "a value")
        yield reader.line_num, values


def _wrong(line: int, column: str, allowed: str) -> BadRequest:
    return BadRequest(
        f"Line {line}: {column} cannot be used.", code="csv-value", pointer=None, allowed=allowed
    )


def _period(row: Mapping[str, str], line: int) -> JsonObject:
    return {
        "identities": identities_of(row["identifiers"]),
        **{name: row.get(name, "") for name in _TEXTS},
        "startDate": _day_text(row.get("start_date", ""), line, "start_date"),
        "validFrom": _day_text(row.get("valid_from", ""), line, "valid_from"),
    }


def _day_text(text: str, line: int, column: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise _wrong(line, column, "a day such as 2026-01-31") from None


def _course(row: Mapping[str, str], line: int) -> JsonObject:
    minutes, target = row.get("minutes", ""), row.get("target", "")
    if minutes and not minutes.isdigit():
        raise _wrong(line, "minutes", "a whole number of minutes")
    if target and not (target.isdigit() and int(target) <= 100):  # noqa: PLR2004 per cent
        raise _wrong(line, "target", "a whole number of per cent")
    if row.get("class", "") not in CLASSES:
        raise _wrong(line, "class", ", ".join(CLASSES[:-1]))
    return {
        "title": row.get("title", ""),
        "minutes": int(minutes) if minutes else None,
        "class": row.get("class", ""),
        "target": int(target) * 100 if target else None,
        "owner": row.get("owner", ""),
        "modules": row.get("modules", "").replace(";", " ").split(),
    }


def _chain_rows(people: Mapping[str, Sequence[JsonObject]]) -> Iterator[dict[str, Any]]:
    everything = {person: _everything(periods) for person, periods in people.items()}
    persons = {one: person for person, identities in everything.items() for one in identities}

    def manager_of(text: str) -> str:
        if not text or text in people:
            return text
        return persons.get(identity_of(text), text.removeprefix("mailto:"))

    spans = {
        person: [
            Span(start, end, manager_of(one["manager"])) for one, start, end in _dated(periods)
        ]
        for person, periods in people.items()
    }
    for person, link in chains(spans):
        for identity in everything[person]:
            yield {
                "learner": digest("agent", identity),
                "boss": digest("person", link.boss),
                "valid_from": link.start,
                "valid_to": link.end,
            }


def _dated(periods: Sequence[JsonObject]) -> Iterator[tuple[JsonObject, int, int]]:
    """Yield each period with its first day, and the first one after it."""
    starts = [_day(period["validFrom"]) or FIRST_DAY for period in periods]
    # Before the first line of their history people are who they were on its first day.
    yield from zip(periods, [FIRST_DAY, *starts[1:]], [*starts[1:], LAST_DAY], strict=True)


def _everything(periods: Sequence[JsonObject]) -> list[str]:
    return sorted({one for period in periods for one in period["identities"]})


def _people_rows(person: str, periods: Sequence[JsonObject]) -> Iterator[dict[str, Any]]:
    for period, start, end in _dated(periods):
        for identity in _everything(periods):
            yield {
                "learner": digest("agent", identity),
                "person": person,
                "person_key": digest("person", person),
                **{name: period[name] for name in _TEXTS},
                "start_day": _day(period["startDate"]),
                "valid_from": start,
                "valid_to": end,
            }


def _day(text: str) -> int | None:
    return date.fromisoformat(text).toordinal() - _EPOCH if text else None


def _course_row(course: str, record: JsonObject) -> dict[str, Any]:
    return {
        "course": digest("activity", course),
        "course_id": course,
        "title": record["title"],
        "minutes": record["minutes"],
        "class": record["class"],
        "target": record["target"],
        "owner": record["owner"],
    }
