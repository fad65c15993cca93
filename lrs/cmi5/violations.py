"""What cmi5 refuses: each violation names the requirement it breaks, as ADL's list numbers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lrs.errors import BadRequest, Forbidden


@dataclass(frozen=True, slots=True)
class Fault:
    """One violation in a course package. `line` is the line of cmi5.xml, from 1, or None if it is not in there."""

    requirement: str
    message: str
    line: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the fault for a client."""
        return {"requirement": self.requirement, "message": self.message, "line": self.line}

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{self.message} [{self.requirement}]"


class InvalidPackage(BadRequest):
    """A course package breaks at least one rule; nothing of it was stored."""

    default_code = "cmi5-package"

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"{first}{more}", section="cmi5 13.0, 14.0")
        self.faults = tuple(faults)
        self.requirement = first.requirement

    def as_json(self) -> dict[str, Any]:
        """Return the refusal with every fault."""
        faults = [fault.as_json() for fault in self.faults]
        return {**super().as_json(), "violatedReqId": self.requirement, "violations": faults}


class Violation(Forbidden):
    """A request of an AU breaks a rule of cmi5 (403)."""

    default_code = "cmi5"

    def __init__(
        self, requirement: str, message: str, *, pointer: str | None = None, allowed: str = ""
    ) -> None:
        super().__init__(
            message, pointer=pointer, allowed=allowed or None, section=f"cmi5 {requirement}"
        )
        self.requirement = requirement

    def as_json(self) -> dict[str, Any]:
        """Return the refusal with the requirement under the name that ADL's test suites read."""
        return {**super().as_json(), "violatedReqId": self.requirement}
