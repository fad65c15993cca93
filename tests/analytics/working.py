"""What tests of outcomes share: putting them in, finding a row, and counting false alarms."""

from __future__ import annotations

import gc
import random
from typing import Any

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Moment, Row
from tests.analytics.places import Place

HEAD = "person,group,measure,value,date,exposure\n"


def of(rows: tuple[Row, ...], **wanted: object) -> Row:
    (row,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return row


def outcomes(place: Place, *lines: str) -> None:
    place.references.import_outcomes([HEAD, *(f"{line}\n" for line in lines)])


def alarms(name: str, rows: Any, seeds: int = 200, **parameters: int | str) -> float:
    """Return the share of seeds for which the report sees an effect in the rows of a function of chance."""
    report = catalog()[name]
    values = {one.name: one.default for one in report.parameters} | parameters
    seen = 0
    # statsmodels collects garbage at each correction: let it not look at all that pytest holds.
    gc.freeze()
    for seed in range(seeds):
        found = report.finish(rows(random.Random(seed)), Moment(20_000, values))  # noqa: S311 not a secret
        seen += any(row["verdict"] in ("more", "less") for row in found)
    gc.unfreeze()
    return seen / seeds
