"""The one door for statements: every way in goes through `store`, every way out through `get` and `find`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lrs.errors import BadRequest, Conflict, Forbidden, LrsError, NotFound, StoreUnavailable
from lrs.services.repeats import with_known_ids
from lrs.stores.protocol import Store
from lrs.xapi import JsonObject
from lrs.xapi.attachments import Part, attachments_of, check_parts
from lrs.xapi.entry import Draft, Entry, draft_of
from lrs.xapi.formats import LanguageChoice, canonical, ids_only
from lrs.xapi.keys import activities_of, authority_key
from lrs.xapi.query import Format, Page, StatementQuery, page_of
from lrs.xapi.quirks import repaired
from lrs.xapi.signature import check_signatures
from lrs.xapi.statement import complete
from lrs.xapi.text import Parsed, read_literal, write_json
from lrs.xapi.validation import validate
from lrs.xapi.version import Version

_log = logging.getLogger("lrs")


@dataclass(frozen=True, slots=True)
class Batch:
    """Statements as they came in: one JSON value, an object or an array, and attachment data by sha2."""

    body: Parsed
    parts: Mapping[str, Part] = field(default_factory=dict)

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The JSON pointer of each statement: "" for a lone one, else "/0", "/1" ..."""
        if not isinstance(self.body.value, list):
            return ("",)
        return tuple(f"/{index}" for index in range(len(self.body.value)))


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends statements, as far as their storing is concerned."""

    authority: JsonObject
    may_void: bool
    quirks: frozenset[str] = frozenset()
    """What the sender may get wrong, see lrs.xapi.quirks."""
    keeps_authority: bool = False
    """Whether an authority that comes with a statement stays: only for an administrator's import (Data 2.4.9)."""
    repeats_since: int | None = None
    """Since when, in microseconds, what comes without an id may have been stored already: for what is sent again."""
    session: str = ""
    """The cmi5 session whose AU sends, see lrs.cmi5."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch: every id in the order it came, and how many statements were not there before."""

    ids: tuple[str, ...]
    new: int
    quirks: frozenset[str] = frozenset()
    """The tolerances without which the batch would have been refused."""


Undo = Callable[[], None]
"""Takes back what a guard has noted of statements that were refused after all."""

Guard = Callable[[Sequence[JsonObject], Sender], Undo | None]
"""Is shown valid statements as they were sent, before they are stored; may refuse them all with an LrsError."""

Listener = Callable[[Sequence[Draft], Sender], None]
"""Is told of statements once they are stored, within the request; may store others through the same door."""


