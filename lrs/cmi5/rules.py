"""What an AU may say, and when: pure functions of session, registration and statement. Spec: cmi5 9.0, 10.2.

A session is {"id", "au", "activityId", "launchMode", "contextTemplate", "preferences" (whether they were read),
"verbs": {verb: claim}}, with "masteryScore" if there is one, and "waits" while late statements are taken after the end
(9.3.8); a registration is {"id", "actor", "aus"}, see moveon. A claim is {"statement": id, "digest": of what it says,
"stored": whether it is in the store for sure}: it is made before a statement is stored, so that of two requests only
one gets through; the same statement sent again is let pass, if it says the same.
"""

from __future__ import annotations

import hashlib

from lrs.cmi5 import terms
from lrs.cmi5.defined import activity_ids, check_defined, is_defined
from lrs.cmi5.violations import Violation
from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.statement import comparable
from lrs.xapi.terms import parse_timestamp

ClaimKey = tuple[str, str]
"""(statement id in lower case, digest of what the statement says)."""

_UTC = ("Z", "+00:00", "+0000", "+00")
_VOIDED = "http://adlnet.gov/expapi/verbs/voided"


def check(session: JsonObject, registration: JsonObject, statement: JsonObject) -> None:
    """Return if an AU may send the statement now.

    `statement` is as it was sent, and valid xAPI. Raises: Violation (403), naming the requirement.
    """
    _check_envelope(statement, registration)
    _check_context(statement, session, registration)
    defined = is_defined(statement)
    if not defined and terms.MOVEON_CATEGORY in activity_ids(statement, "category"):
        raise Violation(
            "9.6.2.2-2",
            "Only cmi5 defined statements have the moveOn category.",
            pointer="/context/contextActivities/category",
        )
    again = repeats(session, statement)
    if not again:
        is_initialized = defined and _verb(statement) == terms.INITIALIZED
        _check_order(session, statement, is_initialized=is_initialized)
    if defined:
        check_defined(session, statement)
    if defined and not again:
        _check_verbs(session, registration["aus"].get(session["au"], {}), statement)


def repeats(session: JsonObject, statement: JsonObject) -> bool:
    """Whether the statement is one that this session has laid claim to already, sent again."""
    claim = session["verbs"].get(_verb(statement)) if is_defined(statement) else None
    return claim is not None and key_of(claim) == key_of_statement(statement)


def key_of(claim: JsonObject) -> ClaimKey:
    """Return what tells a claim from others."""
    return claim["statement"], claim.get("digest", "")


def key_of_statement(statement: JsonObject) -> ClaimKey:
    """Return the key of the claim that a statement with id and timestamp lays."""
    says = b"%d %b" % (parse_timestamp(statement["timestamp"]), comparable(statement))
    return statement["id"].lower(), hashlib.sha256(says).hexdigest()


def _check_envelope(statement: JsonObject, registration: JsonObject) -> None:
    if _verb(statement) == _VOIDED:
        raise Violation("6.3.0.0-1", "An AU may not void statements.", pointer="/verb/id")
    if "id" not in statement:
        raise Violation("9.1.0.0-1", "The AU has to give each statement its id.", pointer="/id")
    if "timestamp" not in statement:
        raise Violation("9.7.0.0-1", "The statement has no timestamp.", pointer="/timestamp")
    if not is_utc(statement["timestamp"]):
        raise Violation(
            "9.7.0.0-2", "The timestamp is not in UTC.", pointer="/timestamp", allowed="... Z"
        )
    actor = statement["actor"]
    if actor.get("objectType", "Agent") != "Agent":
        raise Violation("9.2.0.0-2", "The actor is not an Agent.", pointer="/actor/objectType")
    if "account" not in actor:
        raise Violation("9.2.0.0-3", "The actor has no account.", pointer="/actor/account")
    if actor["account"] != registration["actor"]["account"]:
        raise Violation(
            "8.1.3.0-3", "The actor is not the one of the launch.", pointer="/actor/account"
        )


