"""Statement texts as they lie in the file: compressed with a dictionary of what the store's statements have in common.

Statements of one source repeat each other's words: alone one shrinks to two thirds, with a dictionary to a tenth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import wraps
from threading import local
from typing import ParamSpec, TypeVar

from zstandard import (
    ZstdCompressionDict,
    ZstdCompressor,
    ZstdDecompressor,
    ZstdError,
    train_dictionary,
)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

PLAIN = 0
"""The number of the dictionary that stands for no compression at all."""

_SIZE = 32_768
"""Bytes of a dictionary. Larger ones save next to nothing more."""
_LEVEL = 3
SAMPLES = 1_000
"""Statements that a dictionary is made from; it takes some 40 ms."""
_GROWTH = 10
"""A new dictionary is made each time that the store has grown by this factor: senders come and go."""


_COMMON = (
    b'{"id":"","timestamp":"","stored":"","version":"1.0.3","authority":{"objectType":"Agent","account":{"homePage":"'
    b'http","name":""}},"actor":{"objectType":"Agent","mbox":"mailto:"},"verb":{"id":"http://adlnet.gov/expapi/verbs/"'
    b'},"object":{"objectType":"Activity","id":"http"},"result":{"score":{"scaled":},"success":true,"completion":true}'
)
"""What nearly all statements have in common."""


class DictionaryGone(LookupError):
    """The text was packed anew with another dictionary since it was read."""


def again(read: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Let a method read once more if, between its look at texts and that at dictionaries, texts were packed anew."""

    @wraps(read)
    def reading(*arguments: Parameters.args, **options: Parameters.kwargs) -> Result:
        try:
            return read(*arguments, **options)
        except DictionaryGone:
            return read(*arguments, **options)

    return reading


class _Mine(local):
    """The decompressors of a thread: each serves one at a time."""

    def __init__(self) -> None:
        self.decompressors: dict[int, ZstdDecompressor] = {}


class Packing:
    """Packs and unpacks; dictionaries are never changed, so each process remembers those it has met."""

    def __init__(self, samples: int) -> None:
        self._samples = samples
        self._dictionaries: dict[int, ZstdCompressionDict] = {}
        self._compressor: tuple[int, ZstdCompressor] | None = None
        self._mine = _Mine()

    def pack(
        self, connection: sqlite3.Connection, number: int, texts: Sequence[bytes]
    ) -> Sequence[bytes]:
        """Return each text packed with the dictionary of that number."""
        if number == PLAIN:
            return texts
        if self._compressor is None or self._compressor[0] != number:
            dictionary = self._dictionary(connection, number)
            self._compressor = (
                number,
                ZstdCompressor(dict_data=dictionary, level=_LEVEL, write_dict_id=False),
            )
        compress = self._compressor[1].compress
        return [compress(text) for text in texts]

    def unpack(self, connection: sqlite3.Connection, number: int, packed: bytes) -> bytes:
        """Return the text; that of one that is damaged is empty."""
        if number == PLAIN:
            return packed
        decompressor = self._mine.decompressors.get(number)
        if decompressor is None:
            decompressor = ZstdDecompressor(dict_data=self._dictionary(connection, number))
            self._mine.decompressors[number] = decompressor
        try:
            return decompressor.decompress(packed)
        except ZstdError:
            return b""

    def has_grown(self, before: int, after: int) -> bool:
        """Whether a store that has grown from so many statements to so many is due a new dictionary."""
        due = self._samples
        while due <= before:
            due *= _GROWTH
        return due <= after

    def learn(self, connection: sqlite3.Connection, number: int, *, always: bool = False) -> None:
        """Make a dictionary of that number, the next, from the latest statements, if they have enough in common.

        If it must be made `always`, it is else one that knows none of them.
        """
        rows = connection.execute(
            "SELECT dictionary, text, sequence FROM statement ORDER BY sequence DESC LIMIT ?",
            (self._samples,),
        ).fetchall()
        samples: list[bytes | bytearray | memoryview] = [
            self.unpack(connection, number, packed) for number, packed, _ in rows
        ]
        try:
            dictionary = train_dictionary(_SIZE, samples).as_bytes()
        except (ZstdError, ValueError):  # too little in common, or too short
            if not always:
                return
            dictionary = _COMMON
        connection.execute(
            "INSERT INTO dictionary (number, data) VALUES (?, ?)", (number, dictionary)
        )
        if rows:
            connection.execute(
                "INSERT INTO sampled (number, lowest, highest) VALUES (?, ?, ?)",
                (number, rows[-1][2], rows[0][2]),
            )

    def _dictionary(self, connection: sqlite3.Connection, number: int) -> ZstdCompressionDict:
        known = self._dictionaries.get(number)
        if known is None:
            row = connection.execute(
                "SELECT data FROM dictionary WHERE number = ?", (number,)
            ).fetchone()
            if row is None:
                raise DictionaryGone
            known = ZstdCompressionDict(row[0])
            self._dictionaries[number] = known
        return known
