"""The MongoDB store's sections over one database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from gridfs import GridFS
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import ConfigurationError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from lrs.clock import Clock
from lrs.errors import StoreUnavailable
from lrs.stores.mongo.activities import MongoActivities
from lrs.stores.mongo.documents import MongoDocuments
from lrs.stores.mongo.outage import refusing
from lrs.stores.mongo.records import MongoRecords
from lrs.stores.mongo.statements import MongoStatements

_OPTIONS: dict[str, Any] = {
    # A repeated insert may meet its own first attempt where the server does not know it again; what a lost
    # connection leaves behind is settled by looking.
    "retryWrites": False,
    "serverSelectionTimeoutMS": 3_000,
    "connectTimeoutMS": 3_000,
    "socketTimeoutMS": 20_000,
    "waitQueueTimeoutMS": 20_000,
}


class MongoAttachments:
    """See lrs.stores.protocol.AttachmentStore.

    A file's name is its digest and its _id its own: writers that put the same data at the same time leave two whole
    copies, never a mixed one, and what is left of an upload that broke off is in nobody's way.
    """

    def __init__(self, database: Database[Any]) -> None:
        self._files = GridFS(database, "attachments")

    @refusing()
    def put(self, parts: Iterable[tuple[str, bytes]]) -> None:
        for sha2, data in parts:
            if not self._files.exists({"filename": sha2}):
                self._files.put(data, filename=sha2)

    @refusing()
    def get(self, sha2: str) -> bytes | None:
        file = self._files.find_one({"filename": sha2})
        return None if file is None else bytes(file.read())

    @refusing()
    def length(self, sha2: str) -> int:
        file = self._files.find_one({"filename": sha2})
        return 0 if file is None else int(file.length)

    @refusing()
    def delete(self, sha2: str) -> None:
        for file in self._files.find({"filename": sha2}):
            self._files.delete(file._id)


class MongoStore:
    """One tenant's data in one database. Raises: StoreUnavailable (503) from every call if there is no answer."""

    def __init__(
        self, database: Database[Any], clock: Clock, *, lease_microseconds: int = 60_000_000
    ) -> None:
        """`lease_microseconds` is how long a batch of a writer that died holds up what comes after it."""
        self._database = database
        self.activities = MongoActivities(database, clock)
        self.attachments = MongoAttachments(database)
        self.documents = MongoDocuments(database, clock)
        self.records = MongoRecords(database)
        self.statements = MongoStatements(
            database, clock, activities=self.activities, lease=lease_microseconds
        )

    @classmethod
    def connect(cls, uri: str, clock: Clock, *, lease_microseconds: int = 60_000_000) -> Self:
        """Return the store in the database that the URI names, or in "lrs" if it names none.

        Writes are acknowledged by a majority, on disk; reads see what a majority has. The URI cannot change that.
        Raises: ValueError if the URI is malformed; StoreUnavailable if no server answers.
        """
        try:
            client: MongoClient[Any] = MongoClient(uri, **_OPTIONS)
            name = client.get_default_database("lrs").name
        except ConfigurationError:
            # Without pymongo's words, which may hold the password.
            raise ValueError("The store's URI is not a valid MongoDB URI.") from None
        database = client.get_database(
            name,
            read_preference=ReadPreference.PRIMARY,
            read_concern=ReadConcern("majority"),
            write_concern=WriteConcern("majority", wtimeout=15_000, j=True),
        )
        try:
            return cls(database, clock, lease_microseconds=lease_microseconds)
        except StoreUnavailable:
            client.close()
            raise

    def scrub(self) -> None:
        """Do nothing: the files are the server's. It uses their room again, and `compact` gives it back."""

    def close(self) -> None:
        self._database.client.close()
