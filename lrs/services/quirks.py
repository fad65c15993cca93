"""How often each credential needed which tolerance."""

from __future__ import annotations

from collections.abc import Iterator

from lrs.stores.protocol import RecordStore

_KIND = "quirk"


class Quirks:
    """Counts tolerances that were needed."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records

    def count(self, credential: str, quirk: str) -> None:
        """Add one request to the count."""
        self._records.tally(_KIND, f"{quirk}/{credential}")

    def counts(self) -> Iterator[tuple[str, str, int]]:
        """Yield (quirk, credential, number of requests)."""
        for name, count in self._records.tallies(_KIND).items():
            quirk, _, credential = name.partition("/")
            yield quirk, credential, count
