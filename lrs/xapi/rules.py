"""What JSON Schema cannot say about a statement: one function a rule, each raising for its first breach."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.statement import is_voiding, target_of
from lrs.xapi.terms import parse_timestamp
from lrs.xapi.version import Version

Rule = Callable[[JsonObject, Version], None]
"""Looks at a statement that already follows its schema. Raises: BadRequest."""

_COMPONENT_LISTS = {
    "choices": ("choice", "sequencing"),
    "scale": ("likert",),
    "source": ("matching",),
    "target": ("matching",),
    "steps": ("performance",),
}


def check_version(statement: JsonObject, version: Version) -> None:
    """Refuse a `version` that the request's version does not carry. Spec: Data 2.4.10 (1.0.3); 4.2.4.3 (2.0)."""
    own = statement.get("version")
    if own is not None and version.statement_version.fullmatch(own) is None:
        raise BadRequest(
            "The version of the statement does not go with that of the request.",
            code="statement-version",
            pointer="/version",
            allowed=f"{version.statement_versions}, or no version",
            section="Data 2.4.10",
        )


def check_times(statement: JsonObject, version: Version) -> None:
    """Refuse times that no calendar has, and forms that the version does not have.

    Spec: Data 4.5 (1.0.3), ISO 8601; 4.2.7 (2.0), RFC 3339.
    """
    for prefix, part in _parts(statement):
        for name in ("timestamp", "stored"):
            if name in part:
                try:
                    parse_timestamp(part[name])
                except BadRequest as refusal:
                    raise refusal.under(f"{prefix}/{name}") from None
                if version.timestamp.fullmatch(part[name]) is None:
                    raise BadRequest(
                        "The timestamp does not follow RFC 3339.",
                        code="timestamp-rfc-3339",
                        pointer=f"{prefix}/{name}",
                        allowed="an RFC 3339 timestamp with its zone, such as 2026-01-31T12:00:00.123Z",
                        section="4.2.7 (2.0)",
                    )


def check_scores(statement: JsonObject, _: Version) -> None:
    """Refuse a score whose min is not below its max, or whose raw lies outside them. Spec: Data 2.4.5.1 (1.0.3)."""
    for prefix, part in _parts(statement):
        score = part.get("result", {}).get("score", {})
        low, high = score.get("min", float("-inf")), score.get("max", float("inf"))
        if not low < high:
            raise BadRequest(
                "The min of the score is not less than its max.",
                code="score-range",
                pointer=f"{prefix}/result/score/min",
                allowed="a number less than max",
                section="Data 2.4.5.1",
            )
        if "raw" in score and not low <= score["raw"] <= high:
            raise BadRequest(
                "The raw score does not lie between min and max.",
                code="score-raw",
                pointer=f"{prefix}/result/score/raw",
                allowed="a number from min to max",
                section="Data 2.4.5.1",
            )


def check_activity_context(statement: JsonObject, _: Version) -> None:
    """Refuse `revision` and `platform` where the object is no Activity. Spec: Data 2.4.6 (1.0.3)."""
    for prefix, part in _parts(statement):
        if part["object"].get("objectType", "Activity") == "Activity":
            continue
        for name in ("revision", "platform"):
            if name in part.get("context", ()):
                raise BadRequest(
                    f"The context has a {name}, but the object is not an Activity.",
                    code=f"context-{name}",
                    pointer=f"{prefix}/context/{name}",
                    allowed=f"{name} only where the object is an Activity",
                    section="Data 2.4.6",
                )


def check_voiding(statement: JsonObject, _: Version) -> None:
    """Refuse to void anything but a statement. Spec: Data 2.3.2 (1.0.3)."""
    if is_voiding(statement) and target_of(statement) is None:
        raise BadRequest(
            "The verb voids, but the object is not a StatementRef.",
            code="voiding-object",
            pointer="/object",
            allowed="a StatementRef to the statement to be voided",
            section="Data 2.3.2",
        )


def check_components(statement: JsonObject, _: Version) -> None:
    """Refuse component lists that the interactionType does not have, and ids that are in one list twice.

    Spec: Data 2.4.4.1 (1.0.3), interaction components.
    """
    for prefix, definition in _definitions(statement):
        for name, types in _COMPONENT_LISTS.items():
            if name not in definition:
                continue
            if definition["interactionType"] not in types:
                raise BadRequest(
                    f"The interactionType does not go with {name}.",
                    code="interaction-components",
                    pointer=f"{prefix}/{name}",
                    allowed=f"{name} only where the interactionType is {' or '.join(types)}",
                    section="Data 2.4.4.1",
                )
            _check_ids(definition[name], prefix=f"{prefix}/{name}")


RULES: tuple[Rule, ...] = (
    check_version,
    check_times,
    check_scores,
    check_activity_context,
    check_voiding,
    check_components,
)


def _check_ids(components: list[JsonObject], *, prefix: str) -> None:
    seen: set[str] = set()
    for index, component in enumerate(components):
        if component["id"] in seen:
            raise BadRequest(
                "Two interaction components have the same id.",
                code="component-id",
                pointer=f"{prefix}/{index}/id",
                allowed="an id that no other component of the list has",
                section="Data 2.4.4.1",
            )
        seen.add(component["id"])


def _parts(statement: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield (pointer, part) for the statement and its SubStatement."""
    yield "", statement
    target = statement["object"]
    if target.get("objectType") == "SubStatement":
        yield "/object", target


def _definitions(statement: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield (pointer, definition) for each activity that is defined as an interaction."""
    for pointer, activity in _activities(statement):
        definition = activity.get("definition", {})
        if "interactionType" in definition:
            yield f"{pointer}/definition", definition


def _activities(statement: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for prefix, part in _parts(statement):
        yield f"{prefix}/object", part["object"]
        kinds = part.get("context", {}).get("contextActivities", {})
        for kind, held in kinds.items():
            pointer = f"{prefix}/context/contextActivities/{kind}"
            if isinstance(held, dict):
                yield pointer, held
            else:
                yield from ((f"{pointer}/{index}", one) for index, one in enumerate(held))
