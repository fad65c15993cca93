"""`lrs cmi5`: courses, registrations, launches and sessions from the command line."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Any

import click

from lrs import clock
from lrs.cli.opening import opened
from lrs.cmi5 import terms
from lrs.cmi5.launching import Options
from lrs.cmi5.package import read_package
from lrs.cmi5.report import csv_of, rows_of
from lrs.cmi5.simulator import Performance, Simulator
from lrs.cmi5.status import summary_of
from lrs.cmi5.structure import aus_of
from lrs.cmi5.violations import InvalidPackage
from lrs.xapi import JsonObject

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_mode_option = click.option(
    "--mode",
    type=click.Choice(terms.LAUNCH_MODES),
    help="Default: Normal, or Review once it is done.",
)


@click.group()
def cmi5() -> None:
    """cmi5: import courses, register learners, launch AUs, see who is satisfied."""


@cmi5.command("validate")
@click.argument("file", type=_FILE)
def validate(file: Path) -> None:
    """Say all that is wrong with a course package (zip or cmi5.xml), with requirement and line; store nothing."""
    try:
        package = read_package(file.read_bytes())
        for _ in package.files():
            pass
    except InvalidPackage as invalid:
        for fault in invalid.faults:
            click.echo(str(fault))
        raise click.ClickException(f"{len(invalid.faults)} violations.") from None
    click.echo(f"A good package: {sum(1 for _ in aus_of(package.structure))} AUs.")


@cmi5.command("import")
@click.argument("file", type=_FILE)
@click.option("--replace", metavar="COURSE", help="Import it as the next version of a course.")
def import_(file: Path, replace: str | None) -> None:
    """Import a course package and print the course's id."""
    with opened(makes_store=True) as services:
        courses = services.cmi5.courses
        try:
            raw = file.read_bytes()
            record = courses.replace(replace, raw) if replace else courses.add(raw)
        except InvalidPackage as invalid:
            for fault in invalid.faults:
                click.echo(str(fault), err=True)
            raise click.ClickException("Refused; nothing was stored.") from None
    click.echo(record["id"])


@cmi5.command("export")
@click.argument("course")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def export(course: str, output: Path) -> None:
    """Write a course's package, to be imported elsewhere."""
    with opened() as services:
        data, media_type = services.cmi5.courses.export(course)
    output.write_bytes(data)
    click.echo(f"{media_type}, {len(data)} bytes")


@cmi5.command("courses")
@click.argument("text", default="")
def courses_(text: str) -> None:
    """List the courses, or those that hold a text."""
    with opened() as services:
        for record in services.cmi5.courses.find(text=text):
            title = next(iter(record["title"].values()), "")
            click.echo(f"{record['id']}  v{record['version']}  {record['aus']:4} AUs  {title}")


@cmi5.command("delete")
@click.argument("course")
def delete(course: str) -> None:
    """Delete a course and its registrations; statements stay."""
    with opened() as services:
        services.cmi5.registrations.delete_course(course)
    click.echo("Deleted.")


@cmi5.command("register")
@click.argument("course")
@click.option("--actor", "actors", multiple=True, required=True, metavar="HOME::NAME")
@click.option("--again", is_flag=True, help="Make another registration if there is one.")
def register(course: str, actors: tuple[str, ...], again: bool) -> None:
    """Register learners, each the account NAME at the home page HOME; print the registrations."""
    with opened() as services:
        for actor in actors:
            made = services.cmi5.registrations.enrol(course, _agent(actor), again=again)
            click.echo(made["id"])


