"""`lrs taxonomy`: events of your own, the tracking plan, publishable keys."""

from __future__ import annotations

import json
from pathlib import Path

import click

from lrs.analytics.planning import seen
from lrs.cli.opening import opened
from lrs.taxonomy.events import check_file, own_tables, schema_of
from lrs.taxonomy.trial import failures


@click.group()
def taxonomy() -> None:
    """Events: check files of your own, show schemas and the tracking plan, make publishable keys."""


@taxonomy.command("check")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def check(files: tuple[Path, ...]) -> None:
    """Check TOML files of your own events; every fault is a line."""
    faults, names = [], dict.fromkeys(own_tables(), "the taxonomy")
    for path in files:
        tables, wrong = check_file(path)
        faults += [f"{path}: {one}" for one in (*wrong, *failures(tables))]
        for name in tables:
            if name in names:
                faults.append(f"{path}: event.{name}: is an event of {names[name]} already.")
            names.setdefault(name, str(path))
    for fault in faults:
        click.echo(fault)
    if faults:
        raise click.ClickException(f"{len(faults)} faults.")
    own = [name for name, origin in names.items() if origin != "the taxonomy"]
    click.echo(f"{len(own)} events can be used: {', '.join(own)}.")


@taxonomy.command("schema")
@click.argument("event")
def schema(event: str) -> None:
    """Print the JSON Schema of an event, one of your own included."""
    with opened() as services:
        table = services.mapper.catalog.tables.get(event)
    if table is None:
        raise click.ClickException("There is no such event; see `lrs taxonomy plan`.")
    click.echo(json.dumps(schema_of(event, table), indent=2))


@taxonomy.command("plan")
@click.option("--json", "as_json", is_flag=True, help="The whole report as JSON.")
def plan(as_json: bool) -> None:
    """Show what should come, what does, and what came that nobody planned."""
    with opened() as services:
        report = services.plan.report()
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
        return
    click.echo("Track these first:")
    for row in report.starters:
        click.echo(f"  {'yes' if row['status'] == 'sent' else 'no ':3}  {row['event']}")
    click.echo("\nevent                                status   volume   28 days    all  last seen")
    for row in report.rows:
        volume = f"{row['volume']}{'!' if row['too_often'] else ''}"
        click.echo(
            f"{row['event']:36} {row['status']:8} {volume:7} {row['recent']:8} {row['n']:6}"
            f"  {(seen(row) or 'never')[:19]}"
        )
    for title, counts in (
        ("Events that are not planned", report.unknown_events),
        ("Properties that are not planned", report.unknown_properties),
        ("Problems", report.problems),
    ):
        if counts:
            click.echo(f"\n{title}:")
        for name, times in counts.items():
            click.echo(f"  {times:6}  {name}")


@taxonomy.group("key")
def key_() -> None:
    """Publishable keys: for browsers; they send events and do nothing else."""


@key_.command("add")
@click.option("--label", default="", help="What or who it is for.")
@click.option(
    "--origin", "origins", multiple=True, help="A page's origin that may use it; default: any."
)
@click.option(
    "--event",
    "events",
    multiple=True,
    help="An event that it may send; default: those that a learner's browser may say of itself.",
)
def key_add(label: str, origins: tuple[str, ...], events: tuple[str, ...]) -> None:
    """Make a publishable key and print it."""
    with opened(makes_store=True) as services:
        unknown = [name for name in events if name not in services.mapper.catalog.events]
        if unknown:
            raise click.ClickException(f"There is no event {', '.join(unknown)}.")
        home_page = services.config.public_url
        key = services.public_keys.add(
            home_page=home_page, label=label, origins=origins, events=events or None
        )
    click.echo(key)


@key_.command("list")
def key_list() -> None:
    """List the publishable keys."""
    with opened() as services:
        for key, record in services.public_keys.all().items():
            state = "revoked" if record["revoked"] else "in force"
            origins = ",".join(record["origins"]) or "any origin"
            click.echo(f"{key}  {state:8}  {record['created'][:10]}  {origins}  {record['label']}")


@key_.command("revoke")
@click.argument("key")
def key_revoke(key: str) -> None:
    """Revoke a publishable key; statements that it stored stay."""
    with opened() as services:
        if not services.public_keys.revoke(key):
            raise click.ClickException("There is no such key in force.")
    click.echo("Revoked. Running servers refuse it within a second.")


@taxonomy.group("person")
def person_() -> None:
    """Anonymous visitors who turned out to be persons."""


@person_.command("list")
def person_list() -> None:
    """List the links, each with the moment when it was made."""
    with opened() as services:
        for visitor, record in services.persons.all().items():
            click.echo(f"{visitor}  {record['user']}  {record['linked'][:19]}")


@person_.command("unlink")
@click.argument("visitor")
def person_unlink(visitor: str) -> None:
    """Take a link back; the visitor's statements stay as they are."""
    with opened() as services:
        if not services.persons.unlink(visitor):
            raise click.ClickException("There is no such link.")
    click.echo("Unlinked.")
