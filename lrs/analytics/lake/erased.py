"""When somebody was erased last: no process may give an answer any more that it found before."""

from __future__ import annotations

from lrs.stores.protocol import RecordStore

_KIND = "erased-at"


def note_erasure(records: RecordStore, moment: int) -> None:
    """Let no process give an answer any more that was found up to this moment, in microseconds since 1970."""
    records.put(_KIND, "", {"at": moment})


def erased_at(records: RecordStore) -> int:
    """Return the moment, or 0 if nobody has been erased."""
    return int((records.get(_KIND, "") or {}).get("at", 0))
