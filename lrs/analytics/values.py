"""What a report is asked with: from text to the values of filters and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lrs.analytics.facts.days import days_of
from lrs.analytics.facts.digests import digest
from lrs.analytics.report import Parameter, Report
from lrs.analytics.sql.scope import FILTERS, Filter, obeyed
from lrs.errors import BadRequest

_FIRST, _LAST = days_of(date.min), days_of(date.max)
_WHOLE_DIGITS = 9


def typed(report: Report, asked: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of the filters, and of all of the report's parameters.

    Raises: BadRequest if one is not known, not of its kind, or a filter that would narrow nothing.
    """
    own = {parameter.name: parameter for parameter in report.parameters}
    narrowing = obeyed(report.sql)
    filters: dict[str, Any] = {}
    parameters: dict[str, Any] = {name: one.default for name, one in own.items()}
    for name, text in asked.items():
        if name in own:
            parameters[name] = _parameter(own[name], text)
        elif name in FILTERS:
            filters[name] = _filter(name, FILTERS[name], text)
            if name not in narrowing:
                raise BadRequest(
                    f"This report is not narrowed by {name}: it would count the same.",
                    code="filter-unused",
                    allowed=", ".join((*narrowing, *own)) or "this report without filters",
                )
        else:
            raise BadRequest(
                "The report has no such parameter.",
                code="parameter-unknown",
                allowed=", ".join((*FILTERS, *own)),
            )
    if filters.get("since", _FIRST) > filters.get("until", _LAST):
        raise BadRequest(
            "The period ends before it begins.",
            code="parameter-value",
            allowed="a last day that is not before the first one",
        )
    return filters, parameters


def _parameter(parameter: Parameter, text: str) -> int | str:
    if isinstance(parameter.default, int):
        return _whole(parameter.name, text)
    if parameter.choices and text not in parameter.choices:
        raise BadRequest(
            f"{parameter.name} cannot be that.",
            code="parameter-value",
            allowed=", ".join(parameter.choices),
        )
    return text


def _filter(name: str, chosen: Filter, text: str) -> int | str:
    if chosen.kind == "activity":
        return digest("activity", text)
    if chosen.kind == "whole":
        return _whole(name, text)
    if chosen.kind in ("text", "learner"):
        return text
    try:
        return days_of(date.fromisoformat(text))
    except ValueError:
        raise BadRequest(
            f"{name} is not a day.", code="parameter-value", allowed="a day such as 2026-01-31"
        ) from None


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _WHOLE_DIGITS):
        raise BadRequest(
            f"{name} is not a whole number.", code="parameter-value", allowed="a whole number"
        )
    return int(text)
