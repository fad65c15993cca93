"""What only some events tell: planned lengths, prices, focus, similarity, kinds of change and statuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lrs.analytics.facts.context import by_suffix
from lrs.analytics.facts.details import milliseconds
from lrs.taxonomy.roles import Meaning

COLUMNS = {
    "intended": "long",  # milliseconds that a study session or live class was to last
    "amount": "long",  # hundredths of what an event tells: price, focus, similarity
    "label": "text",  # its currency, kind of change, status, reason to leave, or whether there was feedback
}

_TELLING = frozenset(
    {"study", "leave", "purchase", "grade", "report", "achieve", "operate", "withdraw"}
)
_NOTHING: Mapping[str, Any] = {"intended": None, "amount": None, "label": ""}
_NONE: Mapping[str, Any] = {}
_LONGEST, _REASON, _LARGEST = 200, 60, 1e13


def told_of(
    result: Mapping[str, Any], context: Mapping[str, Any], meaning: Meaning
) -> Mapping[str, Any]:
    """Return the values of COLUMNS."""
    if _TELLING.isdisjoint(meaning.roles):
        return _NOTHING
    named = by_suffix(
        {**(context.get("extensions") or _NONE), **(result.get("extensions") or _NONE)}
    )
    intended = named.get("planned-duration", named.get("total-duration"))
    cents = _hundredths(named.get("price-cents"), 1)
    other = _hundredths(named.get("focus-score", named.get("similarity-pct")), 100)
    return {
        "intended": milliseconds(intended) if isinstance(intended, str) else None,
        "amount": other if cents is None else cents,
        "label": _reason(named) if "withdraw" in meaning.roles else _label(named),
    }


def _reason(named: Mapping[str, Any]) -> str:
    """Return a reason of a few words, in lower case: more than that is no reason to count, but somebody's story."""
    value = named.get("reason", named.get("cancellation-reason"))
    return value.strip().lower() if isinstance(value, str) and len(value) <= _REASON else ""


def _label(named: Mapping[str, Any]) -> str:
    feedback = named.get("feedback-provided")
    if isinstance(feedback, bool):
        return "feedback" if feedback else "no feedback"
    for name in ("compliance-status", "currency", "change-type"):
        value = named.get(name)
        if isinstance(value, str):
            return value[:_LONGEST]
    return ""


def _hundredths(value: Any, unit: int) -> int | None:
    """Return a number in hundredths; `unit`: how many of them it counts."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        return None
    return round(value * unit)
