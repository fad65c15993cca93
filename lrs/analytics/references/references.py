"""People, courses and outcomes: what is known beside the statements; from files, kept as records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from itertools import chain, starmap
from typing import Any

from lrs.analytics.facts.digests import digest
from lrs.analytics.references.courses import (
    CONTENT,
    COURSES,
    MODULES,
    content_record,
    content_row,
    course_record,
    course_row,
    module_rows,
)
from lrs.analytics.references.lines import csv_lines
from lrs.analytics.references.outcomes import OUTCOMES, Values, outcome_of, outcome_rows
from lrs.analytics.references.periods import (
    Loaded,
    PersonKeys,
    chain_rows,
    demand_own,
    history,
    identity_of,
    people_rows,
    period_of,
    persons_behind,
)
from lrs.analytics.references.planned import PLANNED_EVENTS, planned_rows
from lrs.analytics.references.visitors import Visitors, visitor_rows, with_visitors
from lrs.analytics.sql.scope import CHAINS, PEOPLE
from lrs.stores.protocol import RecordStore
from lrs.taxonomy.events import own_tables
from lrs.xapi import JsonObject

PERSON, _COURSE, _CONTENT, _OUTCOME = "person", "course", "content", "outcome"
_META, _STATE = "meta", "references"
TABLES: dict[str, dict[str, str]] = {
    "people": PEOPLE,
    "chains": CHAINS,
    "courses": COURSES,
    "modules": MODULES,
    "content": CONTENT,
    "outcomes": OUTCOMES,
    "planned_events": PLANNED_EVENTS,
}
"""The tables of what is kept here, and their columns."""


class References:
    """Keeps people, courses, content and outcomes as records, and tells them as rows of TABLES."""

    def __init__(
        self,
        records: RecordStore,
        visitors: Visitors,
        events: Mapping[str, JsonObject] | None = None,
    ) -> None:
        """`events`: name -> table of those that are planned; else those that travel with the code."""
        self._events = own_tables() if events is None else events
        self._records = records
        self._visitors = visitors

    def import_people(self, lines: Iterable[str], *, replace: bool = False) -> Loaded:
        """Add the people of a CSV file to what is known of each of them, or `replace` that, and return how many.

        Columns: person, identifiers (split by spaces or semicolons: e-mail addresses, mailto: IRIs or
        "homePage|name"), name, department, manager, role, location, start_date, valid_from. Several lines of a person
        are their history: each holds from its valid_from until the next one's, and takes the place of one of that day.
        Raises: BadRequest, naming the line, if one cannot be used, or has an identifier of two persons; then nothing
        is kept.
        """
        people: dict[str, dict[int, JsonObject]] = {}
        for number, row in csv_lines(lines, required=("person", "identifiers")):
            people.setdefault(row["person"], {})[number] = period_of(row, number)
        known = self._periods()
        kept = {
            person: history(() if replace else known.get(person, ()), periods.values())
            for person, periods in people.items()
        }
        demand_own(people, {**known, **kept})
        for person, periods in kept.items():
            self._records.put(PERSON, person, {"periods": periods})
        self._changed()
        return Loaded(len(people), sum(map(len, people.values())))

    def import_courses(self, lines: Iterable[str]) -> int:
        """Keep the courses of a CSV file and return how many.

        Columns: course (its id), title, minutes (planned), class (mandatory, elective, certification, onboarding),
        target (a completion rate in per cent), owner, modules (ids in their order, split by spaces); for certificates
        valid_months, due_days, grace_days, renewal_days and required_of (roles, split by semicolons); cost,
        cost_per_hour; pinned (yes: to be looked at first).
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

    def people(self) -> dict[str, set[str]]:
        """Return person -> IFIs, as facts spell them, of all periods."""
        return {
            person: {one for period in periods for one in period["identities"]}
            for person, periods in self._periods().items()
        }

    def called(self, people: Collection[str]) -> set[str]:
        """Return the full names of persons, of two words or more, by which nobody else is called."""
        told: dict[bool, set[str]] = {True: set(), False: set()}
        for person, periods in self._periods().items():
            told[person in people] |= {str(one.get("name", "")).casefold() for one in periods}
        return {one for one in told[True] - told[False] if len(one.split()) > 1}

    def outcomes_of(self, people: Collection[str], identities: Collection[str]) -> list[str]:
        """Return the subjects of outcomes who are these persons, or have these IFIs."""
        keys = self._keys()
        meant = {digest("agent", one) for one in identities} | {keys[one] for one in people}
        subjects = self._records.names(_OUTCOME, prefix="person|")
        return [one for one in subjects if keys[one.partition("|")[2]] in meant]

    def naming(self, people: Container[str], identities: Container[str]) -> dict[str, int]:
        """Return of how many others these persons are the manager, and of how many courses the owner."""

        def is_theirs(text: str) -> bool:
            return text in people or (text != "" and identity_of(text) in identities)

        managed = [
            person
            for person, periods in self._periods().items()
            if person not in people and any(is_theirs(one["manager"]) for one in periods)
        ]
        owned = [one for one in self._records.all(_COURSE).values() if is_theirs(one["owner"])]
        return {"managed persons": len(managed), "owned courses": len(owned)}

    def forget(self, people: Collection[str], identities: Collection[str] = ()) -> int:
        """Forget persons, with what came of it at work; returns how many records went."""
        subjects = self.outcomes_of(people, identities)
        # Before and after, whatever there was: who dies in between has tables made anew as well.
        self._changed()
        gone = sum(self._records.delete(_OUTCOME, one) for one in subjects)
        gone += sum(self._records.delete(PERSON, one) for one in people)
        self._changed()
        return gone

    def states(self) -> dict[str, int]:
        """Return table -> a number that is another one after each change of what is in it."""
        imported = state_of(self._records)
        joined = imported + self._visitors.state()
        states = {"people": joined, "chains": joined, "planned_events": self._planned_state()}
        return dict.fromkeys(TABLES, imported) | states

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return the rows of one of TABLES."""
        return list(_ROWS[table](self))

    def _people(self) -> Iterator[dict[str, Any]]:
        pairs = self._visitors.pairs()
        people = with_visitors(self._periods(), pairs)
        for person, periods in people.items():
            yield from people_rows(person, periods)
        yield from visitor_rows(pairs, persons_behind(people))

    def _chains(self) -> Iterator[dict[str, Any]]:
        return chain_rows(with_visitors(self._periods(), self._visitors.pairs()))

    def _periods(self) -> Mapping[str, Sequence[JsonObject]]:
        return {person: record["periods"] for person, record in self._records.all(PERSON).items()}

    def _courses(self) -> Iterator[dict[str, Any]]:
        return starmap(course_row, self._records.all(_COURSE).items())

    def _modules(self) -> Iterator[dict[str, Any]]:
        return chain.from_iterable(starmap(module_rows, self._records.all(_COURSE).items()))

    def _content(self) -> Iterator[dict[str, Any]]:
        return starmap(content_row, self._records.all(_CONTENT).items())

    def _outcomes(self) -> Iterator[dict[str, Any]]:
        keys = self._keys()
        for subject, record in self._records.all(_OUTCOME).items():
            yield from outcome_rows(subject, record, keys)

    def _planned(self) -> Iterator[dict[str, Any]]:
        return planned_rows(self._events)

    def _planned_state(self) -> int:
        return digest("planned", repr(self.rows("planned_events")))

    def _keys(self) -> Mapping[str, int]:
        return PersonKeys(self._periods())

    def _changed(self) -> None:
        """Raise the state, once for each import, however many there are at a time."""
        raised = False
        while not raised:
            known = self._records.get(_META, _STATE)
            number = (known or {}).get("state", 0)
            raised = self._records.swap(_META, _STATE, known, {"state": number + 1})


def state_of(records: RecordStore) -> int:
    """Return the number that rises with every import."""
    return int((records.get(_META, _STATE) or {}).get("state", 0))


_ROWS: dict[str, Callable[[References], Iterator[dict[str, Any]]]] = {
    "people": References._people,
    "chains": References._chains,
    "courses": References._courses,
    "modules": References._modules,
    "content": References._content,
    "outcomes": References._outcomes,
    "planned_events": References._planned,
}
