"""The tables of ledgers, for reports to read."""

from __future__ import annotations

from typing import Any

from lrs.analytics.facts.days import day_of
from lrs.analytics.facts.digests import digest
from lrs.analytics.ledgers.kinds import LEDGERS, TABLES
from lrs.analytics.ledgers.ledger import Field
from lrs.stores.protocol import RecordStore

RECORDS = "ledger-"
"""What the kind of a ledger's records starts with."""
STATES = "ledgers"
"""The tallies that rise with each change: table -> count."""


def states(records: RecordStore) -> dict[str, int]:
    """Return table -> a number that rises with each change of its ledger."""
    tallies = records.tallies(STATES)
    return {table: tallies.get(table, 0) for table in TABLES}


def rows_of(records: RecordStore, table: str) -> list[dict[str, Any]]:
    """Return the rows of a ledger's table."""
    ledger = next(one for one in LEDGERS.values() if one.table == table)
    return [
        {
            "entry": entry,
            "made": day_of(record["made"]),
            "closed": day_of(record["closed"]),
            "note": record["note"],
            **{
                column: value
                for field in ledger.fields
                for column, value in _cells(field, record[field.name]).items()
            },
        }
        for entry, record in records.all(RECORDS + ledger.name).items()
    ]


def _cells(field: Field, value: Any) -> dict[str, Any]:
    if field.kind in ("activity", "agent"):
        return {field.name: digest(field.kind, value), f"{field.name}_id": value}
    if field.kind == "day":
        return {field.name: day_of(value)}
    if field.kind == "whole":
        return {field.name: None if value == "" else value}
    return {field.name: value}
