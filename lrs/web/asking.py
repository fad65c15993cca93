"""What a page or a face of a report is asked with: filters that stay in its address, and what a form offers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import request

from lrs import clock
from lrs.analytics.catalog import report_named
from lrs.analytics.values import typed
from lrs.auth.scopes import NAMES
from lrs.errors import BadRequest
from lrs.web import context

PERIOD = "period"
PERIODS = {"": "all time", "28": "last 4 weeks", "91": "last quarter", "365": "last year"}
"""Days back from today, which keep their meaning in an address that is kept."""
COMMON = ("since", "until", "course", "department", "manager", "device")
"""The filters that every form has; others stay as they are asked for."""
_ANY = "verbs"
"""A report that has nothing but filters."""
_NOT_FOR_REPORTS = ("bom", PERIOD)


def asked() -> dict[str, str]:
    """Return the filters and parameters of the address; those left empty in a form are not asked for.

    Raises: BadRequest.
    """
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise BadRequest(
            "A parameter is given twice.", code="parameter-repeated", allowed="each parameter once"
        )
    found = {
        name: text.strip()
        for name, text in request.args.items()
        if text.strip() and name not in _NOT_FOR_REPORTS
    }
    period = request.args.get(PERIOD, "")
    if period not in PERIODS:
        raise BadRequest(
            "There is no such period.",
            code="parameter-value",
            allowed=", ".join(one for one in PERIODS if one),
        )
    if period and "since" not in found:
        day = datetime.fromtimestamp(clock.now() / 1_000_000, UTC) - timedelta(days=int(period))
        # Without names, periods that slide from day to day could be held against one another.
        first = day.date() if context.principal().may(NAMES) else day.date().replace(day=1)
        found["since"] = first.isoformat()
    return found


def filters_or_problem(own: tuple[str, ...] = ()) -> tuple[dict[str, str], BadRequest | None]:
    """Return the filters of the address; none, and why, if they make no sense. `own`: what else the page knows."""
    try:
        found = {name: text for name, text in asked().items() if name not in own}
        typed(report_named(_ANY), found)
    except BadRequest as problem:
        return {}, problem
    return found, None
