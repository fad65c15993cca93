"""Statements without an id that may have been stored already, by whoever sends them in again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrs.stores.protocol import StatementStore
from lrs.xapi import JsonObject
from lrs.xapi.agent import ifi_of
from lrs.xapi.keys import authority_key
from lrs.xapi.query import StatementQuery, filter_keys
from lrs.xapi.statement import equivalent
from lrs.xapi.text import Parsed


def with_known_ids(
    items: Sequence[Parsed], store: StatementStore, *, authority: JsonObject, since: int
) -> list[Parsed]:
    """Return the valid statements, each without an id under that of one that says the same, if there is one.

    It has the authority, and was stored after `since` (microseconds). None stands for two: a batch may hold the same
    statement twice on purpose.
    """
    taken = {item.value["id"].lower() for item in items if "id" in item.value}
    named = []
    for item in items:
        known = None
        if "id" not in item.value:
            ids = _same_as(item.value, store, authority, since)
            known = next((id for id in ids if id not in taken), None)
        if known is not None:
            taken.add(known)
        named.append(item if known is None else _with_id(item, known))
    return named


def _same_as(
    statement: JsonObject, store: StatementStore, authority: JsonObject, since: int
) -> Iterator[str]:
    target = statement["object"]
    keys = filter_keys(
        agent=statement["actor"] if ifi_of(statement["actor"]) is not None else None,
        verb=statement["verb"]["id"],
        activity=target["id"] if target.get("objectType", "Activity") == "Activity" else None,
        authority=authority_key(authority),
    )
    after, more = since, True
    while more:
        page = store.find(StatementQuery(keys=keys, since=since, after=after, ascending=True))
        for entry in page.entries:
            if equivalent(entry.statement, statement):
                yield entry.id
        more = page.more
        after = page.entries[-1].sequence if page.entries else after


def _with_id(item: Parsed, id: str) -> Parsed:
    value = {"id": id, **item.value}
    return Parsed(value, value if item.literal is item.value else {"id": id, **item.literal})
