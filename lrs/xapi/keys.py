"""What a statement can be found by: each filter value as one 64-bit integer, so that a filter is one index lookup."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

from lrs.xapi import JsonObject
from lrs.xapi.agent import identities, ifi_of

KEYS_VERSION = 2
"""Raised whenever the keys of a statement change; a store with older keys needs `lrs reindex`."""


_KINDS = (
    "verb",
    "registration",
    "agent",
    "related-agent",
    "activity",
    "related-activity",
    "authority",
)
_KIND_BITS = 3
_REMEMBERED = 32_768
_SHORT = 256
"""Signs of a value whose key is remembered: the cache has a bound in bytes that way."""


def key(kind: str, value: str) -> int:
    """Return the signed 64-bit key of a filter value.

    A digest, so that long IRIs cost eight bytes; among ten million distinct values the chance that any two share
    a key is about two in a hundred thousand. The kind is in the lowest bits: an agent's key and the same agent's key
    as a related agent are neighbours in an index.
    """
    return _remembered(kind, value) if len(value) <= _SHORT else _digest(kind, value)


@lru_cache(_REMEMBERED)
def _remembered(kind: str, value: str) -> int:
    return _digest(kind, value)


def _digest(kind: str, value: str) -> int:
    digest = int.from_bytes(blake2b(value.encode(), digest_size=8).digest(), "big", signed=True)
    return digest >> _KIND_BITS << _KIND_BITS | _KINDS.index(kind)


def keys_of(statement: JsonObject) -> frozenset[int]:
    """Return the keys of every filter that the statement itself matches, its authority's own key aside.

    Spec: Communication 2.1.3 (1.0.3).
    """
    return frozenset(_keys(statement))


def authority_key(authority: JsonObject) -> int:
    """Return the key of `statements/read/mine`: unlike the others it never passes along a StatementRef."""
    return key("authority", "&".join(sorted(identities(authority))))


def agent_key(agent: JsonObject, *, related: bool) -> int:
    """Return the key that the `agent` filter looks for; the agent or group must be identified."""
    return key("related-agent" if related else "agent", str(ifi_of(agent)))


def activity_key(iri: str, *, related: bool) -> int:
    """Return the key that the `activity` filter looks for."""
    return key("related-activity" if related else "activity", iri)


def _keys(statement: JsonObject) -> Iterator[int]:
    yield key("verb", statement["verb"]["id"])
    target, context = statement["object"], statement.get("context", {})
    if "registration" in context:
        yield key("registration", context["registration"].lower())
    for agent in _direct_agents(statement):
        for identity in identities(agent):
            yield key("agent", identity)
            yield key("related-agent", identity)
    for agent in _indirect_agents(statement):
        for identity in identities(agent):
            yield key("related-agent", identity)
    if target.get("objectType", "Activity") == "Activity":
        yield key("activity", target["id"])
    for iri in related_activities(statement):
        yield key("related-activity", iri)


def _direct_agents(statement: JsonObject) -> Iterator[JsonObject]:
    yield statement["actor"]
    if statement["object"].get("objectType") in ("Agent", "Group"):
        yield statement["object"]


def _indirect_agents(statement: JsonObject) -> Iterator[JsonObject]:
    if "authority" in statement:
        yield statement["authority"]
    context = statement.get("context", {})
    for role in ("instructor", "team"):
        if role in context:
            yield context[role]
    for entry in context.get("contextAgents", ()):
        yield entry["agent"]
    for entry in context.get("contextGroups", ()):
        yield entry["group"]
    target = statement["object"]
    if target.get("objectType") == "SubStatement":
        yield from _direct_agents(target)
        yield from _indirect_agents(target)


def related_activities(statement: JsonObject) -> Iterator[str]:
    """Yield the id of each activity in the object, the contextActivities, and those of a SubStatement."""
    for activity in activities_of(statement):
        yield activity["id"]


def activities_of(statement: JsonObject) -> Iterator[JsonObject]:
    """Yield each activity that the statement or its SubStatement mentions."""
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        yield target
    for group in statement.get("context", {}).get("contextActivities", {}).values():
        yield from group if isinstance(group, list) else (group,)
    if kind == "SubStatement":
        yield from activities_of(target)
