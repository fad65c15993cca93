"""What keeps a lake small and clean: which facts go by which condition, which files nobody needs, and when to look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from lrs.analytics.facts.digests import digest
from lrs.analytics.lake.table import compressed
from lrs.stores.protocol import RecordStore

if TYPE_CHECKING:
    from deltalake import DeltaTable

_NAMED = 500
"""Statements that are removed by one commit."""
_SMALL_FILES = 24
"""Files of one partition from which on they are made one."""
_KEPT_HOURS = 24
"""How long files that were replaced stay for readers of older versions."""
_META, _COMPACTED = "meta", "lake-compacted"
_DAY = 86_400_000_000


def erased(identities: Iterable[str], ids: Sequence[str], through: int | None) -> list[str]:
    """Return the conditions of what goes with IFIs, up to a sequence, and with ids."""
    learners = ", ".join(str(digest("agent", identity)) for identity in identities)
    bound = "" if through is None else f" AND sequence <= {through}"
    conditions = [f"learner IN ({learners}){bound}"] if learners else []
    return conditions + [_among(ids[start:][:_NAMED]) for start in range(0, len(ids), _NAMED)]


def withdrawn(found: Iterable[tuple[int, str]]) -> list[str]:
    """Return the conditions of (moment, id) of facts that go: by the moment, files without any are told apart."""
    ordered = enumerate(sorted(found))
    groups = [
        [one for _, one in group] for _, group in groupby(ordered, lambda one: one[0] // _NAMED)
    ]
    return [
        f"moment >= {group[0][0]} AND moment <= {group[-1][0]} AND {_among([id for _, id in group])}"
        for group in groups
    ]


def _among(ids: Iterable[str]) -> str:
    named = ", ".join(f"'{UUID(one)}'" for one in ids)
    return f"id IN ({named})"


def compact(table: DeltaTable) -> int:
    """Make many small files few, clear away those that nobody reads any more; return how many files went."""
    done = table.optimize.compact(writer_properties=compressed())
    clear_away(table)
    table.create_checkpoint()
    table.cleanup_metadata()
    return int(done["numFilesRemoved"]) - int(done["numFilesAdded"])


def clear_away(table: DeltaTable, *, everything: bool = False) -> None:
    """Delete files that were replaced: those of a day ago, or `everything`.

    Files of who died before the commit go only once they are a day old: others may be about to commit theirs.
    """
    table.vacuum(
        retention_hours=0 if everything else _KEPT_HOURS,
        dry_run=False,
        enforce_retention_duration=not everything,
        full=not everything,
    )


def note_compacted(records: RecordStore, moment: int) -> None:
    """Remember when it was last looked after."""
    records.put(_META, _COMPACTED, {"at": moment})


def is_due(table: DeltaTable, records: RecordStore, moment: int) -> bool:
    """Whether a partition is in many files, or a day is over since the lake was last looked after."""
    noted = records.get(_META, _COMPACTED)
    if noted is None:
        note_compacted(records, moment)
    elif moment - noted["at"] > _DAY:
        return True
    counts: dict[str, int] = {}
    for file in table.file_uris():
        folder = file.rpartition("/")[0]
        counts[folder] = counts.get(folder, 0) + 1
    return max(counts.values(), default=0) > _SMALL_FILES
