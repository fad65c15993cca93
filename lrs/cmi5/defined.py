"""What a cmi5 defined statement must look like: pure. Defined is what has the cmi5 category, whatever its verb.

Spec: cmi5 7.1.3, 9.3 to 9.6.
"""

from __future__ import annotations

from lrs.cmi5 import terms
from lrs.cmi5.violations import Violation
from lrs.xapi import JsonObject

_SUCCESS = {terms.PASSED: True, terms.FAILED: False}
_DURATION = {
    terms.TERMINATED: "9.5.4.1-1",
    terms.COMPLETED: "9.5.4.1-2",
    terms.PASSED: "9.5.4.1-3",
    terms.FAILED: "9.5.4.1-4",
}
_JUDGED = (terms.COMPLETED, terms.PASSED, terms.FAILED)
_RESULT = "/result"
_MAX_PROGRESS = 100


def is_defined(statement: JsonObject) -> bool:
    """Whether a statement is a cmi5 defined one. Spec: cmi5 7.1.3, 9.6.2.1."""
    return terms.CMI5_CATEGORY in activity_ids(statement, "category")


def check_defined(session: JsonObject, statement: JsonObject) -> None:
    """Return if the statement by itself is a good cmi5 defined statement of the session.

    Raises: Violation (403).
    """
    verb = statement["verb"]["id"]
    if verb not in terms.AU_VERBS:
        raise Violation(
            "9.3.0.0-1",
            "No cmi5 defined statement of an AU has this verb.",
            pointer="/verb/id",
            allowed=", ".join(terms.AU_VERBS),
        )
    target = statement["object"]
    if (
        target.get("objectType", "Activity") != "Activity"
        or target.get("id") != session["activityId"]
    ):
        raise Violation(
            "8.1.5.0-6", "The object is not the activity of the launch.", pointer="/object/id"
        )
    _check_mode(session["launchMode"], verb)
    result = statement.get("result", {})
    _check_outcome(verb, result)
    _check_score(verb, result.get("score"), statement, session)
    _check_moveon(verb, result, statement)
    _check_progress(result)


def _check_mode(mode: str, verb: str) -> None:
    if mode != "Normal" and verb in _JUDGED:
        requirement = "10.2.2.0-2" if mode == "Browse" else "10.2.2.0-3"
        raise Violation(
            requirement,
            f"The AU was launched in {mode} mode.",
            pointer="/verb/id",
            allowed="initialized, terminated",
        )


def _check_outcome(verb: str, result: JsonObject) -> None:
    wanted = _SUCCESS.get(verb)
    if result.get("success") is not wanted:
        requirement = {True: "9.5.2.0-1", False: "9.5.2.0-2", None: "9.5.2.0-3"}[wanted]
        raise Violation(
            requirement,
            "The success of the result is not what the verb says.",
            pointer=f"{_RESULT}/success",
            allowed="true for passed, false for failed, else none",
        )
    completion = True if verb == terms.COMPLETED else None
    if result.get("completion") is not completion:
        raise Violation(
            "9.5.3.0-1" if completion else "9.5.3.0-2",
            "The completion of the result is not what the verb says.",
            pointer=f"{_RESULT}/completion",
            allowed="true for completed, else none",
        )
    if verb in _DURATION and "duration" not in result:
        raise Violation(
            _DURATION[verb], "The result has no duration.", pointer=f"{_RESULT}/duration"
        )


def _check_score(
    verb: str, score: JsonObject | None, statement: JsonObject, session: JsonObject
) -> None:
    if score is None:
        return
    pointer = f"{_RESULT}/score"
    if verb not in _SUCCESS:
        raise Violation("9.5.1.0-2", "Only passed and failed have a score.", pointer=pointer)
    if "raw" in score and not {"min", "max"} <= score.keys():
        raise Violation("9.5.1.0-3", "A raw score needs min and max.", pointer=pointer)
    for name in ("raw", "min", "max"):
        if name in score and score[name] != int(score[name]):
            raise Violation(
                "9.5.1", "The score is not a whole number.", pointer=f"{pointer}/{name}"
            )
    if "raw" in score and not score["min"] <= score["raw"] <= score["max"]:
        raise Violation("9.5.1", "The raw score is not from min to max.", pointer=f"{pointer}/raw")
    scaled = score.get("scaled")
    if scaled is not None and not 0 <= scaled <= 1:
        raise Violation(
            "9.5.1", "The scaled score is not from 0 to 1.", pointer=f"{pointer}/scaled"
        )
    # A mastery score of 0 is one: everybody passes.
    if "masteryScore" in session:
        _check_mastery(verb, scaled, statement, session["masteryScore"])


def _check_mastery(verb: str, scaled: float | None, statement: JsonObject, mastery: float) -> None:
    if scaled is not None and (scaled >= mastery) != (verb == terms.PASSED):
        raise Violation(
            "9.3.4.0-2" if verb == terms.PASSED else "9.3.5.0-2",
            "The verb does not go with the score and the masteryScore.",
            pointer=f"{_RESULT}/score/scaled",
            allowed=f"at least {mastery} for passed, less for failed",
        )
    extensions = statement["context"].get("extensions", {})
    if extensions.get(terms.MASTERY_SCORE) != mastery:
        raise Violation(
            "9.6.3.2-2",
            "The masteryScore in the context is not the one of the launch.",
            pointer="/context/extensions",
            allowed=f"{terms.MASTERY_SCORE}: {mastery}",
        )


def _check_moveon(verb: str, result: JsonObject, statement: JsonObject) -> None:
    has_category = terms.MOVEON_CATEGORY in activity_ids(statement, "category")
    is_wanted = "success" in result or "completion" in result
    if has_category != is_wanted:
        raise Violation(
            "9.6.2.2-1" if is_wanted else "9.6.2.2-2",
            "The moveOn category belongs to results with success or completion, and to no others.",
            pointer="/context/contextActivities/category",
        )


def _check_progress(result: JsonObject) -> None:
    progress = result.get("extensions", {}).get(terms.PROGRESS)
    if progress is None:
        return
    is_number = isinstance(progress, int | float) and not isinstance(progress, bool)
    if not is_number or progress != int(progress) or not 0 <= progress <= _MAX_PROGRESS:
        raise Violation(
            "9.5.5.1",
            "The progress is not a percentage.",
            pointer=f"{_RESULT}/extensions",
            allowed="a whole number from 0 to 100",
        )


def activity_ids(statement: JsonObject, kind: str) -> set[str]:
    """Return the ids of the contextActivities of a kind; a lone one counts as a list."""
    held = statement.get("context", {}).get("contextActivities", {}).get(kind, [])
    return {one["id"] for one in (held if isinstance(held, list) else [held])}
