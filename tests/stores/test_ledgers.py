"""Ledgers on every store."""

from __future__ import annotations

import pytest

from lrs import clock
from lrs.analytics.ledgers import ledgers, tables
from lrs.analytics.ledgers.kinds import LEDGERS
from lrs.errors import BadRequest
from lrs.stores.protocol import Store
from tests.build import new_id

EXAMPLE = {
    "activity": "http://example.org/a",
    "agent": "anna@example.org",
    "report": "completion",
    "day": "2026-01-31",
    "whole": "20",
    "text": "words of a.field/$with signs",
}


@pytest.mark.parametrize("name", LEDGERS)
def test_an_entry_is_kept_closed_and_told_as_a_row(store: Store, name: str) -> None:
    ledger, kept = LEDGERS[name], ledgers.Ledgers(store.records, clock.now, new_id)
    values = {field.name: EXAMPLE[field.kind] for field in ledger.fields if not field.choices}

    entry = kept.add(name, values, by="kim")
    kept.close(name, entry, note="done")

    ((found, record),) = kept.all(name).items()
    (row,) = tables.rows_of(store.records, ledger.table)
    assert (found, record["by"], record["note"]) == (entry, "kim", "done")
    assert set(row) == set(ledger.columns)
    assert row["closed"] is not None
    assert tables.states(store.records)[ledger.table] == 2


def test_entries_about_a_person_are_forgotten(store: Store) -> None:
    kept = ledgers.Ledgers(store.records, clock.now, new_id)
    kept.add("request", {"person": "anna@example.org"})
    kept.add("request", {"person": "berta@example.org"})

    assert kept.forget(["mbox|mailto:anna@example.org"]) == 1
    assert [one["person"] for one in kept.all("request").values()] == [
        "mbox|mailto:berta@example.org"
    ]


@pytest.mark.parametrize("agent", [";", "anna@example.org berta@example.org"])
def test_an_agent_is_one_agent(store: Store, agent: str) -> None:
    with pytest.raises(BadRequest, match="cannot be used"):
        ledgers.Ledgers(store.records, clock.now, new_id).add("request", {"person": agent})
