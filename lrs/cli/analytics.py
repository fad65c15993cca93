"""`lrs report`, `lrs lake`, `lrs people` and `lrs courses`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from lrs.analytics.catalog import catalog
from lrs.analytics.faces import render
from lrs.analytics.faces.files import FILES
from lrs.analytics.lake.lake import BATCH, Lake
from lrs.analytics.report import Table
from lrs.analytics.sql.scope import FILTERS
from lrs.assembly import Services
from lrs.cli.asking import asked_option
from lrs.cli.opening import opened
from lrs.clock import to_iso
from lrs.errors import LrsError

_FORMATS: dict[str, Callable[[Table], bytes]] = {
    "text": FILES["txt"].write,
    **{ending: file.write for ending, file in FILES.items()},
    "sql": lambda table: table.sql.encode() + b"\n",
}

_LISTED = 20
"""Learners whom nobody knows that an import names."""


@click.command()
@click.argument("name", required=False)
@asked_option
@click.option("--format", "-f", "form", type=click.Choice(list(_FORMATS)), help="Default: text.")
@click.option("--bom", is_flag=True, help="Mark CSV as UTF-8 for spreadsheets.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File; its ending says the format.",
)
def report(
    name: str | None, asked: dict[str, str], form: str | None, bom: bool, output: Path | None
) -> None:
    """Answer the report NAME; without a name say which there are."""
    if name is None:
        _list()
        return
    form = form or (output.suffix[1:] if output and output.suffix[1:] in _FORMATS else "text")
    with opened() as services:
        table = services.reports.answer(name, asked)
    content = render.as_csv(table, bom=True) if form == "csv" and bom else _FORMATS[form](table)
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        output.write_bytes(content)


def _list() -> None:
    for name, one in catalog().items():
        click.echo(f"{name:26}{one.question}")
    click.echo(f"\nFilters, --with NAME=VALUE: {', '.join(FILTERS)}.")


@click.group()
def lake() -> None:
    """The lake: what reports are read from."""


@lake.command("status")
def lake_status() -> None:
    """Say how many facts the lake holds, and how many statements wait to be projected."""
    with opened() as services:
        status = services.lake.status()
    click.echo(f"lake       {status.uri}")
    click.echo(f"facts      {status.facts:,} in {status.files} files, {status.bytes:,} bytes")
    click.echo(f"projected  through {to_iso(status.projected) if status.projected else 'nothing'}")
    click.echo(f"waiting    {status.waiting:,} statements")
    if not status.current:
        click.echo(
            "The facts are of another version, time zone or set of events: run `lrs lake rebuild`."
        )


@lake.command("rebuild")
def lake_rebuild() -> None:
    """Forget all facts and project every statement anew."""
    with opened() as services, _progress(services, "Projecting") as watch:
        services.lake.rebuild(watch)


@lake.command("update")
def lake_update() -> None:
    """Project what waits, and write the tables beside the facts, for others who read the lake.

    Reports do so by themselves, as far as they need it.
    """
    with opened() as services:
        services.lake.catch_up()
        services.tables.write()


@lake.command("compact")
def lake_compact() -> None:
    """Make many small files few, and clear away old ones."""
    with opened() as services:
        click.echo(f"{services.lake.compact()} files fewer")


@lake.command("follow", hidden=True)
@click.option("--parent", type=int, help="End when this process is no longer the parent.")
@click.option("--every", type=float, default=2.0, help="Seconds between two looks.")
def lake_follow(parent: int | None, every: float) -> None:
    """Project statements as they come; what `lrs serve` runs beside the server."""
    os.nice(10)
    with opened() as services:
        while parent is None or os.getppid() == parent:
            started = time.monotonic()
            more = False
            try:
                more = _follow_once(services.lake)
            except LrsError as refusal:
                click.echo(f"The lake: {refusal.message}", err=True)
            except Exception as problem:
                # A folder or an object store that fails for a moment; what an exception says may hold a learner's data.
                click.echo(f"The lake: {type(problem).__name__}; it is tried again.", err=True)
            took = time.monotonic() - started
            # The server comes first: at most half of a core while much waits, else a fifth. Fewer, bigger batches
            # follow by themselves when much comes in.
            time.sleep(took if more else max(every, 4 * took))


def _follow_once(followed: Lake) -> bool:
    """Project a batch; returns whether more waits."""
    if not followed.is_current():
        followed.clear()
    if followed.advance() == BATCH:
        return True
    if followed.needs_compacting():
        followed.compact()
    return False


@contextmanager
def _progress(services: Services, label: str) -> Iterator[Callable[[int], object]]:
    with click.progressbar(
        length=services.store.statements.count(), label=label, file=sys.stderr, show_pos=True
    ) as bar:
        yield bar.update


@click.group()
def people() -> None:
    """Who learners are: their departments, managers, roles, as of when."""


@people.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--replace", is_flag=True, help="Forget what was known of those who are in the file.")
def people_import(file: TextIO, replace: bool) -> None:
    """Add the people of a CSV FILE.

    Columns: person, identifiers, name, department, manager, role, location, start_date, valid_from.

    Lines of a person are their history: each holds from its valid_from until that of the next one, be it of this file
    or of an earlier one, and takes the place of an earlier one of the same day. So next month's file with its day in
    valid_from keeps who people were before. An identifier is one person's.
    """
    with opened() as services:
        loaded = services.references.import_people(iter(file), replace=replace)
        click.echo(f"{loaded.people} people, {loaded.periods} periods")
        matches = services.reports.answer("people-match", {})
        row = matches.rows[0] if matches.rows else None
        if row is not None:
            click.echo(_matched(row["matched"], row["learners"], "learner"))
            others = [one for one in matches.rows if one["learner"]]
            for one in others[:_LISTED]:
                click.echo(f"  {one['learner']}  ({one['statements']} statements)")
            if len(others) > _LISTED:
                click.echo("  and more: `lrs report people-match` lists them.")


@click.group()
def courses() -> None:
    """What courses are meant to be: planned length, class, target, order of modules."""


@courses.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
def courses_import(file: TextIO) -> None:
    """Keep the courses of a CSV FILE.

    Columns: course, title, minutes, class, target, owner, modules, valid_months, due_days, grace_days, renewal_days,
    required_of, cost, cost_per_hour, pinned.
    """
    with opened() as services:
        click.echo(f"{services.references.import_courses(iter(file))} courses")


@click.group()
def content() -> None:
    """What modules and other activities are made of: length, words, chapters."""


@content.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
def content_import(file: TextIO) -> None:
    """Keep the activities of a CSV FILE: activity, video_seconds, chapters, words, reading_grade, examples."""
    with opened() as services:
        click.echo(f"{services.references.import_content(iter(file))} activities")


@click.group()
def outcomes() -> None:
    """What came of learning at work: close rates, scores, tickets, violations."""


@outcomes.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
def outcomes_import(file: TextIO) -> None:
    """Keep the outcomes of a CSV FILE.

    Columns: person or group, measure, value, date, exposure.

    What is known already stays, but for the same subject, measure and date.
    """
    with opened() as services:
        click.echo(f"{services.references.import_outcomes(iter(file))} outcomes")
        for row in services.reports.answer("outcomes-match", {}).rows:
            if row["subject"]:
                click.echo(f"  {row['subject']}  ({row['outcomes']} outcomes)")
            else:
                told = _matched(row["matched"], row["subjects"], row["kind"])
                click.echo(f"{row['measure']}: {told}")


def _matched(known: int, of: int, kind: str) -> str:
    """Return how many are known; who is not, comes after it."""
    return f"{known} of {of} {kind}s are known{'.' if known == of else '; the others:'}"
