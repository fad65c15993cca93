"""A built-in AU: plays a session as a well-made AU would, through the same doors. For trying out, without a browser."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass

from lrs.auth.principal import Principal
from lrs.clock import Clock, to_iso
from lrs.cmi5 import terms
from lrs.cmi5.access import DocumentRequest
from lrs.cmi5.launching import Launch, Options
from lrs.cmi5.service import Cmi5
from lrs.errors import Conflict
from lrs.services.statements import Batch, Sender, Statements
from lrs.xapi import JsonObject
from lrs.xapi.text import Parsed
from lrs.xapi.version import VERSIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What the learner does. Scores are ratios, 0..1; `seconds` is how long it took."""

    passed: float | None = None
    failed: float | None = None
    completed: bool = False
    progress: int | None = None
    terminated: bool = True
    seconds: float = 60


@dataclass(frozen=True, slots=True)
class Simulator:
    """Plays AUs."""

    cmi5: Cmi5
    statements: Statements
    clock: Clock

    def play(
        self, registration_id: str, au: str, performance: Performance, options: Options
    ) -> tuple[str, list[str]]:
        """Launch an AU, play it, and return its session and the verbs it has said.

        Raises: as launching and the rules do: what an AU may not say, this one may not either.
        """
        launched = self.cmi5.launching.launch(registration_id, au, options)
        principal = _signed_in(self.cmi5, launched)
        for resource, document in (
            ("activities/state", terms.LAUNCH_DATA),
            ("agents/profile", terms.PREFERENCES),
        ):
            self.cmi5.access.admit(launched.session, _reading(resource, document))
        registration, session = self.cmi5.sessions.get(launched.session)
        sender = Sender(principal.authority, may_void=False, session=launched.session)
        said = []
        for verb, result in _acts(performance):
            statement = _statement(registration, session, verb, result)
            statement["timestamp"] = to_iso(self.clock())
            batch = Batch(Parsed(statement, statement))
            self.statements.store(batch, version=VERSIONS[0], sender=sender)
            said.append(terms.verb_name(verb))
        return launched.session, said


def _signed_in(cmi5: Cmi5, launched: Launch) -> Principal:
    key = launched.url.partition("fetch=")[2].partition("&")[0].rpartition("%2F")[2]
    answer = cmi5.access.fetch(key)
    token = base64.b64decode(answer.get("auth-token", "")).decode()
    user, _, password = token.partition(":")
    principal = cmi5.access.principal(user, password)
    if principal is None:
        raise Conflict("The session has ended before it began: the AU was launched anew.")
    return principal


def _reading(resource: str, document: str) -> DocumentRequest:
    return DocumentRequest(
        resource=resource,
        method="GET",
        activity="",
        agent=None,
        registration="",
        document_id=document,
        content_type="",
        body=b"",
    )


def _acts(performance: Performance) -> list[tuple[str, JsonObject | None]]:
    duration = {"duration": f"PT{performance.seconds:g}S"}
    acts: list[tuple[str, JsonObject | None]] = [(terms.INITIALIZED, None)]
    if performance.progress is not None:
        acts.append(
            (
                "http://adlnet.gov/expapi/verbs/progressed",
                {"extensions": {terms.PROGRESS: performance.progress}},
            )
        )
    if performance.passed is not None:
        score = {"scaled": performance.passed}
        acts.append((terms.PASSED, {"success": True, "score": score, **duration}))
    if performance.failed is not None:
        score = {"scaled": performance.failed}
        acts.append((terms.FAILED, {"success": False, "score": score, **duration}))
    if performance.completed:
        acts.append((terms.COMPLETED, {"completion": True, **duration}))
    if performance.terminated:
        acts.append((terms.TERMINATED, duration))
    return acts


def _statement(
    registration: JsonObject, session: JsonObject, verb: str, result: JsonObject | None
) -> JsonObject:
    template = session["contextTemplate"]
    category = [{"id": terms.CMI5_CATEGORY}] if verb in terms.AU_VERBS else []
    if result is not None and {"success", "completion"} & result.keys():
        category.append({"id": terms.MOVEON_CATEGORY})
    activities = {**template["contextActivities"]}
    if category:
        activities["category"] = [*activities.get("category", []), *category]
    extensions = {**template["extensions"]}
    if "masteryScore" in session and verb in (terms.PASSED, terms.FAILED):
        extensions[terms.MASTERY_SCORE] = session["masteryScore"]
    statement: JsonObject = {
        "id": str(uuid.uuid4()),
        "actor": registration["actor"],
        "verb": {"id": verb, "display": {"en": terms.verb_name(verb)}},
        "object": {"objectType": "Activity", "id": session["activityId"]},
        "context": {
            **template,
            "registration": registration["id"],
            "contextActivities": activities,
            "extensions": extensions,
        },
    }
    return statement if result is None else {**statement, "result": result}
