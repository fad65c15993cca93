"""Ledgers: what people decide and do about learning, and what they owe to learners; kept as records.

Each is declared once, in kinds; a table of each lies beside the lake for reports to read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from lrs.analytics.catalog import report_named
from lrs.analytics.facts.days import date_of, day_at
from lrs.analytics.ledgers.kinds import LEDGERS
from lrs.analytics.ledgers.ledger import Field, Ledger
from lrs.analytics.ledgers.tables import RECORDS, STATES
from lrs.analytics.references.periods import identities_of, identity_of
from lrs.clock import Clock
from lrs.errors import BadRequest, NotFound
from lrs.stores.protocol import RecordStore
from lrs.xapi import JsonObject

_IDENTITIES = ("mbox|", "mbox_sha1sum|", "openid|", "account|")
_LONGEST = 2_000
"""Signs of one field."""
_MAILED = "recipient"
"""The field of an e-mail address."""
_ID = 8
"""Signs of the id of an entry."""


def ledger_named(name: str) -> Ledger:
    """Return a ledger. Raises: NotFound (404)."""
    if name not in LEDGERS:
        raise NotFound("There is no such ledger.", code="ledger", allowed=", ".join(LEDGERS))
    return LEDGERS[name]


class Ledgers:
    """Keeps the entries of every ledger."""

    def __init__(
        self,
        records: RecordStore,
        clock: Clock,
        new_id: Callable[[], str],
        checks: Mapping[str, Callable[[JsonObject], None]] | None = None,
    ) -> None:
        """`checks`: ledger -> what raises BadRequest if the fields of an entry do not go together."""
        self._records = records
        self._clock = clock
        self._new_id = new_id
        self._checks = checks or {}

    def today(self) -> int:
        """Return the day in days since 1970, UTC."""
        return day_at(self._clock())

    def add(self, name: str, values: Mapping[str, str], *, by: str = "") -> str:
        """Write an entry from texts, and return its id; empty ones count as not given. `by`: who writes it.

        Raises: BadRequest (400), naming the field.
        """
        ledger = ledger_named(name)
        unknown = set(values) - {field.name for field in ledger.fields}
        if unknown:
            raise BadRequest(
                f"A {name} has no {min(unknown)}.",
                code="ledger-field",
                allowed=", ".join(field.name for field in ledger.fields),
            )
        record = {field.name: self._value(field, values) for field in ledger.fields}
        if name in self._checks:
            self._checks[name](record)
        entry = str(record[ledger.fields[0].name]) if ledger.single else self._new_id()[:_ID]
        record |= {"made": _text(self.today()), "closed": "", "note": "", "by": by}
        self._records.put(RECORDS + name, entry, record)
        self._records.tally(STATES, ledger.table)
        return entry

    def change(self, name: str, entry: str, old: JsonObject, new: JsonObject) -> bool:
        """Put `new` in the place of `old`; returns False if the entry is not `old` any more."""
        done = self._records.swap(RECORDS + name, entry, old, new)
        self._records.tally(STATES, ledger_named(name).table)
        return done

    def close(self, name: str, entry: str, *, note: str = "") -> None:
        """Note that an entry is done with. Raises: NotFound (404) if there is no open one of that id."""
        ledger = ledger_named(name)
        record = self._records.get(RECORDS + name, entry)
        if record is None or record["closed"]:
            raise NotFound(f"There is no open {name} of that id.", code="ledger-entry")
        closed = {**record, "closed": _text(self.today()), "note": note[:_LONGEST]}
        self._records.put(RECORDS + name, entry, closed)
        self._records.tally(STATES, ledger.table)

    def all(self, name: str) -> dict[str, JsonObject]:
        """Return id -> entry, the latest first."""
        entries = self._records.all(RECORDS + ledger_named(name).name)
        return dict(sorted(entries.items(), key=lambda one: (one[1]["made"], one[0]), reverse=True))

    def forget(self, identifiers: Iterable[str]) -> int:
        """Delete the entries about a person, of IFIs as facts spell them; returns how many."""
        gone = 0
        for name, entry in self.about(identifiers):
            gone += self._records.delete(RECORDS + name, entry)
            self._records.tally(STATES, LEDGERS[name].table)
        return gone

    def about(self, identifiers: Iterable[str]) -> list[tuple[str, str]]:
        """Return (ledger, id) of the entries about a person, of IFIs as facts spell them, or mailed to them."""
        persons = set(identifiers)
        return [
            (ledger.name, entry)
            for ledger in LEDGERS.values()
            for names in [
                [one.name for one in ledger.fields if one.kind == "agent" or one.name == _MAILED]
            ]
            if names
            for entry, record in self._records.all(RECORDS + ledger.name).items()
            if any(_agent(name, record[name]) in persons for name in names)
        ]

    def _value(self, field: Field, values: Mapping[str, str]) -> str | int:
        text = values.get(field.name, "").strip() or field.default
        if not text:
            if field.required:
                raise _wrong(field, "a value")
            return ""
        if len(text) > _LONGEST:
            raise _wrong(field, f"at most {_LONGEST} signs")
        if field.choices and text not in field.choices:
            raise _wrong(field, ", ".join(field.choices))
        if field.kind == "day":
            return _text(self.today()) if text == "today" else _day_text(field, text)
        return _checked(field, text)


def _agent(name: str, value: str) -> str:
    """Return the IFI of an agent, or of whom is mailed: the case of a domain tells nobody apart."""
    return identity_of(value) if name == _MAILED else value


def _checked(field: Field, text: str) -> str | int:
    if field.kind == "activity" and (":" not in text or " " in text):
        raise _wrong(field, "an id such as https://example.org/course")
    if field.kind == "agent":
        found = [text] if text.startswith(_IDENTITIES) else identities_of(text)
        if len(found) != 1:
            raise _wrong(field, "one e-mail address or IFI")
        return found[0]
    if field.kind == "report":
        return report_named(text).name
    if field.kind == "whole":
        low, high = field.bounds
        if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
            raise _wrong(field, f"a whole number from {low} to {high}")
        return int(text)
    return text


def _day_text(field: Field, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _wrong(field, "a day such as 2026-01-31") from None


def _wrong(field: Field, allowed: str) -> BadRequest:
    return BadRequest(
        f"{field.name} cannot be used: {field.about.lower()}.", code="ledger-field", allowed=allowed
    )


def _text(day: int) -> str:
    return date_of(day).isoformat()
