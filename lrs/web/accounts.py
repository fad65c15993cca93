"""Signing in and out, the own account, and the accounts of others."""

from __future__ import annotations

from flask import Blueprint, Response, request

from lrs.auth.accounts import MOST_FAILURES, REST_SECONDS
from lrs.auth.roles import ROLES
from lrs.errors import BadRequest, Forbidden, LrsError
from lrs.web import context, sessions
from lrs.web.pages import page, refused, see, signed_in, signed_in_as_anybody
from lrs.web.typed_agents import agent_of, text_of

resource = Blueprint("accounts", __name__)
resource.register_error_handler(LrsError, refused)

resource.add_app_template_filter(text_of, "identified")

_LONGEST_NEXT = 2_000


@resource.get("/sign-in")
def sign_in_form() -> Response:
    """The way in; who has signed in already goes on."""
    if sessions.known() is not None:
        return see(_next())
    context.services().runs.prepare()
    return page("sign_in.html", next=_next(), name="", problem="")


@resource.post("/sign-in")
def sign_in() -> Response:
    """Begin a session."""
    if sessions.known() is not None:
        return see(_next())
    sessions.demand_own_form()
    name = request.form.get("name", "").strip()
    token = context.services().accounts.sign_in(name, request.form.get("password", ""))
    if token is None:
        problem = (
            "Name and password do not go together, or the account rests: it does so for"
            f" {REST_SECONDS // 60} minutes after {MOST_FAILURES} wrong passwords."
        )
        return page("sign_in.html", status=403, next=_next(), name=name, problem=problem)
    response = see(_next())
    sessions.begin(response, token)
    return response


@resource.post("/sign-out")
@signed_in_as_anybody
def sign_out() -> Response:
    """End the session."""
    response = see("/sign-in")
    sessions.end(response)
    return response


@resource.get("/account")
@signed_in_as_anybody
def own() -> Response:
    """Who one is here, and the way to another password."""
    visitor = context.principal()
    return page("account.html", role=ROLES.get(visitor.role), problem="")


@resource.post("/account")
@signed_in_as_anybody
def change_password() -> Response:
    """Change the own password; every other session of the account ends."""
    accounts, visitor = context.services().accounts, context.principal()
    new = request.form.get("new", "")
    problem = ""
    if not accounts.verify(visitor.name, request.form.get("password", "")):
        problem = "That is not your password."
    elif new != request.form.get("again"):
        problem = "The new password was not typed the same way twice."
    else:
        try:
            accounts.set_password(visitor.name, new)
        except ValueError as reason:
            problem = str(reason)
    if problem:
        return page("account.html", status=400, role=ROLES[visitor.role], problem=problem)
    response = see("/")
    token = accounts.sign_in(visitor.name, new)
    if token is not None:
        sessions.begin(response, token)
    return response


@resource.get("/accounts")
@signed_in
def all_accounts() -> Response:
    """Everybody's accounts."""
    return _list()


@resource.post("/accounts")
@signed_in
def change() -> Response:
    """Make, change or remove an account, as the pressed button says."""
    accounts = context.services().accounts
    form = request.form
    name, role = form.get("name", "").strip(), form.get("role", "")
    password = None
    try:
        match form.get("do"):
            case "add":
                password = accounts.add(name, role=role, agent=agent_of(form.get("agent", "")))
            case "role":
                accounts.set_role(name, role)
            case "agent":
                accounts.set_agent(name, agent_of(form.get("agent", "")))
            case "password":
                _demand_other(name)
                password = accounts.set_password(name)
            case "remove":
                _demand_other(name)
                accounts.remove(name)
            case _:
                raise BadRequest("The form does not say what to do.", allowed="one of its buttons")
    except ValueError as problem:
        raise BadRequest(str(problem), code="account") from None
    return see("/accounts") if password is None else _list(name=name, password=password)


def _demand_other(name: str) -> None:
    if name == context.principal().name:
        raise Forbidden(
            "Your own account cannot be changed here.", allowed="the page of your account"
        )


def _list(*, name: str = "", password: str = "") -> Response:
    accounts = context.services().accounts.all()
    return page("accounts.html", accounts=accounts, roles=ROLES, name=name, password=password)


def _next() -> str:
    """Return where to go after signing in: a page of ours, whatever the address says."""
    path = request.values.get("next", "/")
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_ours and len(path) <= _LONGEST_NEXT else "/"
