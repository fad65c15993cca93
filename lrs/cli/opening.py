"""From the environment to services, for every command that works on the store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from lrs.assembly import Services, build_services
from lrs.config import config_from
from lrs.errors import StoreUnavailable
from lrs.services import maintenance
from lrs.stores.open import is_there

_CAUSE = 200


@contextmanager
def opened(*, makes_store: bool = False) -> Iterator[Services]:
    """Give the services of the LRS_* settings; what an administrator can mend becomes one plain sentence."""
    try:
        config = config_from(os.environ)
        if not makes_store and not is_there(config.store_uri):
            raise click.ClickException(
                f"There is no store at {config.store_uri}; `lrs init` makes one, LRS_DATA and LRS_STORE say where."
            )
        services = build_services(config)
    except ValueError as problem:
        raise click.ClickException(str(problem)) from None
    except StoreUnavailable as refusal:
        raise click.ClickException(f"The store cannot be opened: {_cause(refusal)}.") from None
    try:
        if not maintenance.note_keys_version(services.store):
            click.echo(
                "This store's index is of another version of the LRS: run `lrs reindex`.", err=True
            )
        yield services
    except StoreUnavailable as away:
        raise click.ClickException(
            f"The store went away: {_cause(away)}. What was stored before is kept; run the command again to go on."
        ) from None
    finally:
        services.close()


def _cause(away: StoreUnavailable) -> str:
    return str(away.__cause__ or "no answer").partition("\n")[0][:_CAUSE]
