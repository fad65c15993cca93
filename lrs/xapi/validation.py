"""Whether a statement, or an agent from a URL, follows the specification: the schema first, then the rules."""

from __future__ import annotations

from lrs.xapi import JsonObject
from lrs.xapi.rules import RULES
from lrs.xapi.schema import schemas
from lrs.xapi.version import Version


def validate(statement: object, version: Version) -> JsonObject:
    """Return the very statement that came in, now known to follow `version`.

    Repeated keys and depth are checked where the JSON is read.
    Raises: BadRequest for the first fault, with a pointer into the statement.
    Spec: Data 2.2 to 2.4, 4 (1.0.3); 4.2 (2.0).
    """
    schemas().statements[version.schema].check(statement)
    assert isinstance(statement, dict)  # noqa: S101 the schema says so
    for rule in RULES:
        rule(statement, version)
    return statement


def validate_agent(value: object, *, group_allowed: bool) -> JsonObject:
    """Return the very agent that came in, now known to follow the specification.

    Raises: BadRequest for the first fault, with a pointer into the agent.
    Spec: Data 2.4.2 (1.0.3), to the standards of which parameters are held by Data 2.2.
    """
    (schemas().actor if group_allowed else schemas().agent).check(value)
    assert isinstance(value, dict)  # noqa: S101 the schema says so
    return value
