"""Small Delta tables beside the facts, each written whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def overwrite(
    uri: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]], mark: str
) -> None:
    """Make a table of these rows; `mark` becomes its description.

    Raises: CommitFailedError if another process was faster.
    """
    import pyarrow as pa  # noqa: PLC0415 see lake
    from deltalake import DeltaTable, write_deltalake  # noqa: PLC0415

    kinds = {"text": pa.string(), "int": pa.int32(), "long": pa.int64()}
    schema = pa.schema([(column, kinds[kind]) for column, kind in columns.items()])
    numbers = [column for column, kind in columns.items() if kind != "text"]
    write_deltalake(
        uri,
        pa.Table.from_pylist(list(rows), schema=schema),
        mode="overwrite",
        schema_mode="overwrite",
        description=mark,
        # Its log keeps the least and the greatest of each other column: names of people, for ever.
        configuration={"delta.dataSkippingStatsColumns": ",".join(numbers)},
    )
    written = DeltaTable(uri)
    written.alter.set_table_description(mark)
    # Names of people: older files are not kept for anybody.
    written.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    # Nor are those of who died before the commit; younger ones somebody else may be about to commit.
    written.vacuum(retention_hours=1, dry_run=False, enforce_retention_duration=False, full=True)