@cmi5.command("launch")
@click.argument("registration")
@click.argument("au")
@_mode_option
@click.option("--return-url", help="Where the AU sends the learner at its end.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
def launch(
    registration: str, au: str, mode: str | None, return_url: str | None, opens: bool
) -> None:
    """Launch an AU, named by its index from 0 or its id; print the URL for the learner's browser."""
    with opened() as services:
        options = Options(launch_mode=mode, return_url=return_url)
        launched = services.cmi5.launching.launch(registration, au, options)
    click.echo(launched.url)
    if opens:
        webbrowser.open(launched.url)


@cmi5.command("waive")
@click.argument("registration")
@click.argument("au")
@click.option("--reason", required=True, help="Such as Tested Out, Equivalent AU, Administrative.")
def waive(registration: str, au: str, reason: str) -> None:
    """Mark an AU as done by other means."""
    with opened() as services:
        services.cmi5.registrations.waive(registration, au, reason)
    click.echo("Waived.")


@cmi5.command("status")
@click.argument("registration")
def status(registration: str) -> None:
    """Show where a learner stands, block by block and AU by AU."""
    with opened() as services:
        found = services.cmi5.status(registration)
    account = found["actor"]["account"]
    click.echo(f"{account['name']} at {account['homePage']}")
    _show(found["tree"], 0)


@cmi5.command("sessions")
@click.option("--registration", help="All of a registration; else those that go on.")
@click.option("--active", is_flag=True, help="Of a registration too, only those that go on.")
def sessions(registration: str | None, active: bool) -> None:
    """List sessions."""
    with opened() as services:
        if registration is None:
            found = [summary_of(one, held["id"]) for held, one in services.cmi5.sessions.active()]
        else:
            found = services.cmi5.status(registration)["sessions"]
            found = [one for one in found if not active or one["ended"] is None]
    for one in found:
        click.echo(
            f"{one['id']}  {one['state']:11}  {one['launched'][:19]}  {one['launchMode']:6}  {one['au']}"
        )


@cmi5.command("abandon")
@click.argument("session")
def abandon(session: str) -> None:
    """End a session by an abandoned statement."""
    with opened() as services:
        done = services.cmi5.sessions.abandon(session, by="cli")
    click.echo("Abandoned." if done else "It had ended before.")


@cmi5.command("sweep")
@click.option("--idle", type=click.IntRange(0), help="Seconds; default: LRS_CMI5_IDLE.")
def sweep(idle: int | None) -> None:
    """Abandon the sessions that were silent for too long; run it from time to time."""
    with opened() as services:
        done = services.cmi5.sessions.sweep(idle_seconds=idle)
    click.echo(f"{len(done)} abandoned.")


@cmi5.command("log")
@click.argument("session")
def log(session: str) -> None:
    """Show what happened in a session: statements, and each refused request with its reason."""
    with opened() as services:
        for entry in services.cmi5.log_of(session):
            parts = (entry.get("verb"), entry.get("method"), entry.get("path"), entry.get("status"))
            words = " ".join(str(part) for part in parts if part is not None)
            requirement = f"[{entry['requirement']}] " if entry.get("requirement") else ""
            click.echo(
                f"{entry['when']}  {entry['event']:14}  {words} {requirement}{entry.get('message', '')}".rstrip()
            )


@cmi5.command("report")
@click.argument("course")
def report(course: str) -> None:
    """Write one row for each learner and AU, as CSV."""
    with opened() as services:
        click.echo(csv_of(rows_of(services.cmi5, course)), nl=False)


@cmi5.command("simulate")
@click.argument("registration")
@click.argument("au")
@click.option("--passed", type=click.FloatRange(0, 1), help="Pass with this score, from 0 to 1.")
@click.option("--failed", type=click.FloatRange(0, 1), help="Fail with this score, from 0 to 1.")
@click.option("--completed", is_flag=True, help="Complete it.")
@click.option("--progress", type=click.IntRange(0, 100), help="Report a progress, in percent.")
@click.option("--seconds", type=click.FloatRange(0), default=60, show_default=True)
@click.option("--no-terminated", is_flag=True, help="Leave the session open.")
@_mode_option
def simulate_(
    registration: str, au: str, mode: str | None, no_terminated: bool, **acts: Any
) -> None:
    """Launch an AU and play it with a built-in one, without a browser."""
    performance = Performance(terminated=not no_terminated, **acts)
    with opened() as services:
        simulator = Simulator(services.cmi5, services.statements, clock.now)
        session, said = simulator.play(registration, au, performance, Options(launch_mode=mode))
        found = services.cmi5.status(registration)
    click.echo(f"session {session}: {', '.join(said)}")
    _show(found["tree"], 0)


def _agent(text: str) -> JsonObject:
    home, separator, name = text.rpartition("::")
    if not separator:
        raise click.ClickException("An actor is HOME::NAME, such as https://example.org::anna.")
    return {"objectType": "Agent", "account": {"homePage": home, "name": name}}


def _show(node: JsonObject, depth: int) -> None:
    title = next(iter(node["title"].values()), node["id"])
    mark = "x" if node["satisfied"] else " "
    more = ""
    if node["type"] == "au":
        facts = [node["moveOn"], *(name for name in ("completed", "passed") if node[name])]
        facts += [f"waived: {node['waived']}"] if node["waived"] else []
        facts += [f"{node['attempts']} launches"] if node["attempts"] else []
        more = f"  ({', '.join(facts)})"
    label = f"{node['index']}: " if node["type"] == "au" else ""
    click.echo(f"{'  ' * depth}[{mark}] {label}{title}{more}")
    for child in node.get("children", ()):
        _show(child, depth + 1)
