"""The table of scopes: what each one lets a credential do."""

from __future__ import annotations

import pytest

from lrs.auth.principal import Principal
from lrs.auth.roles import Reach
from lrs.auth.scopes import (
    CMI5,
    PROFILE_READ,
    PROFILE_WRITE,
    READ,
    READ_MINE,
    SCOPES,
    STATE_READ,
    STATE_WRITE,
    VOID,
    WRITE,
    granted,
)
from lrs.errors import Forbidden
from lrs.xapi.keys import authority_key
from tests.build import AUTHORITY

RIGHTS = (
    WRITE, READ, READ_MINE, VOID, STATE_READ, STATE_WRITE, PROFILE_READ, PROFILE_WRITE, CMI5,
)  # fmt: skip
TABLE = {
    # scope: statements: write, read, read mine, void; state: read, write; profiles: read, write; cmi5
    "all": "yes yes yes yes  yes yes  yes yes  yes",
    "all/read": "no yes yes no  yes no  yes no  no",
    "statements/write": "yes no no no  no no  no no  no",
    "statements/read": "no yes yes no  no no  no no  no",
    "statements/read/mine": "no no yes no  no no  no no  no",
    "statements/void": "no no no yes  no no  no no  no",
    "state": "no no no no  yes yes  no no  no",
    "profile": "no no no no  no no  yes yes  no",
    "cmi5": "no no no no  no no  no no  yes",
}


def principal(*scopes: str) -> Principal:
    return Principal("key", AUTHORITY, granted(scopes))


def test_every_scope_is_in_the_table() -> None:
    assert TABLE.keys() == SCOPES.keys()


@pytest.mark.parametrize("scope", TABLE)
def test_a_scope_grants_what_the_table_says(scope: str) -> None:
    who = principal(scope)
    assert ["yes" if who.may(right) else "no" for right in RIGHTS] == TABLE[scope].split()


def test_scopes_add_up() -> None:
    assert granted(["statements/write", "statements/read/mine"]) == {WRITE, READ_MINE}


def test_no_scope_grants_nothing() -> None:
    assert granted([]) == frozenset()


def test_an_unknown_scope_is_named() -> None:
    with pytest.raises(ValueError, match="statements/delete is not a scope"):
        granted(["statements/delete"])


def test_a_missing_right_is_refused_with_the_scope_that_would_do() -> None:
    with pytest.raises(Forbidden) as refused:
        principal("statements/write").demand(READ)
    assert refused.value.code == "scope"
    assert READ in str(refused.value.allowed)


def test_who_reads_all_is_not_narrowed() -> None:
    assert principal("statements/read").narrow() is None


def test_who_reads_mine_is_narrowed_to_the_own_authority() -> None:
    assert principal("statements/read/mine").narrow() == authority_key(AUTHORITY)


def test_who_only_writes_reads_nothing() -> None:
    with pytest.raises(Forbidden):
        principal("statements/write").narrow()


def test_what_is_about_everybody_is_not_for_who_may_see_a_part() -> None:
    Principal("all", AUTHORITY, frozenset()).demand_everyone()
    for reach in (Reach.TEAM, Reach.SELF):
        with pytest.raises(Forbidden, match="everybody"):
            Principal("part", AUTHORITY, frozenset(), reach=reach).demand_everyone()
