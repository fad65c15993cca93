"""What a video statement says was played."""

from __future__ import annotations

_SLACK = 1_000
"""Milliseconds by which players run over the end of a video."""
_MOST = 2_000
"""Segments of one statement that are read; a player that writes more is broken."""


def played_segments(text: str, length: int | None) -> list[tuple[int, int]]:
    """Return the segments of `played-segments` ("0[.]12.5[,]20[.]30") as (start, end) in milliseconds, merged.

    Those without an end, of no length, or running backwards are left out; what runs over the end is cut off.
    Spec: xAPI Video Profile 1.0.3, played-segments.
    """
    found = []
    for piece in text.split("[,]")[:_MOST]:
        start, separator, end = piece.partition("[.]")
        if not separator:
            continue
        try:
            first, last = round(float(start) * 1000), round(float(end) * 1000)
        except (ValueError, OverflowError):
            continue
        if length is not None and last > length + _SLACK:
            last = length
        if 0 <= first < last:
            found.append((first, last))
    return _merged(sorted(found))


def _merged(segments: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in segments:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
