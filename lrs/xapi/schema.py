"""The JSON Schemas: compiled once to decide, read slowly to explain a refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from referencing import Registry, Resource

from lrs import files
from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.text import pointer

_TYPES = {
    "array": "an array",
    "boolean": "a boolean",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}
_CODES = {
    "additionalProperties": "unknown-property",
    "required": "missing-property",
    "type": "wrong-type",
}


@dataclass(frozen=True, slots=True)
class Schema:
    """One schema twice over: `decider` is fast and says yes or no, `explainer` is slow and says why."""

    decider: jsonschema_rs.Draft202012Validator
    explainer: Validator

    def check(self, value: object) -> None:
        """Return if `value` follows the schema.

        Raises: BadRequest for the first fault, with a pointer into `value`.
        """
        if not self.decider.is_valid(value):
            # The decider alone refuses infinity and NaN, which JSON text cannot hold.
            raise next(self.faults(value), BadRequest("The value is not JSON."))

    def faults(self, value: Any) -> Iterator[BadRequest]:
        """Yield one refusal for each fault, in the order of the schema."""
        for error in self.explainer.iter_errors(value):
            yield _refusal(error)


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas of one folder, ready for use."""

    statements: dict[str, Schema]
    """By the `$id` that a Version names."""
    agent: Schema
    actor: Schema
    """An Agent or a Group."""


def load_schemas(folder: Path) -> Schemas:
    """Return the schemas of the folder, compiled; takes some tens of milliseconds."""
    texts = (path.read_bytes() for path in sorted(folder.glob("*.json")))
    documents = {document["$id"]: document for document in map(json.loads, texts)}
    return Schemas(
        statements={
            name: _compile(name, documents) for name in documents if name.startswith("statement-")
        },
        agent=_compile("common#/$defs/agent", documents),
        actor=_compile("common#/$defs/actor", documents),
    )


@cache
def schemas() -> Schemas:
    """Return the schemas that travel with the code, compiled at the first call."""
    return load_schemas(files.schemas())


def _compile(reference: str, documents: dict[str, JsonObject]) -> Schema:
    root = {"$ref": reference}
    resources = [
        (name, Resource.from_contents(_explaining(document)))
        for name, document in documents.items()
    ]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Schema(
        decider=jsonschema_rs.Draft202012Validator(
            root,
            registry=jsonschema_rs.Registry(list(documents.items())),
            # Linear-time matching: no statement can make a pattern run away.
            pattern_options=jsonschema_rs.RegexOptions(),
        ),
        explainer=Draft202012Validator(root, registry=registry),
    )


def _explaining(node: Any, section: str | None = None) -> Any:
    """Return the schema as the explainer needs it.

    Each part that names a type has the x-section of the nearest part around it that has one, and patterns end in
    "\\Z": to Python alone, "$" also fits before a closing line feed.
    """
    if isinstance(node, list):
        return [_explaining(part, section) for part in node]
    if not isinstance(node, dict):
        return node
    section = node.get("x-section", section)
    inner = {name: _explaining(part, section) for name, part in node.items()}
    if isinstance(node.get("type"), str):
        inner["x-section"] = section
    if isinstance(node.get("pattern"), str):
        inner["pattern"] = node["pattern"].removesuffix("$") + r"\Z"
    return inner


def _refusal(error: ValidationError) -> BadRequest:
    """Return what a client is told about a fault: the place and the rule, never the value."""
    path = list(error.absolute_path)
    schema: Any = error.schema
    keyword: Any = error.validator
    demanded: Any = error.validator_value
    found: Any = error.instance
    code = _CODES.get(keyword) or schema.get("x-code", "not-allowed")
    allowed = schema.get("x-allowed") or _TYPES.get(str(demanded))
    if keyword == "additionalProperties":
        path.append(next(name for name in found if name not in schema["properties"]))
        allowed = ", ".join(schema["properties"])
        message = f"The property {_place(path)} is not known here."
    elif keyword == "required":
        missing = next(name for name in demanded if name not in found)
        message = f'The property "{missing}" is missing in {_place(path)}.'
    elif found is None:
        code = "null-not-allowed"
        message = f"The value of {_place(path)} is null, which only extensions may hold."
    elif "propertyNames" in error.absolute_schema_path:
        path.append(found)
        message = f"The key {_place(path)} is not {allowed}."
    else:
        message = f"The value of {_place(path)} is not {allowed}."
    return BadRequest(
        message,
        code=code,
        pointer=pointer(path),
        allowed=allowed,
        section=schema.get("x-section"),
    )


def _place(path: list[str | int]) -> str:
    """Name a place by its last two parts; the refusal's pointer gives all of them."""
    return '"' + ".".join(map(str, path[-2:])) + '"' if path else "the whole"
