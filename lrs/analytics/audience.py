"""For whom a report is answered: whose data is counted, and how people are shown."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby
from typing import Literal

from lrs.analytics.report import Report, Row, Table
from lrs.errors import BadRequest
from lrs.stores.protocol import RecordStore

_META, _NAME = "meta", "pseudonyms"
_PSEUDONYM = re.compile(r"learner-([0-9a-f]{16})")
_HALF = 0xFFFF_FFFF
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose data may be counted for somebody, and whether learners have names for them."""

    own: Literal["everyone", "team", "self"] = "everyone"
    key: int = 0
    """Of "team": the key of the manager; of "self": that of the learner."""
    names: bool = True
    least: int = 1
    """What is said of fewer persons is hidden."""
    obligations: bool = False
    """Whether reports on obligations alone are answered: who must hold what is seen, and not what learners do."""
    whole_rows: bool = False
    """Whether a row of which anything is hidden goes as a whole: verdicts in words tell on a small group as well."""

    def may_ask(self, report: Report) -> bool:
        """Whether a report may be answered: one about the organisation is for who may see everybody's data.

        One that tells what learners do is not for who sees obligations alone.
        """
        whole = self.own == "everyone" or not report.organisational
        return whole and (report.obligations or not self.obligations)


EVERYONE = Audience()
"""Who works on the store itself, such as the command line."""


class Pseudonyms:
    """Names for learners who may not be named: the same learner always has the same one in one LRS.

    A pseudonym is the learner's key enciphered (four rounds of Feistel's network under BLAKE2b, whose key is random and
    the store's own): nobody can try addresses on it, and the LRS need not keep a list to find the learner again.
    """

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._secret = b""

    def of(self, key: int) -> str:
        """Return the pseudonym of a learner's key."""
        return f"learner-{_enciphered(self._known_secret(), key):016x}"

    def key_of(self, pseudonym: str) -> int | None:
        """Return the learner's key, or None if this is no pseudonym."""
        found = _PSEUDONYM.fullmatch(pseudonym)
        return None if found is None else _deciphered(self._known_secret(), int(found[1], 16))

    def _known_secret(self) -> bytes:
        while not self._secret:
            record = self._records.get(_META, _NAME)
            if record is None:
                self._records.swap(_META, _NAME, None, {"secret": secrets.token_hex(32)})
            else:
                self._secret = bytes.fromhex(record["secret"])
        return self._secret


def masked(
    table: Table,
    *,
    key_of: Callable[[str], int],
    name_of: Callable[[str], str],
    nameless: Pseudonyms | None,
) -> Table:
    """Return the table with people by their names, or, with `nameless`, under pseudonyms alone.

    Pseudonyms stand in an order of their own: in that of the addresses each place would tell on one.
    """
    columns = [column.name for column in table.columns if column.kind == "agent"]
    texts = [column.name for column in table.columns if column.tells_names]
    if not columns and not texts:
        return table
    if nameless is None:
        told = {row[name] for row in table.rows for name in columns if row[name]}
        return replace(table, names={**table.names, **{one: name_of(one) for one in told}})

    def hide(row: Row) -> Row:
        hidden = {one: nameless.of(key_of(row[one])) for one in columns if row[one]}
        return {**row, **dict.fromkeys(texts, ""), **hidden}

    ranked_by = table.report.ranked_by
    shown: list[Row] = []
    for _, alike in groupby(map(hide, table.rows), lambda row: [row[name] for name in ranked_by]):
        shown += sorted(alike, key=lambda row: [row[name] or "" for name in columns])
    return replace(table, rows=tuple(shown))


def learner_key(
    text: str, *, key_of: Callable[[str], int], names: bool, pseudonyms: Pseudonyms
) -> int:
    """Return the key of the learner whom a filter names: a pseudonym, or, if names may be known, a person or an IFI.

    Raises: BadRequest.
    """
    key = pseudonyms.key_of(text)
    if key is not None:
        return key
    if not names:
        raise BadRequest(
            "Learners have no names here.", code="parameter-value", allowed="a pseudonym"
        )
    return key_of(text)


@lru_cache(16_384)
def _enciphered(secret: bytes, key: int) -> int:
    left, right = key >> 32 & _HALF, key & _HALF
    for number in range(_ROUNDS):
        left, right = right, left ^ _scrambled(secret, number, right)
    return left << 32 | right


def _deciphered(secret: bytes, enciphered: int) -> int:
    left, right = enciphered >> 32, enciphered & _HALF
    for number in reversed(range(_ROUNDS)):
        left, right = right ^ _scrambled(secret, number, left), left
    key = left << 32 | right
    return key - (1 << 64) if key >> 63 else key


def _scrambled(secret: bytes, number: int, half: int) -> int:
    told = bytes([number]) + half.to_bytes(4, "big")
    return int.from_bytes(blake2b(told, digest_size=4, key=secret).digest(), "big")
