"""Who has met what: AUs by their moveOn, blocks and the course by what is in them. Spec: cmi5 9.3.9, 13.1.4.

Pure. `aus` is AU id -> what is known of it in a registration: {"moveOn", "completed", "passed", "waived",
"satisfied"}, each absent until it is so; a claim of completed or passed counts once it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from lrs.cmi5.terms import NOT_APPLICABLE
from lrs.xapi import JsonObject

MoveOn = Callable[[JsonObject], str]
"""AU of the structure -> the moveOn that holds for it outside of a launch."""


def is_met(au: JsonObject, state: JsonObject, move_on: MoveOn) -> bool:
    """Whether an AU is satisfied: once it is, it stays so."""
    if "satisfied" in state or "waived" in state:
        return True
    completed = bool(state.get("completed", {}).get("stored"))
    passed = bool(state.get("passed", {}).get("stored"))
    # What the LaunchData of the last launch said goes before the course structure (9.3.3.0-3).
    criterion = state.get("moveOn") or move_on(au)
    return {
        NOT_APPLICABLE: True,
        "Completed": completed,
        "Passed": passed,
        "CompletedAndPassed": completed and passed,
        "CompletedOrPassed": completed or passed,
    }[criterion]


def met_aus(parent: JsonObject, aus: Mapping[str, JsonObject], move_on: MoveOn) -> Iterator[str]:
    """Yield the id of each AU below a course or block that is satisfied."""
    for child in parent["children"]:
        if child["type"] == "block":
            yield from met_aus(child, aus, move_on)
        elif is_met(child, aus.get(child["id"], {}), move_on):
            yield child["id"]


def met_groups(parent: JsonObject, met: frozenset[str]) -> Iterator[JsonObject]:
    """Yield each block all of whose AUs and blocks are satisfied, inner ones first, then `parent` if it is."""
    inner: set[str] = set()
    for child in parent["children"]:
        if child["type"] == "block":
            for group in met_groups(child, met):
                inner.add(group["id"])
                yield group
    if all(
        child["id"] in (met if child["type"] == "au" else inner) for child in parent["children"]
    ):
        yield parent