class Statements:
    """Stores, gets and finds statements."""

    def __init__(self, store: Store, new_id: Callable[[], str]) -> None:
        self._store = store
        self._new_id = new_id
        self._guards: list[Guard] = []
        self._listeners: list[Listener] = []

    def watch(self, *, guard: Guard | None = None, listener: Listener | None = None) -> None:
        """Let a feature see, and refuse, what is to be stored; and be told what was stored."""
        self._guards += [guard] if guard else []
        self._listeners += [listener] if listener else []

    def store(self, batch: Batch, *, version: Version, sender: Sender) -> Stored:
        """Store every statement of the batch or none.

        Statements that are stored already and say the same are accepted again and change nothing.
        Raises: BadRequest (400) with the pointer of the first fault; Forbidden (403) if the sender may not
        void; Conflict (409) if an id belongs to another statement.
        Spec: Communication 2.1.1, 2.1.2 (1.0.3).
        """
        items, quirks = _repaired(batch.body.items(), version, sender)
        prefixes = batch.prefixes
        for prefix, item in zip(prefixes, items, strict=True):
            _check(item, prefix, version)
        placed = [(prefix, item.value) for prefix, item in zip(prefixes, items, strict=True)]
        check_parts(placed, batch.parts)
        check_signatures(placed, batch.parts, version, sender.quirks)
        if sender.repeats_since is not None:
            items = with_known_ids(
                items,
                self._store.statements,
                authority=sender.authority,
                since=sender.repeats_since,
            )
        drafts = [self._draft(item, version, sender) for item in items]
        _demand_distinct(drafts, prefixes)
        undos: list[Undo] = []
        try:
            for guard in self._guards:
                undo = guard([value for _, value in placed], sender)
                undos += [undo] if undo else []
            _demand_right_to_void(drafts, prefixes, sender)
            new = self._insert(drafts, batch)
        except StoreUnavailable:
            # Whether it is stored nobody can tell now; those who watch find out when the store is back.
            raise
        except LrsError:
            for undo in reversed(undos):
                undo()
            raise
        for listener in self._listeners:
            try:
                listener(drafts, sender)
            except Exception as problem:
                # They are stored, and must not be sent again. What an exception says may hold a learner's data.
                _log.error("A watcher failed on stored statements: %s", type(problem).__name__)
        return Stored(tuple(draft.statement["id"] for draft in drafts), new, quirks)

    def get(self, statement_id: str, *, voided: bool, narrowed: int | None) -> Entry:
        """Return the statement of a lower-case id, which must be voided or must not be.

        `narrowed` is the authority key that it must carry, or None.
        Raises: NotFound (404) if there is no such statement.
        Spec: Communication 2.1.3, 2.1.4 (1.0.3).
        """
        entry = self._store.statements.get(statement_id)
        hidden = (
            entry is None
            or entry.voided != voided
            or (narrowed is not None and authority_key(entry.statement["authority"]) != narrowed)
        )
        if entry is None or hidden:
            raise NotFound(
                f"There is no {'voided ' if voided else ''}statement with this id.",
                code="statement-not-found",
                section="Communication 2.1.3",
            )
        return entry

    def find(self, query: StatementQuery, *, attachments: bool) -> Page:
        """Return a page of statements that are not voided.

        A page whose texts, and attachments if they are wanted, come to more than MAX_PAGE bytes ends early.
        Spec: Communication 2.1.3 (1.0.3).
        """
        page = self._store.statements.find(query)
        if not attachments:
            return page
        sent: set[str] = set()
        cut = page_of(
            page.entries, query.limit, lambda one: len(one.text) + self._attached(one, sent)
        )
        return Page(cut.entries, more=page.more or cut.more)

    def consistent_through(self) -> int:
        """Return the moment, in microseconds, up to which nothing can appear any more that cannot be found now."""
        return self._store.statements.consistent_through()

    def texts(
        self, entries: Sequence[Entry], format: Format, choose: LanguageChoice
    ) -> list[bytes]:
        """Return the JSON text of each statement in the format asked for."""
        if format == "exact":
            return [entry.text for entry in entries]
        statements = [read_literal(entry.text) for entry in entries]
        if format == "ids":
            return [write_json(ids_only(statement)) for statement in statements]
        iris = {activity["id"] for statement in statements for activity in activities_of(statement)}
        definitions = self._store.activities.definitions(iris)
        return [write_json(canonical(one, definitions, choose)) for one in statements]

    def parts_of(self, entries: Sequence[Entry]) -> list[tuple[JsonObject, bytes]]:
        """Return (attachment, data) once for each digest whose data is kept, in the order of the statements."""
        found: dict[str, tuple[JsonObject, bytes]] = {}
        for entry in entries:
            for _, attachment in attachments_of(entry.statement):
                sha2 = attachment["sha2"].lower()
                data = None if sha2 in found else self._store.attachments.get(sha2)
                if data is not None:
                    found[sha2] = (attachment, data)
        return list(found.values())

    def _attached(self, entry: Entry, sent: set[str]) -> int:
        """Return how many bytes of data a statement's attachments add to a page; their digests are put into `sent`.

        What is kept counts: the `length` that a statement gives is its sender's word (Data 2.4.11 does not say that
        an LRS checks it, and the digest does identify the data).
        """
        new = {held["sha2"].lower() for _, held in attachments_of(entry.statement)} - sent
        sent |= new
        return sum(self._store.attachments.length(sha2) for sha2 in new)

    def _insert(self, drafts: Sequence[Draft], batch: Batch) -> int:
        if batch.parts:
            self._store.attachments.put((part.sha2, part.data) for part in batch.parts.values())
        try:
            count = self._store.statements.insert(drafts)
        except Conflict as conflict:
            if not isinstance(batch.body.value, list):
                conflict.pointer = ""
            raise
        if batch.parts:
            self._keep_parts(batch)
        return count

    def _keep_parts(self, batch: Batch) -> None:
        """Put again what an erasure took away as long as no statement referred to it."""
        kept = self._store.attachments
        gone = [part for part in batch.parts.values() if not kept.length(part.sha2)]
        if gone:
            kept.put((part.sha2, part.data) for part in gone)

    def _draft(self, item: Parsed, version: Version, sender: Sender) -> Draft:
        sent: JsonObject = item.value
        authority = sender.authority
        if sender.keeps_authority and "authority" in sent:
            authority = sent["authority"]
        statement_id = sent.get("id") or self._new_id()
        kept = complete(sent, id=statement_id, authority=authority, stamp=version.stamp)
        if item.literal is item.value:
            return draft_of(kept, kept)
        literal = complete(item.literal, id=statement_id, authority=authority, stamp=version.stamp)
        return draft_of(kept, literal)


def _repaired(
    items: Sequence[Parsed], version: Version, sender: Sender
) -> tuple[Sequence[Parsed], frozenset[str]]:
    """Return the statements with what the sender may get wrong put right, and the names of the tolerances used."""
    if not sender.quirks or not version.tolerates_quirks:
        return items, frozenset()
    used: frozenset[str] = frozenset()
    mended = []
    for item in items:
        value, names = repaired(item.value, sender.quirks)
        exact = item.literal is item.value
        literal = value if exact else repaired(item.literal, sender.quirks)[0]
        mended.append(Parsed(value, literal) if names else item)
        used |= names
    return mended, used


def _check(item: Parsed, prefix: str, version: Version) -> None:
    try:
        validate(item.value, version)
    except LrsError as refusal:
        raise refusal.under(prefix) from None


def _demand_right_to_void(drafts: Sequence[Draft], prefixes: Sequence[str], sender: Sender) -> None:
    for draft, prefix in zip(drafts, prefixes, strict=True):
        if draft.voiding and not sender.may_void:
            raise Forbidden(
                "This credential may not void statements.",
                code="scope",
                pointer=f"{prefix}/verb/id",
                allowed="a credential with the scope all or statements/void",
                section="Data 2.3.2",
            )


def _demand_distinct(drafts: Sequence[Draft], prefixes: Sequence[str]) -> None:
    seen: set[str] = set()
    for draft, prefix in zip(drafts, prefixes, strict=True):
        if draft.id in seen:
            raise BadRequest(
                "Two statements of the batch have the same id.",
                code="batch-duplicate-id",
                pointer=f"{prefix}/id",
                allowed="each id once in a batch",
                section="Communication 2.1.2",
            )
        seen.add(draft.id)
