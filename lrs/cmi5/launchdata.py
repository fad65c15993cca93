"""The documents that LMS and AU share: LMS.LaunchData and the learner's preferences. Spec: cmi5 10.0, 11.0."""

from __future__ import annotations

from typing import Any

from lrs.cmi5 import terms
from lrs.cmi5.violations import Violation
from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.terms import is_language_tag
from lrs.xapi.validation import validate
from lrs.xapi.version import VERSIONS


def context_template(session_id: str, publisher_id: str, additions: JsonObject) -> JsonObject:
    """Return the contextTemplate: session id, publisher id, and what the launch adds to them.

    Raises: BadRequest if an addition would overwrite them, or make every statement a cmi5 defined one.
    Spec: cmi5 10.2.1.
    """
    _check_context(additions)
    activities = {
        kind: [held] if isinstance(held, dict) else held
        for kind, held in additions.get("contextActivities", {}).items()
    }
    extensions = additions.get("extensions", {})
    parts = additions.keys() - {"contextActivities", "extensions"}
    ids = [one["id"] for held in activities.values() for one in held]
    if {terms.CMI5_CATEGORY, terms.MOVEON_CATEGORY} & set(ids):
        raise _refused("no activity that stands for a category of cmi5")
    if terms.SESSION_ID in extensions or "registration" in parts:
        raise _refused("neither the session id nor the registration, which the LMS makes")
    grouping = [{"id": publisher_id}, *activities.get("grouping", [])]
    return {
        **{name: additions[name] for name in sorted(parts)},
        "contextActivities": {**activities, "grouping": grouping},
        "extensions": {**extensions, terms.SESSION_ID: session_id},
    }


def _check_context(additions: JsonObject) -> None:
    """Return if the additions could be the context of a statement, which they become a part of."""
    probe = {
        "actor": {"account": {"homePage": "https://example.org", "name": "learner"}},
        "verb": {"id": terms.LAUNCHED},
        "object": {"id": "https://example.org"},
        "context": additions,
    }
    try:
        validate(probe, VERSIONS[0])
    except BadRequest as refusal:
        where = (refusal.pointer or "").removeprefix("/context")
        allowed = refusal.allowed or "what the context of a statement may hold"
        raise _refused(allowed, f"/contextTemplateAdditions{where}") from None


def launch_data(session: JsonObject) -> JsonObject:
    """Return the LMS.LaunchData document of a session; what the launch does not have is absent. Spec: cmi5 10.2."""
    document = {
        "contextTemplate": session["contextTemplate"],
        "launchMode": session["launchMode"],
        "moveOn": session["moveOn"],
    }
    for name in ("launchParameters", "masteryScore", "returnURL", "entitlementKey"):
        if name in session:
            document[name] = session[name]
    return document


def check_preferences(document: Any) -> None:
    """Return if a cmi5LearnerPreferences document is well made. Spec: cmi5 11.0, 11.1, 11.2.

    Raises: Violation (403).
    """
    names = {"languagePreference", "audioPreference"}
    if not isinstance(document, dict) or not all(
        isinstance(document.get(name), str) for name in names
    ):
        raise Violation(
            "11.0.0.0-5",
            "The learner preferences are not an object with the two preferences.",
            allowed="languagePreference and audioPreference, both strings",
        )
    if any(not is_language_tag(tag) for tag in document["languagePreference"].split(",")):
        raise Violation(
            "11.1.0.0-1",
            "The languagePreference is not a list of language tags.",
            pointer="/languagePreference",
            allowed="RFC 5646 language tags, separated by commas",
        )
    if document["audioPreference"] not in ("on", "off"):
        raise Violation(
            "11.0.0.0-5",
            "The audioPreference is neither on nor off.",
            pointer="/audioPreference",
            allowed="on, off",
        )


def _refused(allowed: str, pointer: str = "/contextTemplateAdditions") -> BadRequest:
    return BadRequest(
        "These additions to the context template cannot be.",
        code="cmi5-context-template",
        pointer=pointer,
        allowed=allowed,
        section="cmi5 10.2.1",
    )
