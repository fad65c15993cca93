"""`lrs account`: people who sign in to see pages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from lrs.assembly import Services
from lrs.auth.roles import ROLES
from lrs.cli.opening import opened
from lrs.errors import BadRequest
from lrs.xapi import JsonObject
from lrs.xapi.text import read_json, write_json
from lrs.xapi.validation import validate_agent

_role = click.Choice(list(ROLES))
_password_option = click.option(
    "--password-stdin",
    "from_stdin",
    is_flag=True,
    help="Take the password from standard input; without it one is made up and printed once.",
)


@click.group()
def account() -> None:
    """Accounts of people who see pages: add, list, role, agent, password, remove."""


@account.command("add")
@click.argument("name")
@click.option("--role", required=True, type=_role)
@click.option("--agent", help="Who the person is in statements: an Agent as JSON.")
@_password_option
def account_add(name: str, role: str, agent: str | None, from_stdin: bool) -> None:
    """Make an account."""
    given = _given(from_stdin)
    with _changing(makes_store=True) as services:
        person = None if agent is None else _agent(agent)
        password = services.accounts.add(name, role=role, password=given, agent=person)
    show(name, password, made_up=given is None)


@account.command("list")
def account_list() -> None:
    """List name, role, day of making and agent of each account."""
    with opened() as services:
        for name, record in services.accounts.all().items():
            agent = "" if record["agent"] is None else write_json(record["agent"]).decode()
            click.echo(
                f"{name:24}  {record['role']:13}  {record['created'][:10]}  {agent}".rstrip()
            )


@account.command("role")
@click.argument("name")
@click.argument("role", type=_role)
def account_role(name: str, role: str) -> None:
    """Give an account another role, at once."""
    with _changing() as services:
        services.accounts.set_role(name, role)
    click.echo(f"{name} is {role} now.")


@account.command("agent")
@click.argument("name")
@click.argument("agent")
def account_agent(name: str, agent: str) -> None:
    """Say who an account's person is in statements: an Agent as JSON, or "" for nobody."""
    with _changing() as services:
        person = _agent(agent) if agent else None
        services.accounts.set_agent(name, person)
    click.echo(f"{name} has {'that' if agent else 'no'} agent now.")


@account.command("password")
@click.argument("name")
@_password_option
def account_password(name: str, from_stdin: bool) -> None:
    """Give an account another password; whoever is signed in with the old one is signed out."""
    given = _given(from_stdin)
    with _changing() as services:
        password = services.accounts.set_password(name, given)
    show(name, password, made_up=given is None)


@account.command("remove")
@click.argument("name")
def account_remove(name: str) -> None:
    """Remove an account; whoever is signed in with it is signed out."""
    with _changing() as services:
        services.accounts.remove(name)
    click.echo("Removed.")


def show(name: str, password: str, *, made_up: bool) -> None:
    """Print an account's name and, if it was made up, its password, which cannot be shown again."""
    click.echo(f"account:  {name}")
    if made_up:
        click.echo(f"password: {password}\nThe password is shown this once and not kept.")


def _agent(text: str) -> JsonObject:
    return validate_agent(read_json(text.encode()).value, group_allowed=False)


def _given(from_stdin: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


@contextmanager
def _changing(*, makes_store: bool = False) -> Iterator[Services]:
    """Give the services; what cannot be done becomes one plain sentence."""
    with opened(makes_store=makes_store) as services:
        try:
            yield services
        except ValueError as problem:
            raise click.ClickException(str(problem)) from None
        except BadRequest as refusal:
            raise click.ClickException(f"The agent is refused. {refusal.message}") from None
