"""The normalised score: what share of full marks a result says, however its sender scales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SAME = 0.01
_HALF = 0.5
_LARGEST = 1e300


@dataclass(frozen=True, slots=True)
class Score:
    """A score as a ratio 0..1, and what it was computed from."""

    value: float | None = None
    basis: str | None = None
    mismatch: bool = False


def score_of(score: Mapping[str, Any], *, signed: bool) -> Score:
    """Return the normalised score of a result.

    Raw with max (and min, else 0) comes first, since `scaled` means different things: Moodle's runs from -1 to +1
    (`signed`), that of Open edX from 0 to 1. A scaled score below 0 of an unknown scale is unusable, never clipped.
    """
    scaled = _number(score.get("scaled"))
    said = None if scaled is None else _unscaled(scaled, signed=signed)
    raw, low, high = (_number(score.get(name)) for name in ("raw", "min", "max"))
    if low is not None and high is not None and high <= low:
        # Nought of nought: there was nothing to be had.
        return Score(None, "unusable")
    # Without a min, nought is a guess: good enough only where nothing else tells.
    if low is None and said is None:
        low = 0.0
    if raw is not None and low is not None and high is not None and low < high:
        value = (raw - low) / (high - low)
        if 0 <= value <= 1:
            return Score(value, "raw", said is not None and abs(value - said) > _SAME)
    if said is not None:
        return Score(said, "signed" if signed else "scaled")
    return Score(None, "unusable" if scaled is not None or raw is not None else None)


def _unscaled(scaled: float, *, signed: bool) -> float | None:
    value = (scaled + 1) * _HALF if signed else scaled
    return value if 0 <= value <= 1 else None


def _number(value: object) -> float | None:
    # JSON may hold whole numbers that no float can.
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LARGEST:
        return None
    return float(value)
