"""From a store URI to a store."""

from __future__ import annotations

from pathlib import Path

from lrs.clock import Clock
from lrs.stores.protocol import Store
from lrs.stores.sqlite import SqliteStore


def is_there(uri: str) -> bool:
    """Whether opening the store would find one rather than make it; a database server is taken to hold one."""
    scheme, _, path = uri.partition(":///")
    return scheme != "sqlite" or Path(path).exists()


def open_store(uri: str, clock: Clock) -> Store:
    """Return the store behind `sqlite:///FILE` (a fourth slash makes the path absolute) or `mongodb://...`.

    Raises: ValueError if the URI is of another kind; StoreUnavailable if the store cannot be reached.
    """
    scheme, _, rest = uri.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return SqliteStore(Path(rest[1:]), clock)
    if scheme in ("mongodb", "mongodb+srv"):
        # Imported here, so that who stays with SQLite does not pay 20 MB a worker for pymongo.
        from lrs.stores.mongo import MongoStore  # noqa: PLC0415

        return MongoStore.connect(uri, clock)
    raise ValueError("The store must be sqlite:///FILE or mongodb://HOST/DATABASE.")
