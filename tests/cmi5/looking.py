"""What tests of the LMS look at."""

from __future__ import annotations

import json

from lrs.cmi5 import terms
from lrs.xapi import JsonObject
from lrs.xapi.document import DocumentKey, Scope
from tests.cmi5.build import LEARNER
from tests.cmi5.conftest import Au, Lms

BOTH = {"moveOn": "CompletedAndPassed", "masteryScore": "0.9"}


def launch_data(lms: Lms, one: Au) -> JsonObject:
    registration, session = one.held
    scope = Scope(
        resource="state",
        activity=session["activityId"],
        agent=f"account|{LEARNER['account']['homePage']}|{LEARNER['account']['name']}",
        registration=registration["id"],
    )
    held = lms.services.documents.get(DocumentKey(scope, terms.LAUNCH_DATA))
    document: JsonObject = json.loads(held.content)
    return document


def extensions(statement: JsonObject) -> JsonObject:
    found: JsonObject = statement["context"]["extensions"]
    return found
