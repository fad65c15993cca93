"""The commands of ledgers, made from their declarations, and those that gather, act and deliver."""

from __future__ import annotations

import json

import click

from lrs.analytics import flagging
from lrs.analytics.acting import RULES
from lrs.analytics.ledgers.kinds import LEDGERS
from lrs.analytics.ledgers.ledger import Ledger
from lrs.cli.opening import opened

_NARROW = 40


def _group(ledger: Ledger) -> click.Group:
    """Return the commands add, list and close of a ledger."""
    group = click.Group(ledger.name, help=f"{ledger.about}.")
    group.add_command(_listing(ledger))
    if ledger.by_hand:
        group.add_command(_adding(ledger))
        group.add_command(_closing(ledger))
    return group


def _adding(ledger: Ledger) -> click.Command:
    first, *others = ledger.fields

    def add(**values: str | None) -> None:
        given = {name: value for name, value in values.items() if value}
        with opened() as services:
            click.echo(services.ledgers.add(ledger.name, given))

    parameters: list[click.Parameter] = [click.Argument([first.name], metavar=first.option.upper())]
    for field in others:
        kind = click.Choice(field.choices) if field.choices else None
        shown = f" [{field.default}]" if field.default else ""
        parameters.append(
            click.Option(
                [f"--{field.option}", field.name],
                type=kind,
                required=field.required,
                help=f"{field.about}.{shown}",
            )
        )
    about = f"Write an entry and print its id. {first.option.upper()}: {first.about.lower()}."
    return click.Command("add", params=parameters, callback=add, help=about)


def _listing(ledger: Ledger) -> click.Command:
    def show(every: bool) -> None:
        with opened() as services:
            entries = services.ledgers.all(ledger.name)
        for entry, record in entries.items():
            if every or not record["closed"]:
                state = f"closed {record['closed']}" if record["closed"] else "open"
                told = (str(record[field.name])[:_NARROW] for field in ledger.fields)
                click.echo(f"{entry}  {record['made']}  {state}  {'  '.join(filter(None, told))}")

    every = click.Option(["--all", "every"], is_flag=True, help="Closed ones too.")
    return click.Command("list", params=[every], callback=show, help="List the open entries.")


def _closing(ledger: Ledger) -> click.Command:
    def close(entry: str, note: str) -> None:
        with opened() as services:
            services.ledgers.close(ledger.name, entry, note=note)

    parameters: list[click.Parameter] = [
        click.Argument(["entry"], metavar="ID"),
        click.Option(["--note"], default="", help="What came of it."),
    ]
    return click.Command("close", params=parameters, callback=close, help="Note that it is done.")


GROUPS = {name: _group(ledger) for name, ledger in LEDGERS.items()}
"""Name of a ledger -> its commands."""


@GROUPS["flag"].command("collect")
def flag_collect() -> None:
    """Write down what reports flag now, and close what they flag no more; best every day."""
    with opened() as services:
        new, gone = flagging.collect(services.reports, services.ledgers)
    click.echo(f"{new} new flags, {gone} gone")


@click.command()
def deliver() -> None:
    """Mail the reports that are due; for cron. Ends with 1 if one could not be sent."""
    with opened() as services:
        done = services.deliveries.deliver()
    for one in done:
        click.echo(f"{one.report} to {one.recipient}: {one.problem or 'sent'}")
    if any(one.problem for one in done):
        raise SystemExit(1)


@click.command()
@click.option(
    "--log", is_flag=True, help="Note them as taken: then they rest as long as they should."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a program that sends them.")
@click.option("--rules", is_flag=True, help="Show the rules instead.")
def act(log: bool, as_json: bool, rules: bool) -> None:
    """Say what is due now: reminders, remediation, word to managers, tasks of owners."""
    if rules:
        for rule in RULES:
            click.echo(
                f"{rule.name}: {rule.action} (to the {rule.recipient}; report {rule.report};"
                f" again after {rule.cooldown} days; until {rule.stop})"
            )
        return
    with opened() as services:
        due = services.actions.due()
        told = [
            {
                "rule": one.rule.name,
                "action": one.rule.action,
                "to": one.rule.recipient,
                "place": one.place,
                "learner": one.learner,
                "owner": one.owner,
                "evidence": one.evidence,
                **({"id": services.actions.log(one)} if log else {}),
            }
            for one in due
        ]
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    for one in told:
        about = one["learner"] or one["place"]
        click.echo(f"{one['to']:8}  {about}: {one['action']} ({one['rule']}: {one['evidence']})")
