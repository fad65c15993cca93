"""The three formats in which statements are given out: exact, ids, canonical."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lrs.xapi import JsonObject
from lrs.xapi.activity import COMPONENT_LISTS, merge_definitions

_AGENT_PARTS = ("objectType", "mbox", "mbox_sha1sum", "openid", "account")

LanguageChoice = Callable[[Sequence[str]], str | None]
"""Given the tags of one language map, returns the one to show."""


def ids_only(statement: JsonObject) -> JsonObject:
    """Return the statement with agents, groups, verb and activities reduced to what identifies them.

    Spec: Communication 2.1.3 (`format=ids`).
    """
    return _rebuild(
        statement, agent=_agent_ids, activity=_activity_id, verb=_verb_id, attachment=_as_it_is
    )


def canonical(
    statement: JsonObject, definitions: Mapping[str, JsonObject], choose: LanguageChoice
) -> JsonObject:
    """Return the statement with canonical activity definitions and one language in each map.

    `definitions` holds what all statements say of each activity, by activity id.
    Spec: Communication 2.1.3 (language filtering requirements for canonical format statements).
    """

    def activity(held: JsonObject) -> JsonObject:
        known = definitions.get(held["id"], {})
        definition = merge_definitions(held.get("definition", {}), known)
        return {**held, "definition": one_language(definition, choose)} if definition else held

    def verb(held: JsonObject) -> JsonObject:
        return {**held, "display": _pick(held["display"], choose)} if "display" in held else held

    def attachment(held: JsonObject) -> JsonObject:
        return {
            name: _pick(part, choose) if name in ("display", "description") else part
            for name, part in held.items()
        }

    return _rebuild(statement, agent=_as_it_is, activity=activity, verb=verb, attachment=attachment)


def one_language(definition: JsonObject, choose: LanguageChoice) -> JsonObject:
    """Return an activity definition with one language left in each language map."""
    shown = dict(definition)
    for name in ("name", "description"):
        if name in shown:
            shown[name] = _pick(shown[name], choose)
    for name in COMPONENT_LISTS:
        if name in shown:
            shown[name] = [
                {**item, "description": _pick(item["description"], choose)}
                if "description" in item
                else item
                for item in shown[name]
            ]
    return shown


def _pick(languages: JsonObject, choose: LanguageChoice) -> JsonObject:
    tag = choose(tuple(languages))
    return {} if tag is None else {tag: languages[tag]}


def _rebuild(
    statement: JsonObject,
    *,
    agent: Callable[[JsonObject], JsonObject],
    activity: Callable[[JsonObject], JsonObject],
    verb: Callable[[JsonObject], JsonObject],
    attachment: Callable[[JsonObject], JsonObject],
) -> JsonObject:
    shown = {**statement, "actor": agent(statement["actor"]), "verb": verb(statement["verb"])}
    target = statement["object"]
    match target.get("objectType", "Activity"):
        case "Activity":
            shown["object"] = activity(target)
        case "Agent" | "Group":
            shown["object"] = agent(target)
        case "SubStatement":
            shown["object"] = _rebuild(
                target, agent=agent, activity=activity, verb=verb, attachment=attachment
            )
    if "authority" in statement:
        shown["authority"] = agent(statement["authority"])
    if "context" in statement:
        shown["context"] = _context(statement["context"], agent, activity)
    if "attachments" in statement:
        shown["attachments"] = [attachment(held) for held in statement["attachments"]]
    return shown


def _context(
    context: JsonObject,
    agent: Callable[[JsonObject], JsonObject],
    activity: Callable[[JsonObject], JsonObject],
) -> JsonObject:
    shown = dict(context)
    for role in ("instructor", "team"):
        if role in context:
            shown[role] = agent(context[role])
    for role, who in (("contextAgents", "agent"), ("contextGroups", "group")):
        if role in context:
            shown[role] = [{**entry, who: agent(entry[who])} for entry in context[role]]
    if "contextActivities" in context:
        shown["contextActivities"] = {
            kind: [activity(held) for held in activities]
            for kind, activities in context["contextActivities"].items()
        }
    return shown


def _as_it_is(part: JsonObject) -> JsonObject:
    return part


def _agent_ids(agent: JsonObject) -> JsonObject:
    shown: dict[str, Any] = {name: agent[name] for name in _AGENT_PARTS if name in agent}
    identified = any(name in agent for name in _AGENT_PARTS[1:])
    if not identified and "member" in agent:
        shown["member"] = [_agent_ids(member) for member in agent["member"]]
    return shown


def _activity_id(activity: JsonObject) -> JsonObject:
    return {"id": activity["id"]}


def _verb_id(verb: JsonObject) -> JsonObject:
    return {"id": verb["id"]}
