"""The statements that the LMS itself makes. Spec: cmi5 9.3.1, 9.3.6, 9.3.7, 9.3.9, 9.4, 9.6."""

from __future__ import annotations

from lrs.cmi5 import terms
from lrs.xapi import JsonObject
from lrs.xapi.terms import is_iri, is_language_tag


def language_map(texts: list[JsonObject]) -> dict[str, str]:
    """Return the langstrings of a title or description as a language map."""
    found: dict[str, str] = {}
    for text in texts:
        language = text["lang"] or "und"
        found.setdefault(language if is_language_tag(language) else "und", text["text"])
    return found


def activity(iri: str, texts: JsonObject, kind: str | None) -> JsonObject:
    """Return the activity of an AU, block or course, with its title, description and type."""
    definition: JsonObject = {
        "name": language_map(texts["title"]),
        "description": language_map(texts["description"]),
    }
    # The activityType of an AU is any text (13.1.4); the type of a definition is an IRI.
    if kind is not None and is_iri(kind):
        definition["type"] = kind
    return {"objectType": "Activity", "id": iri, "definition": definition}


def said(  # noqa: PLR0913 the parts of a statement
    verb: str,
    *,
    id: str,
    when: str,
    registration: JsonObject,
    object: JsonObject,
    publisher_id: str,
    session: str,
    extensions: JsonObject | None = None,
    result: JsonObject | None = None,
    moveon: bool = False,
) -> JsonObject:
    """Return a statement of the LMS about a learner. `when` is ISO 8601 text in UTC."""
    categories = [terms.CMI5_CATEGORY, *([terms.MOVEON_CATEGORY] if moveon else [])]
    statement: JsonObject = {
        "id": id,
        "timestamp": when,
        "actor": registration["actor"],
        "verb": {"id": verb, "display": {"en": terms.verb_name(verb)}},
        "object": object,
        "context": {
            "registration": registration["id"],
            "contextActivities": {
                "category": [_bare(iri) for iri in categories],
                "grouping": [_bare(publisher_id)],
            },
            "extensions": {terms.SESSION_ID: session, **(extensions or {})},
        },
    }
    if result is not None:
        statement["result"] = result
    return statement


def launched_extensions(session: JsonObject) -> JsonObject:
    """Return the context extensions of a launched statement beside the session id. Spec: cmi5 9.6.3."""
    found = {
        terms.LAUNCH_MODE: session["launchMode"],
        terms.LAUNCH_URL: session["launchUrl"],
        terms.MOVE_ON: session["moveOn"],
    }
    # A masteryScore of 0 is one.
    if "masteryScore" in session:
        found[terms.MASTERY_SCORE] = session["masteryScore"]
    if "launchParameters" in session:
        found[terms.LAUNCH_PARAMETERS] = session["launchParameters"]
    return found


def _bare(iri: str) -> JsonObject:
    return {"objectType": "Activity", "id": iri}
