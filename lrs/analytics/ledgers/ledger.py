"""What a ledger is: declared once; its commands, its page and its table come from that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "day", "activity", "agent", "report", "whole"]


@dataclass(frozen=True, slots=True)
class Field:
    """What an entry says; `flag` is its option on the command line, if it is not named like the field."""

    name: str
    about: str
    kind: Kind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    default: str = ""
    """"today" for days."""
    flag: str = ""
    tells_names: bool = False
    """Of a text: it may name people, and is empty for those who may not see names."""
    bounds: tuple[int, int] = (0, 10_000)

    @property
    def option(self) -> str:
        """The option on the command line, without dashes."""
        return self.flag or self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Ledger:
    """A kind of entries. The first field is what an entry is about; `single`: it has but one entry for each."""

    name: str
    table: str
    title: str
    about: str
    fields: tuple[Field, ...]
    reports: tuple[str, ...] = ()
    """The reports that read it."""
    single: bool = False
    between: bool = False
    """Whether an entry is between its person and who runs the LRS: those above the person do not see it."""
    by_hand: bool = True
    """Whether people write in it; the others the LRS writes itself."""

    @property
    def about_whom(self) -> tuple[str, ...]:
        """The fields that say which person an entry is about."""
        return tuple(field.name for field in self.fields if field.kind == "agent")

    @property
    def needs_person(self) -> bool:
        """Whether there is no entry without saying whom it is about."""
        return any(field.kind == "agent" and field.required for field in self.fields)

    @property
    def columns(self) -> dict[str, str]:
        """The columns of its table: name -> text, int (days since 1970, numbers) or long (ids to group by)."""
        columns = {"entry": "text", "made": "int", "closed": "int", "note": "text"}
        for field in self.fields:
            if field.kind in ("activity", "agent"):
                columns[field.name] = "long"
                columns[f"{field.name}_id"] = "text"
            else:
                columns[field.name] = "int" if field.kind in ("day", "whole") else "text"
        return columns
