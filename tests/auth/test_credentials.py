"""Credentials: kept as hashes, verified fast, revoked everywhere within a second."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lrs.auth.credentials import Credentials
from lrs.stores.protocol import Store
from lrs.stores.sqlite import SqliteStore

HOME = "http://lrs.example.org"


class Hand:
    """A clock moved by hand; microseconds."""

    def __init__(self) -> None:
        self.time = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.time


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def store(tmp_path: Path, clock: Hand) -> Iterator[Store]:
    store = SqliteStore(tmp_path / "lrs.sqlite", clock)
    yield store
    store.close()


@pytest.fixture
def credentials(store: Store, clock: Hand) -> Credentials:
    return Credentials(store.records, clock)


def test_a_made_credential_is_long_and_verifies(credentials: Credentials) -> None:
    key, secret = credentials.add(home_page=HOME, label="LMS")
    who = credentials.verify(key, secret)
    assert (len(key), len(secret)) == (32, 64)
    assert who is not None
    assert who.authority["account"] == {"homePage": HOME, "name": key}
    assert who.authority["name"] == "LMS"


@pytest.mark.parametrize("secret", ["wrong", "", "secre", "secret ", "SECRET"])
def test_a_wrong_secret_is_refused(credentials: Credentials, secret: str) -> None:
    credentials.add(home_page=HOME, key="key", secret="secret")
    assert credentials.verify("key", secret) is None


def test_a_wrong_secret_is_refused_after_the_right_one(credentials: Credentials) -> None:
    credentials.add(home_page=HOME, key="key", secret="secret")
    assert credentials.verify("key", "secret") is not None
    assert credentials.verify("key", "wrong") is None
    assert credentials.verify("key", "secret") is not None


def test_an_unknown_key_is_refused(credentials: Credentials) -> None:
    assert credentials.verify("nobody", "secret") is None


def test_the_secret_is_not_kept(credentials: Credentials, store: Store, tmp_path: Path) -> None:
    _, secret = credentials.add(home_page=HOME, key="key")
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in kept


def test_equal_secrets_have_different_hashes(credentials: Credentials) -> None:
    for key in ("a", "b"):
        credentials.add(home_page=HOME, key=key, secret="secret")
    first, second = (record["secretHash"] for record in credentials.all().values())
    assert first != second


def test_a_revoked_credential_is_refused_and_listed(credentials: Credentials) -> None:
    key, secret = credentials.add(home_page=HOME)
    assert credentials.verify(key, secret) is not None
    assert credentials.revoke(key)
    assert credentials.verify(key, secret) is None
    assert credentials.all()[key]["revoked"] == "2023-11-14T22:13:20.000000Z"


def test_only_a_credential_in_force_can_be_revoked(credentials: Credentials) -> None:
    key, _ = credentials.add(home_page=HOME)
    assert credentials.revoke(key)
    assert not credentials.revoke(key)
    assert not credentials.revoke("nobody")


def test_another_process_sees_a_revocation_within_a_second(
    credentials: Credentials, store: Store, clock: Hand
) -> None:
    other = Credentials(store.records, clock)
    key, secret = credentials.add(home_page=HOME)
    assert other.verify(key, secret) is not None
    credentials.revoke(key)
    clock.time += 1_000_000
    assert other.verify(key, secret) is None


def test_another_process_sees_a_new_credential_within_a_second(
    credentials: Credentials, store: Store, clock: Hand
) -> None:
    other = Credentials(store.records, clock)
    assert other.verify("key", "secret") is None
    credentials.add(home_page=HOME, key="key", secret="secret")
    clock.time += 1_000_000
    assert other.verify("key", "secret") is not None


def test_a_clock_set_back_does_not_keep_a_revoked_credential_in_force(
    credentials: Credentials, store: Store, clock: Hand
) -> None:
    other = Credentials(store.records, clock)
    key, secret = credentials.add(home_page=HOME)
    other.verify(key, secret)
    credentials.revoke(key)
    clock.time -= 3_600_000_000
    assert other.verify(key, secret) is None


def test_a_changed_secret_takes_the_place_of_the_old_one(credentials: Credentials) -> None:
    credentials.add(home_page=HOME, key="key", secret="old")
    assert credentials.verify("key", "old") is not None
    credentials.add(home_page=HOME, key="key", secret="new")
    assert credentials.verify("key", "old") is None
    assert credentials.verify("key", "new") is not None


def test_what_is_remembered_of_requests_is_bounded(credentials: Credentials) -> None:
    for number in range(1_050):
        credentials._keys.recent(f"nobody-{number}")  # scrypt for each would take half a minute
    assert len(credentials._keys._loaded) == 1_000


@pytest.mark.parametrize("key", ["", "a:b"])
def test_a_key_that_cannot_be_sent_is_refused(credentials: Credentials, key: str) -> None:
    with pytest.raises(ValueError, match="colon"):
        credentials.add(home_page=HOME, key=key)


def test_an_unknown_scope_is_refused_and_nothing_kept(credentials: Credentials) -> None:
    with pytest.raises(ValueError, match="not a scope"):
        credentials.add(home_page=HOME, scopes=["everything"])
    assert json.dumps(dict(credentials.all())) == "{}"


def test_a_secret_may_hold_any_letters(credentials: Credentials) -> None:
    credentials.add(home_page=HOME, key="schlüssel", secret="pä:ss wörd 🔑")
    assert credentials.verify("schlüssel", "pä:ss wörd 🔑") is not None
