"""The embedded default: one SQLite file in WAL mode, shared by any number of processes of one machine."""

from lrs.stores.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
