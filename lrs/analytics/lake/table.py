"""The Delta table of the facts: its columns, and how it is opened, written and described.

deltalake and pyarrow are loaded where they are needed: a process that only stores statements stays small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lrs.analytics.facts.fact import COLUMNS, Fact

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import CommitProperties, DeltaTable, WriterProperties

_APP = "lrs-projector"
_CODEC: Literal["ZSTD"] = "ZSTD"
# Numbers only: the log keeps the lowest and highest value of these columns, and must not name anybody.
_SETTINGS = {
    "delta.dataSkippingStatsColumns": "sequence,moment,day,learner,course,activity",
    "delta.logRetentionDuration": "interval 7 days",
    "delta.deletedFileRetentionDuration": "interval 1 days",
}


def opened(uri: str, description: str) -> DeltaTable:
    """Return the table; makes it if there is none."""
    from deltalake import DeltaTable  # noqa: PLC0415
    from deltalake.exceptions import DeltaError  # noqa: PLC0415

    if not DeltaTable.is_deltatable(uri):
        if "://" not in uri:
            Path(uri).mkdir(parents=True, exist_ok=True)
        # Of two processes that make it at once one is refused: the table is there all the same.
        with suppress(DeltaError):
            DeltaTable.create(
                uri,
                schema=schema(),
                mode="ignore",
                partition_by=["part", "month"],
                description=description,
                configuration=_SETTINGS,
            )
    return DeltaTable(uri)


def projected(table: DeltaTable) -> int:
    """Return the sequence of the last statement whose facts are in."""
    return table.transaction_version(_APP) or 0


def append(table: DeltaTable, pieces: Sequence[pa.Table], sequence: int) -> None:
    """Add facts; `sequence` is that of the last of their statements.

    Raises: CommitFailedError if another process was faster.
    """
    import pyarrow as pa  # noqa: PLC0415
    from deltalake import write_deltalake  # noqa: PLC0415

    # One course's learners side by side: what reports group by is then found together.
    order = [(name, "ascending") for name in ("course", "learner", "moment")]
    write_deltalake(
        table,
        pa.concat_tables(pieces).sort_by(order),
        mode="append",
        commit_properties=_committing(sequence),
        writer_properties=compressed(),
    )


def clear(table: DeltaTable, description: str) -> None:
    """Remove all facts, and give the table the columns of this version."""
    from deltalake import write_deltalake  # noqa: PLC0415

    write_deltalake(
        table,
        as_arrow(()),
        mode="overwrite",
        schema_mode="overwrite",
        commit_properties=_committing(0),
    )
    # With the transaction again: who appends between the two, and has not heard of the description, is refused.
    table.alter.set_table_description(description, commit_properties=_committing(0))


def remove(table: DeltaTable, condition: str) -> int:
    """Remove the facts of which a condition holds; return how many.

    Raises: CommitFailedError if another process was faster: also one that has read statements and is about to append.
    """
    done = table.delete(condition, commit_properties=_committing(projected(table)))
    return int(done["num_deleted_rows"])


def compressed() -> WriterProperties:
    """Return how files are written."""
    from deltalake import WriterProperties  # noqa: PLC0415

    return WriterProperties(compression=_CODEC)


def schema(columns: Mapping[str, str] = COLUMNS) -> pa.Schema:
    """Return columns as Arrow knows them: name -> text, int (32 bits) or long (64 bits)."""
    import pyarrow as pa  # noqa: PLC0415

    kinds = {"text": pa.string(), "int": pa.int32(), "long": pa.int64()}
    return pa.schema([(name, kinds[kind]) for name, kind in columns.items()])


def as_arrow(rows: Sequence[Fact]) -> pa.Table:
    """Return facts as a table of Arrow."""
    import pyarrow as pa  # noqa: PLC0415

    whole = schema()
    columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * len(whole)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, whole, strict=True)],
        schema=whole,
    )


def _committing(sequence: int) -> CommitProperties:
    from deltalake import CommitProperties, Transaction  # noqa: PLC0415

    return CommitProperties(app_transactions=[Transaction(_APP, sequence)])


def listed(table: DeltaTable) -> tuple[dict[str, int], dict[str, int]]:
    """Return the files, as the log names them: each with its facts, and with its bytes."""
    import pyarrow as pa  # noqa: PLC0415 see lake

    actions = pa.table(table.get_add_actions(flatten=True)).to_pydict()
    facts, sizes = (
        dict(zip(actions["path"], actions[name], strict=True))
        for name in ("num_records", "size_bytes")
    )
    return facts, sizes


def files_of(table: DeltaTable) -> tuple[str, ...]:
    """Return the files, those with most facts first.

    DuckDB takes each file to be like the first one; after a small one it would put all facts into hash tables.
    """
    facts, _ = listed(table)
    found = {file: facts["/".join(file.split("/")[-3:])] for file in table.file_uris()}
    return tuple(sorted(found, key=lambda file: (-found[file], file)))
