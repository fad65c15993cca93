"""How a command is told what a report is asked with."""

from __future__ import annotations

import click


def _pairs(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    pairs = {}
    for one in given:
        name, separator, value = one.partition("=")
        if not separator:
            raise click.BadParameter(f"{one}: say NAME=VALUE.", context, parameter)
        pairs[name] = value
    return pairs


asked_option = click.option(
    "--with",
    "asked",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_pairs,
    help="A filter or a parameter of the report; may be given several times.",
)
"""Gives a command `asked`: name -> value."""
