"""What tests of outcomes share: putting them in, finding a row, and counting false alarms."""

from __future__ import annotations

import random
from typing import Any

from pandas import DataFrame

from lrs.analytics.catalog import catalog
from lrs.analytics.report import Moment, Report, Row
from tests.analytics.places import Place

HEAD = "person,group,measure,value,date,exposure\n"


def of(rows: tuple[Row, ...], **wanted: object) -> Row:
    (row,) = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return row


def outcomes(place: Place, *lines: str) -> None:
    place.references.import_outcomes([HEAD, *(f"{line}\n" for line in lines)])


def finished(report: Report, told: list[Row], moment: Moment) -> list[Row]:
    """Return what the report makes of rows of its SQL."""
    if report.finish_frame is None:
        return report.finish(told, moment)
    return report.finish_frame(DataFrame(told), moment)


def alarms(name: str, rows: Any, seeds: int = 200, **parameters: int | str) -> float:
    """Return the share of seeds for which the report sees an effect in the rows of a function of chance."""
    report = catalog()[name]
    values = {one.name: one.default for one in report.parameters} | parameters
    seen = 0
    for seed in range(seeds):
        told = rows(random.Random(seed))  # noqa: S311 not a secret
        found = finished(report, told, Moment(20_000, values))
        seen += any(row["verdict"] in ("more", "less") for row in found)
    return seen / seeds