def is_utc(timestamp: str) -> bool:
    """Whether a timestamp says that it is in UTC."""
    try:
        parse_timestamp(timestamp)
    except BadRequest:
        return False
    return timestamp.upper().endswith(_UTC)


def _check_context(statement: JsonObject, session: JsonObject, registration: JsonObject) -> None:
    context = statement.get("context")
    if context is None:
        raise Violation("9.6.0.0-1", "The statement has no context.", pointer="/context")
    if str(context.get("registration", "")).lower() != registration["id"]:
        raise Violation(
            "9.6.1.0-1",
            "The registration is not the one of the launch.",
            pointer="/context/registration",
        )
    if context.get("extensions", {}).get(terms.SESSION_ID) != session["id"]:
        raise Violation(
            "9.6.3.1-4",
            "The session id is not the one of the launch.",
            pointer="/context/extensions",
            allowed=f"{terms.SESSION_ID} from LMS.LaunchData",
        )
    _check_template(statement, session["contextTemplate"])


def _check_template(statement: JsonObject, template: JsonObject) -> None:
    """Spec: cmi5 10.2.1; activities are matched by their id, in any place of the list."""
    context = statement["context"]
    for name, wanted in template.items():
        if name == "contextActivities":
            for kind, activities in wanted.items():
                given = activity_ids(statement, kind)
                if not {one["id"] for one in activities} <= given:
                    raise Violation(
                        "10.2.1.0-6",
                        "An activity of the context template is missing.",
                        pointer=f"/context/contextActivities/{kind}",
                    )
        elif name == "extensions":
            given_extensions = context.get("extensions", {})
            for iri, value in wanted.items():
                if iri not in given_extensions or given_extensions[iri] != value:
                    raise Violation(
                        "10.2.1.0-7",
                        "An extension of the context template is missing or changed.",
                        pointer="/context/extensions",
                    )
        elif context.get(name) != wanted:
            raise Violation(
                "10.2.1.0-7",
                "A part of the context template is missing or changed.",
                pointer=f"/context/{name}",
            )


def _check_order(session: JsonObject, statement: JsonObject, *, is_initialized: bool) -> None:
    verbs = session["verbs"]
    if terms.TERMINATED in verbs and not session.get("waits"):
        raise Violation(
            "9.3.0.0-5", "The session has ended by a terminated statement.", pointer="/verb/id"
        )
    if terms.INITIALIZED not in verbs:
        if not is_initialized:
            raise Violation(
                "9.3.0.0-4", "The first statement has to be initialized.", pointer="/verb/id"
            )
        if not session["preferences"]:
            raise Violation(
                "11.0.0.0-3", "The AU has not read the learner preferences.", pointer="/verb/id"
            )
    elif is_initialized:
        raise Violation("9.3.2.0-3", "The session is initialized already.", pointer="/verb/id")


def _check_verbs(session: JsonObject, au: JsonObject, statement: JsonObject) -> None:
    verb, verbs = _verb(statement), session["verbs"]
    if verb in verbs:
        raise Violation(
            "9.3.0.0-2", "This session has had a statement of that verb.", pointer="/verb/id"
        )
    if verb == terms.FAILED and "passed" in au:
        raise Violation("9.3.0.0-8", "The AU has been passed.", pointer="/verb/id")
    if {verb, *verbs} >= {terms.PASSED, terms.FAILED}:
        raise Violation(
            "9.3.0.0-3", "This session has had a passed or failed statement.", pointer="/verb/id"
        )
    if verb == terms.COMPLETED and "completed" in au:
        raise Violation(
            "9.3.0.0-6", "The AU has been completed in this registration.", pointer="/verb/id"
        )
    if verb == terms.PASSED and "passed" in au:
        raise Violation(
            "9.3.0.0-7", "The AU has been passed in this registration.", pointer="/verb/id"
        )


def _verb(statement: JsonObject) -> str:
    verb: str = statement["verb"]["id"]
    return verb
