"""What the MongoDB store costs in round trips, and what it does without a server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymongo
import pymongo.monitoring
import pytest

from lrs import clock
from lrs.app import create_app
from lrs.assembly import build_services
from lrs.config import Config
from lrs.errors import StoreUnavailable
from lrs.stores.mongo import MongoStore
from lrs.xapi.keys import authority_key
from lrs.xapi.query import StatementQuery, filter_keys
from tests.build import AUTHORITY, activity, draft, drafts, statement
from tests.conftest import KEY, SECRET, Client, free_port
from tests.stores.conftest import Backend


class _Counting(pymongo.monitoring.CommandListener):
    """Notes the commands that are sent while it is listening: all names, and the last command."""

    def __init__(self) -> None:
        self.heard: list[str] | None = None
        self.last: dict[str, Any] = {}
        self.finds: list[dict[str, Any]] = []

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        if self.heard is not None:
            self.heard.append(event.command_name)
            self.last = dict(event.command)
            if event.command_name == "find":
                self.finds.append(self.last)

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None: ...
    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None: ...


@pytest.fixture(scope="module")
def listener() -> Iterator[_Counting]:
    """A listener to every client made from now on; pymongo has no way to take it off again."""
    counting = _Counting()
    pymongo.monitoring.register(counting)
    yield counting
    counting.heard = None


@contextmanager
def counted(listener: _Counting) -> Iterator[list[str]]:
    listener.heard = heard = []
    yield heard
    listener.heard = None


def test_one_new_statement_costs_four_round_trips(
    listener: _Counting, wire_backend: Backend
) -> None:
    store = wire_backend.open()
    defined = activity("http://example.org/a", name={"en": "known"})
    store.statements.insert([draft(object=defined)])
    with counted(listener) as heard:
        store.statements.insert([draft(object=defined)])
    assert heard == ["findAndModify", "insert", "find", "update"]


def test_a_batch_without_references_costs_no_more_than_one_statement(
    listener: _Counting, wire_backend: Backend
) -> None:
    store = wire_backend.open()
    with counted(listener) as heard:
        store.statements.insert(drafts([statement() for _ in range(300)]))
    assert len(heard) == 4


def test_a_page_costs_two_round_trips(listener: _Counting, wire_backend: Backend) -> None:
    store = wire_backend.open()
    store.statements.insert(drafts([statement() for _ in range(30)]))
    keys = filter_keys(activity="http://example.org/activity")
    with counted(listener) as heard:
        store.statements.find(StatementQuery(keys=keys, limit=20))
    assert heard == ["find", "find"]


def test_requests_cost_one_look_at_the_head_more(
    listener: _Counting, wire_backend: Backend, tmp_path: Path
) -> None:
    services = build_services(Config(data=tmp_path, store=wire_backend.uri))
    services.credentials.add(home_page="http://lrs.example.org", key=KEY, secret=SECRET)
    client = Client(create_app(services).test_client())
    client.post(statement())
    with counted(listener) as heard:
        assert client.post(statement()).status_code == 200
    assert heard == ["findAndModify", "insert", "find", "update", "find"]
    with counted(listener) as heard:
        assert client.get(limit="1").json["more"]
    assert heard == ["find", "find", "find"]
    services.close()


_IRI = "http://example.org/x"
_AGENT = {"mbox": "mailto:x@example.org"}
_UUID = "3f6b8a1e-0000-4000-8000-000000000001"
FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "agent": {"agent": _AGENT},
    "verb": {"verb": _IRI},
    "activity": {"activity": _IRI},
    "registration": {"registration": _UUID},
    "related agent": {"agent": _AGENT, "related_agents": True},
    "related activity": {"activity": _IRI, "related_activities": True},
    "agent and verb": {"agent": _AGENT, "verb": _IRI},
    "all": {"agent": _AGENT, "verb": _IRI, "activity": _IRI, "registration": _UUID},
    "what one credential sent": {"authority": authority_key(AUTHORITY)},
    "verb of one credential": {"verb": _IRI, "authority": authority_key(AUTHORITY)},
}
_MOMENT = 1_700_000_000_000_000
BOUNDS: dict[str, dict[str, Any]] = {
    "anywhere": {},
    "since": {"since": _MOMENT},
    "until": {"until": _MOMENT},
    "a span": {"since": _MOMENT, "until": 2 * _MOMENT},
    "the next page": {"after": _MOMENT, "since": 5},
}


@pytest.mark.parametrize("bounds", BOUNDS)
@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_is_served_by_one_index(
    listener: _Counting, wire_backend: Backend, name: str, bounds: str
) -> None:
    store = wire_backend.open()
    store.statements.insert(drafts([statement() for _ in range(200)]))
    for ascending in (True, False):
        keys = filter_keys(**FILTERS[name])
        query = StatementQuery(keys=keys, ascending=ascending, limit=20, **BOUNDS[bounds])
        with counted(listener):
            store.statements.find(query)
        wanted = "keys_1_sequence_1" if keys else "sequence_1"
        assert _indexes(wire_backend, listener.last) == [wanted]


def test_scans_and_references_are_served_by_one_index(
    listener: _Counting, wire_backend: Backend
) -> None:
    store = wire_backend.open()
    store.statements.insert(drafts([statement() for _ in range(200)]))
    with counted(listener):
        store.statements.scan(after=_MOMENT, limit=20)
    assert _indexes(wire_backend, listener.last) == ["sequence_1"]
    with counted(listener) as heard:
        store.statements.insert(drafts([statement()]))
        # The last find of an insert asks who refers to the new one.
        assert heard[2] == "find"
    assert _indexes(wire_backend, listener.finds[-1]) == ["target_1"]


def _indexes(backend: Backend, find: dict[str, Any]) -> list[str]:
    """Return the names of the indexes by which the server says that it answers a find command."""
    parts = ("find", "filter", "sort", "limit", "projection")
    asked = {key: find[key] for key in parts if key in find}
    with pymongo.MongoClient[Any](backend.uri) as client:
        plan = client.get_default_database().command("explain", asked)
    return list(
        _named(plan["queryPlanner"], {"indexName"}, outside={"IndexCosts", "rejectedPlans"})
    )


def _named(plan: Any, names: set[str], *, outside: set[str]) -> Iterator[str]:
    if isinstance(plan, list):
        for part in plan:
            yield from _named(part, names, outside=outside)
    elif isinstance(plan, dict):
        for name, part in plan.items():
            if name in names:
                yield part
            elif name not in outside:
                yield from _named(part, names, outside=outside)


def test_a_store_without_a_server_is_unavailable() -> None:
    uri = f"mongodb://127.0.0.1:{free_port()}/lrs"
    with pytest.raises(StoreUnavailable):
        MongoStore.connect(uri, clock.now)


def test_a_malformed_uri_is_told_without_its_password() -> None:
    with pytest.raises(ValueError, match="not a valid MongoDB URI") as problem:
        MongoStore.connect("mongodb://user:se@cret@host:x/lrs", clock.now)
    assert "cret" not in str(problem.value)
