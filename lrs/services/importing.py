"""Statements from files: stored in batches, the bad ones set aside."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from lrs.errors import BadRequest, LrsError, StoreUnavailable
from lrs.services.reading import Item
from lrs.services.statements import Batch, Sender, Statements
from lrs.stores.tombstones import ERASED
from lrs.xapi import JsonObject
from lrs.xapi.attachments import Part, has_digest
from lrs.xapi.text import Parsed, read_json, write_json
from lrs.xapi.version import Version, version_of_statement

BATCH = 500
BATCH_SIZE = 32 << 20
_NAMESPACE = uuid.UUID("6f1c9d5e-53f5-5d0c-9b57-6a0a9a1c7f3e")
_REJECT = {"file", "line", "refusal", "statement"}


@dataclass(frozen=True, slots=True)
class Reject:
    """A statement that was not stored, and why."""

    item: Item
    refusal: LrsError

    @property
    def size(self) -> int:
        """What it takes up in memory, in bytes, very roughly."""
        return len(self.item.text)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement that is JSON, and the attachment data that it declares, as far as there is any."""

    item: Item
    parsed: Parsed
    parts: Mapping[str, Part]

    @property
    def version(self) -> Version:
        return version_of_statement(self.parsed.value.get("version"))

    @property
    def size(self) -> int:
        """What it takes up in memory, in bytes, very roughly."""
        return len(self.item.text) + sum(len(part.data) for part in self.parts.values())


@dataclass(slots=True)
class Tally:
    """How an import stands."""

    stored: int = 0
    already_there: int = 0
    rejected: int = 0
    erased: int = 0
    """Those that a person had erased, and that are not kept among the rejects either."""

    @property
    def seen(self) -> int:
        """All statements read so far."""
        return self.stored + self.already_there + self.rejected + self.erased


def parse_item(item: Item) -> Parsed:
    """Return the statement of an item, with an id made from its text and number if it has none.

    The id is the same at the next import of the same file, so nothing is stored twice. A line of a file of rejects
    stands for the statement in it.
    Raises: BadRequest if the text is not a JSON object.
    """
    parsed = _unwrapped(read_json(item.text))
    if not isinstance(parsed.value, dict):
        raise BadRequest(
            "This is not a statement.", code="statement-expected", allowed="a JSON object"
        )
    if "id" in parsed.value:
        return parsed
    made = str(uuid.uuid5(_NAMESPACE, f"{item.number}:{item.text.hex()}"))
    value = {"id": made, **parsed.value}
    return Parsed(
        value, value if parsed.literal is parsed.value else {"id": made, **parsed.literal}
    )


class Importer:
    """Puts the statements of files through the one door."""

    def __init__(
        self,
        statements: Statements,
        sender: Sender,
        attachment: Callable[[str], bytes | None],
    ) -> None:
        """`attachment` returns the data of a lower-case sha2, or None; an LrsError of it rejects the statement."""
        self._statements = statements
        self._sender = sender
        self._attachment = attachment
        self.tally = Tally()

    def run(self, items: Iterator[Item]) -> Iterator[Reject]:
        """Store all statements that can be stored; yield the others in their order. `tally` tells how it stands.

        Raises: BadRequest if the items break off, when those before the break are stored; StoreUnavailable if the
        store goes away, when those of earlier batches are.
        """
        batch: list[_Ready | Reject] = []
        size = 0
        try:
            for item in items:
                batch.append(self._ready(item))
                size += batch[-1].size
                if len(batch) == BATCH or size >= BATCH_SIZE:
                    yield from self._store(batch)
                    batch, size = [], 0
        except BadRequest:
            yield from self._store(batch)
            raise
        yield from self._store(batch)

    def _ready(self, item: Item) -> _Ready | Reject:
        try:
            parsed = parse_item(item)
            found = {sha2: self._attachment(sha2) for sha2 in _declared(parsed.value)}
        except LrsError as refusal:
            return self._reject(item, refusal)
        parts = {
            sha2: Part(sha2, data)
            for sha2, data in found.items()
            if data is not None and has_digest(data, sha2)
        }
        return _Ready(item, parsed, parts)

    def _store(self, batch: Sequence[_Ready | Reject]) -> list[Reject]:
        rejects = [one for one in batch if isinstance(one, Reject)]
        good = [one for one in batch if isinstance(one, _Ready)]
        for version, group in groupby(good, key=lambda ready: ready.version):
            rejects += self._store_group(list(group), version)
        return sorted(rejects, key=lambda reject: reject.item.number)

    def _store_group(self, group: Sequence[_Ready], version: Version) -> Iterator[Reject]:
        try:
            new = self._send(group, version)
        except StoreUnavailable:
            raise
        except LrsError as refusal:
            if len(group) == 1:
                if refusal.code == ERASED:
                    self.tally.erased += 1
                else:
                    yield self._reject(group[0].item, refusal)
                return
            # By halves the good ones go in and the bad ones are found in n log n checks, whatever is wrong with them;
            # and of two with one id the second meets the first in the store, which decides.
            middle = len(group) // 2
            yield from self._store_group(group[:middle], version)
            yield from self._store_group(group[middle:], version)
        else:
            self.tally.stored += new
            self.tally.already_there += len(group) - new

    def _send(self, group: Sequence[_Ready], version: Version) -> int:
        if len(group) == 1:
            # Not as an array, so that a refusal's pointer starts at the statement.
            body = group[0].parsed
        else:
            values = [ready.parsed.value for ready in group]
            exact = all(ready.parsed.literal is ready.parsed.value for ready in group)
            body = Parsed(values, values if exact else [ready.parsed.literal for ready in group])
        parts = {sha2: part for ready in group for sha2, part in ready.parts.items()}
        return self._statements.store(Batch(body, parts), version=version, sender=self._sender).new

    def _reject(self, item: Item, refusal: LrsError) -> Reject:
        self.tally.rejected += 1
        return Reject(_bare(item), refusal)


def import_sender(home_page: str) -> Sender:
    """Return who imports: an administrator, who may void, and whose files say themselves on whose authority."""
    authority = {"objectType": "Agent", "account": {"homePage": home_page, "name": "import"}}
    return Sender(authority, may_void=True, keeps_authority=True)


def _unwrapped(parsed: Parsed) -> Parsed:
    """Return the statement in a line of a file of rejects, and anything else as it is."""
    if not isinstance(parsed.value, dict) or parsed.value.keys() != _REJECT:
        return parsed
    value = parsed.value["statement"]
    return Parsed(value, value if parsed.literal is parsed.value else parsed.literal["statement"])


def _bare(item: Item) -> Item:
    """Return the item with the statement alone, so that rejects of rejects do not pile up envelopes."""
    try:
        parsed = read_json(item.text)
    except BadRequest:
        return item
    inner = _unwrapped(parsed)
    return item if inner is parsed else Item(item.number, write_json(inner.literal))


def _declared(statement: JsonObject) -> Iterator[str]:
    """Yield the sha2 of each attachment; the statement is not validated yet, so anything may be anything."""
    for holder in (statement, statement.get("object")):
        held = holder.get("attachments") if isinstance(holder, dict) else None
        for attachment in held if isinstance(held, list) else ():
            sha2 = attachment.get("sha2") if isinstance(attachment, dict) else None
            if isinstance(sha2, str):
                yield sha2.lower()
