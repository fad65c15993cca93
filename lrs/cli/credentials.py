"""`lrs credential`: API credentials."""

from __future__ import annotations

import click

from lrs.auth.scopes import SCOPES
from lrs.cli.opening import opened
from lrs.xapi.quirks import QUIRKS

_quirk_option = click.option(
    "--quirk",
    "quirks",
    multiple=True,
    type=click.Choice(list(QUIRKS)),
    help="What its sender may get wrong, see `lrs quirks`; may be given several times.",
)


@click.group()
def credential() -> None:
    """API credentials: add, list, revoke, tolerate."""


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
@_quirk_option
def credential_add(label: str, scopes: tuple[str, ...], quirks: tuple[str, ...]) -> None:
    """Make an API key and its secret, and print them once."""
    with opened(makes_store=True) as services:
        key, secret = services.credentials.add(
            home_page=services.config.public_url, label=label, scopes=scopes, quirks=quirks
        )
    show(key, secret)


@credential.command("list")
def credential_list() -> None:
    """List the credentials; secrets are not kept and cannot be shown."""
    with opened() as services:
        for key, record in services.credentials.all().items():
            state = "revoked" if record["revoked"] else "in force"
            scopes = ",".join(record["scopes"])
            quirks = f"  tolerates {', '.join(record['quirks'])}" if record.get("quirks") else ""
            click.echo(
                f"{key}  {state:8}  {scopes:24}  {record['created'][:10]}  {record['label']}{quirks}"
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


@credential.command("tolerate")
@click.argument("key")
@_quirk_option
@click.option("--none", "nothing", is_flag=True, help="Nothing any more.")
def credential_tolerate(key: str, quirks: tuple[str, ...], nothing: bool) -> None:
    """Let the sender with this credential get things wrong, beside what it may already; or, with --none, nothing."""
    if bool(quirks) == nothing:
        raise click.UsageError("Say what: --quirk, or --none.")
    with opened() as services:
        known = services.credentials.all().get(key, {}).get("quirks", ())
        wanted = () if nothing else tuple(dict.fromkeys([*known, *quirks]))
        if not services.credentials.tolerate(key, wanted):
            raise click.ClickException(
                "There is no such credential in force; see `lrs credential list`."
            )
    click.echo(f"Tolerated: {', '.join(wanted) or 'nothing'}.")


@click.command("quirks")
def quirks_() -> None:
    """List the tolerances that a credential can have, and how often each was needed by whom."""
    with opened() as services:
        counts = list(services.quirks.counts())
        labels = {key: record["label"] for key, record in services.credentials.all().items()}
    for quirk, about in QUIRKS.items():
        click.echo(f"{quirk}: {about}")
        for _, key, count in (one for one in counts if one[0] == quirk):
            label = f" ({labels[key]})" if labels.get(key) else ""
            click.echo(f"    {count} requests of {key}{label}")


def show(key: str, secret: str) -> None:
    """Print a new credential, whose secret cannot be shown again."""
    click.echo(f"key:      {key}\nsecret:   {secret}\nThe secret is shown this once and not kept.")
