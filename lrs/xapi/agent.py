"""Agents and groups: who is meant, whatever else is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lrs.xapi import JsonObject
from lrs.xapi.terms import normalise_mbox

IFI_NAMES = ("mbox", "mbox_sha1sum", "openid", "account")


def ifi_of(agent: JsonObject) -> str | None:
    """Return the inverse functional identifier as one string, equal for equal agents; None for an anonymous group.

    The domain of an e-mail address is compared in lower case (Data 2.3.1: case sensitivity).
    Spec: Data 2.4.2.3 (1.0.3).
    """
    if "account" in agent:
        account = agent["account"]
        return f"account|{account['homePage']}|{account['name']}"
    if "mbox" in agent:
        return f"mbox|{normalise_mbox(agent['mbox'])}"
    if "mbox_sha1sum" in agent:
        return f"mbox_sha1sum|{agent['mbox_sha1sum'].lower()}"
    if "openid" in agent:
        return f"openid|{agent['openid']}"
    return None


def identities(agent: JsonObject) -> Iterator[str]:
    """Yield the identifier of an agent, or of a group and each of its members.

    Spec: Communication 2.1.3 (`agent`: groups with a matching member match).
    """
    own = ifi_of(agent)
    if own is not None:
        yield own
    for member in agent.get("member", ()):
        inner = ifi_of(member)
        if inner is not None:
            yield inner


def person_of(agent: JsonObject, statements: Iterable[JsonObject]) -> JsonObject:
    """Return the Person object of an agent, with every name that it has in the statements, newest first.

    Spec: Communication 2.4 (1.0.3).
    """
    sought = ifi_of(agent)
    names = [agent["name"]] if "name" in agent else []
    for statement in statements:
        for seen in (statement["actor"], statement["object"]):
            for one in (seen, *seen.get("member", ())):
                named = "name" in one and one.get("objectType", "Agent") in ("Agent", "Group")
                if named and ifi_of(one) == sought and one["name"] not in names:
                    names.append(one["name"])
    person: JsonObject = {"objectType": "Person"}
    if names:
        person["name"] = names
    return person | {name: [agent[name]] for name in IFI_NAMES if name in agent}
