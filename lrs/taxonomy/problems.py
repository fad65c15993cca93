"""What can be wrong with an event, and what is odd about it: codes, places and sentences; never a value."""

from __future__ import annotations

from dataclasses import dataclass

from lrs.xapi import JsonObject

CODES: dict[str, str] = {
    "E_UNKNOWN_EVENT": "The event is not in the catalog.",
    "E_MISSING_PROP": "A property is missing.",
    "E_TYPE": "A value is of the wrong type.",
    "E_RANGE": "A value is outside its range.",
    "E_ENUM": "A value is not one of those allowed.",
    "E_ID": "An id is empty or too long.",
    "E_TIME": "The timestamp cannot be read, or lies in the future.",
    "E_ACTOR": "It is not clear who did it.",
    "E_CONSENT": "The person has not agreed to this purpose.",
    "E_PII": "A value looks like an e-mail address or a telephone number.",
    "E_CONFLICT": "Another event has the same id.",
    "E_NOT_ALLOWED": "This key may not send this event.",
    "E_MALFORMED": "It is not an event.",
    "E_FAULT": "The LRS could not map the event; its log says where.",
    "E_STATEMENT": "The statement that it maps to was refused.",
    "W_EXTRA_PROP": "A property is not in the catalog; it was dropped.",
    "W_RANGE": "Values do not go together.",
    "W_CURRENCY": "An amount came without its currency.",
    "W_CLOCK": "The sender's clock is wrong; the time was corrected by its sentAt.",
    "W_LINK": "The anonymous id belongs to another person already, or today's links are used up.",
    "D_NOTHING": "The event says that nothing happened; it was dropped.",
}
"""Code -> what it means. E_ refuses, W_ warns, D_ drops."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or odd."""

    code: str
    pointer: str
    """An RFC 6901 JSON pointer into the event."""
    message: str
    allowed: str | None = None

    @property
    def refuses(self) -> bool:
        """Whether the event cannot be stored."""
        return self.code[0] == "E"

    def as_json(self) -> JsonObject:
        """Return the problem as senders are told it."""
        parts = {
            "code": self.code,
            "pointer": self.pointer,
            "message": self.message,
            "allowed": self.allowed,
        }
        return {name: part for name, part in parts.items() if part is not None}


def problem(code: str, pointer: str, *, allowed: str | None = None) -> Problem:
    """Return the problem of a code with its ordinary sentence."""
    return Problem(code, pointer, CODES[code], allowed)
