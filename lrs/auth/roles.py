"""What each role lets a person see and do: the one table that pages, reports and forms ask."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lrs.auth.scopes import ACTIVITY, ADMINISTER, BROWSE, NAMES, RECORD, REPORTS, SCOPES


class Reach(Enum):
    """Whose data somebody may see."""

    EVERYONE = "everyone"
    TEAM = "own team"
    SELF = "own data"


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its rights, and whose data they are about."""

    about: str
    rights: frozenset[str]
    reach: Reach


ROLES: dict[str, Role] = {
    "administrator": Role(
        "Runs the LRS: accounts, credentials, statements, rejected requests; sees everyone by name.",
        SCOPES["all"] | {ADMINISTER, BROWSE, REPORTS, NAMES, RECORD},
        Reach.EVERYONE,
    ),
    "analyst": Role(
        "Sees every report, and writes in ledgers; learners appear under pseudonyms, and who must be reached is"
        " named by their manager, or by an administrator.",
        frozenset({REPORTS, ACTIVITY, RECORD}),
        Reach.EVERYONE,
    ),
    "compliance": Role(
        "Sees who must hold what, certificates, deadlines and the auditor's pack, everyone by name; not what learners"
        " do from day to day.",
        frozenset({REPORTS, NAMES}),
        Reach.EVERYONE,
    ),
    "manager": Role(
        "Sees reports on the own team, by name.",
        frozenset({REPORTS, ACTIVITY, NAMES}),
        Reach.TEAM,
    ),
    "learner": Role(
        "Sees what is kept about oneself.",
        frozenset({REPORTS, ACTIVITY, NAMES, BROWSE}),
        Reach.SELF,
    ),
}
"""Role -> what it grants. Rights are those of lrs.auth.scopes."""


def role_named(name: str) -> Role:
    """Return a role.

    Raises: ValueError, naming those there are.
    """
    if name not in ROLES:
        raise ValueError(f"{name} is not a role; there are {', '.join(ROLES)}.")
    return ROLES[name]
