"""What pymongo raises, turned into a refusal: the one place for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import PyMongoError

from lrs.errors import StoreUnavailable


@contextmanager
def refusing() -> Iterator[None]:
    """Turn whatever pymongo raises (no server, no majority, a timeout, a refusal) into StoreUnavailable."""
    try:
        yield
    except PyMongoError as problem:
        raise unavailable() from problem


def unavailable() -> StoreUnavailable:
    """Return the refusal of a request that may be sent again: statements that did get in are not doubled."""
    return StoreUnavailable(
        "The store cannot be reached at the moment; the request may be repeated."
    )
