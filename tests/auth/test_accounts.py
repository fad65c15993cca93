"""Accounts and sessions on every store: passwords, roles, rest after failures, ends of sessions."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from lrs.auth.accounts import MOST_FAILURES, REST_SECONDS, Accounts
from lrs.auth.roles import ROLES, Reach
from lrs.auth.scopes import ACTIVITY, ADMINISTER, BROWSE, NAMES, READ, REPORTS
from lrs.auth.sessions import Sessions
from lrs.stores.protocol import Store
from tests.stores.conftest import WIRE_URI, empty_backend

SECOND = 1_000_000
PASSWORD = "a long password"
IDLE = 3_600
HOME = "https://lrs.example.org"

RIGHTS = (READ, BROWSE, REPORTS, ACTIVITY, NAMES, ADMINISTER)
TABLE = {
    # role: read all, browse, reports, activity, names, administer; whose data
    "administrator": ("yes yes yes yes yes yes", Reach.EVERYONE),
    "analyst": ("no no yes yes no no", Reach.EVERYONE),
    "compliance": ("no no yes no yes no", Reach.EVERYONE),
    "manager": ("no no yes yes yes no", Reach.TEAM),
    "learner": ("no yes yes yes yes no", Reach.SELF),
}


class Clock:
    now = 1_700_000_000 * SECOND

    def __call__(self) -> int:
        return self.now

    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=("sqlite", "wire") if WIRE_URI else ("sqlite",))
def store(request: pytest.FixtureRequest) -> Callable[[], Store]:
    with empty_backend(request.param) as backend:
        yield backend.open  # type: ignore[misc]  # a fixture of pytest's own kind


@pytest.fixture
def accounts(store: Callable[[], Store], clock: Clock) -> Accounts:
    records = store().records
    accounts = Accounts(records, clock, Sessions(records, clock, IDLE), HOME)
    accounts.add("boss", role="administrator", password=PASSWORD)
    return accounts


def test_every_role_is_in_the_table() -> None:
    assert TABLE.keys() == ROLES.keys()


@pytest.mark.parametrize("role", TABLE)
def test_a_role_grants_what_the_table_says(role: str) -> None:
    grants = " ".join("yes" if right in ROLES[role].rights else "no" for right in RIGHTS)
    assert (grants, ROLES[role].reach) == TABLE[role]


def test_a_session_says_who_it_is(accounts: Accounts) -> None:
    agent = {"mbox": "mailto:anna@example.org"}
    accounts.add("anna", role="learner", password=PASSWORD, agent=agent)
    who = accounts.of_session(accounts.sign_in("anna", PASSWORD) or "")
    assert who is not None
    assert (who.name, who.role, who.reach, who.agent) == ("anna", "learner", Reach.SELF, agent)
    assert who.authority["account"] == {"homePage": HOME, "name": "anna"}


def test_neither_password_nor_token_is_kept(accounts: Accounts, store: Callable[[], Store]) -> None:
    token = accounts.sign_in("boss", PASSWORD) or ""
    records = store().records
    kept = str([records.all(kind) for kind in ("account", "session")])
    assert "$argon2id$" in kept
    assert token
    assert token not in kept
    assert PASSWORD not in kept


def test_a_password_that_is_made_up_works(accounts: Accounts) -> None:
    assert accounts.verify("anna", accounts.add("anna", role="analyst"))


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a/b", "x" * 101, "a\n"])
def test_a_name_that_cannot_be_one_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(ValueError, match="The name of an account"):
        accounts.add(name, role="analyst")


@pytest.mark.parametrize("password", ["", "x" * 11, "x" * 201])
def test_a_password_too_short_or_too_long_is_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(ValueError, match="12 to 200 signs"):
        accounts.add("anna", role="analyst", password=password)
    assert "anna" not in accounts.all()


def test_wrong_passwords_make_an_account_rest_and_time_ends_it(
    accounts: Accounts, clock: Clock
) -> None:
    for _ in range(MOST_FAILURES):
        assert not accounts.verify("boss", "wrong")
    assert not accounts.verify("boss", PASSWORD)
    clock.wait(REST_SECONDS)
    assert accounts.verify("boss", PASSWORD)


def test_a_right_password_in_time_clears_the_count(accounts: Accounts) -> None:
    for _ in range(3):
        for _ in range(MOST_FAILURES - 1):
            assert not accounts.verify("boss", "wrong")
        assert accounts.verify("boss", PASSWORD)


def test_guesses_at_the_same_time_are_all_counted(accounts: Accounts) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(lambda _: accounts.verify("boss", "wrong"), range(16)))
    assert not accounts.verify("boss", PASSWORD)


def test_a_new_password_ends_rest_and_sessions(accounts: Accounts) -> None:
    token = accounts.sign_in("boss", PASSWORD) or ""
    for _ in range(MOST_FAILURES):
        accounts.verify("boss", "wrong")
    accounts.set_password("boss", "another password")
    assert accounts.of_session(token) is None
    assert accounts.verify("boss", "another password")


def test_an_account_that_took_the_name_of_a_resting_one_does_not_rest(accounts: Accounts) -> None:
    accounts.add("anna", role="analyst", password=PASSWORD)
    for _ in range(MOST_FAILURES):
        accounts.verify("anna", "wrong")
    accounts.remove("anna")
    accounts.add("anna", role="analyst", password=PASSWORD)
    assert accounts.verify("anna", PASSWORD)


def test_nothing_is_kept_of_a_removed_account(accounts: Accounts) -> None:
    for name in ("anna", "berta"):
        accounts.add(name, role="learner", password=PASSWORD)
        accounts.sign_in(name, PASSWORD)
        accounts.verify(name, "wrong")

    accounts.remove("anna")

    records = accounts._records
    for kind in ("account", "resting-account"):
        assert set(records.names(kind)) & {"anna", "berta"} == {"berta"}
    assert [one["account"] for one in records.all("session").values()] == ["berta"]
    assert "anna" not in records.tallies("failed-sign-in")


def test_a_removed_account_has_no_session_not_even_under_its_name(accounts: Accounts) -> None:
    accounts.add("anna", role="analyst", password=PASSWORD)
    token = accounts.sign_in("anna", PASSWORD) or ""
    accounts.remove("anna")
    assert accounts.of_session(token) is None
    accounts.add("anna", role="administrator", password=PASSWORD)
    assert accounts.of_session(token) is None


def test_a_role_changes_in_running_sessions(accounts: Accounts) -> None:
    accounts.add("anna", role="administrator", password=PASSWORD)
    token = accounts.sign_in("anna", PASSWORD) or ""
    accounts.set_role("anna", "learner")
    who = accounts.of_session(token)
    assert who is not None
    assert not who.may(ADMINISTER)


def test_the_last_administrator_stays(accounts: Accounts) -> None:
    with pytest.raises(ValueError, match="last administrator"):
        accounts.remove("boss")
    with pytest.raises(ValueError, match="last administrator"):
        accounts.set_role("boss", "learner")
    accounts.set_role("boss", "administrator")


def test_a_session_ends_when_nobody_uses_it(accounts: Accounts, clock: Clock) -> None:
    token = accounts.sign_in("boss", PASSWORD) or ""
    for _ in range(3):
        clock.wait(IDLE - 1)
        assert accounts.of_session(token) is not None
    clock.wait(IDLE + 1)
    assert accounts.of_session(token) is None


def test_a_session_ends_after_a_week_however_busy(accounts: Accounts, clock: Clock) -> None:
    token = accounts.sign_in("boss", PASSWORD) or ""
    hours = 0
    while accounts.of_session(token) is not None and hours < 24 * 8:
        clock.wait(IDLE)
        hours += 1
    assert hours == 24 * 7 + 1


def test_sessions_that_are_over_are_swept_out(
    accounts: Accounts, clock: Clock, store: Callable[[], Store]
) -> None:
    accounts.sign_in("boss", PASSWORD)
    clock.wait(IDLE + 1)
    accounts.sign_in("boss", PASSWORD)
    assert len(store().records.names("session")) == 1


def test_another_process_knows_the_session(
    accounts: Accounts, store: Callable[[], Store], clock: Clock
) -> None:
    token = accounts.sign_in("boss", PASSWORD) or ""
    records = store().records
    other = Accounts(records, clock, Sessions(records, clock, IDLE), HOME)
    assert other.of_session(token) is not None
    other.sign_out(token)
    assert accounts.of_session(token) is None
