"""The `lrs` command: one file for each group of its commands."""

from __future__ import annotations

import click

from lrs import terminal
from lrs.cli.accounts import account
from lrs.cli.analytics import content, courses, lake, outcomes, people, report
from lrs.cli.audit import audit
from lrs.cli.bench import bench
from lrs.cli.cmi5 import cmi5
from lrs.cli.credentials import credential, quirks_
from lrs.cli.demo import demo
from lrs.cli.erase import erase
from lrs.cli.ledgers import GROUPS, act, deliver
from lrs.cli.rejects import rejects
from lrs.cli.server import init, serve
from lrs.cli.simulate import simulate
from lrs.cli.taxonomy import taxonomy
from lrs.cli.transfer import export, import_, validate_
from lrs.cli.upkeep import check, reindex


@click.group(cls=terminal.PlainGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lrs")
def main() -> None:
    """A Learning Record Store for xAPI 1.0.3 and 2.0.

    Settings come from LRS_* environment variables; `lrs serve` takes them as flags as well.
    """


for _command in (
    serve,
    init,
    credential,
    account,
    quirks_,
    rejects,
    cmi5,
    import_,
    export,
    validate_,
    taxonomy,
    reindex,
    check,
    bench,
    lake,
    report,
    audit,
    people,
    courses,
    content,
    outcomes,
    erase,
    simulate,
    demo,
    *GROUPS.values(),
    deliver,
    act,
):
    main.add_command(_command)
