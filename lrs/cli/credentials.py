"""`lrs credential`: API credentials."""

from __future__ import annotations

import click

from lrs.auth.scopes import SCOPES
from lrs.cli.opening import opened


@click.group()
def credential() -> None:
    """API credentials: add, list, revoke."""


@credential.command("add")
@click.option("--label", default="", help="What or who it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=("all",),
    show_default=True,
    type=click.Choice(list(SCOPES)),
    help="May be given several times.",
)
def credential_add(label: str, scopes: tuple[str, ...]) -> None:
    """Make an API key and its secret, and print them once."""
    with opened() as services:
        key, secret = services.credentials.add(
            home_page=services.config.public_url, label=label, scopes=scopes
        )
    show(key, secret)


@credential.command("list")
def credential_list() -> None:
    """List the credentials; secrets are not kept and cannot be shown."""
    with opened() as services:
        for key, record in services.credentials.all().items():
            state = "revoked" if record["revoked"] else "in force"
            scopes = ",".join(record["scopes"])
            click.echo(
                f"{key}  {state:8}  {scopes:24}  {record['created'][:10]}  {record['label']}"
            )


@credential.command("revoke")
@click.argument("key")
def credential_revoke(key: str) -> None:
    """Revoke a credential; statements that it stored stay."""
    with opened() as services:
        if not services.credentials.revoke(key):
            raise click.ClickException(
                "There is no such credential in force; see `lrs credential list`."
            )
    click.echo("Revoked. Running servers refuse it within a second.")


def show(key: str, secret: str) -> None:
    """Print a new credential, whose secret cannot be shown again."""
    click.echo(f"key:      {key}\nsecret:   {secret}\nThe secret is shown this once and not kept.")
