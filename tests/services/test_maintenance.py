"""Checking a store and rebuilding its index. The faults are made in the SQLite file itself."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lrs.assembly import Services
from lrs.services import maintenance
from lrs.services.importing import import_sender
from lrs.services.statements import Batch
from lrs.xapi.keys import key
from lrs.xapi.query import StatementQuery, filter_keys
from lrs.xapi.text import Parsed, write_json
from lrs.xapi.version import V1_0_3
from tests.build import activity, draft_of_text, reference, statement, verb, voiding

TARGET, REFERENCE = statement(verb=verb("target")), statement(verb=verb("reference"))
REFERENCE["object"] = reference(TARGET["id"])
VOIDED = statement(object=activity("http://example.org/a", name={"en": "A"}))
ALL = [REFERENCE, TARGET, voiding(VOIDED["id"]), VOIDED]

Edit = Callable[..., None]


@pytest.fixture
def filled(services: Services) -> Services:
    services.statements.store(
        Batch(Parsed(ALL, ALL)), version=V1_0_3, sender=import_sender("http://lrs.example.org")
    )
    maintenance.note_keys_version(services.store)
    return services


@pytest.fixture
def edit(filled: Services, tmp_path: Path) -> Edit:
    """Give a function that changes the tables behind the store's back."""

    def run(text: str, *values: Any) -> None:
        connection = sqlite3.connect(tmp_path / "lrs.sqlite", isolation_level=None)
        assert connection.execute(text, values).rowcount > 0
        connection.close()

    return run


def faults(services: Services) -> list[str]:
    return list(maintenance.check(services.store, lambda entries, _: entries))


def reindex(services: Services) -> tuple[str, ...]:
    return maintenance.reindex(services.store, lambda entries, _: entries)


def found(services: Services, **filters: str) -> list[str]:
    page = services.store.statements.find(StatementQuery(keys=filter_keys(**filters)))
    return [entry.id for entry in page.entries]


def test_an_untouched_store_is_consistent(filled: Services) -> None:
    assert faults(filled) == []


def test_an_empty_store_is_consistent(services: Services) -> None:
    assert faults(services) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("INSERT INTO finder (finder, rowid, keys) SELECT 'delete', sequence, '{verb}' FROM statement", "other keys"),
        ("INSERT INTO finder (rowid, keys) SELECT max(sequence), '0000000000000007' FROM statement", "other keys"),
        ("UPDATE statement SET voided = 1 - voided WHERE rowid = (SELECT min(sequence) FROM statement)",
         "voided is True, but should be False"),
        ("UPDATE statement SET voided = 0", "voided is False, but should be True"),
        ("INSERT INTO finder (rowid, keys) VALUES (7, '0000000000000007')", "do not hold the same statements"),
        ("INSERT INTO finder (finder) VALUES ('delete-all')", "other keys"),
    ],
)  # fmt: skip
def test_a_wrong_index_is_found_and_mended(
    filled: Services, edit: Edit, text: str, fault: str
) -> None:
    edit(text.format(verb=f"{key('verb', TARGET['verb']['id']) & 0xFFFFFFFFFFFFFFFF:016x}"))
    assert fault in " ".join(faults(filled))
    assert reindex(filled) == ()
    assert faults(filled) == []


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b'{"verb":"voided"', b"{}", b"[]", b"null", b"1", b'{"verb":[],"object":"voided"}', b"\xff\x00",
        b'{"id":"x","stored":"y"}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("which", [TARGET, VOIDED, ALL[2]], ids=["target", "voided", "voiding"])
def test_damaged_text_is_found_and_neither_check_nor_reindex_fails(
    filled: Services, edit: Edit, text: bytes, which: dict[str, Any]
) -> None:
    blob = bytes.fromhex(which["id"].replace("-", ""))
    edit("UPDATE statement SET text = ? WHERE id = ?", text, blob)
    assert "its text is damaged" in " ".join(faults(filled))
    (damaged,) = reindex(filled)
    assert damaged.endswith("its text is damaged.")
    assert faults(filled) == [damaged]


def test_text_of_another_statement_is_damage(filled: Services, edit: Edit) -> None:
    edit("UPDATE statement SET text = (SELECT text FROM statement ORDER BY sequence LIMIT 1)")
    damaged = [fault for fault in faults(filled) if fault.endswith("its text is damaged.")]
    assert len(damaged) == len(ALL) - 1


def test_a_reindexed_store_finds_statements_through_references(
    filled: Services, edit: Edit
) -> None:
    edit("INSERT INTO finder (finder) VALUES ('delete-all')")
    reindex(filled)
    ids = found(filled, verb=TARGET["verb"]["id"])
    assert ids == [TARGET["id"], REFERENCE["id"]]


def test_reindex_rebuilds_activity_definitions(filled: Services, edit: Edit) -> None:
    edit("UPDATE activity SET definition = '{}'")
    reindex(filled)
    iri = "http://example.org/a"
    assert filled.store.activities.definitions([iri]) == {iri: {"name": {"en": "A"}}}


def test_reindex_keeps_the_numbers_of_a_definition_as_they_were_written(services: Services) -> None:
    iri = "http://example.org/n"
    text = json.dumps(statement(object=activity(iri, extensions={iri: "HERE"})))
    raw = text.replace('"HERE"', "12345678901234567890123").encode()
    services.store.statements.insert([draft_of_text(raw)])
    reindex(services)
    held = services.store.activities.definitions([iri])[iri]
    assert write_json(held["extensions"]) == f'{{"{iri}":12345678901234567890123}}'.encode()


def test_entries_come_page_by_page_in_order(
    filled: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "_PAGE", 2)
    assert [entry.id for entry in maintenance.entries(filled.store)] == [one["id"] for one in ALL]


def test_a_store_built_with_other_keys_is_noticed_until_it_is_reindexed(filled: Services) -> None:
    filled.store.records.put("meta", "keys", {"version": -1})
    assert not maintenance.note_keys_version(filled.store)
    reindex(filled)
    assert maintenance.note_keys_version(filled.store)
