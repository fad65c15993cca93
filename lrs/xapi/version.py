"""Version: every difference between xAPI 1.0.3 and 2.0 as a question that the rest of the code can ask."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lrs.errors import BadRequest
from lrs.xapi.terms import RFC_3339, TIMESTAMP


@dataclass(frozen=True, slots=True)
class Version:
    """One xAPI version as this LRS speaks it."""

    name: str
    """The version answered in X-Experience-API-Version."""
    header: re.Pattern[str]
    """What a request's version header may say to be served by this version."""
    statement_version: re.Pattern[str]
    """What a statement's own `version` property may say under this version."""
    statement_versions: str
    """The same in words."""
    stamp: str
    """The `version` given to a statement that came without one."""
    timestamp: re.Pattern[str]
    """Which of the forms of a time are accepted in a statement."""
    schema: str
    """The `$id` of the JSON Schema for statements."""
    guarded_resources: frozenset[str]
    """The document resources where a PUT over an existing document needs If-Match or If-None-Match."""
    tolerates_quirks: bool
    """Whether a credential's tolerances (quirks) hold for requests of this version."""
    alternate_requests: bool
    """Whether requests may come in the alternate syntax: everything as a POST of a form."""
    guards_creation: bool
    """Whether in those resources a PUT of a new document needs one of the two as well."""


V1_0_3 = Version(
    name="1.0.3",
    header=re.compile(r"1\.0(\.\d+)?"),
    statement_version=re.compile(r"1\.0(\.\d+)?"),
    statement_versions="1.0 or 1.0.x",
    stamp="1.0.0",
    timestamp=TIMESTAMP,
    schema="statement-1.0.3",
    guarded_resources=frozenset({"activity-profile", "agent-profile"}),
    alternate_requests=True,
    guards_creation=True,
    tolerates_quirks=True,
)

V2_0 = Version(
    name="2.0.0",
    header=re.compile(r"2\.0(\.\d+)?"),
    statement_version=re.compile(r"[12]\.0(\.\d+)?"),
    statement_versions="1.0.x or 2.0.x",
    stamp="2.0.0",
    timestamp=RFC_3339,
    schema="statement-2.0",
    guarded_resources=frozenset({"state", "activity-profile", "agent-profile"}),
    alternate_requests=False,
    guards_creation=False,
    tolerates_quirks=False,
)

VERSIONS = (V1_0_3, V2_0)
SUPPORTED = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0.0")
"""What the about resource lists."""


def version_of(header: str | None) -> Version:
    """Return the version that serves a request whose X-Experience-API-Version is `header`.

    Raises: BadRequest if the header is missing or names a version that is not spoken here.
    Spec: Communication 3.3 (1.0.3); 4.1.6.1 (2.0).
    """
    if header is None:
        raise BadRequest(
            "The X-Experience-API-Version header is missing.",
            code="version-missing",
            allowed="1.0, 1.0.x, 2.0 or 2.0.x",
            section="Communication 3.3",
        )
    for version in VERSIONS:
        if version.header.fullmatch(header.strip()):
            return version
    raise BadRequest(
        "The X-Experience-API-Version header names a version that is not spoken here.",
        code="version-unsupported",
        allowed="1.0, 1.0.x, 2.0 or 2.0.x",
        section="Communication 3.3",
    )


def version_of_statement(statement_version: object) -> Version:
    """Return the version that a statement from a file is checked by: the one its `version` names, else 1.0.3."""
    if isinstance(statement_version, str):
        for version in VERSIONS:
            if version.statement_version.fullmatch(statement_version):
                return version
    return V1_0_3
