"""The IRIs and words of cmi5. Spec: cmi5 8.1, 9.3, 9.5.5, 9.6, 10.2."""

from __future__ import annotations

NAMESPACE = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"

_AU_VERB = "http://adlnet.gov/expapi/verbs/"
_LMS_VERB = "https://w3id.org/xapi/adl/verbs/"
LAUNCHED = f"{_AU_VERB}launched"
INITIALIZED = f"{_AU_VERB}initialized"
COMPLETED = f"{_AU_VERB}completed"
PASSED = f"{_AU_VERB}passed"
FAILED = f"{_AU_VERB}failed"
TERMINATED = f"{_AU_VERB}terminated"
ABANDONED = f"{_LMS_VERB}abandoned"
WAIVED = f"{_LMS_VERB}waived"
SATISFIED = f"{_LMS_VERB}satisfied"
AU_VERBS = (INITIALIZED, COMPLETED, PASSED, FAILED, TERMINATED)

_CONTEXT = "https://w3id.org/xapi/cmi5/context/"
CMI5_CATEGORY = f"{_CONTEXT}categories/cmi5"
MOVEON_CATEGORY = f"{_CONTEXT}categories/moveon"
SESSION_ID = f"{_CONTEXT}extensions/sessionid"
MASTERY_SCORE = f"{_CONTEXT}extensions/masteryscore"
LAUNCH_MODE = f"{_CONTEXT}extensions/launchmode"
LAUNCH_URL = f"{_CONTEXT}extensions/launchurl"
MOVE_ON = f"{_CONTEXT}extensions/moveon"
LAUNCH_PARAMETERS = f"{_CONTEXT}extensions/launchparameters"
PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"
REASON = "https://w3id.org/xapi/cmi5/result/extensions/reason"

BLOCK_TYPE = "https://w3id.org/xapi/cmi5/activitytype/block"
COURSE_TYPE = "https://w3id.org/xapi/cmi5/activitytype/course"

LAUNCH_DATA = "LMS.LaunchData"
PREFERENCES = "cmi5LearnerPreferences"
LAUNCH_NAMES = ("endpoint", "fetch", "actor", "registration", "activityId")
LAUNCH_MODES = ("Normal", "Browse", "Review")
LAUNCH_METHODS = ("AnyWindow", "OwnWindow")
MOVE_ON_VALUES = ("NotApplicable", "Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed")
NOT_APPLICABLE = MOVE_ON_VALUES[0]


def verb_name(iri: str) -> str:
    """Return the last part of a verb's IRI, which is its English name for all verbs of cmi5."""
    return iri.rpartition("/")[2]
