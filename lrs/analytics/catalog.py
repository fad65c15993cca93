"""The reports there are: one file each in the folder `reports`, found by its name."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from lrs.analytics import reports
from lrs.analytics.report import Report
from lrs.errors import NotFound


@cache
def catalog() -> dict[str, Report]:
    """Return name -> report, in the order of names."""
    found: dict[str, Report] = {}
    for module in sorted(pkgutil.iter_modules(reports.__path__), key=lambda one: one.name):
        report: Report = import_module(f"{reports.__name__}.{module.name}").REPORT
        found[report.name] = report
    return found


def report_named(name: str) -> Report:
    """Return a report. Raises: NotFound (404)."""
    report = catalog().get(name)
    if report is None:
        raise NotFound(
            "There is no such report.", code="report-unknown", allowed=", ".join(catalog())
        )
    return report
