"""What each scope lets a credential do: the one table that decides."""

from __future__ import annotations

from collections.abc import Iterable

WRITE = "statements/write"
READ = "statements/read"
READ_MINE = "statements/read/mine"
VOID = "statements/void"
STATE_READ = "state/read"
STATE_WRITE = "state/write"
PROFILE_READ = "profile/read"
PROFILE_WRITE = "profile/write"
CMI5 = "cmi5"
REPORTS = "reports/read"
ACTIVITY = "activity/read"
"""To see what learners do; without it, reports are those on obligations alone: who must hold what, and does."""
NAMES = "people/names"
"""To see learners by name; without it they appear under pseudonyms."""
RECORD = "ledgers/write"
"""To write in ledgers; for people alone, no scope of a credential grants it."""
BROWSE = "statements/browse"
ADMINISTER = "administer"
"""Accounts, credentials, rejected requests: for people alone, no scope of a credential grants it."""

_STATEMENTS = frozenset({READ, READ_MINE, REPORTS, ACTIVITY, NAMES})
_READS = _STATEMENTS | {STATE_READ, PROFILE_READ}
_STATE = frozenset({STATE_READ, STATE_WRITE})
_PROFILE = frozenset({PROFILE_READ, PROFILE_WRITE})

SCOPES: dict[str, frozenset[str]] = {
    "all": _READS | _STATE | _PROFILE | {WRITE, VOID, CMI5},
    "all/read": _READS,
    "statements/write": frozenset({WRITE}),
    "statements/read": _STATEMENTS,
    "statements/read/mine": frozenset({READ_MINE}),
    "statements/void": frozenset({VOID}),
    "state": _STATE,
    "profile": _PROFILE,
    "cmi5": frozenset({CMI5}),
}
"""Scope -> what it grants. Names are those of Communication 4.2; `statements/void` and `cmi5` are ours."""


def granted(scopes: Iterable[str]) -> frozenset[str]:
    """Return all that the scopes grant together.

    Raises: ValueError, naming it, if a scope is unknown.
    """
    rights: set[str] = set()
    for scope in scopes:
        if scope not in SCOPES:
            raise ValueError(f"{scope} is not a scope; there are {', '.join(SCOPES)}.")
        rights |= SCOPES[scope]
    return frozenset(rights)
