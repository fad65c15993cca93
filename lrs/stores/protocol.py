"""What the LRS asks of a store. Each backend keeps it its own way; one contract suite runs over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lrs.xapi import JsonObject
from lrs.xapi.document import Document, DocumentKey, Scope
from lrs.xapi.entry import Draft, Entry
from lrs.xapi.query import Page, StatementQuery


@dataclass(frozen=True, slots=True)
class Record:
    """What a statement of the given sequence is found by, for rebuilding and checking the index."""

    sequence: int
    keys: frozenset[int]
    voided: bool


class StatementStore(Protocol):
    """Statements in the order of their sequence, which is their `stored` time in microseconds."""

    def insert(self, drafts: Sequence[Draft]) -> int:
        """Store all or nothing, durably, and return how many were new; sequences rise in the order given.

        Links in both directions are settled, and activity definitions merged.

        A draft whose id is there already with an equivalent statement is passed over.
        Raises: Conflict (409) if an id is there with another statement, or was erased; then nothing is stored.
        """

    def erase(self, ids: Sequence[str], *, never: Sequence[str] = ()) -> int:
        """Remove statements for good, with all that finds them; return how many of these ids were there.

        A salted hash of each id and the day stay, whether or not it was there: `insert` refuses it from now on. So it
        does those that are `never` to come; of them, what is there already stays as it is.
        Statements that refer to one of them stay, and are found by what they say themselves; what one of them has
        voided stays voided. Sequences are never given out again. May be repeated, also after a crash.
        """

    def get(self, statement_id: str) -> Entry | None:
        """Return the statement of a lower-case id, voided or not."""

    def find(self, query: StatementQuery) -> Page:
        """Return a page of statements that are not voided, unless the query wants those too.

        One of more than MAX_PAGE bytes ends early.
        """

    def consistent_through(self, *, exact: bool = False) -> int:
        """Return the latest moment up to which every statement that ever will have been stored can be found now.

        If it is to be `exact`, it is not before any statement that was acknowledged before the call, whoever stored it;
        else it may be a tenth of a second behind what other processes store. A batch that a writer has left unfinished
        is waited for a second at the most, and is ended when its lease is over; until then nothing after it counts.
        """

    def scan(self, *, after: int, limit: int) -> Sequence[Entry]:
        """Return statements, voided ones included, in rising sequence above `after`; fewer if they are large."""

    def count(self) -> int:
        """Return how many statements are stored, voided ones included."""

    def records(self) -> Iterator[Record]:
        """Yield what the index holds for every statement, in rising sequence, for checking."""

    def rebuild(self, records: Iterator[Record]) -> None:
        """Replace the whole index by `records`, which hold every stored statement once."""


class AttachmentStore(Protocol):
    """Raw attachment data by its SHA-2 digest."""

    def put(self, parts: Iterable[tuple[str, bytes]]) -> None:
        """Keep (sha2, data) pairs; those there already are left alone."""

    def get(self, sha2: str) -> bytes | None:
        """Return the data of a lower-case digest."""

    def length(self, sha2: str) -> int:
        """Return how many bytes of data there are of a digest, without reading them; 0 if none."""

    def delete(self, sha2: str) -> None:
        """Delete the data of a digest, if there is any."""


class ActivityStore(Protocol):
    """What all statements together say about each activity."""

    def definitions(self, iris: Iterable[str]) -> Mapping[str, JsonObject]:
        """Return activity id -> merged definition for those that are known, numbers as in text.read_literal."""

    def replace(self, definitions: Iterable[tuple[str, JsonObject]]) -> None:
        """Forget all definitions and merge these, in the order given."""


class DocumentStore(Protocol):
    """Documents by their key. A change is one compare-and-write: of two writers racing, exactly one wins."""

    def get(self, key: DocumentKey) -> Document | None:
        """Return a document."""

    def swap(self, key: DocumentKey, old: Document | None, new: Document | None) -> bool:
        """Put `new` (None: nothing) in the place of `old` (None: nothing), in one atomic step.

        `updated` of `new` is not looked at: the store sets it within that step, later than that of `old`, so that who
        asks for what was updated since a list was made misses nothing that was on its way.
        Returns False, and changes nothing, if the document there is not `old` any more.
        Raises: TooLarge (413) if the store cannot hold the content.
        """

    def ids(self, scope: Scope, *, since: int | None = None) -> Mapping[str, int]:
        """Return id -> updated of the scope's documents that were updated after `since`, in the order of ids.

        A scope without a registration holds those of every registration.
        """

    def delete(self, scope: Scope) -> None:
        """Delete the scope's documents; one without a registration holds those of every registration."""

    def count_of(self, agent: str) -> int:
        """Return how many documents, of whatever resource, belong to an IFI."""

    def delete_of(self, agent: str) -> int:
        """Delete all documents that belong to an IFI; return how many there were."""


class RecordStore(Protocol):
    """Small JSON objects by kind and name: credentials, and what the LRS must remember about itself."""

    def put(self, kind: str, name: str, record: JsonObject) -> None:
        """Keep a record, in place of an older one of the same kind and name."""

    def swap(self, kind: str, name: str, old: JsonObject | None, new: JsonObject | None) -> bool:
        """Put `new` (None: nothing) in the place of `old` (None: nothing), in one atomic step.

        `old` is what `get` returned. Returns False, and changes nothing, if the record there is not `old` any more.
        """

    def get(self, kind: str, name: str) -> JsonObject | None:
        """Return a record."""

    def all(self, kind: str, *, prefix: str = "") -> Mapping[str, JsonObject]:
        """Return name -> record of a kind, in the order of names; only of names that begin with `prefix`."""

    def names(self, kind: str, *, prefix: str = "") -> Sequence[str]:
        """Return the names of a kind's records, in their order; only those that begin with `prefix`."""

    def delete(self, kind: str, name: str) -> bool:
        """Delete a record; returns whether there was one."""

    def tally(self, kind: str, name: str) -> None:
        """Add one to a count, which starts at nought."""

    def add_up(self, kind: str, counts: Mapping[str, int]) -> None:
        """Add each number to the count of its name; counts start at nought."""

    def forget_tally(self, kind: str, name: str) -> None:
        """Delete a count, if there is one."""

    def tallies(self, kind: str) -> Mapping[str, int]:
        """Return name -> count of a kind, in the order of names."""


class Store(Protocol):
    """One tenant's data."""

    @property
    def statements(self) -> StatementStore: ...
    @property
    def attachments(self) -> AttachmentStore: ...
    @property
    def activities(self) -> ActivityStore: ...
    @property
    def documents(self) -> DocumentStore: ...
    @property
    def records(self) -> RecordStore: ...

    def scrub(self) -> None:
        """See to it that what was deleted can be read in no file that the store itself keeps; may be repeated."""

    def close(self) -> None:
        """Give back connections and files."""
