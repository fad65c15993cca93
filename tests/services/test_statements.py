"""The extension points of the one door."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lrs.assembly import Services
from lrs.errors import Forbidden
from lrs.services.statements import Batch, Sender
from lrs.xapi import JsonObject
from lrs.xapi.entry import Draft
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS
from tests.build import AUTHORITY, new_id, statement

SENDER = Sender(AUTHORITY, may_void=False)


def store(services: Services, *sent: JsonObject) -> None:
    body = list(sent)
    services.statements.store(Batch(Parsed(body, body)), version=VERSIONS[0], sender=SENDER)


def test_a_guard_sees_statements_as_they_were_sent_and_refuses_them_all(services: Services) -> None:
    seen: list[JsonObject] = []

    def guard(statements: Sequence[JsonObject], sender: Sender) -> None:
        assert sender is SENDER
        seen.extend(statements)
        raise Forbidden("No.")

    services.statements.watch(guard=guard)
    bare = statement()
    del bare["id"]
    with pytest.raises(Forbidden):
        store(services, statement(), bare)
    assert seen[1] == bare
    assert services.store.statements.count() == 0


def test_a_listener_is_told_of_what_is_stored_and_may_store_more(services: Services) -> None:
    consequence = statement()

    def listener(drafts: Sequence[Draft], sender: Sender) -> None:
        assert services.statements.get(drafts[0].id, voided=False, narrowed=None)
        if drafts[0].id != consequence["id"]:
            store(services, consequence)

    services.statements.watch(listener=listener)
    store(services, statement(id=new_id()))
    assert services.store.statements.count() == 2
