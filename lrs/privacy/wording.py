"""What names a person in a statement where nothing says that it is an agent: free text, extensions, names, ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lrs.privacy.person import Person
from lrs.xapi.entry import Entry
from lrs.xapi.text import pointer

Path = list[str | int]
_SPELLED = (b"\\", b"%")
"""What text may be spelled by, so that it must be read before it is looked through."""
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Wording:
    """How a person is named in texts."""

    words: re.Pattern[str]
    """E-mail addresses, digests, OpenIDs, accounts as one text, and names of two words or more, each whole."""
    accounts: tuple[list[str], ...]
    """homePage and name, which are members of one object."""

    def is_in(self, entry: Entry) -> bool:
        """Whether a statement names the person anywhere."""
        return (
            self._may_be_in(entry.text)
            and next(self._places(entry.statement, []), None) is not None
        )

    def pointers(self, entry: Entry) -> list[str]:
        """Return the JSON pointers of what names the person in a statement."""
        return [pointer(path) for path in self._places(entry.statement, [])]

    def _may_be_in(self, raw: bytes) -> bool:
        """Whether it is worth while to read a statement: most of them name somebody else."""
        if any(sign in raw for sign in _SPELLED):
            return True
        text = raw.decode()
        return any(name in text for _, name in self.accounts) or bool(self.words.search(text))

    def _places(self, value: Any, path: Path) -> Iterator[Path]:
        if isinstance(value, str):
            if self._names(value):
                yield path
        elif isinstance(value, list):
            for place, one in enumerate(value):
                yield from self._places(one, [*path, place])
        elif isinstance(value, dict):
            if [value.get("homePage"), value.get("name")] in self.accounts:
                yield path
            for name, one in value.items():
                if self._names(name):
                    yield [*path, name]
                else:
                    yield from self._places(one, [*path, name])

    def _names(self, text: str) -> bool:
        return bool(self.words.search(text) or ("%" in text and self.words.search(unquote(text))))


def wording_of(person: Person) -> Wording:
    """Return how a person is named in texts."""
    accounts = tuple(
        [home, name]
        for kind, _, rest in (one.partition("|") for one in person.identities)
        if kind == "account"
        for home, _, name in (rest.rpartition("|"),)
    )
    words = [rf"(?<![\w.%+-]){_sought(one)}(?![\w-]|\.\w)" for one in sorted(person.identities)]
    words += [rf"\b{_spaced(name)}\b" for name in sorted(person.called)]
    return Wording(re.compile("|".join(words), re.IGNORECASE) if words else _NEVER, accounts)


def _spaced(name: str) -> str:
    return r"\s+".join(map(re.escape, name.split()))


def _sought(identity: str) -> str:
    kind, _, value = identity.partition("|")
    if kind == "account":
        return re.escape(value)
    return re.escape(value.removeprefix("mailto:"))
