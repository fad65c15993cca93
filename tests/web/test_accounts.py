"""Signing in and out over HTTP: cookies, tokens of forms, lock-out, and the pages of accounts."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from lrs.app import create_app
from lrs.assembly import Services
from lrs.auth.accounts import MOST_FAILURES
from tests.conftest import PASSWORD, Client, Visitor

Visit = Callable[..., Visitor]
REFUSED = "Name and password do not go together"


@pytest.fixture
def stranger(services: Services, client: Client) -> Visitor:
    services.accounts.add("anna", role="analyst", password=PASSWORD)
    return Visitor(client.web)


def sign_in(visitor: Visitor, password: str = PASSWORD, name: str = "anna", **more: str) -> Any:
    form = {"name": name, "password": password, **more}
    return visitor.send("/sign-in", form, page="/sign-in")


def cookies(web: FlaskClient) -> list[str]:
    return sorted(cookie.key for cookie in web._cookies.values())


def test_who_signs_in_goes_on_to_the_page_asked_for(stranger: Visitor) -> None:
    answer = sign_in(stranger, next="/account?x=y")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?x=y")
    assert stranger.get("/account").status_code == 200


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "x"]
)
def test_signing_in_never_leads_to_another_site(stranger: Visitor, path: str) -> None:
    assert sign_in(stranger, next=path).headers["Location"] == "/"


def test_signing_out_ends_the_session(stranger: Visitor) -> None:
    sign_in(stranger)
    token = stranger.web.get_cookie("lrs-session")
    assert token is not None
    assert stranger.send("/sign-out", {}).headers["Location"] == "/sign-in"
    stranger.web.set_cookie("lrs-session", token.value)
    assert stranger.get("/").status_code == 303


def test_cookies_are_for_http_alone_and_this_site(stranger: Visitor) -> None:
    answer = sign_in(stranger)
    (cookie,) = (one for one in answer.headers.getlist("Set-Cookie") if "lrs-session=" in one)
    assert "; HttpOnly" in cookie
    assert "; SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_https_cookies_are_secure_and_bound_to_the_host(services: Services) -> None:
    config = dataclasses.replace(services.config, url="https://lrs.example.org")
    web = create_app(dataclasses.replace(services, config=config)).test_client()
    cookie = web.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("__Host-lrs-form=")
    assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in cookie


@pytest.mark.parametrize("token", [None, "", "0" * 64, "ä"])
def test_a_form_without_its_token_is_refused(stranger: Visitor, token: str | None) -> None:
    sign_in(stranger)
    form = {} if token is None else {"csrf": token}
    answer = stranger.web.post("/sign-out", data=form)
    assert answer.status_code == 403
    assert "not sent from a page of this LRS" in answer.text
    assert stranger.get("/").status_code == 200


def test_the_token_of_another_session_is_refused(stranger: Visitor, visit: Visit) -> None:
    other = re.findall(r'name="csrf" value="(\w+)"', visit("learner").get("/").text)[0]
    sign_in(stranger)
    assert stranger.web.post("/sign-out", data={"csrf": other}).status_code == 403


def test_signing_in_takes_the_token_of_its_own_form(stranger: Visitor) -> None:
    form = {"name": "anna", "password": PASSWORD, "csrf": "0" * 64}
    assert stranger.web.post("/sign-in", data=form).status_code == 403
    assert "lrs-session" not in cookies(stranger.web)


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(stranger: Visitor) -> None:
    wrong, unknown = sign_in(stranger, "wrong"), sign_in(stranger, name="nobody")
    assert wrong.status_code == unknown.status_code == 403
    assert REFUSED in wrong.text
    assert wrong.text.replace('value="anna"', 'value="nobody"') == unknown.text


def test_an_account_rests_after_wrong_passwords(stranger: Visitor) -> None:
    for _ in range(MOST_FAILURES):
        assert REFUSED in sign_in(stranger, "wrong").text
    assert REFUSED in sign_in(stranger).text


def test_what_is_typed_comes_back_as_text(stranger: Visitor) -> None:
    answer = sign_in(stranger, name='"><script>alert(1)</script>')
    assert "<script>" not in answer.text


def test_a_new_password_ends_other_sessions(stranger: Visitor, services: Services) -> None:
    sign_in(stranger)
    other = Visitor(create_app(services).test_client())
    sign_in(other)
    new = {"password": PASSWORD, "new": "another password", "again": "another password"}
    assert stranger.send("/account", new, page="/account").status_code == 303
    assert stranger.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert services.accounts.verify("anna", "another password")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"password": "wrong"}, "That is not your password"),
        ({"again": "something else"}, "not typed the same way twice"),
        ({"new": "short", "again": "short"}, "12 to 200 signs"),
    ],
)
def test_a_password_is_not_changed_by_mistake(
    stranger: Visitor, change: dict[str, str], problem: str
) -> None:
    sign_in(stranger)
    right = {"password": PASSWORD, "new": "another password", "again": "another password"}
    answer = stranger.send("/account", {**right, **change}, page="/account")
    assert (answer.status_code, problem in answer.text) == (400, True)


def test_an_administrator_makes_changes_and_removes_accounts(
    visit: Visit, services: Services
) -> None:
    boss = visit()

    def change(**form: str) -> Any:
        return boss.send("/accounts", form, page="/accounts")

    shown = change(do="add", name="ben", role="learner", agent="ben@example.org")
    (password,) = re.findall(r"<p><code>(\S+)</code></p>", shown.text)
    assert services.accounts.verify("ben", password)
    assert services.accounts.all()["ben"]["agent"] == {"mbox": "mailto:ben@example.org"}
    assert password not in boss.get("/accounts").text
    change(do="role", name="ben", role="manager")
    change(do="agent", name="ben", agent="https://lms.example.org ben b")
    account = services.accounts.all()["ben"]
    assert account["role"] == "manager"
    assert account["agent"]["account"] == {"homePage": "https://lms.example.org", "name": "ben b"}
    change(do="password", name="ben")
    assert not services.accounts.verify("ben", password)
    assert change(do="remove", name="ben").status_code == 303
    assert "ben" not in services.accounts.all()


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"do": "add", "name": "a b", "role": "learner"}, "without spaces"),
        ({"do": "add", "name": "administrator", "role": "learner"}, "already"),
        ({"do": "add", "name": "x", "role": "king"}, "king is not a role"),
        ({"do": "add", "name": "x", "role": "learner", "agent": "nonsense"}, "agent is refused"),
        ({"do": "role", "name": "administrator", "role": "learner"}, "last administrator"),
        ({"do": "role", "name": "nobody", "role": "learner"}, "no account nobody"),
        ({"do": "remove", "name": "administrator"}, "Your own account"),
        ({"do": "dance"}, "does not say what to do"),
        ({}, "does not say what to do"),
    ],
)
def test_what_cannot_be_done_to_accounts_is_a_sentence(
    visit: Visit, form: dict[str, str], problem: str
) -> None:
    answer = visit().send("/accounts", form, page="/accounts")
    assert answer.status_code in (400, 403)
    assert problem in answer.text


def test_a_learner_cannot_make_accounts(visit: Visit, services: Services) -> None:
    form = {"do": "add", "name": "x", "role": "administrator"}
    assert visit("learner").send("/accounts", form).status_code == 403
    assert "x" not in services.accounts.all()
