"""Pages: filters, bounds, order, and cursors that hold while statements arrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lrs.stores.protocol import Store
from lrs.xapi.entry import Draft
from lrs.xapi.keys import authority_key
from lrs.xapi.query import StatementQuery, filter_keys
from tests.build import AUTHORITY, activity, agent, draft, new_id, verb
from tests.stores.conftest import Backend

START = 1_700_000_000_000_000


def ids(store: Store, **query: Any) -> list[str]:
    page = store.statements.find(StatementQuery(**{"ascending": True, **query}))
    return [entry.id for entry in page.entries]


def walk(store: Store, **query: Any) -> Iterator[str]:
    after = None
    while True:
        page = store.statements.find(StatementQuery(after=after, **query))
        yield from (entry.id for entry in page.entries)
        if not page.more:
            return
        after = page.entries[-1].sequence


def stored(store: Store, count: int) -> list[Draft]:
    sent = [draft() for _ in range(count)]
    store.statements.insert(sent)
    return sent


@pytest.fixture
def seconds(backend: Backend) -> tuple[Store, list[str]]:
    """A store whose clock stands, with four statements stored at START, START + 1, ..."""
    store = backend.open(lambda: START)
    return store, [one.id for one in stored(store, 4)]


REGISTRATION = new_id()
ANNA = draft(actor=agent("anna"), verb=verb("did"), object=activity("http://example.org/1"))
BEN = draft(
    actor=agent("ben"),
    verb=verb("did"),
    object=activity("http://example.org/2"),
    context={"registration": REGISTRATION, "instructor": agent("anna")},
)
CARO = draft(
    actor={"objectType": "Group", "name": "team", "member": [agent("caro"), agent("ben")]},
    verb=verb("saw"),
    object=activity("http://example.org/1"),
    context={"contextActivities": {"parent": [activity("http://example.org/2")]}},
)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [ANNA, BEN, CARO]),
        ({"verb": "http://example.org/verbs/did"}, [ANNA, BEN]),
        ({"agent": agent("anna")}, [ANNA]),
        ({"agent": agent("anna"), "related_agents": True}, [ANNA, BEN]),
        ({"agent": agent("ben")}, [BEN, CARO]),
        ({"activity": "http://example.org/2"}, [BEN]),
        ({"activity": "http://example.org/2", "related_activities": True}, [BEN, CARO]),
        ({"registration": REGISTRATION.upper()}, [BEN]),
        ({"agent": agent("ben"), "verb": "http://example.org/verbs/saw"}, [CARO]),
        ({"agent": agent("caro"), "activity": "http://example.org/2"}, []),
        ({"authority": authority_key(AUTHORITY)}, [ANNA, BEN, CARO]),
        ({"authority": authority_key(agent("anna"))}, []),
    ],
)
def test_filters_find_what_matches_all_of_them(
    store: Store, filters: dict[str, Any], expected: list[Draft]
) -> None:
    store.statements.insert([ANNA, BEN, CARO])
    assert ids(store, keys=filter_keys(**filters)) == [one.id for one in expected]


def test_the_newest_come_first_unless_asked_otherwise(store: Store) -> None:
    sent = [one.id for one in stored(store, 3)]
    assert ids(store, ascending=False) == sent[::-1]
    assert ids(store) == sent


def test_a_page_ends_at_its_limit_and_tells_that_more_follow(store: Store) -> None:
    sent = stored(store, 3)
    page = store.statements.find(StatementQuery(limit=2, ascending=True))
    assert [entry.id for entry in page.entries] == [one.id for one in sent[:2]]
    assert page.more


def test_a_page_that_is_just_full_has_no_more(store: Store) -> None:
    stored(store, 2)
    assert not store.statements.find(StatementQuery(limit=2)).more


def test_since_excludes_its_moment_and_until_includes_it(
    seconds: tuple[Store, list[str]],
) -> None:
    store, sent = seconds
    assert ids(store, since=START + 1) == sent[2:]
    assert ids(store, until=START + 1) == sent[:2]
    assert ids(store, since=START, until=START + 2) == sent[1:3]
    assert ids(store, since=START + 3) == []
    assert ids(store, until=START - 1) == []


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8])
def test_pages_together_hold_every_statement_once(
    store: Store, ascending: bool, limit: int
) -> None:
    sent = [one.id for one in stored(store, 7)]
    expected = sent if ascending else sent[::-1]
    assert list(walk(store, limit=limit, ascending=ascending)) == expected


def test_pages_keep_to_their_bounds(seconds: tuple[Store, list[str]]) -> None:
    store, sent = seconds
    bounds = {"since": START, "until": START + 2, "limit": 1}
    assert list(walk(store, ascending=True, **bounds)) == sent[1:3]
    assert list(walk(store, ascending=False, **bounds)) == sent[2:0:-1]


def test_pages_of_a_filter_hold_only_what_matches(store: Store) -> None:
    sent = [draft(verb=verb("odd" if number % 2 else "even")) for number in range(9)]
    store.statements.insert(sent)
    keys = filter_keys(verb="http://example.org/verbs/odd")
    assert list(walk(store, keys=keys, limit=2)) == [one.id for one in sent[1::2]][::-1]


def test_statements_that_arrive_do_not_shift_the_pages_of_a_descending_walk(store: Store) -> None:
    sent = [one.id for one in stored(store, 5)]
    seen = []
    for statement_id in walk(store, limit=2):
        seen.append(statement_id)
        stored(store, 1)
    assert seen == sent[::-1]


def test_statements_that_arrive_come_at_the_end_of_an_ascending_walk(store: Store) -> None:
    sent = [one.id for one in stored(store, 4)]
    pages = walk(store, limit=2, ascending=True)
    seen = [next(pages), next(pages)]
    late = stored(store, 1)[0].id
    assert [*seen, *pages] == [*sent, late]


def test_scan_gives_rising_sequences_above_the_cursor(store: Store) -> None:
    sent = [one.id for one in stored(store, 5)]
    first = store.statements.scan(after=0, limit=2)
    rest = store.statements.scan(after=first[-1].sequence, limit=100)
    assert [entry.id for entry in (*first, *rest)] == sent


def test_a_page_of_large_statements_ends_early_and_leads_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [one.id for one in stored(store, 7)]
    entry = store.statements.get(sent[0])
    assert entry is not None
    monkeypatch.setattr("lrs.xapi.query.MAX_PAGE", 2 * len(entry.text) + 50)
    page = store.statements.find(StatementQuery(ascending=True))
    assert ([one.id for one in page.entries], page.more) == (sent[:2], True)
    assert list(walk(store, ascending=True)) == sent
    seen: list[str] = []
    after = 0
    while entries := store.statements.scan(after=after, limit=100):
        assert len(entries) <= 2
        seen += [one.id for one in entries]
        after = entries[-1].sequence
    assert seen == sent


def test_a_statement_larger_than_a_page_comes_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [one.id for one in stored(store, 3)]
    monkeypatch.setattr("lrs.xapi.query.MAX_PAGE", 1)
    assert len(store.statements.find(StatementQuery()).entries) == 1
    assert list(walk(store)) == sent[::-1]


def test_consistent_through_reaches_what_was_stored(store: Store) -> None:
    sent = stored(store, 3)[-1]
    entry = store.statements.get(sent.id)
    assert entry is not None
    assert store.statements.consistent_through() >= entry.sequence


def test_consistent_through_reaches_what_a_clock_ahead_has_stored(backend: Backend) -> None:
    sent = stored(backend.open(lambda: START + 5_000_000), 1)[0]
    behind = backend.open(lambda: START)
    entry = behind.statements.get(sent.id)
    assert entry is not None
    assert behind.statements.consistent_through(exact=True) >= entry.sequence


def test_consistent_through_follows_the_clock_while_nothing_arrives(backend: Backend) -> None:
    moments = iter(range(START, START + 100_000_000, 1_000_000))
    store = backend.open(lambda: next(moments))
    stored(store, 1)
    before = store.statements.consistent_through()
    for _ in range(5):
        after = store.statements.consistent_through()
    assert after > before


def test_no_statement_is_stored_at_or_before_a_moment_already_claimed(backend: Backend) -> None:
    ahead = backend.open(lambda: START + 3_600_000_000)
    claimed = ahead.statements.consistent_through()
    sent = stored(ahead, 1)[0]
    entry = ahead.statements.get(sent.id)
    assert entry is not None
    assert entry.sequence > claimed
