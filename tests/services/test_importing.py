"""Statements of files: stored once, the bad ones set aside, in memory that does not grow with the file."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from lrs.assembly import Services
from lrs.errors import BadRequest
from lrs.services import importing
from lrs.services.importing import BATCH, Importer, Reject, import_sender
from lrs.services.reading import Item, read_items
from tests.build import AUTHORITY, new_id, statement, verb, voiding

HOME = "http://lrs.example.org"
DATA = b"certificate"
SHA2 = hashlib.sha256(DATA).hexdigest()


def statement_without_id(**changes: Any) -> dict[str, Any]:
    sent = statement(**changes)
    del sent["id"]
    return sent


@pytest.fixture
def importer(services: Services) -> Importer:
    return importer_of(services)


def importer_of(services: Services, files: dict[str, bytes] | None = None) -> Importer:
    return Importer(services.statements, import_sender(HOME), (files or {}).get)


def numbered(sent: Sequence[Any]) -> Iterator[Item]:
    for number, one in enumerate(sent, start=1):
        yield Item(number, one if isinstance(one, bytes) else json.dumps(one).encode())


def take(importer: Importer, sent: Sequence[Any]) -> list[Reject]:
    return list(importer.run(numbered(sent)))


def counts(importer: Importer) -> tuple[int, int, int]:
    tally = importer.tally
    return tally.stored, tally.already_there, tally.rejected


BAD = [
    b"{",
    {**statement(), "verb": {}},
    {**statement(), "actor": 1},
    {"object": {"objectType": "SubStatement", "attachments": [{"sha2": "x"}]}},
    {**statement(), "attachments": [1, {"sha2": 2}]},
    {**statement(), "attachments": {"sha2": "x"}},
    {**statement(), "object": []},
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("place", [0, 3, 6])
def test_a_bad_statement_is_set_aside_and_the_rest_goes_in(
    importer: Importer, bad: Any, place: int
) -> None:
    sent: list[Any] = [statement() for _ in range(6)]
    sent.insert(place, bad)
    (reject,) = take(importer, sent)
    assert reject.item.number == place + 1
    assert counts(importer) == (6, 0, 1)


def test_the_pointer_of_a_refusal_starts_at_the_statement(importer: Importer) -> None:
    (reject,) = take(importer, [statement(), statement(), statement(verb={"id": "no iri"})])
    assert reject.refusal.pointer == "/verb/id"


def seconds_for(importer: Importer, sent: Sequence[Any]) -> float:
    started = time.perf_counter()
    take(importer, sent)
    return time.perf_counter() - started


def test_a_batch_of_nothing_but_conflicts_is_not_checked_again_and_again(
    services: Services, importer: Importer
) -> None:
    sent = [statement() for _ in range(BATCH)]
    good = seconds_for(importer, sent)
    second = importer_of(services)
    bad = seconds_for(second, [{**one, "verb": verb("other")} for one in sent])
    assert counts(second) == (0, 0, BATCH)
    # Each is checked about ten times (log 500); checking all that is left after each conflict would be 250 times.
    assert bad < 60 * good


def test_a_batch_of_nothing_but_bad_statements_is_rejected_whole(importer: Importer) -> None:
    rejects = take(importer, [statement(verb={}) for _ in range(BATCH)])
    assert [reject.item.number for reject in rejects] == list(range(1, BATCH + 1))


def test_more_than_one_batch_goes_in_in_order(services: Services, importer: Importer) -> None:
    sent = [statement() for _ in range(BATCH + 7)]
    take(importer, sent)
    scanned = services.store.statements.scan(after=0, limit=2 * BATCH)
    assert [entry.id for entry in scanned] == [one["id"] for one in sent]


def test_equivalent_statements_of_one_batch_count_as_there_already(importer: Importer) -> None:
    one = statement()
    same = {**one, "id": one["id"].upper(), "verb": {**one["verb"], "display": {"en": "did"}}}
    assert take(importer, [statement(), one, statement(), same, one]) == []
    assert counts(importer) == (3, 2, 0)


def test_of_two_that_conflict_in_one_batch_the_first_goes_in(
    services: Services, importer: Importer
) -> None:
    one = statement()
    (reject,) = take(importer, [one, statement(), {**one, "verb": verb("other")}])
    assert (reject.item.number, reject.refusal.code) == (3, "statement-conflict")
    entry = services.store.statements.get(one["id"])
    assert entry is not None
    assert entry.statement["verb"] == one["verb"]


def test_a_second_import_stores_nothing_twice_with_or_without_ids(services: Services) -> None:
    sent = [statement(), statement_without_id(), statement_without_id()]
    take(importer_of(services), sent)
    second = importer_of(services)
    take(second, sent)
    assert counts(second) == (0, 3, 0)
    assert services.store.statements.count() == 3


def test_each_statement_is_checked_by_its_own_version(importer: Importer) -> None:
    context = {
        "contextAgents": [
            {"objectType": "contextAgent", "agent": {"objectType": "Agent", "mbox": "mailto:a@b.c"}}
        ]
    }
    new, old = (statement(context=context, version=version) for version in ("2.0.0", "1.0.3"))
    (reject,) = take(importer, [new, statement(), old, statement(version="2.0.0")])
    assert reject.item.number == 3
    assert counts(importer) == (3, 0, 1)


def test_an_authority_that_comes_along_is_kept_and_else_it_is_the_importer(
    services: Services, importer: Importer
) -> None:
    own = {"objectType": "Agent", "mbox": "mailto:lms@example.org"}
    sent = [statement(authority=own), statement()]
    take(importer, sent)
    entries = [services.store.statements.get(one["id"]) for one in sent]
    accounts = [entry.statement["authority"] for entry in entries if entry is not None]
    assert accounts == [own, {**AUTHORITY, "account": {"homePage": HOME, "name": "import"}}]


def test_voiding_works_in_either_order(services: Services, importer: Importer) -> None:
    target, late = statement(), statement()
    take(importer, [target, voiding(target["id"]), voiding(late["id"]), late])
    entries = [services.store.statements.get(one["id"]) for one in (target, late)]
    assert [entry.voided for entry in entries if entry is not None] == [True, True]


def attached(**changes: Any) -> dict[str, Any]:
    described = {
        "usageType": "http://example.org/u",
        "display": {"en": "C"},
        "contentType": "text/plain",
        "length": len(DATA),
        "sha2": SHA2,
    }
    return statement(attachments=[{**described, **changes}])


def test_attachment_data_comes_along(services: Services) -> None:
    importer = importer_of(services, {SHA2: DATA})
    assert take(importer, [statement(), attached(sha2=SHA2.upper()), attached()]) == []
    assert services.store.attachments.get(SHA2) == DATA


@pytest.mark.parametrize("files", [{}, {SHA2: b"something else"}])
def test_a_statement_without_its_attachment_data_is_rejected(
    services: Services, files: dict[str, bytes]
) -> None:
    (reject,) = take(importer_of(services, files), [statement(), attached()])
    assert reject.refusal.code == "attachment-missing"
    assert services.store.attachments.get(SHA2) is None


def test_much_attachment_data_is_not_held_at_once(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH_SIZE", 2_000)
    seen: list[int] = []

    def file_of(sha2: str) -> bytes | None:
        seen.append(services.store.statements.count())
        return DATA

    sent = [attached() for _ in range(20)]
    list(Importer(services.statements, import_sender(HOME), file_of).run(numbered(sent)))
    assert seen[-1] > 10


def test_what_came_before_a_break_goes_in(services: Services, importer: Importer) -> None:
    sent = [statement(), statement()]
    content = json.dumps(sent).encode()[:-1]
    with pytest.raises(BadRequest, match="breaks off"):
        list(importer.run(read_items(io.BytesIO(content))))
    assert services.store.statements.count() == 2


def test_rejects_come_while_the_import_runs(importer: Importer) -> None:
    def endless() -> Iterator[Item]:
        number = 0
        while True:
            number += 1
            yield Item(number, b"{")

    assert next(importer.run(endless())).item.number == 1


def test_an_id_that_is_no_uuid_is_rejected(importer: Importer) -> None:
    rejects = take(
        importer, [{**statement(), "id": wrong} for wrong in (1, None, "x", new_id() + "\n")]
    )
    assert len(rejects) == 4
